"""The retry of a job of many rows is written down by a worker: all that failed, nothing that is done, each row once."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.access.models import Grant, Staff
from portal.access.rights import Role
from portal.access.scope import scope_of
from portal.audit.models import Entry
from portal.bulk import jobs, operations, preparing
from portal.bulk.again import retryable
from portal.bulk.models import ItemState, Job, JobState, Selection
from portal.bulk.operations import Step, plan
from portal.bulk.preparing import prepare
from portal.bulk.pump import pump
from portal.bulk.retrying import retry_failed
from portal.celery import app
from portal.directory.models import SubAccount
from portal.gateway.clients import NoRight, OutOfScope
from tests.portal.bulk.engine.conftest import clean, created, creations, quick, states, tenant
from tests.portal.bulk.engine.worker import ROOT, address
from tests.portal.bulk.test_registrants import decided
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["clean", "creations", "quick", "tenant"]  # fixtures

KILLED = """
import os, signal, sys
import django
django.setup()
from portal.bulk import preparing
asked = []
def stop():
    asked.append(1)
    if len(asked) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
preparing.prepare(sys.argv[1], stop)
"""


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The tasks and jobs for which the bell was rung."""
    calls: list[tuple[str, str]] = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **_: calls.append((name, args[0])))
    return calls


@pytest.fixture
def failed(olga: Staff, acme: SubAccount) -> Callable[..., Job]:
    """A job that has ended: so many rows, of which every twelfth is done and the others failed."""

    def make(number: int, owner: Staff = olga) -> Job:
        path = {"userId": "u"}
        steps = [
            Step(row=n, account=acme, endpoint="users.update", path=path, body={"dept": f"D{n}"}, label=f"u{n}")
            for n in range(1, number + 1)
        ]
        job = plan(
            scope=scope_of(owner), actor=owner, connection=acme.connection, kind="x", title="Move", steps=steps,
            reason="why not",
        )  # fmt: skip
        job.items.update(state=ItemState.FAILED, message="Zoom refused it.", ended_at=timezone.now())
        job.items.filter(row__in=range(12, number + 1, 12)).update(state=ItemState.DONE, message="")
        return ended(job)

    return make


def ended(job: Job) -> Job:
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE_WITH_ERRORS)
    job.refresh_from_db()
    return job


def again(job: Job, actor: Staff, key: str | None = None) -> Job:
    found = retry_failed(job, scope=scope_of(actor), actor=actor, key=key)
    assert found is not None
    return found


