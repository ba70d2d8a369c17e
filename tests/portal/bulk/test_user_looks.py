"""What somebody changed at Zoom itself, without the portal, is neither overwritten nor removed: journeys over HTTP."""

import html
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk import compare, schedule, storage, user_looks
from portal.bulk.calls import request_of
from portal.bulk.files import jobs
from portal.bulk.files.flows import flow_named
from portal.bulk.files.users import Constants
from portal.bulk.files.validate import validate
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.operations import Step, plan, start
from portal.bulk.progress import forecast
from portal.bulk.readings import Reading, Readings
from portal.bulk.timing import standard
from portal.bulk.undo.planning import prepare
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.bulk.engine.conftest import quick
from tests.portal.bulk.files.conftest import stored
from tests.portal.users.conftest import clean, tenant
from tests.support.choosing import choose, confirm, ran
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["clean", "quick", "tenant"]  # fixtures
Zoom = Callable[..., Any]
LEFT = "somebody changed it since. Nothing was sent."


@pytest.fixture(autouse=True)
def nothing_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "readings", Readings())


@pytest.fixture
def zoom(clean: Sandbox, tenant: SubAccount) -> Zoom:
    """What somebody does in the sub-account without the portal."""
    return lambda method, path, **options: clean.call(method, f"/accounts/{tenant.zoom_id}{path}", **options)


@pytest.fixture
def browser(client_of: Callable[[Staff], Client], olga: Staff) -> Client:
    return client_of(olga)


def outside(zoom: Zoom, user: MirrorUser | str, **values: Any) -> None:
    name = user if isinstance(user, str) else user.zoom_id
    assert zoom("PATCH", f"/users/{name}", json=values).status_code == 204


def dept(zoom: Zoom, user: MirrorUser | str) -> str:
    name = user if isinstance(user, str) else user.zoom_id
    return str(zoom("GET", f"/users/{name}").json()["dept"])


def of_file(owner: Staff, account: SubAccount, content: str, what: str = "users") -> Job:
    job = jobs.create(owner, account.connection, stored(content), "people.csv", flow_named(what))
    constants: Any = Constants(account=account.zoom_id, action="custCreate")
    jobs.submit(job, job.options["mapping"], constants if what == "users" else {"account": "", "fixed": {}})
    validate(str(job.pk))
    job.refresh_from_db()
    return job


def departments(owner: Staff, account: SubAccount, users: list[MirrorUser], name: str = "HX-B") -> Job:
    return of_file(owner, account, "Email,Department\n" + "".join(f"{user.email},{name}\n" for user in users))


def started(browser: Client, job: Job, **data: str) -> Job:
    answer = browser.post(f"/jobs/import/{job.pk}/start/", {"when": "now", "reason": "test", **data})
    assert answer["Location"] == f"/jobs/{job.pk}/", answer.content
    return ran(job)


def outcomes(job: Job) -> list[tuple[str, str]]:
    return [(item.state, item.message) for item in job.items.order_by("row", "step")]


def text_of(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.unescape(page.decode())).split())


