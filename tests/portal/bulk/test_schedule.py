"""Jobs that begin later or work within a window; what changed until then is left out."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.access.models import Staff
from portal.access.rights import Role
from portal.access.scope import scope_of
from portal.bulk import jobs, operations, schedule
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.schedule import Window
from portal.bulk.selection import Change, Kind, plan_users
from portal.bulk.sweeper import sweep
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.bulk.files.conftest import group_in, user_in

pytestmark = pytest.mark.django_db
NIGHT = Window(time(22), time(6), "Europe/Berlin")


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, 1, hour, minute, tzinfo=UTC)


@pytest.fixture
def job(olga: Staff, acme: SubAccount) -> Job:
    people = [user_in(acme, f"{name}@x.example", type=2) for name in ("a", "b", "c")]
    return plan_users(scope_of(olga), olga, [user.pk for user in people], Change(Kind.TYPE, value=1))


def soon() -> datetime:
    return timezone.now() + timedelta(hours=1)


def make_due(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(begins_at=timezone.now() - timedelta(seconds=5))


def outcome(job: Job) -> list[tuple[str, str]]:
    return [(item.state, item.message) for item in job.items.all()]


@pytest.mark.parametrize(
    ("hour", "is_open", "opens"), [(19, False, at(20)), (20, True, at(20)), (3, True, at(3)), (4, False, at(20))]
)
def test_fault_U23_a_window_may_pass_midnight_and_is_in_its_own_zone(hour: int, is_open: bool, opens: datetime) -> None:
    assert NIGHT.is_open(at(hour)) is is_open  # Berlin is two hours ahead in June
    assert NIGHT.next_opening(at(hour)) == opens
    assert str(NIGHT) == "daily 22:00–06:00 Europe/Berlin"


def day(month: int, number: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2027, month, number, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "now", "opens"),
    [
        # Berlin's clocks go from 02:00 to 03:00 on 28 March: there is no 02:15, so it opens on the next day.
        (Window(time(2, 15), time(2, 45), "Europe/Berlin"), day(3, 27, 12), day(3, 29, 0, 15)),
        (Window(time(1, 30), time(4), "Europe/Berlin"), day(3, 27, 12), day(3, 28, 0, 30)),
        (Window(time(2, 30), time(4), "Europe/Berlin"), day(3, 27, 12), day(3, 28, 1)),
        # They go back from 03:00 to 02:00 on 31 October: 02:30 comes twice, and the first time counts.
        (Window(time(2, 30), time(4), "Europe/Berlin"), day(10, 30, 12), day(10, 31, 0, 30)),
        (Window(time(22), time(6), "Europe/Berlin"), day(10, 30, 12), day(10, 30, 20)),
    ],
)
def test_fault_U23_a_window_opens_by_the_clock_on_the_wall_also_where_it_is_set(
    window: Window, now: datetime, opens: datetime
) -> None:
    assert window.next_opening(now) == opens
    assert window.is_open(opens)


def test_a_job_whose_window_was_missed_waits_for_the_next_one(job: Job, olga: Staff) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    closed = Window((now - timedelta(hours=3)).time(), (now - timedelta(hours=2)).time(), "UTC")
    schedule.schedule(job, olga, window=closed)
    Job.objects.filter(pk=job.pk).update(begins_at=now - timedelta(hours=3))  # nobody was there to begin it
    sweep()
    job.refresh_from_db()
    assert job.state == JobState.SCHEDULED
    assert job.begins_at == closed.next_opening(now)
    assert now < job.begins_at


def test_a_scheduled_job_waits_and_then_begins_with_what_is_still_as_it_was(job: Job, olga: Staff) -> None:
    assert schedule.schedule(job, olga, at=soon()) is True
    assert schedule.schedule(job, olga, at=soon()) is False
    sweep()
    job.refresh_from_db()
    assert job.state == JobState.SCHEDULED

    MirrorUser.objects.filter(email="a@x.example").update(type=3)
    MirrorUser.objects.filter(email="b@x.example").delete()
    make_due(job)
    sweep()
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    assert outcome(job) == [
        (ItemState.SKIPPED, "Changed since it was checked: type is “3”, was “2”. Nothing was sent."),
        (ItemState.SKIPPED, "The user is not in Acme any more. Nothing was sent."),
        (ItemState.PENDING, ""),
    ]


def test_fault_U21_who_lost_the_right_until_then_begins_nothing(job: Job, olga: Staff) -> None:
    schedule.schedule(job, olga, at=soon())
    Staff.objects.filter(pk=olga.pk).update(role=Role.AUDITOR)
    make_due(job)
    sweep()
    job.refresh_from_db()
    assert (job.state, job.paused_by, job.started_at) == (JobState.PAUSED, "rights", None)


def test_a_sub_account_that_left_and_a_user_who_came_are_left_out(olga: Staff, acme: SubAccount) -> None:
    steps = [
        operations.Step(
            row=row,
            account=acme,
            endpoint="users.create",
            body={"action": "create", "user_info": {"email": f"{name}@x.example", "type": 1}},
        )
        for row, name in enumerate("ab", 1)
    ]
    job = operations.plan(
        scope=scope_of(olga), actor=olga, connection=acme.connection, kind="users_import", title="New", steps=steps
    )
    schedule.schedule(job, olga, at=soon())
    user_in(acme, "a@x.example")
    make_due(job)
    schedule.run_due()
    assert outcome(job)[0] == (ItemState.SKIPPED, "a@x.example is a user of Acme by now. Nothing was sent.")
    assert outcome(job)[1] == (ItemState.PENDING, "")


def test_steps_that_follow_a_row_left_out_are_not_done(olga: Staff, acme: SubAccount) -> None:
    create = operations.Step(
        account=acme,
        endpoint="users.create",
        body={"action": "create", "user_info": {"email": "a@x.example", "type": 1}},
    )
    change = operations.Step(
        step=1, account=acme, endpoint="users.update", path={"userId": "{after.remote_id}"}, body={"dept": "X"}, after=0
    )
    job = operations.plan(
        scope=scope_of(olga), actor=olga, connection=acme.connection, kind="x", title="x", steps=[create, change]
    )
    schedule.schedule(job, olga, at=soon())
    user_in(acme, "a@x.example")
    make_due(job)
    schedule.run_due()
    assert [state for state, _ in outcome(job)] == [ItemState.SKIPPED, ItemState.CANCELLED]
    assert outcome(job)[1][1] == "Not done: the step before it was left out."


def test_only_the_membership_of_the_named_group_counts(olga: Staff, acme: SubAccount) -> None:
    group_in(acme, "Sales")
    people = [user_in(acme, f"{name}@x.example") for name in "ab"]
    job = plan_users(scope_of(olga), olga, [user.pk for user in people], Change(Kind.GROUP, value="Sales"))
    schedule.schedule(job, olga, at=soon())
    MirrorUser.objects.filter(email="a@x.example").update(group_ids=["another"])
    MirrorUser.objects.filter(email="b@x.example").update(group_ids=["group-Sales"])
    make_due(job)
    schedule.run_due()
    assert [state for state, _ in outcome(job)] == [ItemState.PENDING, ItemState.SKIPPED]


def test_a_window_closes_and_opens_by_itself(job: Job, olga: Staff) -> None:
    schedule.schedule(job, olga, window=NIGHT)
    Job.objects.filter(pk=job.pk).update(begins_at=at(20))
    assert schedule.run_due(at(19)) == []
    assert schedule.run_due(at(20)) == [job.pk]
    schedule.run_due(at(4))
    job.refresh_from_db()
    assert (job.state, job.paused_by) == (JobState.PAUSED, "window")
    assert "daily 22:00–06:00 Europe/Berlin" in job.paused_reason
    schedule.run_due(at(20, 1))
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def test_a_waiting_job_can_be_cancelled(job: Job, olga: Staff) -> None:
    schedule.schedule(job, olga, at=soon())
    assert jobs.cancel(job.pk, olga)
    job.refresh_from_db()
    assert (job.state, {state for state, _ in outcome(job)}) == (JobState.CANCELLED, {ItemState.CANCELLED})


def test_the_page_shows_the_zone_and_takes_a_later_time_only(
    job: Job, olga: Staff, adam: Staff, client_of: Callable[[Staff], Client]
) -> None:
    Staff.objects.filter(pk=olga.pk).update(timezone="Europe/Berlin")
    olga.refresh_from_db()
    browser, url = client_of(olga), f"/jobs/{job.pk}/later/"
    assert "In Europe/Berlin." in browser.get(url).content.decode()
    past: dict[str, Any] = {"when": "later", "at": "2020-01-01T10:00"}
    assert "This time is over" in browser.post(url, past).content.decode()
    assert "Say both" in browser.post(url, {"when": "daily", "window_from": "22:00"}).content.decode()
    assert client_of(adam).get(url).status_code == 404
    assert browser.post(url, {"when": "later", "at": "2099-06-01T10:00"}).status_code == 302
    job.refresh_from_db()
    assert (job.state, job.begins_at) == (JobState.SCHEDULED, datetime(2099, 6, 1, 8, tzinfo=UTC))
    page = browser.get(f"/jobs/{job.pk}/").content.decode()
    assert "Waiting for its time" in page
    assert "CEST" in page
    browser.post(f"/jobs/{job.pk}/start/")
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