def state(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def rows(job: Job) -> list[int]:
    return list(job.items.values_list("row", flat=True))


def left(number: int) -> list[int]:
    return [n for n in range(1, number + 1) if n % 12]


def let_the_lease_run_out() -> None:
    Selection.objects.update(stirred_at=timezone.now() - preparing.LEASE - timedelta(seconds=1))


def test_a_few_rows_are_ready_at_once(failed: Callable[..., Job], olga: Staff) -> None:
    job = failed(500)
    child = again(job, olga)
    assert (child.state, rows(child), Selection.objects.count()) == (JobState.READY, left(500), 0)


def test_many_rows_are_written_down_by_a_worker_who_then_starts_the_job(
    failed: Callable[..., Job], olga: Staff, rung: list[tuple[str, str]]
) -> None:
    job = failed(1300)
    child = again(job, olga, "click")
    assert (child.state, child.items.count(), rung) == (JobState.PREPARING, 0, [(preparing.TASK, str(child.pk))])
    assert again(job, olga, "click") == child
    prepare(child.pk)
    assert (state(child), rows(child), rung[1:]) == (
        JobState.RUNNING,
        left(1300),
        [("portal.bulk.tasks.pump", str(child.pk))],
    )
    row = child.items.get(row=1299)
    assert (row.label, row.body, row.state, row.message) == ("u1299", {"dept": "D1299"}, ItemState.PENDING, "")
    assert (child.parent, child.kind, child.title, child.reason) == (job, "x", "Again: Move", "why not")
    told = Entry.objects.filter(operation=str(child.pk)).order_by("number").values_list("verb", "message")
    assert list(told) == [("job_created", "1,192 rows, written down by a worker"), ("job_started", "")]
    assert retry_failed(job, scope=scope_of(olga), actor=olga) is None


def test_the_click_needs_as_many_queries_for_more_rows(
    failed: Callable[..., Job], olga: Staff, client_of: Callable[[Staff], Client]
) -> None:
    client = client_of(olga)
    numbers = []
    for number in (700, 700, 1400):
        job = failed(number)
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(f"/jobs/{job.pk}/retry/", {"operation_key": str(job.pk)})
        assert answer["Location"] == f"/jobs/{job.children.get().pk}/"
        numbers.append(len(queries))
    assert numbers[1] == numbers[2]
    page = client.get(answer["Location"]).content.decode()
    assert "They are being written down for it." in page
    assert "The rows are being written down. The job then starts by itself. Nothing has been sent yet." in page


def test_a_worker_killed_half_way_is_followed_by_another(failed: Callable[..., Job], olga: Staff) -> None:
    job = failed(1400)
    child = again(job, olga)
    environment = {
        **os.environ,
        "PORTAL_DATA": str(settings.DATA_DIR),
        "DATABASE_URL": address(connection.settings_dict),
        "DJANGO_SETTINGS_MODULE": "portal.settings_test",
    }
    killed = subprocess.run([sys.executable, "-c", KILLED, str(child.pk)], cwd=ROOT, env=environment, check=False)
    assert (killed.returncode, child.items.count()) == (-signal.SIGKILL, 1000)
    pump(child.pk)
    prepare(child.pk)  # the dead worker's lease is not over yet
    assert (state(child), child.items.count()) == (JobState.PREPARING, 1000)
    let_the_lease_run_out()
    prepare(child.pk)
    assert (state(child), rows(child)) == (JobState.RUNNING, left(1400))


def test_no_second_retry_takes_the_rows_while_one_is_being_written_down(
    failed: Callable[..., Job], olga: Staff, client_of: Callable[[Staff], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "CHUNK", 3)
    job, client = failed(10), client_of(olga)
    offered = ["Retry failed" in client.get(f"/jobs/{job.pk}/").content.decode()]
    child = again(job, olga, "one")
    assert retry_failed(job, scope=scope_of(olga), actor=olga, key="two") is None
    offered.append("Retry failed" in client.get(f"/jobs/{job.pk}/").content.decode())
    assert offered == [True, False]
    prepare(child.pk, lambda: child.items.count() >= 6)
    assert (state(child), retry_failed(job, scope=scope_of(olga), actor=olga, key="two")) == (JobState.PREPARING, None)
    prepare(child.pk)
    assert (rows(child), retryable(job).count()) == (left(10), 0)


@pytest.mark.parametrize("written", [0, 6])
def test_a_retry_cancelled_while_it_is_written_down_leaves_each_row_to_one_job(
    failed: Callable[..., Job], olga: Staff, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    monkeypatch.setattr(preparing, "CHUNK", 3)
    job = failed(11)
    child = again(job, olga)
    prepare(child.pk, lambda: child.items.count() == written and not jobs.cancel(child.pk, olga))
    assert (state(child), rows(child)) == (JobState.CANCELLED, left(11)[:written])
    assert set(child.items.values_list("state", flat=True)) == ({ItemState.CANCELLED} if written else set())
    assert [item.row for item in retryable(job)] == left(11)[written:]
    assert [item.row for item in retryable(child)] == left(11)[:written]


def test_rows_that_share_a_call_are_written_down_together(
    acme: SubAccount, olga: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [{"id": f"id{n}", "email": f"r{n}@reg.example"} for n in range(95)]
    job = decided(olga, acme, 123456789, "approve", people)
    job.items.exclude(state=ItemState.JOINED).update(state=ItemState.FAILED)
    job.items.filter(row=31).update(state=ItemState.DONE)
    ended(job)
    monkeypatch.setattr(preparing, "CHUNK", 10)
    child = again(job, olga)
    seen: list[int] = []
    prepare(child.pk, lambda: bool(seen.append(child.items.count())))
    assert seen == [0, 30, 60]
    assert (state(child), rows(child)) == (JobState.RUNNING, [*range(1, 31), *range(61, 96)])
    assert {item.source["with"] for item in child.items.filter(state=ItemState.JOINED)} == {1, 61, 91}


def test_what_follows_another_step_follows_its_copy_also_when_it_is_written_later(
    olga: Staff, acme: SubAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = "new@x.example"
    steps = []
    for n in range(4):
        info = {"email": f"{n}{email}", "type": 1}
        first = Step(row=n + 1, account=acme, endpoint="users.create", body={"action": "create", "user_info": info})
        path = {"userId": "{after.remote_id}"}
        then = Step(
            row=n + 1, step=1, account=acme, endpoint="users.update", path=path, body={"dept": "A"}, after=2 * n
        )
        steps += [first, then]
    job = plan(scope=scope_of(olga), actor=olga, connection=acme.connection, kind="x", title="New", steps=steps)
    job.items.filter(step=0).update(state=ItemState.FAILED)
    job.items.filter(step=1).update(state=ItemState.CANCELLED)
    job.items.filter(row=3, step=0).update(state=ItemState.DONE, remote_id="u3")
    monkeypatch.setattr(preparing, "CHUNK", 1)
    child = again(ended(job), olga)
    prepare(child.pk)
    found = list(child.items.select_related("after"))
    assert [(item.row, item.step) for item in found] == [(1, 0), (1, 1), (2, 0), (2, 1), (3, 1), (4, 0), (4, 1)]
    follows = {item.row: (item.after.row, item.after.step, item.after.job) for item in found if item.after}
    assert follows == {row: (row, 0, child) for row in (1, 2, 4)}
    assert child.items.get(row=3).path == {"userId": "u3"}


def test_what_is_done_by_now_is_left_out_and_told(
    failed: Callable[..., Job], olga: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "CHUNK", 3)
    job = failed(10)
    child = again(job, olga)
    job.items.filter(row=5).update(state=ItemState.DONE)
    prepare(child.pk)
    assert rows(child) == [1, 2, 3, 4, 6, 7, 8, 9, 10]
    last = Entry.objects.get(operation=str(child.pk), verb="job_started")
    assert last.message == "1 of the rows were not there any more."


def test_a_row_whose_secret_was_erased_is_not_sent_without_it(
    failed: Callable[..., Job], olga: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "CHUNK", 3)
    job = failed(10)
    job.items.filter(row=7).update(secret_erased=True)
    child = again(job, olga)
    prepare(child.pk)
    assert [item.row for item in child.items.filter(state=ItemState.INVALID)] == [7]
    assert "enter it again" in child.items.get(row=7).message


def test_who_may_not_do_it_gets_no_retry(
    failed: Callable[..., Job],
    olga: Staff,
    rita: Staff,
    anna: Staff,
    globex: SubAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preparing, "CHUNK", 3)
    job = failed(10)
    with pytest.raises(NoRight):
        again(job, anna)
    job.items.filter(row=9).update(account=globex)
    with pytest.raises(OutOfScope):
        again(job, rita)
    assert job.children.count() == 0


def test_an_owner_who_lost_the_right_or_an_account_meanwhile_has_nothing_sent(
    failed: Callable[..., Job], rita: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "CHUNK", 3)
    first, second = (again(failed(10, rita), rita) for _ in range(2))
    Grant.objects.filter(staff=rita).delete()
    prepare(first.pk)
    assert (state(first), first.items.count(), first.paused_reason) == (JobState.CANCELLED, 0, preparing.OUTSIDE)
    Staff.objects.filter(pk=rita.pk).update(role=Role.AUDITOR)
    prepare(second.pk)
    assert (state(second), second.items.count(), Selection.objects.count()) == (JobState.CANCELLED, 0, 0)
    assert "no right" in second.paused_reason


def test_a_retry_that_a_worker_wrote_down_does_each_row_once(
    creations: Callable[..., Job], olga: Staff, clean: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "CHUNK", 2)
    job = creations(7, run=False)
    clean.faults({"match": {"method": "POST"}, "do": "status", "value": 400, "times": 5})
    operations.start(job, olga)
    pump(job.pk)
    assert states(job) == {ItemState.DONE: 2, ItemState.FAILED: 5}
    job.refresh_from_db()
    child = again(job, olga)
    assert operations.start(child, olga) is False
    prepare(child.pk)
    pump(child.pk)
    assert (state(child), states(child)) == (JobState.DONE, {ItemState.DONE: 5})
    assert created(clean) == {f"new{row}@import.example": 1 for row in range(1, 8)}