class Reads:
    """The reads that the sandbox has answered since, by their path's last part; lists with their status."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: Counter[str] = Counter()
        read = user_looks.Reader.read

        def counted(reader: Any, key: Any, path: Any, query: Any = None) -> Any:
            self.made[f"{getattr(key, 'key', key)} {(query or {}).get('status', '')}".strip()] += 1
            return read(reader, key, path, query)

        monkeypatch.setattr(user_looks.Reader, "read", counted)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    return Reads(monkeypatch).made


def three(account: SubAccount) -> list[MirrorUser]:
    users = account.users.filter(status="active").exclude(zoom_id=account.owner_id).order_by("email")
    assert len(users) >= 3
    users.update(dept="Legal")
    return list(users[:3])


@pytest.fixture
def users(tenant: SubAccount, zoom: Zoom) -> list[MirrorUser]:
    """Three of the department Legal, and the portal knows."""
    found = three(tenant)
    for user in found:
        outside(zoom, user, dept="Legal")
    return found


def test_an_update_from_a_file_leaves_alone_whom_somebody_changed_meanwhile(
    browser: Client, olga: Staff, tenant: SubAccount, zoom: Zoom, users: list[MirrorUser]
) -> None:
    job = departments(olga, tenant, users)
    page = text_of(browser.get(f"/jobs/import/{job.pk}/check/").content)
    assert "Department: Legal → HX-B" in page
    assert "compared with what the portal knows; compared with Zoom again right before each write." in page
    outside(zoom, users[0], dept="OutsideBeforeRun")
    outside(zoom, users[1], dept="HX-B")
    assert started(browser, job).state == JobState.DONE
    was = "department was “Legal” at the check and is “OutsideBeforeRun” now"
    assert outcomes(job) == [
        (ItemState.SKIPPED, f"{was}: {LEFT}"),
        (ItemState.SKIPPED, "It is so by now. Nothing was sent."),
        (ItemState.DONE, ""),
    ]
    assert [dept(zoom, user) for user in users] == ["OutsideBeforeRun", "HX-B", "HX-B"]
    assert was in text_of(browser.get(f"/jobs/{job.pk}/").content)


def test_a_change_of_chosen_users_leaves_alone_whom_somebody_changed_meanwhile(
    browser: Client, zoom: Zoom, users: list[MirrorUser]
) -> None:
    url = choose(browser, "/users/choose/", "department", selected=[user.pk for user in users])
    assert "who was changed there meanwhile is left alone" in text_of(browser.get(f"{url}&value=HX-B").content)
    outside(zoom, users[1], dept="OutsideBeforeRun")
    confirm(browser, f"{url}&value=HX-B")
    job = ran()
    assert Counter(state for state, _ in outcomes(job)) == {ItemState.DONE: 2, ItemState.SKIPPED: 1}
    assert [dept(zoom, user) for user in users] == ["HX-B", "OutsideBeforeRun", "HX-B"]


def test_a_scheduled_job_leaves_alone_whom_somebody_changed_meanwhile(
    browser: Client, olga: Staff, tenant: SubAccount, zoom: Zoom, users: list[MirrorUser]
) -> None:
    job = departments(olga, tenant, users)
    at = (storage.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    browser.post(f"/jobs/import/{job.pk}/start/", {"when": "later", "at": at})
    job.refresh_from_db()
    assert job.state == JobState.SCHEDULED
    assert "all rows are looked at again then" in text_of(browser.get(f"/jobs/{job.pk}/").content)
    outside(zoom, users[2], dept="OutsideBeforeRun")
    Job.objects.filter(pk=job.pk).update(begins_at=storage.now())
    schedule.run_due()
    assert ran(job).state == JobState.DONE
    assert [state for state, _ in outcomes(job)] == [ItemState.DONE, ItemState.DONE, ItemState.SKIPPED]
    assert dept(zoom, users[2]) == "OutsideBeforeRun"


def test_an_undo_neither_overwrites_nor_removes_what_somebody_changed_after_the_job(
    browser: Client, olga: Staff, tenant: SubAccount, zoom: Zoom, users: list[MirrorUser]
) -> None:
    rows = "".join(
        f"{email},HX-B\n" for email in (*(user.email for user in users[:2]), "a@new.example", "b@new.example")
    )
    job = of_file(olga, tenant, f"Email,Department\n{rows}")
    page = text_of(browser.get(f"/jobs/import/{job.pk}/check/").content)
    assert "compared with Zoom again right before each change of a user who exists." in page
    assert started(browser, job).state == JobState.DONE
    outside(zoom, users[0], dept="OutsideAfterJob")
    outside(zoom, "a@new.example", first_name="Uses it now")
    assert "users are compared with Zoom again" in text_of(browser.get(f"/jobs/{job.pk}/undo/").content)
    undo = prepare(job, scope=scope_of(olga), actor=olga)
    validate(str(undo.pk))
    undo.refresh_from_db()
    page = text_of(browser.get(f"/jobs/import/{undo.pk}/check/").content)
    assert "compared with Zoom again right before each write" in page
    assert started(browser, undo, typed="remove 2 users").state == JobState.DONE
    assert outcomes(undo) == [
        (ItemState.SKIPPED, f"department was “HX-B” at the check and is “OutsideAfterJob” now: {LEFT}"),
        (ItemState.DONE, ""),
        (ItemState.SKIPPED, f"first name was empty at the check and is “Uses it now” now: {LEFT}"),
        (ItemState.DONE, ""),
    ]
    assert [dept(zoom, user) for user in users[:2]] == ["OutsideAfterJob", "Legal"]
    assert [zoom("GET", f"/users/{name}@new.example").status_code for name in "ab"] == [200, 404]


def test_a_created_user_who_got_a_department_since_is_not_removed_also_where_the_portal_has_seen_it(
    olga: Staff, tenant: SubAccount, browser: Client
) -> None:
    job = started(browser, of_file(olga, tenant, "Email\na@new.example\n"))
    MirrorUser.objects.filter(email="a@new.example").update(dept="Uses it now")
    undo = prepare(job, scope=scope_of(olga), actor=olga)
    validate(str(undo.pk))
    told = "Changed since: department is “Uses it now”, the job had left “”. Nothing will be done for this row."
    assert [(item.action, item.message) for item in undo.items.all()] == [("conflict", told)]


def test_a_removal_spares_who_was_deactivated_meanwhile(
    browser: Client, zoom: Zoom, users: list[MirrorUser], reads: Counter[str]
) -> None:
    url = choose(browser, "/users/choose/", "remove", selected=[user.pk for user in users[:2]])
    url = f"{url}&action=delete"
    assert zoom("PUT", f"/users/{users[0].zoom_id}/status", json={"action": "deactivate"}).status_code == 204
    confirm(browser, url, typed="delete 2 users")
    job = ran()
    assert outcomes(job) == [
        (ItemState.SKIPPED, f"status was “active” at the check and is “inactive” now: {LEFT}"),
        (ItemState.DONE, ""),
    ]
    assert reads == {"users.list active": 1, "users.list inactive": 1}  # Zoom tells a status by its lists only


def test_status_and_membership_that_are_as_wanted_by_now_are_not_set_again(
    olga: Staff, tenant: SubAccount, zoom: Zoom, users: list[MirrorUser]
) -> None:
    group = zoom("POST", "/groups", json={"name": "Late"}).json()["id"]
    tenant.groups.create(zoom_id=group, name="Late")
    off = of_file(olga, tenant, f"Email,Status\n{users[0].email},off\n{users[1].email},off\n", "users_status")
    join = of_file(olga, tenant, f"Email,Group\n{users[0].email},Late\n{users[2].email},Late\n", "group_members")
    both = of_file(olga, tenant, f"Email,Status,User Group\n{users[0].email},inactive,Late\n")
    zoom("PUT", f"/users/{users[0].zoom_id}/status", json={"action": "deactivate"})
    zoom("POST", f"/groups/{group}/members", json={"members": [{"id": users[0].zoom_id}]})
    so = (ItemState.SKIPPED, "It is so by now. Nothing was sent.")
    for job, expected in ((off, [so, (ItemState.DONE, "")]), (join, [so, (ItemState.DONE, "")]), (both, [so, so])):
        start(job, olga)
        assert outcomes(ran(job)) == expected


def test_who_is_gone_fails_for_a_change_and_needs_no_removal(
    olga: Staff, tenant: SubAccount, zoom: Zoom, users: list[MirrorUser]
) -> None:
    change = departments(olga, tenant, users[:1])
    removal = of_file(olga, tenant, f"Email\n{users[0].email}\n", "users_remove")
    zoom("DELETE", f"/users/{users[0].zoom_id}", params={"action": "delete"})
    for job in (change, removal):
        start(job, olga)
        ran(job)
    assert outcomes(change) == [
        (ItemState.FAILED, "It was there at the check and is not there any more. Nothing was sent.")
    ]
    assert outcomes(removal) == [(ItemState.SKIPPED, "It is not there any more. Nothing was sent.")]


def many(owner: Staff, account: SubAccount, zoom: Zoom, number: int) -> Job:
    """A job that moves new users to another department."""
    found = []
    for n in range(number):
        info = {"email": f"many{n:02}@many.example", "type": 1, "first_name": "Many"}
        made = zoom("POST", "/users", json={"action": "custCreate", "user_info": info}).json()
        found.append(
            MirrorUser.objects.create(account=account, zoom_id=made["id"], email=info["email"], status="active", type=1)
        )
    return departments(owner, account, found)


@pytest.mark.usefixtures("at_best")
def test_thirty_rows_of_one_sub_account_share_the_reads_of_its_list(
    olga: Staff, tenant: SubAccount, zoom: Zoom, reads: Counter[str]
) -> None:
    job = many(olga, tenant, zoom, 30)
    assert job.options["summary"]["reads"] == {"users.list": 3}
    assert job.options["summary"]["seconds"] == pytest.approx(33 / 10 / 0.97)
    assert forecast(job) == pytest.approx(33 / 10 / 0.97)
    outside(zoom, "many07@many.example", dept="Mine")
    start(job, olga)
    ran(job)
    assert Counter(state for state, _ in outcomes(job)) == {ItemState.DONE: 29, ItemState.SKIPPED: 1}
    assert reads == {"users.list active": 1}
    assert dept(zoom, "many07@many.example") == "Mine"


def test_a_later_job_reads_anew_and_few_rows_are_read_alone(
    olga: Staff, tenant: SubAccount, zoom: Zoom, users: list[MirrorUser], reads: Counter[str]
) -> None:
    first, second = departments(olga, tenant, users), departments(olga, tenant, users[:2], "HX-C")
    assert second.options["summary"]["reads"] == {"users.get": 2}
    start(first, olga)
    ran(first)
    assert reads == {"users.list active": 1}
    outside(zoom, users[0], dept="Between")
    start(second, olga)
    ran(second)
    assert reads == {"users.list active": 1, "users.get": 2}
    assert dept(zoom, users[0]) == "Between"


def test_a_row_whose_list_is_read_costs_no_query(olga: Staff, tenant: SubAccount, users: list[MirrorUser]) -> None:
    job = departments(olga, tenant, users)
    one, two, _ = job.items.select_related("account__connection", "job__owner", "job__connection", "after")
    assert compare.look(one, request_of(one), standard()) is None
    request = request_of(two)
    with CaptureQueriesContext(connection) as made:
        assert compare.look(two, request, standard()) is None
    assert [query["sql"] for query in made] == []


def test_who_is_invited_is_looked_for_in_their_list_where_zoom_shows_them_there_only(
    clean: Sandbox, olga: Staff, tenant: SubAccount, zoom: Zoom
) -> None:
    info = {"email": "late@new.example", "type": 1, "first_name": "Late"}
    made = zoom("POST", "/users", json={"action": "create", "user_info": info}).json()
    MirrorUser.objects.create(account=tenant, zoom_id=made["id"], email=info["email"], status="pending", type=1)
    job = of_file(olga, tenant, f"Email,Department\n{info['email']},HX-B\n")
    assert job.options["summary"]["reads"] == {"users.get": 1}
    gone = {"status": 404, "body": {"code": 1001, "message": "User not exist."}}
    clean.faults({"match": {"method": "GET", "path": f"/users/{made['id']}$"}, "do": "status", "value": gone})
    start(job, olga)
    assert outcomes(ran(job)) == [(ItemState.DONE, "")]


def test_what_cannot_be_kept_or_takes_too_long_is_read_user_by_user(
    olga: Staff, tenant: SubAccount, zoom: Zoom, users: list[MirrorUser], reads: Counter[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    job = departments(olga, tenant, users)
    compare.readings.keep("other", Reading(1e12, None, Readings.IN_LISTS), 60.0)  # full of what still counts
    start(job, olga)
    ran(job)
    assert reads == {"users.get": 3}

    monkeypatch.setattr(compare, "readings", Readings())
    read = user_looks._read
    monkeypatch.setattr(user_looks, "_read", lambda reader, status, _: read(reader, status, 0.0))
    again = departments(olga, tenant, users, "HX-C")
    reads.clear()
    start(again, olga)
    ran(again)
    assert reads == {"users.list active": 1, "users.get": 3}

    SubAccount.objects.filter(pk=tenant.pk).update(user_total=Readings.IN_LISTS + 1)
    third = departments(olga, tenant, users, "HX-D")
    assert third.options["summary"]["reads"] == {"users.get": 3}
    reads.clear()
    start(third, olga)
    ran(third)
    assert reads == {"users.get": 3}
    assert {state for job in (job, again, third) for state, _ in outcomes(job)} == {ItemState.DONE}


def test_a_change_that_a_person_waits_for_is_not_compared_by_the_engine(acme: SubAccount, olga: Staff) -> None:
    step = Step(account=acme, endpoint="users.update", path={"userId": "x"}, body={"dept": "A"}, before={"dept": "B"})
    made = {}
    for lane in ("bulk", "interactive"):
        job = plan(scope=scope_of(olga), actor=olga, connection=acme.connection, kind="x", title="x", steps=[step],
                   lane=lane)  # fmt: skip
        made[lane] = compare.is_due(job.items.get(), standard())
    assert made == {"bulk": True, "interactive": False}


def test_one_reads_a_list_and_who_has_waited_too_long_for_it_does_without() -> None:
    readings = Readings()
    with readings.turn("list", 1.0) as first:
        with readings.turn("list", 0.01) as second, readings.turn("other", 0.01) as third:
            assert (first, second, third) == (True, False, True)
        assert list(readings._turns) == ["list"]
    with readings.turn("list", 0.01) as again:
        assert again
    assert readings._turns == {}


@pytest.mark.parametrize(
    ("rows", "by_status", "total", "reads"),
    [
        (1, 0, 200, {"users.get": 1}),
        (1, 1, 200, {"users.list": 3}),
        (3, 0, 0, {"users.list": 3}),
        (11, 0, 3000, {"users.get": 11}),
        (12, 0, 3000, {"users.list": 12}),
        (3000, 0, 3000, {"users.list": 72}),
        (5, 2, 3000, {"users.list": 12, "users.get": 3}),
        (50, 50, 9_001, {"users.get": 50}),
        (0, 0, 300, {}),
    ],
)
def test_the_reads_of_a_sub_account(rows: int, by_status: int, total: int, reads: dict[str, int]) -> None:
    assert user_looks.reads_of(rows, by_status, total) == reads
    looks = compare.Looks()
    for n in range(rows):
        looks.note_user("users.delete" if n < by_status else "users.update", 1, total)
    assert dict(looks) == reads
