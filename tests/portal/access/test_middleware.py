"""The door: anonymous to the sign-in page, strangers to 404, people without the right to 403."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.gateway.models import Connection

pytestmark = pytest.mark.django_db

ClientOf = Callable[..., Client]


def test_anonymous_people_are_sent_to_sign_in_and_back(client: Client) -> None:
    answer = client.get("/audit/?verb=refused")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/audit/%3Fverb%3Drefused")


def test_fault_U17_a_part_of_a_page_moves_the_whole_page_to_sign_in(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/users/?q=a"}
    answer = client.get("/audit/", headers=headers)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["HX-Redirect"] == "/sign-in/?next=%2Fusers%2F%3Fq%3Da"


def test_fault_U16_a_bookmark_of_a_button_does_nothing_and_leads_to_its_place(olga: Staff, client_of: ClientOf) -> None:
    answer = client_of(olga).get("/jobs/unstarted/choose/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert '<a class="button primary" href="/jobs/">Jobs</a>' in answer.content.decode()


@pytest.fixture
def ended(olga: Staff, client_of: ClientOf) -> Client:
    """Olga's browser after her session has ended."""
    browser = client_of(olga)
    Session.objects.all().delete()
    return browser


def sent(browser: Client, path: str, fields: dict[str, Any]) -> Any:
    return browser.post(path, urlencode(fields, doseq=True), content_type="application/x-www-form-urlencoded")


def test_fault_U17_a_form_sent_after_the_session_ended_is_offered_again_after_signing_in(
    ended: Client, olga: Staff
) -> None:
    typed = {"name": "Olga <b>O.</b>", "timezone": "Asia/Tokyo"}
    answer = sent(ended, "/you/", typed)
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/you/kept/")
    ended.force_login(olga)
    page = ended.get("/you/kept/").content.decode()
    assert '<form class="form" method="post" action="/you/">' in page
    assert '<input type="hidden" name="name" value="Olga &lt;b&gt;O.&lt;/b&gt;">' in page
    olga.refresh_from_db()
    assert olga.timezone != "Asia/Tokyo"
    assert ended.post("/you/", typed).status_code == 302
    olga.refresh_from_db()
    assert olga.timezone == "Asia/Tokyo"


def test_fault_U17_nothing_secret_is_kept_and_it_is_said(ended: Client, olga: Staff) -> None:
    fields = {"dept": "Lab", "host_key": "918273", "in_meeting.require_password": ["off", "on"]}
    sent(ended, "/users/1/x/edit/", fields)
    ended.force_login(olga)
    page = ended.get("/you/kept/").content.decode()
    assert ("918273" in page, "host_key" in page, 'value="Lab"' in page) == (False, True, True)
    assert page.count('name="in_meeting.require_password"') == 2
    assert "918273" not in str([one.get_decoded() for one in Session.objects.all()])


def test_fault_U17_what_is_kept_is_not_kept_for_ever_and_not_for_strangers(
    ended: Client, client: Client, olga: Staff, time_machine: Any
) -> None:
    time_machine.move_to("2026-05-04T10:00Z", tick=False)
    assert sent(client, "/you/", {"name": "Nobody"})["Location"] == "/sign-in/?next=/you/"  # was never signed in
    sent(ended, "/you/", {"name": "Olga O."})
    ended.force_login(olga)
    assert ended.get("/you/kept/").status_code == 200
    time_machine.move_to("2026-05-04T10:31Z", tick=False)
    assert ended.get("/you/kept/")["Location"] == "/"


def test_fault_U17_what_is_kept_is_shown_to_nobody_else(olga: Staff, rita: Staff, client_of: ClientOf) -> None:
    browser = client_of(olga)
    assert browser.get("/you/").status_code == 200
    Session.objects.all().delete()
    sent(browser, "/you/", {"name": "Olga O."})
    browser.force_login(rita)
    assert browser.get("/you/kept/")["Location"] == "/"


@pytest.mark.parametrize("address", ["https://evil.example/x", "//evil.example", "javascript:alert(1)", ""])
def test_fault_A12_a_foreign_page_is_not_where_sign_in_leads(client: Client, address: str) -> None:
    answer = client.get("/audit/", headers={"HX-Request": "true", "HX-Current-URL": address})
    assert answer["HX-Redirect"] == "/sign-in/"


def test_a_refusal_is_answered_403_and_written_down(olga: Staff, client_of: ClientOf) -> None:
    answer = client_of(olga).get(reverse("access:staff"))
    entry = Entry.objects.get()
    assert answer.status_code == 403
    assert (entry.verb, entry.actor, entry.target) == ("refused", "olga@portal.example", "/staff/")


def test_pages_are_kept_by_no_browser(anna: Staff, client_of: ClientOf) -> None:
    assert client_of(anna).get("/audit/")["Cache-Control"] == "no-store"


def test_fault_A17_a_disabled_person_is_out_at_once(anna: Staff, client_of: ClientOf) -> None:
    client = client_of(anna)
    Staff.objects.update(is_active=False)
    assert client.get("/audit/").status_code == 302


def test_fault_A17_another_role_ends_every_session(anna: Staff, client_of: ClientOf) -> None:
    client = client_of(anna)
    Staff.objects.update(role="operator")
    assert client.get("/audit/").status_code == 302


def test_a_demo_person_is_out_once_a_real_connection_is_in_use(
    anna: Staff, sandbox_connection: Connection, client_of: ClientOf
) -> None:
    Staff.objects.update(is_demo=True)
    client = client_of(anna)
    assert client.get("/audit/").status_code == 200
    Connection.objects.create(name="Real", base_url="https://api.zoom.us/v2", api_key="k", api_secret="s")
    assert client.get("/audit/").status_code == 302


def test_the_time_zone_is_the_persons_own_and_ends_with_the_request(anna: Staff, client_of: ClientOf) -> None:
    Staff.objects.update(timezone="Asia/Tokyo")
    assert b"Asia/Tokyo" in client_of(anna).get("/audit/").content
    assert timezone.get_current_timezone_name() == "UTC"
