"""The keeper of the limits, and what happens while its server does not answer."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import redis
from django.db import connection

from portal.gateway.models import Usage
from portal.gateway.permits import AVOIDED, SOON, WithFallback, day_counts
from portal.gateway.tasks import KEPT_DAYS, tidy
from portal.gateway.usage import today
from zoomapi.client.errors import NoPermit
from zoomapi.client.permits import Lane
from zoomapi.client.permits.sql import SqlQuotas
from zoomapi.spec.limits import GENERAL, REPORT, RateClass


class Keeper:
    """Notes what it was asked; refuses when told to."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.problem: NoPermit | None = None

    def take(self, credential: str, rate: RateClass, lane: Lane, patience: float) -> Any:
        self.calls.append("take")
        if self.problem is not None:
            raise self.problem
        return self

    def pause(self, credential: str, rate: RateClass, seconds: float, *, named: bool = True) -> None:
        self.calls.append(f"pause {seconds}")
        if self.problem is not None:
            raise self.problem

    def exhaust(self, credential: str, rate: RateClass, seconds: float | None = None) -> None:
        self.calls.append("exhaust")


@pytest.fixture
def down() -> NoPermit:
    problem = NoPermit("no answer", wait=1.0)
    problem.__cause__ = redis.ConnectionError()
    return problem


@pytest.mark.parametrize(("cause", "avoided"), [(redis.ConnectionError(), SOON), (redis.TimeoutError(), AVOIDED)])
def test_the_database_takes_over_while_the_server_is_down_and_gives_back_after(
    down: NoPermit, cause: redis.RedisError, avoided: float
) -> None:
    down.__cause__ = cause
    first, second, now = Keeper(), Keeper(), [0.0]
    both = WithFallback(first, second, clock=lambda: now[0])
    assert both.take("c", GENERAL, Lane.BULK, 1.0) is first
    first.problem = down
    assert both.take("c", GENERAL, Lane.BULK, 1.0) is second
    assert both.take("c", GENERAL, Lane.BULK, 1.0) is second
    first.problem, now[0] = None, avoided - 0.01
    assert both.take("c", GENERAL, Lane.BULK, 1.0) is second
    now[0] = avoided
    assert both.take("c", GENERAL, Lane.BULK, 1.0) is first
    assert first.calls == ["take", "take", f"pause {GENERAL.period + SOON}", "take"]
    assert second.calls == [f"pause {GENERAL.period + SOON}", "take", "take", "take"]


def test_a_limit_that_leaves_no_room_is_no_reason_to_ask_another_keeper() -> None:
    first, second = Keeper(), Keeper()
    first.problem = NoPermit("no room", wait=1.0)
    with pytest.raises(NoPermit, match="no room"):
        WithFallback(first, second).take("c", GENERAL, Lane.BULK, 1.0)
    assert second.calls == []


def test_a_pause_is_not_lost_with_the_server(down: NoPermit) -> None:
    first, second = Keeper(), Keeper()
    first.problem = down
    WithFallback(first, second).pause("c", GENERAL, 2.0)
    assert second.calls == ["pause 2.0"]


@pytest.mark.django_db
def test_counts_of_days_long_gone_are_dropped() -> None:
    ages = (0, KEPT_DAYS, KEPT_DAYS + 1, 400)
    for age in ages:
        day = today() - timedelta(days=age)
        Usage.objects.create(day=day, connection=1, rate="report", lane="bulk", calls=1)
        midnight = datetime.combine(day, time(), tzinfo=UTC)
        counts = SqlQuotas(day_counts()._database, now=lambda at=midnight: at)
        assert counts.use("c", REPORT)
    tidy()
    with connection.cursor() as cursor:
        cursor.execute("SELECT day FROM zoom_quota WHERE credential = 'c' ORDER BY day DESC")
        kept = [str(day) for (day,) in cursor.fetchall()]
    assert kept == [str(today() - timedelta(days=age)) for age in ages[:2]]
    assert [str(row.day) for row in Usage.objects.order_by("-day")] == kept
    assert day_counts().used("c", REPORT) == 1
