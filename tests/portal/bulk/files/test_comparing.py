"""Rows of a checked file are compared with Zoom while the person looks at it; the others right before their write."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from portal.access.models import Staff
from portal.bulk import heart, operations, recheck
from portal.bulk.batches import COMPARED, UNCOMPARED
from portal.bulk.files import comparing, jobs
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.progress import forecast
from portal.bulk.pump import pump
from portal.bulk.timing import standard
from portal.celery import app
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.bulk.engine.conftest import assert_chain_holds, clean, quick, tenant
from tests.portal.bulk.files.flows.test_compared_again import outcomes, record, requests
from tests.portal.bulk.files.flows.test_events import checked, hosts, meetings, ran, told, undone, written, zoom
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["checked", "clean", "hosts", "meetings", "quick", "tenant", "zoom"]  # fixtures
Run = Callable[..., Job]
Zoom = Callable[..., Any]
FILE = "Email,recording.auto_recording,in_meeting.chat\n"


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks that workers were told of; nobody comes."""
    found: list[str] = []
    monkeypatch.setattr(app, "send_task", lambda name, **_: found.append(name))
    return found


@pytest.fixture(autouse=True)
def hands(monkeypatch: pytest.MonkeyPatch) -> None:
    """One read after the other, so that it is known which of them was made."""
    monkeypatch.setattr(comparing, "HANDS", 1)


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker has time to compare anything at the check."""
    monkeypatch.setattr(comparing, "ROUND", 0.0)


@pytest.fixture
def three(hosts: list[MirrorUser], zoom: Zoom) -> list[MirrorUser]:
    """The first is as the file says, the second half so, the third not at all."""
    record(zoom, hosts[0], "cloud", in_meeting={"chat": False})
    record(zoom, hosts[1], "local", in_meeting={"chat": False})
    record(zoom, hosts[2], "local", in_meeting={"chat": True})
    return hosts[:3]


@pytest.fixture
def job(three: list[MirrorUser], checked: Run) -> Job:
    return checked("user_settings", FILE + "".join(f"{host.email},cloud,no\n" for host in three))


def progress(job: Job) -> tuple[int, int, int]:
    job.refresh_from_db()
    found = job.options["comparing"]
    return found["done"], found["total"], found["unread"]


def actions(job: Job) -> dict[str, int]:
    job.refresh_from_db()
    return {action: number for action, number in job.options["summary"]["actions"].items() if number}


def late(job: Job) -> None:
    """Nobody has stirred for a while."""
    job.refresh_from_db()
    job.options["comparing"]["stirred"] = (comparing.storage.now() - timedelta(minutes=1)).isoformat()
    job.save(update_fields=["options"])


SENT = {"recording": {"auto_recording": "cloud"}}


@pytest.mark.usefixtures("unread", "at_best")
def test_what_the_check_did_not_come_to_is_compared_right_before_its_write(
    clean: Sandbox, job: Job, three: list[MirrorUser]
) -> None:
    assert (job.state, progress(job), actions(job)) == (JobState.READY, (0, 3, 0), {"update": 3})
    assert forecast(job) == 6 / 10 / 0.97
    begun = written(clean)
    assert ran(job).state == JobState.DONE
    assert outcomes(job) == [
        (ItemState.SKIPPED, "Already as the file says. Nothing was sent."),
        (ItemState.DONE, ""),
        (ItemState.DONE, ""),
    ]
    assert written(clean) - begun == Counter({"users.update_settings": 2})
    half, whole = job.items.filter(state=ItemState.DONE)
    assert (half.body, half.before) == (SENT, {"recording": {"auto_recording": "local"}})
    assert (whole.body, whole.before) == (
        {**SENT, "in_meeting": {"chat": False}},
        {"recording": {"auto_recording": "local"}, "in_meeting": {"chat": True}},
    )
    assert [UNCOMPARED in item.source or COMPARED not in item.source for item in (half, whole)] == [False, False]
    assert [action for action, _ in told(undone(job))] == ["update", "update"]
    assert_chain_holds()


@pytest.mark.usefixtures("unread")
def test_before_the_write_a_meeting_of_another_name_is_kept_and_one_that_is_gone_is_no_failure(
    clean: Sandbox, tenant: SubAccount, zoom: Zoom, meetings: list[str], checked: Run
) -> None:
    one, two, three = meetings
    rows = f"{one},talk 0\n{two},Something else\n{three},Talk 2\n"
    job = checked("meetings_delete", "Meeting ID,Topic\n" + rows, account=tenant.zoom_id)
    assert actions(job) == {"delete": 3}
    zoom("DELETE", f"/meetings/{three}")
    assert ran(job).state == JobState.DONE_WITH_ERRORS
    assert outcomes(job) == [
        (ItemState.DONE, ""),
        (ItemState.FAILED, "Zoom calls it “Talk 1”, the file “Something else”. Nothing was sent."),
        (ItemState.SKIPPED, "It is not there any more. Nothing was sent."),
    ]
    assert [zoom("GET", f"/meetings/{number}").status_code for number in (one, two)] == [404, 200]
    assert job.items.get(row=1).before == {"topic": "Talk 0", "start_time": "2030-01-07T08:00:00Z"}


@pytest.mark.usefixtures("unread")
def test_before_the_write_a_start_is_compared_as_zoom_tells_it_and_a_password_is_kept_sealed(
    clean: Sandbox, tenant: SubAccount, zoom: Zoom, meetings: list[str], checked: Run
) -> None:
    file = (
        f"Meeting ID,Start,Password\n{meetings[0]},2030-01-07T09:00:00,old-pw\n"
        f"{meetings[1]},2030-01-07T10:00:00,old-pw\n{meetings[2]},2030-01-07T09:00:00,new-pw\n999999999,,x\n"
    )
    job = checked("meetings_update", file, account=tenant.zoom_id)
    assert ran(job).state == JobState.DONE_WITH_ERRORS
    assert [state for state, _ in outcomes(job)] == ["skipped", "done", "done", "failed"]
    assert outcomes(job)[3][1] == "Zoom does not know it. Nothing was sent."
    assert job.items.get(row=2).body == {"start_time": "2030-01-07T09:00:00Z"}
    assert job.items.get(row=3).body == {}
    assert zoom("GET", f"/meetings/{meetings[2]}").json()["password"] == "new-pw"
    kept = str(list(job.items.values("body", "before", "source", "message", "answer")))
    assert [secret for secret in ("old-pw", "new-pw") if secret in kept] == []


@pytest.mark.usefixtures("unread")
def test_what_cannot_be_read_before_its_write_waits(clean: Sandbox, job: Job) -> None:
    clean.faults({"match": {"method": "GET", "path": "/settings$"}, "do": "status", "value": 500})
    begun = written(clean)
    operations.start(job, job.owner)
    pump(job.pk)
    assert written(clean) == begun
    assert {item.state for item in job.items.all()} == {ItemState.PENDING}
    assert {UNCOMPARED in item.source for item in job.items.all()} == {True}


def test_a_small_file_is_compared_at_once_and_says_what_is_so_already(
    job: Job, three: list[MirrorUser], rung: list[str]
) -> None:
    assert (progress(job), actions(job)) == ((3, 3, 0), {"update": 2, "unchanged": 1})
    assert told(job) == [("unchanged", "Already as the file says."), ("update", ""), ("update", "")]
    assert (job.options["summary"]["calls"], job.options["summary"]["reads"]) == (
        {"users.update_settings": 2},
        {"users.settings": 2},
    )
    assert job.options["summary"]["seconds"] == 4 / 10 / 0.97
    assert (comparing.TASK in rung, comparing.sweep()) == (False, [])


def test_a_worker_that_dies_or_stops_is_followed_by_another_that_reads_nothing_twice(
    clean: Sandbox, job: Job, rung: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten(job)
    begun, asked = requests(clean), []

    def stop() -> bool:
        asked.append(1)
        return len(asked) == 2

    comparing.compare_rows(job.pk, stop)
    assert (progress(job), actions(job), rung) == (
        (1, 3, 0),
        {"update": 2, "unchanged": 1},
        [jobs.TASK, comparing.TASK],
    )

    ask, dead = comparing.Round._ask, []

    def die(self: Any, item: Item) -> None:
        dead.append(item.row)
        raise KeyboardInterrupt

    monkeypatch.setattr(comparing.Round, "_ask", die)
    with pytest.raises(KeyboardInterrupt):
        comparing.compare_rows(job.pk)
    monkeypatch.setattr(comparing.Round, "_ask", ask)
    comparing.compare_rows(job.pk)
    assert (progress(job), comparing.sweep()) == ((1, 3, 0), [])  # its lease has not ended
    late(job)
    heart.once(standard())
    assert (progress(job), requests(clean) - begun, rung[-1]) == ((1, 3, 0), 1, comparing.TASK)
    monkeypatch.setattr(app, "send_task", refused)
    heart.once(standard())  # no broker: it works itself
    assert (progress(job), requests(clean) - begun) == ((3, 3, 0), 3)


def refused(*_: Any, **__: Any) -> None:
    raise OSError("No broker.")


def forgotten(job: Job) -> None:
    """As right after the check, before any row was compared."""
    first = job.items.get(row=1)
    for item in job.items.all():
        item.state, item.action, item.endpoint, item.message = ItemState.PENDING, "update", "users.update_settings", ""
        item.body, item.before = {**SENT, "in_meeting": {"chat": False}}, {}
        item.source, item.path = {"cells": first.source["cells"], UNCOMPARED: {}}, item.path
        item.save()
    job.options |= {"comparing": comparing.begun(3)}
    job.options["summary"] |= {"actions": {"update": 3, "unchanged": 0}, "calls": {"users.update_settings": 3},
                               "reads": {"users.settings": 3}}  # fmt: skip
    job.save(update_fields=["options"])


def test_a_file_in_which_all_is_so_already_has_nothing_to_run(three: list[MirrorUser], checked: Run) -> None:
    job = checked("user_settings", f"{FILE}{three[0].email},cloud,no\n")
    assert (job.state, actions(job), job.options["summary"]["calls"]) == (JobState.INVALID, {"unchanged": 1}, {})


def test_a_job_that_is_started_meanwhile_is_left_to_its_run(
    clean: Sandbox, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten(job)
    ask = comparing.Round._ask

    def start_meanwhile(self: Any, item: Item) -> Any:
        found = ask(self, item)
        if item.row == 2:
            operations.start(job, job.owner)
        return found

    monkeypatch.setattr(comparing.Round, "_ask", start_meanwhile)
    comparing.compare_rows(job.pk)
    job.refresh_from_db()
    assert (job.state, progress(job)) == (JobState.RUNNING, (0, 3, 0))
    assert {item.state for item in job.items.all()} == {ItemState.PENDING}
    pump(job.pk)
    assert [state for state, _ in outcomes(job)] == [ItemState.SKIPPED, ItemState.DONE, ItemState.DONE]


def test_what_zoom_refuses_to_show_stays_uncompared_and_when_it_is_silent_others_do_not_wait(
    clean: Sandbox, job: Job, three: list[MirrorUser]
) -> None:
    forgotten(job)
    fault = {"status": 403, "body": {"code": 200, "message": "No permission."}}
    clean.faults({"match": {"path": f"{three[0].zoom_id}/settings$"}, "do": "status", "value": fault},
                 {"match": {"path": f"{three[1].zoom_id}/settings$"}, "do": "status", "value": 500})  # fmt: skip
    comparing.compare_rows(job.pk)
    assert progress(job) == (1, 3, 1)
    assert job.items.get(row=1).message.startswith("What is set now could not be read: ")
    for _ in range(comparing.TRIES - 1):
        comparing.compare_rows(job.pk)
    job.refresh_from_db()
    left = comparing.left_of(job)
    assert left is not None
    assert (left.done, left.total, left.number, left.goes_on) == (1, 3, 3, False)
    assert left.stopped.startswith(comparing.SILENT)
    begun = requests(clean)
    comparing.compare_rows(job.pk)
    assert (requests(clean), comparing.sweep()) == (begun, [])


def test_the_page_tells_how_far_it_is_and_a_start_how_many_rows_were_not_compared(
    job: Job, client_of: Callable[..., Client]
) -> None:
    browser, address = client_of(job.owner), f"/jobs/import/{job.pk}"
    assert "part=compared" not in browser.get(f"{address}/check/").content.decode()
    forgotten(job)
    comparing.compare_rows(job.pk, iter([False, True]).__next__)
    page = browser.get(f"{address}/check/").content.decode()
    assert "part=compared" in page
    assert "2 rows are not compared with Zoom yet" in page
    assert "Run up to 2 calls" in page
    part = browser.get(f"{address}/check/?part=compared").content.decode()
    assert "1 of 3" in part
    assert "About " in part
    assert browser.get(f"{address}/check/?action=").content.decode().count("Not compared yet.") == 2
    assert 'aria-label="Rows by action"' in part
    comparing.compare_rows(job.pk, iter([False, True]).__next__)
    answer = browser.post(f"{address}/start/", {"when": "now"}, follow=True)
    assert "1 row was not compared with Zoom. It is compared right before it is written." in answer.content.decode()
    assert browser.get(f"{address}/check/?part=compared").headers["HX-Redirect"] == f"/jobs/{job.pk}/"


def test_the_page_is_asked_to_show_the_rows_anew_when_all_are_compared(
    job: Job, client_of: Callable[..., Client]
) -> None:
    part = client_of(job.owner).get(f"/jobs/import/{job.pk}/check/?part=compared").content.decode()
    assert "All 3 rows are compared with Zoom" in part
    assert "hx-trigger" not in part


def test_a_job_that_waits_for_a_second_person_is_not_compared_meanwhile(clean: Sandbox, job: Job) -> None:
    forgotten(job)
    Job.objects.filter(pk=job.pk).update(awaits_approval=True)
    begun = requests(clean)
    comparing.compare_rows(job.pk)
    late(job)
    assert (requests(clean), comparing.sweep()) == (begun, [])


def test_several_rows_are_read_at_a_time_and_written_down_in_their_order(
    clean: Sandbox, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten(job)
    monkeypatch.setattr(comparing, "HANDS", 8)
    clean.faults({"match": {"method": "GET", "path": "/settings$"}, "do": "delay", "value": 1.0})
    begun = time.monotonic()
    comparing.compare_rows(job.pk)
    assert (progress(job), time.monotonic() - begun < 2.9) == ((3, 3, 0), True)
    assert told(job) == [("unchanged", "Already as the file says."), ("update", ""), ("update", "")]


def test_what_zoom_shows_of_an_object_is_compared_in_the_file_of_any_operation(
    clean: Sandbox, tenant: SubAccount, zoom: Zoom, checked: Run
) -> None:
    one, two, three = (zoom("POST", "/groups", json={"name": f"File {n}"}).json()["id"] for n in range(3))
    zoom("DELETE", f"/groups/{three}")
    file = f"groupId,name\n{one},File 0\n{two},Renamed\n{three},Other\n"
    job = checked("groups.update", file, account=tenant.zoom_id)
    assert told(job) == [
        ("unchanged", "Already as the file says."),
        ("update", ""),
        ("error", "Zoom does not know it. Nothing will be done for this row."),
    ]
    assert job.items.get(row=2).before == {"name": "File 1"}
    ran(job)
    assert zoom("GET", f"/groups/{two}").json()["name"] == "Renamed"
    assert [action for action, _ in told(undone(job))] == ["update"]
    job = checked("groups.delete", f"groupId\n{two}\n{three}\n", account=tenant.zoom_id)
    assert told(job) == [("delete", ""), ("unchanged", "It is not there any more.")]


def test_a_row_compared_with_zoom_is_not_left_out_because_the_directory_is_older(
    hosts: list[MirrorUser], zoom: Zoom, checked: Run
) -> None:
    zoom("PATCH", f"/users/{hosts[0].zoom_id}", json={"dept": "Sales"})
    assert hosts[0].dept == ""
    job = checked("users.update", f"userId,dept\n{hosts[0].email},Support\n")
    assert [(item.body, item.before) for item in job.items.all()] == [({"dept": "Support"}, {"dept": "Sales"})]
    assert recheck.recheck(job) == 0
    MirrorUser.objects.filter(pk=hosts[0].pk).delete()
    assert recheck.recheck(job) == 1


def test_a_comparison_that_ends_every_worker_is_given_up(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten(job)

    def die(self: Any, item: Item) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(comparing.Round, "_ask", die)
    for _ in range(comparing.TRIES):
        with pytest.raises(KeyboardInterrupt):
            comparing.compare_rows(job.pk)
        late(job)
    comparing.compare_rows(job.pk)
    job.refresh_from_db()
    left = comparing.left_of(job)
    assert left is not None
    assert (left.stopped, left.number, comparing.sweep()) == (comparing.GIVEN_UP, 3, [])


@pytest.mark.usefixtures("unread")
def test_a_second_person_is_told_how_many_rows_are_not_compared_yet(
    tenant: SubAccount, meetings: list[str], adam: Staff, checked: Run, settings: Settings,
    client_of: Callable[..., Client],
) -> None:  # fmt: skip
    settings.BULK_APPROVAL_DELETES = 2
    job = checked("meetings_delete", "Meeting ID\n" + "\n".join(meetings), account=tenant.zoom_id)
    assert operations.start(job, job.owner) is False
    page = client_of(adam).get(f"/jobs/{job.pk}/approval/").content.decode()
    assert "3 rows are not compared with Zoom yet" in page
