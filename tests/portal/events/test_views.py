"""Hosts, their events, one event: who sees what, and what it costs."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.access.models import Staff
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.events.conftest import Register, schedule
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[Staff], Client]


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def user(account: SubAccount, name: str, **fields: object) -> MirrorUser:
    email = f"{name}@{account.name.lower()}.example"
    given = {"type": 2, "status": "active", "email": email, "search_text": email, **fields}
    return MirrorUser.objects.create(account=account, zoom_id=f"id-{name}", **given)


def test_hosts_are_those_in_scope_who_may_hold_one(
    acme: SubAccount, globex: SubAccount, rita: Staff, client_of: ClientOf
) -> None:
    for name, fields in (("pro", {}), ("basic", {"type": 1}), ("gone", {"status": "inactive"})):
        user(acme, name, **fields)
    user(globex, "foreign")
    client = client_of(rita)
    webinars, meetings = page(client, "/webinars/"), page(client, "/meetings/")
    found = [
        [name in text for name in ("id-pro", "id-basic", "id-gone", "id-foreign")] for text in (webinars, meetings)
    ]
    assert found == [[True, False, False, False], [True, True, False, False]]
    assert "No host matches" in page(client, "/webinars/?q=nobody")
    assert client.get(f"/webinars/?account={globex.pk}").status_code == 404
    assert client.get("/webinars/?account=x").status_code == 404


def test_thirty_hosts_cost_as_many_queries_as_one(acme: SubAccount, olga: Staff, client_of: ClientOf) -> None:
    client = client_of(olga)
    user(acme, "first")
    page(client, "/webinars/")
    with CaptureQueriesContext(connection) as one:
        page(client, "/webinars/")
    for n in range(29):
        user(acme, f"more{n}")
    with CaptureQueriesContext(connection) as thirty:
        page(client, "/webinars/")
    assert len(thirty) == len(one)


def test_the_webinars_of_a_host_are_read_live_and_paged(
    ritas: Client, tenant: SubAccount, host: MirrorUser, sandbox: Sandbox
) -> None:
    home = f"/webinars/{tenant.pk}/hosts/{host.zoom_id}/"
    assert "has no webinars scheduled" in page(ritas, home)
    numbers = [schedule(sandbox, host, topic=f"Lesson {n:02}") for n in range(51)]
    first, second = page(ritas, home), page(ritas, f"{home}?page=2")
    assert "50 of 51" in first
    shown = [[number for number in numbers if f"/webinars/{tenant.pk}/{number}/" in text] for text in (first, second)]
    assert [len(found) for found in shown] == [50, 1]
    assert {*shown[0], *shown[1]} == set(numbers)
    assert ritas.get(f"{home}?page=9")["Location"] == f"{home}?"
    assert "51 rows" in page(ritas, f"{home}?size=100&page=x")


def test_thirty_webinars_cost_as_many_queries_as_one(
    ritas: Client, tenant: SubAccount, host: MirrorUser, sandbox: Sandbox
) -> None:
    home = f"/webinars/{tenant.pk}/hosts/{host.zoom_id}/"
    schedule(sandbox, host)
    page(ritas, home)
    with CaptureQueriesContext(connection) as one:
        page(ritas, home)
    for n in range(29):
        schedule(sandbox, host, topic=f"Lesson {n}")
    with CaptureQueriesContext(connection) as thirty:
        page(ritas, home)
    assert len(thirty) == len(one)


def test_a_webinar_is_shown_with_how_many_wait(
    ritas: Client, tenant: SubAccount, webinar: int, register: Register
) -> None:
    register(webinar, 3)
    text = page(ritas, f"/webinars/{tenant.pk}/{webinar}/")
    assert "Open day" in text
    assert '<td class="num">3</td>' in text
    assert "start_url" not in text
    assert "zak=" not in text


def test_a_webinar_without_registration_says_so(
    ritas: Client, tenant: SubAccount, host: MirrorUser, sandbox: Sandbox
) -> None:
    number = schedule(sandbox, host, approval=2)
    assert "Nobody can register for this webinar" in page(ritas, f"/webinars/{tenant.pk}/{number}/")
    text = page(ritas, f"/webinars/{tenant.pk}/{number}/registrants/")
    assert "No registration" in text
    assert "Import registrants" not in text


def test_a_meeting_has_the_same_pages(
    ritas: Client, tenant: SubAccount, host: MirrorUser, sandbox: Sandbox, register: Register
) -> None:
    number = schedule(sandbox, host, "meetings", topic="Weekly")
    register(number, 2, "meetings")
    assert "Weekly" in page(ritas, f"/meetings/{tenant.pk}/hosts/{host.zoom_id}/?size=300")
    assert f"/meetings/{tenant.pk}/{number}/registrants/" in page(ritas, f"/meetings/{tenant.pk}/{number}/")
    text = page(ritas, f"/meetings/{tenant.pk}/{number}/registrants/")
    assert "r001@reg.example" in text
    assert f"what=meeting_registrants&amp;account={tenant.pk}&amp;meetingId={number}" in text


def test_strangers_and_unknown_webinars_get_a_404(
    ritas: Client, ravi: Staff, tenant: SubAccount, webinar: int, client_of: ClientOf
) -> None:
    event = f"/webinars/{tenant.pk}/{webinar}/"
    ravis = client_of(ravi)
    gets = [
        ravis.get(event + rest) for rest in ("", "registrants/", "registrants/decide/?do=approve&status=pending&all=1")
    ]
    posts = [ravis.post(f"{event}registrants/choose/", {"action": "approve", "everything": "1"})]
    assert [answer.status_code for answer in [*gets, *posts]] == [404] * 4
    assert ritas.get(f"/webinars/{tenant.pk}/99999999999/").status_code == 404
    assert ritas.get(f"/webinars/{tenant.pk}/hosts/me/").status_code == 404


def test_an_unreadable_zoom_gives_a_plain_page(
    ritas: Client, tenant: SubAccount, webinar: int, sandbox: Sandbox
) -> None:
    sandbox.faults({"match": {"method": "GET"}, "do": "status", "value": 500})
    answer = ritas.get(f"/webinars/{tenant.pk}/{webinar}/registrants/")
    sandbox.faults()
    assert answer.status_code == 502
    assert "Nothing was changed" in answer.content.decode()
