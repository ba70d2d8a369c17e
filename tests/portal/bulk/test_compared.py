"""The same values for many objects: each is read at Zoom, one at a time, before its row is written down."""

from typing import Any

import pytest

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk import compared, preparing
from portal.bulk.compared import OPTIONS, USER_SETTINGS, ComparedRows, Values
from portal.bulk.models import ItemState, Job, JobState, Selection
from portal.bulk.preparing import prepare, run_compared
from portal.celery import app
from portal.directory.models import SubAccount
from portal.gateway.clients import NoRight
from tests.support.cast import sub_account
from zoomapi.client.errors import NotFound, TimedOut, ZoomError

pytestmark = pytest.mark.django_db(transaction=True)
VALUES = Values(OPTIONS, {"share_rc": True, "pay_mode": "master"}, "two options")


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "send_task", lambda *_, **__: None)


@pytest.fixture
def five(acme: SubAccount) -> list[int]:
    return [acme.pk, *(sub_account(acme.connection, f"n{n}", f"Number {n}").pk for n in range(4))]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What Zoom says of each sub-account, by its name: a body, or an error."""
    found: dict[str, Any] = {}

    def now(rows: ComparedRows, step: Any) -> Any:
        answer = found.get(step.label, {"share_rc": False, "pay_mode": "master"})
        if isinstance(answer, ZoomError):
            raise answer
        return None if rows.silent else answer

    monkeypatch.setattr(ComparedRows, "_now", now)
    return found


def ordered(staff: Staff, keys: list[int]) -> Job:
    connection = SubAccount.objects.get(pk=keys[0]).connection
    return run_compared(scope_of(staff), staff, keys, VALUES, connection=connection, key="click")


def rows(job: Job) -> list[tuple[Any, ...]]:
    return [(item.row, item.state, item.body, item.before) for item in job.items.all()]


SET = {"share_rc": True}, {"share_rc": False}


def test_only_what_is_not_so_is_sent_and_what_was_there_is_kept(
    olga: Staff, five: list[int], told: dict[str, Any]
) -> None:
    told["Number 0"] = {"share_rc": True, "pay_mode": "master"}
    job = ordered(olga, five[:2])
    assert (job.state, ordered(olga, five[:2])) == (JobState.PREPARING, job)
    prepare(job.pk)
    assert rows(job) == [(1, ItemState.PENDING, *SET), (2, ItemState.SKIPPED, {}, {})]


def test_a_worker_that_stops_leaves_whole_rows_and_the_next_goes_on_after_them(
    olga: Staff, five: list[int], told: dict[str, Any]
) -> None:
    job, asked = ordered(olga, five), []

    def stop() -> bool:
        asked.append(1)
        return len(asked) == 3

    prepare(job.pk, stop)
    assert (job.items.count(), Selection.objects.get().done) == (2, 2)
    prepare(job.pk)
    job.refresh_from_db()
    assert (job.state, [row[0] for row in rows(job)]) == (JobState.RUNNING, [1, 2, 3, 4, 5])


def test_after_one_silence_nobody_else_is_asked(olga: Staff, five: list[int], told: dict[str, Any]) -> None:
    told["Number 1"] = TimedOut("No answer.")
    job = ordered(olga, five)
    prepare(job.pk)
    whole = (ItemState.PENDING, VALUES.body, {})
    assert [row[1:] for row in rows(job)] == [(ItemState.PENDING, *SET)] * 2 + [whole] * 3
    assert set(job.items.filter(row__gt=2).values_list("message", flat=True)) == {compared.UNREAD}


def test_one_that_is_gone_is_a_row_that_is_never_sent(olga: Staff, five: list[int], told: dict[str, Any]) -> None:
    told["Number 1"] = NotFound("There is no such account.", code=2001)
    job = ordered(olga, five[:4])
    prepare(job.pk)
    assert [row[1] for row in rows(job)] == [ItemState.PENDING] * 2 + [ItemState.INVALID, ItemState.PENDING]


def test_who_may_not_write_orders_nothing(anna: Staff, five: list[int]) -> None:
    with pytest.raises(NoRight):
        ordered(anna, five)
    assert Job.objects.count() == 0


def test_what_is_kept_of_a_change_gives_the_change_again() -> None:
    values = Values(USER_SETTINGS, {"in_meeting": {"chat": True}}, "“Chat” to Yes")
    assert Values.of(values.kept()) == values
    assert (values.title(1), values.title(2000)) == (
        "Set “Chat” to Yes for 1 user",
        "Set “Chat” to Yes for 2,000 users",
    )
    assert values.kept()["kind"] == preparing.COMPARED
