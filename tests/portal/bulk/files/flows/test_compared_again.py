"""Rows that were compared with Zoom are compared again close before their write: nobody's newer change is lost."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from portal.audit.models import Entry, Phase
from portal.bulk import claims, compare, engine, jobs, operations
from portal.bulk.batches import COMPARED
from portal.bulk.compare import Readings
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.progress import forecast
from portal.bulk.proof import invariants
from portal.bulk.pump import pump
from portal.bulk.storage import now
from portal.bulk.timing import standard
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.bulk.engine.conftest import QUICK, assert_chain_holds, clean, quick, tenant
from tests.portal.bulk.files.flows.test_equipment import DEVICES, TSP, master
from tests.portal.bulk.files.flows.test_events import checked, hosts, ran, undone, written, zoom
from tests.support.sandbox import Sandbox
from zoomapi import spec

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["checked", "clean", "hosts", "master", "quick", "tenant", "zoom"]  # fixtures
Run = Callable[..., Job]
Zoom = Callable[..., Any]
SETTINGS = "Email,recording.auto_recording,in_meeting.chat\n"
SINCE = "somebody changed it since. Nothing was sent."


@pytest.fixture
def later(quick: object, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """So long after the check that its comparisons do not count any more."""
    settings.BULK_TIMING = QUICK | {"fresh": 0.0}
    monkeypatch.setattr(compare, "readings", Readings())


def outcomes(job: Job) -> list[tuple[str, str]]:
    return [(item.state, item.message) for item in job.items.order_by("row", "step")]


def requests(sandbox: Sandbox) -> int:
    return int(sandbox.stats()["requests"])


def record(zoom: Zoom, host: MirrorUser, where: str, **more: Any) -> None:
    """Somebody sets where a user's meetings are recorded."""
    zoom("PATCH", f"/users/{host.zoom_id}/settings", json={"recording": {"auto_recording": where}, **more})


@pytest.fixture
def job(hosts: list[MirrorUser], zoom: Zoom, checked: Run) -> Job:
    """Two users' recordings are to move from their machines to the cloud."""
    for host in hosts[:2]:
        record(zoom, host, "local", in_meeting={"chat": True})
    return checked("user_settings", SETTINGS + "".join(f"{host.email},cloud,no\n" for host in hosts[:2]))


@pytest.mark.usefixtures("later")
def test_faults_U14_U15_a_setting_that_somebody_changed_since_the_check_is_left_alone(
    clean: Sandbox, hosts: list[MirrorUser], zoom: Zoom, job: Job
) -> None:
    record(zoom, hosts[0], "none")
    begun = written(clean)
    assert ran(job).state == JobState.DONE
    assert outcomes(job) == [
        (
            ItemState.SKIPPED,
            f"recording.auto_recording was “local” at the check and is “none” now: {SINCE}",
        ),
        (ItemState.DONE, ""),
    ]
    assert written(clean) - begun == Counter({"users.update_settings": 1})
    item = job.items.get(row=1)
    told = list(Entry.objects.filter(operation=item.operation))
    assert [(entry.phase, entry.result, entry.message) for entry in told] == [(Phase.OUTCOME, "skipped", item.message)]
    assert list(invariants.of_item(item, told, 0, standard())) == []
    assert_chain_holds()


@pytest.mark.usefixtures("later")
def test_what_is_as_wanted_by_now_is_not_sent_and_what_is_half_so_is(
    clean: Sandbox, hosts: list[MirrorUser], zoom: Zoom, job: Job
) -> None:
    record(zoom, hosts[0], "cloud", in_meeting={"chat": False})
    record(zoom, hosts[1], "cloud")
    ran(job)
    assert outcomes(job) == [(ItemState.SKIPPED, "It is so by now. Nothing was sent."), (ItemState.DONE, "")]


def test_a_comparison_of_a_moment_ago_counts_and_costs_no_read(clean: Sandbox, job: Job) -> None:
    begun = requests(clean)
    assert ran(job).state == JobState.DONE
    assert requests(clean) - begun == 2
    assert job.options["summary"]["calls"] == {"users.update_settings": 2}
    assert job.options["summary"]["reads"] == {"users.settings": 2}
    assert job.options["summary"]["seconds"] == 4 / 10 / 0.97


@pytest.mark.usefixtures("at_best")
def test_the_forecast_of_what_waits_counts_the_reads(clean: Sandbox, job: Job) -> None:
    assert forecast(job) == 4 / 10 / 0.97
    job.items.filter(row=1).update(state=ItemState.DONE)
    assert forecast(job) == 2 / 10 / 0.97


