"""The gauge of the API budget: who sees it and what it counts."""

import re
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk import budget
from portal.bulk.models import Job, JobState
from portal.directory.models import SubAccount
from portal.gateway.clients import client_for
from portal.gateway.credentials import auth_of
from portal.gateway.models import Connection, Usage
from portal.gateway.permits import permits
from portal.gateway.usage import Caller, Tally, tally, today
from tests.portal.bulk.views.test_pages import job_of
from tests.support.sandbox import Sandbox
from zoomapi.spec.limits import BILLING, DASHBOARD, GENERAL

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Staff], Client]


def test_administrators_and_operators_see_it_and_nobody_else(
    adam: Staff, olga: Staff, rita: Staff, anna: Staff, client_of: ClientOf
) -> None:
    seen = [client_of(staff).get("/jobs/budget/").status_code for staff in (adam, olga, rita, anna)]
    assert seen == [200, 200, 403, 403]
    assert "API budget" not in client_of(rita).get("/jobs/").content.decode()


def test_calls_are_counted_by_class_person_and_sub_account(
    sandbox: Sandbox, sandbox_connection: Connection, olga: Staff, client_of: ClientOf
) -> None:
    tally.flush()
    Usage.objects.all().delete()
    row = sandbox.call("GET", "/accounts?page_size=1").json()["accounts"][0]
    account = SubAccount.objects.create(connection=sandbox_connection, zoom_id=row["id"], name="Northwind")
    zoom = client_for(scope_of(olga), account, actor=olga)
    zoom.call("users.list")
    zoom.call("users.list", query={"status": "pending"})
    zoom.call("billing.get")
    assert permits().standing(auth_of(sandbox_connection).identity, GENERAL).busy > 0
    page = client_of(olga).get("/jobs/budget/").content.decode()
    uses = {use.rate.name: use for use in budget.uses(sandbox_connection)}
    assert (uses["general"].today, uses["general"].people, uses["billing"].today) == (2, 2, 1)
    assert uses["dashboard"].left == 2000
    assert budget.by_person(sandbox_connection) == [("Olga", 3)]
    assert budget.by_account(sandbox_connection) == [("Northwind", 3)]
    assert "Northwind" in page
    assert "2,000 left" in page
    assert client_of(olga).get("/jobs/budget/?part=live").content.decode().count("<html") == 0


def test_fault_U23_the_day_of_the_quota_is_utc_wherever_one_sits(olga: Staff, client_of: ClientOf) -> None:
    Staff.objects.filter(pk=olga.pk).update(timezone="Asia/Tokyo")
    olga.refresh_from_db()
    client = client_of(olga)
    with time_machine.travel("2026-05-04T23:30:00Z", tick=False), timezone.override("Asia/Tokyo"):
        assert (today().isoformat(), timezone.localdate().isoformat()) == ("2026-05-04", "2026-05-05")
        page = client.get("/jobs/budget/").content.decode()
    told = re.sub(r"<[^>]+>", "", page)
    assert "Zoom&#x27;s day ends at midnight UTC, for you 5 May 2026, 09:00 JST." in told.replace("'", "&#x27;")


def test_a_pause_and_a_day_count_show(acme: SubAccount) -> None:
    keeper, connection = permits(), acme.connection
    credential = auth_of(connection).identity
    keeper.pause(credential, BILLING, 30)
    for _ in range(3):
        keeper.spend(credential, DASHBOARD)
    uses = {use.rate.name: use for use in budget.uses(connection)}
    assert 25 < uses["billing"].paused <= 30
    assert (uses["dashboard"].used, uses["dashboard"].left, uses["general"].paused) == (3, 1997, 0)


def test_counts_are_written_now_and_then_and_add_up() -> None:
    now = [0.0]
    counter = Tally(clock=lambda: now[0])
    caller = Caller(7, "general", "bulk", 1, 2)
    for _ in range(3):
        counter.note(caller)
    assert Usage.objects.count() == 0
    now[0] = 2.5
    counter.note(caller)
    counter.note(caller)
    counter.flush()
    assert Usage.objects.get().calls == 5


def test_a_task_writes_its_count_down_when_it_ends(acme: SubAccount) -> None:
    from celery.signals import task_postrun  # noqa: PLC0415

    from portal.bulk import tasks  # noqa: F401, PLC0415  # connects

    tally.note(Caller(9, "general", "bulk"))
    task_postrun.send(sender=None)
    assert Usage.objects.get(connection=9).calls == 1


def test_those_with_fewer_calls_share_a_row_so_that_the_calls_add_up(
    acme: SubAccount, olga: Staff, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "LISTED", 2)
    connection = acme.connection
    for number, calls in enumerate((0, 40, 30, 2, 1)):
        account = (
            acme if number == 1 else SubAccount.objects.create(connection=connection, zoom_id=f"n{number}", name="N")
        )
        Usage.objects.create(
            day=today(),
            connection=connection.pk,
            rate="general",
            lane="bulk",
            actor=number,
            account=account.pk,
            calls=calls,
        )
        job = job_of(olga, acme, 1)
        Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, started_at=timezone.now())
        job.items.update(attempt=calls, sent_at=timezone.now())
    for told in (budget.by_person(connection), budget.by_account(connection)):
        assert ([calls for _, calls in told], told[-1][0]) == ([40, 30, 3], "3 others")
    jobs = budget.by_job(connection)
    assert ([row["calls"] for row in jobs], jobs[-1]["others"]) == ([40, 30, 3], "3 others")
    page = client_of(olga).get("/jobs/budget/").content.decode()
    assert page.count('<th scope="row">3 others</th><td class="num">3</td>') == 3
    Usage.objects.filter(calls__lt=2).delete()
    assert budget.by_account(connection)[-1] == ("1 other", 2)


def test_the_page_says_of_which_second_it_is_and_how_calls_are_counted(olga: Staff, client_of: ClientOf) -> None:
    Staff.objects.filter(pk=olga.pk).update(timezone="Asia/Tokyo")
    olga.refresh_from_db()
    with time_machine.travel("2026-05-04T23:30:07Z", tick=False):
        page = client_of(olga).get("/jobs/budget/").content.decode()
    told = re.sub(r"<[^>]+>", "", page)
    assert "As of 08:30:07 JST; calls are counted every few seconds." in told


def test_on_a_phone_what_has_no_room_is_named_on_a_line_of_its_own(
    acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    page = client_of(olga).get("/jobs/budget/").content.decode()
    heads = re.findall(r'<th scope="col" class="(?:num )?below">([^<]+)</th>', page)
    labels = re.findall(r'<td class="(?:num )?below" data-label="([^"]+)">', page)
    assert heads == ["State", "Calls today", "Left of the day"]
    assert (len(labels) > 3, labels) == (True, heads * (len(labels) // 3))
