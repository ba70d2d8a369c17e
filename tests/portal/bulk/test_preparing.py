"""Selections of many users are written down by a worker. No half job runs, whoever dies on the way."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown

from portal.access.models import Staff
from portal.access.rights import Role
from portal.access.scope import scope_of
from portal.audit.models import Entry
from portal.bulk import heart, jobs, preparing
from portal.bulk.models import ItemState, Job, JobState, Selection
from portal.bulk.preparing import prepare, run_users
from portal.bulk.pump import pump
from portal.bulk.selection import Builder, Change, Kind, plan_users
from portal.bulk.timing import standard
from portal.celery import app
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.bulk.engine.worker import ROOT, address
from tests.portal.bulk.files.conftest import user_in

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = 10
KILLED = """
import os, signal, sys
import django
django.setup()
from portal.bulk import preparing
preparing.CHUNK = 3
asked = []
def stop():
    asked.append(1)
    if len(asked) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
preparing.prepare(sys.argv[1], stop)
"""


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Small chunks; and the tasks and jobs for which the bell was rung."""
    monkeypatch.setattr(preparing, "INLINE", 4)
    monkeypatch.setattr(preparing, "CHUNK", 3)
    calls: list[tuple[str, str]] = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **_: calls.append((name, args[0])))
    return calls


@pytest.fixture
def people(acme: SubAccount) -> list[int]:
    return [user_in(acme, f"u{n:02}@x.example", dept="Sales" if n == 4 else "").pk for n in range(NUMBER)]


def order(staff: Staff, people: Any, change: Change | None = None, **more: Any) -> Job:
    return run_users(scope_of(staff), staff, people, change or Change(Kind.DEPARTMENT, "Sales"), **more)


def rows(job: Job) -> list[tuple[Any, ...]]:
    return [(item.row, item.label, item.action, item.endpoint, item.state, item.body) for item in job.items.all()]


def let_the_lease_run_out() -> None:
    Selection.objects.update(stirred_at=timezone.now() - preparing.LEASE - timedelta(seconds=1))