@pytest.mark.usefixtures("later")
def test_what_could_not_be_read_waits_and_nothing_is_sent_meanwhile(clean: Sandbox, job: Job) -> None:
    clean.faults({"match": {"method": "GET", "path": "/settings$"}, "do": "status", "value": 500})
    begun = written(clean)
    operations.start(job, job.owner)
    held = claims.claim(job.pk, "one", 2, standard())
    for claim in held:
        engine.run(claim, standard())
    assert written(clean) == begun
    items = list(job.items.all())
    assert [(item.state, item.attempt, item.lease_until) for item in items] == [(ItemState.PENDING, 0, None)] * 2
    assert [item.message[:63] for item in items] == [
        "What is there now could not be read, so nothing was sent: Zoom "
    ] * 2
    assert not Entry.objects.filter(operation__startswith=f"{job.pk}:").exists()
    clean.faults()
    pump(job.pk)
    assert [state for state, _ in outcomes(job)] == [ItemState.DONE] * 2


@pytest.mark.usefixtures("later")
def test_what_zoom_refuses_to_show_fails_with_the_reason(clean: Sandbox, job: Job) -> None:
    fault = {"status": 403, "body": {"code": 200, "message": "No permission."}}
    clean.faults({"match": {"method": "GET", "path": "/settings$"}, "do": "status", "value": fault})
    assert ran(job).state == JobState.DONE_WITH_ERRORS
    assert {state for state, _ in outcomes(job)} == {ItemState.FAILED}
    assert job.items.filter(message__startswith="What is there now could not be read:").count() == 2


