"""Files of meetings and webinars against a running sandbox: scheduled, changed, deleted, and sent in again."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk import operations
from portal.bulk.files import jobs, results
from portal.bulk.files.flows import flow_named
from portal.bulk.files.validate import validate
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.undo import planning
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.bulk.engine.conftest import clean, finished, quick, tenant
from tests.portal.bulk.files.conftest import stored
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["clean", "quick", "tenant"]  # fixtures
Run = Callable[..., Job]
HEADER = "Host,Topic,Start,Duration,Time zone\n"


@pytest.fixture
def hosts(clean: Sandbox, tenant: SubAccount) -> list[MirrorUser]:
    """Two licensed users, one Basic and one invited, as the directory knows them."""
    users = clean.call("GET", f"/accounts/{tenant.zoom_id}/users?page_size=300").json()["users"]
    chosen = [user for user in users if user["type"] == 2][:2] + [user for user in users if user["type"] == 1][:1]
    found = [
        MirrorUser.objects.create(
            account=tenant, zoom_id=user["id"], email=user["email"], status="active", type=user["type"],
            timezone=user.get("timezone", ""),
        )
        for user in chosen
    ]  # fmt: skip
    return [
        *found,
        MirrorUser.objects.create(account=tenant, zoom_id="p", email="p@x.example", status="pending", type=2),
    ]


@pytest.fixture
def zoom(clean: Sandbox, tenant: SubAccount) -> Callable[..., Any]:
    """What somebody does in the sub-account without the portal."""
    return lambda method, path, **options: clean.call(method, f"/accounts/{tenant.zoom_id}{path}", **options)


@pytest.fixture
def checked(olga: Staff, tenant: SubAccount) -> Run:
    def run(what: str, content: str, *, account: str = "", actor: Staff = olga) -> Job:
        job = jobs.create(actor, tenant.connection, stored(content), "rows.csv", flow_named(what))
        jobs.submit(job, job.options["mapping"], {"account": account, "fixed": {}})
        validate(str(job.pk))
        job.refresh_from_db()
        return job

    return run


def ran(job: Job) -> Job:
    operations.start(job, job.owner)
    return finished(job)


def told(job: Job) -> list[tuple[str, str]]:
    return [(item.action, item.message) for item in job.items.filter(step=0)]


def result(job: Job) -> str:
    return b"".join(results.response(job)).decode("utf-8-sig")  # type: ignore[arg-type]  # a plain iterator here


def undone(job: Job) -> Job:
    undo = planning.prepare(job, scope=scope_of(job.owner), actor=job.owner)
    validate(str(undo.pk))
    undo.refresh_from_db()
    return undo


def written(sandbox: Sandbox) -> Counter[str]:
    return Counter(write["operation"] for write in sandbox.ledger())


@pytest.mark.parametrize("family", ["meetings", "webinars"])
def test_events_are_scheduled_once_and_the_result_file_schedules_no_second(
    clean: Sandbox, hosts: list[MirrorUser], checked: Run, family: str
) -> None:
    one, two, _, pending = (host.email for host in hosts)
    rows = (
        f"{one},Weekly,2030-01-07T09:00:00,45,Europe/Berlin\n"
        f"{one.upper()},Weekly,2030-01-14T09:00:00,45,Europe/Berlin\n"
        f"{two},Review,2030-01-07T09:00:00Z,30,\n"
        f"{one},weekly,2030-01-07T09:00:00,45,Europe/Berlin\n"
        f"{pending},Late,2030-01-07T09:00:00Z,30,\n"
        f"nobody@x.example,X,2030-01-07T09:00:00Z,abc,\n"
    )
    job = checked(f"{family}_create", HEADER + rows)
    assert [action for action, _ in told(job)] == ["create", "create", "create", "error", "error", "error"]
    assert told(job)[3][1] == "The same host, topic and start stand in line 2 already."
    assert told(job)[4][1] == "The user is pending; only an active one can be the host."
    assert job.options["summary"]["calls"] == {f"{family}.create": 3}
    assert ran(job).state == JobState.DONE_WITH_ERRORS
    assert written(clean) == {f"{family}.create": 3}

    again = checked(f"{family}_create", result(job))
    assert [action for action, _ in told(again)] == ["unchanged"] * 3 + ["error"] * 3
    assert told(again)[0][1] == f"Scheduled already, with the id {job.items.get(row=1).remote_id}."
    assert again.state == JobState.INVALID


def test_only_licensed_users_hold_webinars(hosts: list[MirrorUser], checked: Run) -> None:
    job = checked("webinars_create", f"{HEADER}{hosts[2].email},Show,2030-01-07T09:00:00Z,30,\n")
    assert told(job) == [("error", "Only a licensed user can hold webinars.")]


@pytest.fixture
def meetings(clean: Sandbox, tenant: SubAccount, hosts: list[MirrorUser]) -> list[str]:
    """Three meetings at nine in Berlin, one of them with a password."""
    path = f"/accounts/{tenant.zoom_id}/users/{hosts[0].zoom_id}/meetings"
    body = {"type": 2, "start_time": "2030-01-07T08:00:00Z", "timezone": "Europe/Berlin", "duration": 30}
    found = [clean.call("POST", path, json={**body, "topic": f"Talk {n}", "password": "old-pw"}) for n in range(3)]
    return [str(answer.json()["id"]) for answer in found]


def test_only_what_differs_is_changed_and_the_old_values_come_back(
    clean: Sandbox, zoom: Callable[..., Any], tenant: SubAccount, meetings: list[str], checked: Run
) -> None:
    one, two, three = meetings
    spaced = f"{one[:3]} {one[3:6]} {one[6:]}"
    file = (
        "Meeting ID,Topic,Duration,Start,settings.host_video\n"
        f"{spaced},New talk,30,2030-01-07T10:00:00,yes\n"
        f"{two},Talk 1,30,2030-01-07T09:00:00,\n"
        f"999999999,X,,,\n8.2E+10,Y,,,\n{three},,,,\n"
    )
    job = checked("meetings_update", file, account=tenant.zoom_id)
    assert [action for action, _ in told(job)] == ["update", "unchanged", "error", "error", "error"]
    item = job.items.get(row=1)
    assert item.body == {"topic": "New talk", "start_time": "2030-01-07T09:00:00Z", "settings": {"host_video": True}}
    assert item.before["topic"] == "Talk 0"
    assert item.label == f"Talk 0 ({one})"
    assert ran(job).state == JobState.DONE_WITH_ERRORS
    there = zoom("GET", f"/meetings/{one}").json()
    assert (there["topic"], there["start_time"], there["duration"]) == ("New talk", "2030-01-07T09:00:00Z", 30)

    undo = undone(job)
    assert told(undo) == [("update", "")]
    assert ran(undo).state == JobState.DONE
    there = zoom("GET", f"/meetings/{one}").json()
    assert (there["topic"], there["start_time"]) == ("Talk 0", "2030-01-07T08:00:00Z")
    assert there["settings"]["host_video"] is False
    assert written(clean)["meetings.update"] == 2

    again = undone(undo)  # to take back what was taken back
    assert told(again) == [("update", "")]
    assert ran(again).state == JobState.DONE
    assert zoom("GET", f"/meetings/{one}").json()["topic"] == "New talk"
    assert told(undone(undo)) == [("unchanged", "Taken back already.")]
    assert told(undone(job)) == [("update", "")]


def test_a_password_is_sent_and_never_kept_beside_the_row(
    clean: Sandbox, zoom: Callable[..., Any], tenant: SubAccount, meetings: list[str], checked: Run
) -> None:
    job = checked("meetings_update", f"Meeting ID,Password\n{meetings[0]},new-pw\n{meetings[1]},old-pw\n",
                  account=tenant.zoom_id)  # fmt: skip
    assert [action for action, _ in told(job)] == ["update", "unchanged"]
    kept = str(list(job.items.values("body", "before", "source", "message", "answer")))
    assert [secret for secret in ("old-pw", "new-pw") if secret in kept] == []
    assert ran(job).state == JobState.DONE
    assert zoom("GET", f"/meetings/{meetings[0]}").json()["password"] == "new-pw"


def test_meetings_are_deleted_by_id_and_only_if_they_are_called_so(
    clean: Sandbox, zoom: Callable[..., Any], tenant: SubAccount, meetings: list[str], checked: Run
) -> None:
    one, two, three = meetings
    assert zoom("DELETE", f"/meetings/{three}").status_code == 204
    rows = f"{one},talk 0\n{two},Something else\n{three},Talk 2\n{one},\n"
    job = checked("meetings_delete", "Meeting ID,Topic\n" + rows, account=tenant.zoom_id)
    assert told(job) == [
        ("delete", ""),
        ("conflict", "Zoom calls it “Talk 1”, the file “Something else”. Nothing will be done for this row."),
        ("unchanged", "It is not there any more."),
        ("error", "The same object stands in line 2 already."),
    ]
    assert ran(job).state == JobState.DONE_WITH_ERRORS
    assert [zoom("GET", f"/meetings/{one}").status_code, zoom("GET", f"/meetings/{two}").status_code] == [
        404,
        200,
    ]
    assert told(undone(job)) == [("impossible", "What was removed is gone at Zoom.")]


def test_scheduled_meetings_are_taken_back_by_deleting_them_unless_somebody_changed_them(
    clean: Sandbox, zoom: Callable[..., Any], hosts: list[MirrorUser], tenant: SubAccount, checked: Run
) -> None:
    rows = "".join(f"{hosts[0].email},Course {n},2030-01-0{n}T09:00:00,45,Europe/Berlin\n" for n in (1, 2, 3))
    job = ran(checked("meetings_create", HEADER + rows))
    first, second, third = job.items.values_list("remote_id", flat=True)
    zoom("PATCH", f"/meetings/{second}", json={"topic": "Somebody's own"})
    zoom("DELETE", f"/meetings/{third}")
    undo = undone(job)
    assert told(undo) == [
        ("delete", ""),
        ("conflict", "Changed since: Topic. Nothing will be done for this row."),
        ("unchanged", "It is not there any more."),
    ]
    assert ran(undo).state == JobState.DONE_WITH_ERRORS
    assert zoom("GET", f"/meetings/{first}").status_code == 404
    assert undo.items.get(row=1).state == ItemState.DONE


@pytest.mark.parametrize("family", ["meetings", "webinars"])
def test_the_result_file_of_what_was_scheduled_says_which_of_it_to_change_and_to_delete_and_where_it_is(
    clean: Sandbox, zoom: Callable[..., Any], hosts: list[MirrorUser], tenant: SubAccount, checked: Run, rita: Staff,
    family: str,
) -> None:  # fmt: skip
    rows = "".join(f"{hosts[0].email},Course {n},2030-01-0{n}T09:00:00,45,Europe/Berlin\n" for n in (1, 2))
    job = ran(checked(f"{family}_create", f"{HEADER}{rows}nobody@x.example,Course 3,2030-01-03T09:00:00,45,\n"))
    made, event_id = list(job.items.filter(row__lt=3).values_list("remote_id", flat=True)), f"{family[:-1]}Id"
    file = result(job)

    change = checked(f"{family}_update", file.replace(",45,", ",50,"))
    assert change.options["mapping"] | {"account": 5, event_id: 8} == change.options["mapping"]
    assert told(change)[:2] == [("update", "")] * 2
    assert change.items.get(row=3).errors["id"] == ["Missing."]
    ran(change)
    assert [zoom("GET", f"/{family}/{one}").json()["duration"] for one in made] == [50, 50]

    # Where rita sees nothing, its id finds nothing.
    strange = checked(f"{family}_delete", file, actor=rita)
    assert [item.errors.get("account_id") for item in strange.items.filter(row__lt=3)] == [
        ["No such sub-account. Write its name, its account id or its owner's e-mail address."]
    ] * 2
    for one in (file, result(change)):  # the file of the change has the ids as columns of its own by now
        removal = checked(f"{family}_delete", one)
        assert [item.path for item in removal.items.exclude(endpoint="")] == [{event_id: there} for there in made]
    ran(removal)
    assert [zoom("GET", f"/{family}/{one}").status_code for one in made] == [404, 404]


def test_an_id_and_a_sub_account_that_the_file_has_itself_are_meant_and_a_file_of_the_same_kind_is_as_before(
    hosts: list[MirrorUser], tenant: SubAccount, meetings: list[str], checked: Run
) -> None:
    rows = f"{meetings[0]},{tenant.name},New\n{meetings[1]},{tenant.name},New\n"
    job = checked("meetings_update", f"Meeting ID,Sub-account,Topic\n{rows}")
    again = checked("meetings_update", result(job))
    assert (again.options["mapping"], again.options["keep"]) == (job.options["mapping"], 3)
    unplaced = checked("meetings_update", f"Meeting ID,Topic\n{meetings[0]},New\n", account=tenant.zoom_id)
    assert checked("meetings_delete", result(unplaced)).options["mapping"] == {"meetingId": 0, "topic": 1}


def test_when_zoom_is_silent_the_events_of_no_further_host_are_asked_for(
    clean: Sandbox, hosts: list[MirrorUser], checked: Run
) -> None:
    clean.faults({"match": {"method": "GET", "path": "/meetings$"}, "do": "status", "value": 500})
    begun = int(clean.stats()["requests"])
    rows = "".join(f"{host.email},Weekly,2030-01-07T09:00:00Z,45,\n" for host in hosts[:1])
    checked("meetings_create", HEADER + rows)
    one = int(clean.stats()["requests"]) - begun
    rows = "".join(f"{host.email},Weekly,2030-01-07T09:00:00Z,45,\n" for host in hosts[:3])
    job = checked("meetings_create", HEADER + rows)
    assert int(clean.stats()["requests"]) - begun == 2 * one
    said = "What the host has scheduled already could not be read: "
    assert [message[: len(said)] for _, message in told(job)] == [said] * 3