def state(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def test_a_few_are_written_down_at_once(olga: Staff, people: list[int], rung: list[tuple[str, str]]) -> None:
    job = order(olga, people[:4])
    assert (job.state, job.items.count(), Selection.objects.count()) == (JobState.RUNNING, 4, 0)
    assert rung == [("portal.bulk.tasks.pump", str(job.pk))]


def test_many_are_written_down_by_a_worker_who_then_starts_the_job(
    olga: Staff, people: list[int], rung: list[tuple[str, str]]
) -> None:
    job = order(olga, MirrorUser.objects.all(), key="click", reason="why not")
    assert (job.state, job.items.count(), rung) == (JobState.PREPARING, 0, [(preparing.TASK, str(job.pk))])
    assert order(olga, people, key="click") == job
    prepare(job.pk)
    assert (state(job), Selection.objects.count(), rung[1:]) == (
        JobState.RUNNING,
        0,
        [("portal.bulk.tasks.pump", str(job.pk))],
    )
    inline = plan_users(scope_of(olga), olga, people, Change(Kind.DEPARTMENT, "Sales"), reason="why not")
    assert rows(job) == rows(inline)
    assert (job.title, job.kind, job.reason, job.right) == (inline.title, inline.kind, inline.reason, inline.right)
    told = Entry.objects.filter(operation=str(job.pk)).order_by("number").values_list("verb", flat=True)
    assert list(told) == ["job_created", "job_started"]


def test_fault_P13_a_worker_killed_while_it_writes_leaves_a_job_that_does_not_run_and_is_finished_by_the_next(
    olga: Staff, people: list[int], rung: list[tuple[str, str]]
) -> None:
    job = order(olga, people)
    environment = {
        **os.environ,
        "PORTAL_DATA": str(settings.DATA_DIR),
        "DATABASE_URL": address(connection.settings_dict),
        "DJANGO_SETTINGS_MODULE": "portal.settings_test",
    }
    killed = subprocess.run([sys.executable, "-c", KILLED, str(job.pk)], cwd=ROOT, env=environment, check=False)
    assert (killed.returncode, job.items.count()) == (-signal.SIGKILL, 6)
    pump(job.pk)
    prepare(job.pk)  # the dead worker's lease is not over yet
    assert (state(job), job.items.count()) == (JobState.PREPARING, 6)
    assert preparing.sweep() == []
    let_the_lease_run_out()
    rung.clear()
    assert (preparing.sweep(), rung) == ([], [(preparing.TASK, str(job.pk))])
    prepare(job.pk)
    assert (state(job), [row[0] for row in rows(job)]) == (JobState.RUNNING, list(range(1, NUMBER + 1)))


def test_a_worker_that_was_taken_for_dead_writes_nothing_more(olga: Staff, people: list[int]) -> None:
    job = order(olga, people)
    asked: list[int] = []

    def second_comes() -> bool:
        asked.append(1)
        if len(asked) == 2:
            let_the_lease_run_out()
            prepare(job.pk)
        return False

    prepare(job.pk, second_comes)
    assert (state(job), job.items.count(), len(asked)) == (JobState.RUNNING, NUMBER, 2)


def test_a_worker_asked_to_stop_leaves_the_rest_to_the_next(olga: Staff, people: list[int]) -> None:
    job = order(olga, people)
    prepare(job.pk, lambda: job.items.count() >= 6)
    assert (state(job), job.items.count()) == (JobState.PREPARING, 6)
    prepare(job.pk)
    assert (state(job), job.items.count()) == (JobState.RUNNING, NUMBER)


@pytest.mark.parametrize("written", [0, 6])
def test_a_job_can_be_cancelled_while_it_is_prepared(olga: Staff, people: list[int], written: int) -> None:
    job = order(olga, people)

    def cancel() -> bool:
        return job.items.count() == written and not jobs.cancel(job.pk, olga, "wrong people")

    prepare(job.pk, cancel)
    assert (state(job), job.items.count()) == (JobState.CANCELLED, written)
    assert set(job.items.values_list("state", flat=True)) <= {ItemState.CANCELLED, ItemState.SKIPPED}
    preparing.sweep()
    prepare(job.pk)
    assert (Selection.objects.count(), job.items.count()) == (0, written)


def test_an_owner_who_lost_the_right_meanwhile_has_nothing_sent(olga: Staff, people: list[int]) -> None:
    job = order(olga, people)
    Staff.objects.filter(pk=olga.pk).update(role=Role.AUDITOR)
    prepare(job.pk)
    assert (state(job), job.items.count(), Selection.objects.count()) == (JobState.CANCELLED, 0, 0)
    assert "no right" in job.paused_reason


def test_rows_that_can_never_be_written_end_the_job_with_a_reason(
    olga: Staff, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = order(olga, people)

    def break_down(*_: Any) -> None:
        raise RuntimeError("a row that nobody thought of")

    monkeypatch.setattr(Builder, "__call__", break_down)
    for _ in range(preparing.TRIES):
        with pytest.raises(RuntimeError):
            prepare(job.pk)
        assert state(job) == JobState.PREPARING
        let_the_lease_run_out()
    prepare(job.pk)
    assert (state(job), Selection.objects.count()) == (JobState.CANCELLED, 0)
    assert job.paused_reason.startswith("The rows of this job could not be written down, 5 times. Nothing was sent.")


def test_users_who_vanished_or_left_the_scope_are_left_out_and_told(
    rita: Staff, people: list[int], acme: SubAccount, globex: SubAccount
) -> None:
    job = order(rita, people)
    MirrorUser.objects.filter(pk=people[0]).delete()
    MirrorUser.objects.filter(pk=people[9]).update(account=globex)
    prepare(job.pk)
    assert (state(job), [row[0] for row in rows(job)]) == (JobState.RUNNING, list(range(2, NUMBER)))
    last = Entry.objects.get(operation=str(job.pk), verb="job_started")
    assert last.message == "2 of the chosen users were not there any more."


def test_a_removal_of_many_waits_a_minute_from_its_start(olga: Staff, people: list[int]) -> None:
    job = order(olga, people, Change(Kind.DELETE, transfer_email="u09@x.example", transfers=("meeting",)))
    prepare(job.pk)
    waiting = job.items.filter(state=ItemState.PENDING)
    waits = [(item.not_before - timezone.now()).total_seconds() for item in waiting if item.not_before]
    assert [len(waits), all(0 < wait <= 60 for wait in waits)] == [NUMBER - 1, True]
    sent = waiting[0].query
    assert sent == {"action": "delete", "transfer_email": "u09@x.example", "transfer_meeting": True}


def test_without_a_broker_a_worker_prepares_by_itself(
    olga: Staff, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise BrokerDown("nobody listens")

    monkeypatch.setattr(app, "send_task", refuse)
    job = order(olga, people)
    Selection.objects.update(stirred_at=timezone.now() - preparing.UNHEARD - timedelta(seconds=1))
    heart.once(standard())
    assert (state(job), job.items.count()) == (JobState.RUNNING, NUMBER)


def test_the_page_shows_how_far_it_is_and_loads_anew_when_the_job_starts(
    olga: Staff, people: list[int], client_of: Callable[[Staff], Client]
) -> None:
    job = order(olga, people)
    client = client_of(olga)
    prepare(job.pk, lambda: job.items.count() >= 6)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "Being prepared" in page
    assert "Nothing has been sent yet." in page
    assert f'hx-get="/jobs/{job.pk}/progress/?was=preparing"' in page
    assert 'id="results"' not in page  # there is no table of rows yet
    part = client.get(f"/jobs/{job.pk}/progress/?was=preparing")
    assert ("HX-Refresh" in part, part.context["preparing"].done) == (False, 6)
    prepare(job.pk)
    assert client.get(f"/jobs/{job.pk}/progress/?was=preparing")["HX-Refresh"] == "true"
    assert "HX-Refresh" not in client.get(f"/jobs/{job.pk}/progress/")