@pytest.mark.usefixtures("later")
def test_a_row_that_is_cancelled_or_claimed_anew_during_the_read_keeps_that_state(
    job: Job, hosts: list[MirrorUser], zoom: Zoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    for host in hosts[:2]:
        record(zoom, host, "none")
    operations.start(job, job.owner)
    one, two = claims.claim(job.pk, "one", 2, standard())
    Item.objects.filter(pk=two.item.pk).update(lease_until=now() - timedelta(seconds=1))
    (again,) = claims.claim(job.pk, "two", 2, standard())
    engine.run(two, standard())
    assert Item.objects.get(pk=two.item.pk).state == ItemState.PENDING

    look = compare.look

    def cancelled_meanwhile(*args: Any) -> Any:
        found = look(*args)
        jobs.cancel(job.pk, job.owner)
        return found

    monkeypatch.setattr(compare, "look", cancelled_meanwhile)
    engine.run(one, standard())
    assert [state for state, _ in outcomes(job)] == [ItemState.CANCELLED] * 2
    monkeypatch.undo()
    engine.run(again, standard())  # the second one's claim came to nothing as well
    assert [state for state, _ in outcomes(job)] == [ItemState.CANCELLED] * 2
    for item in job.items.all():
        assert not Entry.objects.filter(operation=item.operation).exists()
        assert list(invariants.of_item(item, [], 0, standard())) == []


@pytest.mark.usefixtures("later")
def test_of_a_paused_job_nothing_is_read(clean: Sandbox, job: Job) -> None:
    operations.start(job, job.owner)
    held = claims.claim(job.pk, "one", 2, standard())
    jobs.pause(job.pk, "person", "Wait.", job.owner)
    begun = requests(clean)
    for claim in held:
        engine.run(claim, standard())
    assert requests(clean) == begun
    assert [state for state, _ in outcomes(job)] == [ItemState.PENDING] * 2


@pytest.mark.usefixtures("later")
def test_after_a_send_that_stayed_unclear_somebodys_change_is_not_overwritten_either(
    clean: Sandbox, job: Job, hosts: list[MirrorUser], zoom: Zoom
) -> None:
    record(zoom, hosts[0], "none")
    job.items.update(checks=1, attempt=1)
    assert ran(job).state == JobState.DONE_WITH_ERRORS
    (state, message), _ = outcomes(job)
    told = "It was sent before, and that had not been carried out when it was checked. Not sent again."
    assert (state, message.partition("since. ")[2]) == (ItemState.FAILED, told)


def test_rows_of_one_list_share_a_read(
    clean: Sandbox, master: SubAccount, checked: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(checked("devices", DEVICES + "".join(f"File {n},SIP,192.0.2.{n},auto\n" for n in range(1, 5))))
    monkeypatch.setattr(compare, "readings", Readings())
    job = checked("devices", "Name,Encryption\n" + "".join(f"File {n},yes\n" for n in range(1, 5)))
    assert job.options["summary"]["reads"] == {"devices.list": 1}
    for item in job.items.all():
        item.source[COMPARED] = (now() - timedelta(minutes=5)).isoformat()
        item.save(update_fields=["source"])
    rows = clean.call("GET", "/h323/devices?page_size=300").json()["devices"]
    ids = {row["name"]: row["id"] for row in rows}
    moved = {"name": "File 1", "protocol": "SIP", "ip": "192.0.2.99", "encryption": "auto"}
    clean.call("PATCH", f"/h323/devices/{ids['File 1']}", json=moved)
    clean.call("DELETE", f"/h323/devices/{ids['File 2']}")
    begun = requests(clean)
    operations.start(job, job.owner)
    for claim in claims.claim(job.pk, "one", 4, standard()):
        engine.run(claim, standard())
    assert requests(clean) - begun == 3  # one list, two changes
    assert outcomes(job) == [
        (
            ItemState.SKIPPED,
            "ip was “192.0.2.1” at the check and is “192.0.2.99” now: somebody changed it since. Nothing was sent.",
        ),
        (ItemState.FAILED, "It was there at the check and is not there any more. Nothing was sent."),
        (ItemState.DONE, ""),
        (ItemState.DONE, ""),
    ]


@pytest.mark.usefixtures("later")
def test_a_tsp_account_is_not_removed_when_another_has_moved_to_its_place(
    clean: Sandbox, hosts: list[MirrorUser], zoom: Zoom, checked: Run
) -> None:
    one = hosts[0]
    for code in (111, 222):  # one after the other, so that their places are known
        ran(checked("tsp_accounts", f"{TSP}{one.email},{code},9876,1,5550100\n"))
    first = checked("tsp_remove", f"Email,conference_code\n{one.email},111\n")
    second = checked("tsp_accounts", f"{TSP}{one.email},222,4321,,\n")
    zoom("DELETE", f"/users/{one.zoom_id}/tsp/1")
    assert ran(first).state == JobState.DONE
    assert outcomes(first) == [
        (
            ItemState.SKIPPED,
            "conference_code was “111” at the check and is “222” now: somebody changed it since. Nothing was sent.",
        )
    ]
    assert ran(second).state == JobState.DONE_WITH_ERRORS
    assert "9876" not in str(outcomes(second))
    there = zoom("GET", f"/users/{one.zoom_id}/tsp").json()["tsp_accounts"]
    assert [(row["conference_code"], row["leader_pin"]) for row in there] == [("222", "9876")]


@pytest.mark.usefixtures("later")
def test_an_undo_leaves_alone_what_somebody_changed_after_its_own_check(
    clean: Sandbox, hosts: list[MirrorUser], zoom: Zoom, job: Job
) -> None:
    ran(job)
    undo = undone(job)
    assert undo.options["summary"]["reads"] == {"users.settings": 2}
    record(zoom, hosts[1], "none")
    begun = written(clean)
    assert ran(undo).state == JobState.DONE
    assert [state for state, _ in outcomes(undo)] == [ItemState.DONE, ItemState.SKIPPED]
    assert outcomes(undo)[1][1] == f"recording.auto_recording was “cloud” at the check and is “none” now: {SINCE}"
    assert written(clean) - begun == Counter({"users.update_settings": 1})


@pytest.mark.usefixtures("later")
def test_an_undo_does_not_remove_a_meeting_that_was_changed_or_is_gone(
    clean: Sandbox, hosts: list[MirrorUser], zoom: Zoom, checked: Run
) -> None:
    rows = "".join(f"{hosts[0].email},Talk {n},2030-01-07T09:00:00Z,45\n" for n in range(3))
    made = ran(checked("meetings_create", "Host,Topic,Start,Duration\n" + rows))
    one, two, three = made.items.order_by("row").values_list("remote_id", flat=True)
    undo = undone(made)
    zoom("PATCH", f"/meetings/{one}", json={"topic": "Now in use"})
    zoom("DELETE", f"/meetings/{two}")
    assert ran(undo).state == JobState.DONE
    assert outcomes(undo) == [
        (
            ItemState.SKIPPED,
            "topic was “Talk 0” at the check and is “Now in use” now: somebody changed it since. Nothing was sent.",
        ),
        (ItemState.SKIPPED, "It is not there any more. Nothing was sent."),
        (ItemState.DONE, ""),
    ]
    assert [zoom("GET", f"/meetings/{number}").status_code for number in (one, three)] == [200, 404]


class Shelf:
    """A reader that counts, of one long list for each account."""

    def __init__(self) -> None:
        self.number = 0

    def rows(self, *_: Any) -> list[dict[str, Any]]:
        self.number += 1
        return [{"id": str(number)} for number in range(4_000)]


def test_readings_are_shared_but_neither_old_nor_many_nor_another_jobs() -> None:
    kept, shelf, reads = Readings(), Shelf(), spec.endpoint("devices.list")
    job, other = Job(connection_id=1), Job(connection_id=1)

    def read(account: int, fresh: float = 60.0, job: Job = job) -> int:
        item = Item(job=job, account_id=account)
        assert len(kept.of(shelf, item, reads, {}, fresh)) == 4_000  # type: ignore[arg-type]  # enough of a reader
        return shelf.number

    assert [read(1), read(1), read(2), read(1), read(3)] == [1, 1, 2, 2, 3]  # the third is one too many
    assert [read(2), read(3), read(1)] == [3, 3, 4]
    assert [read(1, fresh=0.0), read(1)] == [5, 5]
    assert [read(1, job=other), read(1, job=other), read(1)] == [6, 6, 6]
