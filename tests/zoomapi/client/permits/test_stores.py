import random
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
import redis

from tests.zoomapi.client.permits.conftest import MakePermits
from tests.zoomapi.client.permits.virtual import VirtualTime
from zoomapi.client.errors import NoPermit
from zoomapi.client.permits import Lane, MemoryQuotas, QuotaStore
from zoomapi.client.permits.base import ENOUGH, FEW, LEASE, UNSURE, WIDENING, Grant
from zoomapi.client.permits.in_hand import SlotPermit
from zoomapi.client.permits.redis import RedisPermits
from zoomapi.client.permits.slots import SlotPermits
from zoomapi.client.permits.sql import Database, SqlPermits, SqlQuotas
from zoomapi.client.permits.statements import SCHEMA
from zoomapi.spec.limits import BILLING, DASHBOARD, GENERAL, REPORT, RateClass

KEY = "jwt-test"


def most_in_a_window(departures: list[float], period: float) -> int:
    times = sorted(departures)
    return max(sum(1 for t in times if start <= t < start + period) for start in times)


def worker(
    time: VirtualTime, permits: SlotPermits, rate: RateClass, lane: Lane, until: float, latency: float, out: list[float]
) -> Callable[[], None]:
    def run() -> None:
        while time.clock() < until:
            permit = permits.take(KEY, rate, lane, 1000.0)
            if permit.departed():
                out.append(time.clock())
            time.sleep(latency)

    return run


@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize(("rate", "seconds"), [(GENERAL, 12.0), (BILLING, 10.0)])
def test_never_more_than_the_limit_in_any_window_and_nearly_all_of_it_is_used(
    make_permits: MakePermits, rate: RateClass, lane: Lane, seconds: float
) -> None:
    time = VirtualTime()
    processes = [make_permits(time) for _ in range(2)]
    departures: list[float] = []
    end = time.now + seconds
    time.run(worker(time, processes[n % 2], rate, lane, end, 0.31, departures) for n in range(6))
    within = [t for t in departures if t < end]
    assert most_in_a_window(departures, rate.period) == rate.calls
    assert len(within) / (rate.calls / rate.period * seconds) >= 0.97


def test_late_wakes_cost_rate_but_never_break_the_limit(make_permits: MakePermits) -> None:
    time = VirtualTime(lateness=0.05)
    processes = [make_permits(time) for _ in range(2)]
    departures: list[float] = []
    end = time.now + 10
    lanes = [Lane.INTERACTIVE, Lane.BULK]
    time.run(worker(time, processes[n % 2], GENERAL, lanes[n // 3], end, 0.2, departures) for n in range(6))
    assert most_in_a_window(departures, 1.0) <= 10
    assert len(departures) >= 85


def test_bulk_leaves_two_a_second_while_a_person_is_active_and_the_person_need_not_wait(
    make_permits: MakePermits,
) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    bulk: list[float] = []
    waits: list[float] = []
    start = time.now

    def person() -> None:
        for _ in range(16):
            time.sleep(0.5)
            asked = time.clock()
            assert permits.take(KEY, GENERAL, Lane.INTERACTIVE, 5.0).departed()
            waits.append(time.clock() - asked)

    time.run([person, *(worker(time, permits, GENERAL, Lane.BULK, start + 8, 0.3, bulk) for _ in range(5))])
    assert max(waits[2:]) <= 0.05
    in_presence = [t for t in bulk if start + 2 <= t < start + 7]
    assert len(in_presence) <= 41


def test_bulk_uses_everything_once_people_have_gone(make_permits: MakePermits) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    permits.take(KEY, GENERAL, Lane.INTERACTIVE, 1.0).give_back()
    time.now += 6
    taken = [permits.take(KEY, GENERAL, Lane.BULK, 0.0) for _ in range(10)]
    assert [permit.departed() for permit in taken] == [True] * 10


def test_no_patience_means_an_answer_at_once_that_names_the_wait(make_permits: MakePermits) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    assert permits.take(KEY, BILLING, Lane.INTERACTIVE, 0.0).departed()
    with pytest.raises(NoPermit) as caught:
        permits.take(KEY, BILLING, Lane.INTERACTIVE, 0.0)
    assert caught.value.wait == pytest.approx(1 + FEW, abs=0.01)


def test_a_minute_class_does_not_reserve_beyond_the_patience(make_permits: MakePermits) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    assert permits.take(KEY, DASHBOARD, Lane.INTERACTIVE, 0.0).departed()
    with pytest.raises(NoPermit) as caught:
        permits.take(KEY, DASHBOARD, Lane.INTERACTIVE, 5.0)
    assert caught.value.wait > 55


def test_a_permit_given_back_is_free_for_the_next(make_permits: MakePermits) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    for _ in range(3):
        permits.take(KEY, BILLING, Lane.BULK, 0.0).give_back()
    assert permits.take(KEY, BILLING, Lane.BULK, 0.0).departed()


def test_a_taker_who_died_blocks_his_slot_only_until_his_lease_ends_and_cannot_depart_after(
    make_permits: MakePermits,
) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    frozen = permits.take(KEY, BILLING, Lane.BULK, 0.0)
    with pytest.raises(NoPermit):
        permits.take(KEY, BILLING, Lane.BULK, 0.0)
    time.now += LEASE + 0.1
    assert permits.take(KEY, BILLING, Lane.BULK, 0.0).departed()
    assert not frozen.departed()


def test_a_pause_holds_everybody_also_those_who_hold_a_permit(make_permits: MakePermits) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    other = make_permits(time)
    in_hand = permits.take(KEY, GENERAL, Lane.INTERACTIVE, 0.0)
    other.pause(KEY, GENERAL, 7.0)
    assert not in_hand.departed()
    with pytest.raises(NoPermit) as caught:
        permits.take(KEY, GENERAL, Lane.INTERACTIVE, 1.0)
    assert 5.9 <= caught.value.wait <= 7.0
    time.now += 7.0
    assert permits.take(KEY, GENERAL, Lane.INTERACTIVE, 0.0).departed()


def test_a_pause_leaves_other_classes_and_credentials_alone(make_permits: MakePermits) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    permits.pause(KEY, GENERAL, 7.0)
    assert permits.take(KEY, BILLING, Lane.BULK, 0.0).departed()
    assert permits.take("another", GENERAL, Lane.BULK, 0.0).departed()


def test_a_pause_is_never_longer_than_five_minutes(make_permits: MakePermits) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    permits.pause(KEY, GENERAL, 1e9)
    time.now += 300.1
    assert permits.take(KEY, GENERAL, Lane.BULK, 0.0).departed()


def gap(time: VirtualTime, permits: SlotPermits) -> float:
    """The time between two departures of a class of one slot."""
    assert permits.take(KEY, BILLING, Lane.INTERACTIVE, 500.0).departed()
    first = time.clock()
    assert permits.take(KEY, BILLING, Lane.INTERACTIVE, 500.0).departed()
    return time.clock() - first


def test_a_refusal_widens_the_margin_once_and_it_narrows_again(make_permits: MakePermits) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    assert gap(time, permits) == pytest.approx(1 + FEW, abs=0.01)  # the first call opens a connection
    assert gap(time, permits) == pytest.approx(1 + UNSURE, abs=0.01)
    for _ in range(10):  # ten calls in flight, refused together
        permits.pause(KEY, BILLING, 1.0)
    time.now += 1.0
    assert gap(time, permits) == pytest.approx(1 + UNSURE + WIDENING, abs=0.01)
    time.now += 700
    assert gap(time, permits) == pytest.approx(1 + UNSURE, abs=0.01)


def test_fault_R03_a_refusal_without_a_named_pause_slows_the_class_to_seven_tenths(make_permits: MakePermits) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    gap(time, permits)
    permits.pause(KEY, BILLING, 2.0, named=False)
    time.now += 2.0
    assert gap(time, permits) == pytest.approx((1 + UNSURE) / 0.7, abs=0.01)
    time.now += 5000
    assert gap(time, permits) == pytest.approx(1 + UNSURE, abs=0.01)


def test_a_few_refusals_that_name_a_pause_leave_the_rate_as_it_is(make_permits: MakePermits) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    for _ in range(3):
        for _ in range(ENOUGH):
            departed(time, permits, 1.03)  # which is when a departure allows for the most
        permits.pause(KEY, BILLING, 1.0)
        time.now += 1.0
    times = [departed(time, permits, 1.03) for _ in range(3)]
    assert times[2] - times[1] == pytest.approx(1.03, abs=0.01)


def departed(time: VirtualTime, permits: SlotPermits, took: float) -> float:
    """The time of a departure that is answered so many seconds later."""
    permit = permits.take(KEY, BILLING, Lane.BULK, 500.0)
    assert permit.departed()
    at = time.clock()
    time.now += took
    permit.answered("done")
    return at


def test_fault_R03_quick_answers_do_not_give_the_slower_rate_back(make_permits: MakePermits) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    for _ in range(ENOUGH + 1):
        departed(time, permits, 0.2)
    permits.pause(KEY, BILLING, 2.0, named=False)
    time.now += 2.0
    times = [departed(time, permits, 0.2) for _ in range(4)]
    assert [later - sooner for sooner, later in pairwise(times)] == [pytest.approx(1.02 / 0.7, abs=0.02)] * 3
    time.now += 3000
    times = [departed(time, permits, 0.2) for _ in range(3)]
    assert times[2] - times[1] == pytest.approx(1.002, abs=0.01)


@pytest.mark.parametrize(
    "make_permits", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres), "valkey"], indirect=True
)
def test_a_clock_set_back_by_an_hour_stops_nobody_for_long(make_permits: MakePermits) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    time.now += 7200
    assert permits.take(KEY, BILLING, Lane.BULK, 0.0).departed()
    permits.pause(KEY, BILLING, 60.0)
    time.now -= 7200
    with pytest.raises(NoPermit) as caught:
        permits.take(KEY, BILLING, Lane.BULK, 0.0)
    assert caught.value.wait <= 4.0


def call(time: VirtualTime, permits: SlotPermits, took: float, kind: str) -> None:
    permit = permits.take(KEY, GENERAL, Lane.BULK, 1.0)
    assert permit.departed()
    time.now += took
    permit.answered(kind)


@pytest.mark.parametrize(
    "make_permits", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres), "valkey"], indirect=True
)
def test_processes_tell_one_another_how_long_the_latest_calls_of_a_kind_took(make_permits: MakePermits) -> None:
    time = VirtualTime()
    ours, theirs = make_permits(time), make_permits(time)
    call(time, ours, 0.2, "users.create 201")  # the first one opened a connection, and tells nothing
    for took, kind in ((0.3, "users.create 201"), (0.4, "users.create 201"), (0.5, "users.create 429")):
        call(time, ours, took, kind)
    found = theirs.compare(KEY, GENERAL, Grant(9, "x", 0.0), "users.create 201", 0.35)
    assert sorted(found) == pytest.approx([0.3, 0.35, 0.4], abs=1e-6)
    theirs.take("another", GENERAL, Lane.BULK, 0.0)
    assert theirs.compare("another", GENERAL, Grant(9, "x", 0.0), "users.create 201", 0.6) == [0.6]


def test_what_other_processes_have_seen_spares_a_new_one_the_caution_of_its_first_calls(
    make_permits: MakePermits,
) -> None:
    time = VirtualTime()
    for number in range(ENOUGH):
        permits = make_permits(time)
        call(time, permits, 0.05, "done")
        call(time, permits, 0.03 + number / 1000, "done")
    known = permits.experience(KEY, GENERAL)
    assert known.lateness("done", 0.032) < 0.01
    assert known.lateness("never seen", 0.032) == FEW


def test_a_random_crowd_with_give_backs_pauses_and_deaths_keeps_the_limit(make_permits: MakePermits) -> None:
    time = VirtualTime(lateness=0.03, seed=7)
    processes = [make_permits(time) for _ in range(2)]
    departures: list[float] = []
    end = time.now + 12

    def crowd(seed: int) -> Callable[[], None]:
        chance = random.Random(seed)
        permits = processes[seed % 2]

        def run() -> None:
            while time.clock() < end:
                lane = chance.choice(list(Lane))
                try:
                    permit = permits.take(KEY, GENERAL, lane, chance.random() * 2)
                except NoPermit:
                    time.sleep(chance.random())
                    continue
                time.sleep(chance.random() * 0.02)  # an intent being committed
                dice = chance.random()
                if dice < 0.05:
                    permit.give_back()
                elif dice < 0.07:
                    pass  # died with the permit in hand
                elif permit.departed():
                    departures.append(time.clock())
                    if dice > 0.995:
                        permits.pause(KEY, GENERAL, 0.5, named=dice > 0.997)
                time.sleep(chance.random() * 0.5)

        return run

    time.run(crowd(seed) for seed in range(7))
    assert most_in_a_window(departures, 1.0) <= 10
    assert len(departures) > 40


# ------------------------------------------------------------------------------------------------------------ day caps


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def make_quotas(request: pytest.FixtureRequest) -> Callable[[Callable[[], datetime]], QuotaStore]:
    if request.param == "memory":
        return MemoryQuotas
    connect = request.getfixturevalue("sqlite_connect" if request.param == "sqlite" else "postgres_connect")
    return lambda now: SqlQuotas(Database(connect, request.param), now)


FIVE_A_DAY = RateClass("report", 1, 1.0, 5)


def test_fault_R04_the_cap_of_a_day_holds_until_midnight_utc(
    make_quotas: Callable[[Callable[[], datetime]], QuotaStore],
) -> None:
    now = [datetime(2030, 5, 6, 23, 0, tzinfo=UTC)]
    quotas = make_quotas(lambda: now[0])
    assert [quotas.use(KEY, FIVE_A_DAY) for _ in range(7)] == [True] * 5 + [False] * 2
    assert quotas.used(KEY, FIVE_A_DAY) == 5
    assert quotas.until_reset() == 3600.0
    now[0] = datetime(2030, 5, 7, 0, 0, tzinfo=UTC)
    assert quotas.use(KEY, FIVE_A_DAY)


def test_a_call_that_was_not_made_is_taken_off_the_count(
    make_quotas: Callable[[Callable[[], datetime]], QuotaStore],
) -> None:
    quotas = make_quotas(lambda: datetime(2030, 5, 6, tzinfo=UTC))
    quotas.give_back(KEY, FIVE_A_DAY)
    quotas.use(KEY, FIVE_A_DAY)
    quotas.give_back(KEY, FIVE_A_DAY)
    assert quotas.used(KEY, FIVE_A_DAY) == 0


def test_fault_R04_a_cap_the_service_declared_used_up_stops_the_class_at_once(
    make_quotas: Callable[[Callable[[], datetime]], QuotaStore],
) -> None:
    now = [datetime(2030, 5, 6, 18, 0, tzinfo=UTC)]
    quotas = make_quotas(lambda: now[0])
    quotas.exhaust(KEY, FIVE_A_DAY)
    assert not quotas.use(KEY, FIVE_A_DAY)
    assert (quotas.used(KEY, FIVE_A_DAY), quotas.spent_for(KEY, FIVE_A_DAY)) == (0, 6 * 3600)
    assert quotas.use("another", FIVE_A_DAY)
    now[0] = datetime(2030, 5, 7, tzinfo=UTC)
    assert (quotas.spent_for(KEY, FIVE_A_DAY), quotas.use(KEY, FIVE_A_DAY)) == (0, True)


@pytest.mark.parametrize("rate", [FIVE_A_DAY, GENERAL])
def test_fault_R04_a_used_up_day_lasts_as_long_as_the_longest_refusal_says(
    make_quotas: Callable[[Callable[[], datetime]], QuotaStore], rate: RateClass
) -> None:
    now = [datetime(2030, 5, 6, 18, 0, tzinfo=UTC)]
    quotas = make_quotas(lambda: now[0])
    quotas.exhaust(KEY, rate, 60_000.0)
    quotas.exhaust(KEY, rate, 60.0)
    now[0] = datetime(2030, 5, 7, 10, 39, tzinfo=UTC)
    assert quotas.spent_for(KEY, rate) == 60
    quotas.exhaust(KEY, rate, 120.0)
    assert quotas.spent_for(KEY, rate) == 120


def test_fault_R04_the_count_survives_a_restart(sqlite_connect: Callable[[], object]) -> None:
    def now() -> datetime:
        return datetime(2030, 5, 6, tzinfo=UTC)

    for _ in range(5):
        assert SqlQuotas(Database(sqlite_connect, "sqlite"), now).use(KEY, FIVE_A_DAY)  # type: ignore[arg-type]  # sqlite3 fits
    assert not SqlQuotas(Database(sqlite_connect, "sqlite"), now).use(KEY, FIVE_A_DAY)  # type: ignore[arg-type]  # sqlite3 fits


def test_permits_count_only_calls_that_departed(make_permits: MakePermits) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    assert permits.quotas is not None
    permits.take(KEY, REPORT, Lane.BULK, 0.0).give_back()
    assert permits.quotas.used(KEY, REPORT) == 0
    assert permits.take(KEY, REPORT, Lane.BULK, 0.0).departed()
    with pytest.raises(NoPermit):
        permits.take(KEY, REPORT, Lane.BULK, 0.0)
    assert permits.quotas.used(KEY, REPORT) == 1


def test_fault_R04_the_refusal_says_when_the_count_starts_again(make_permits: MakePermits) -> None:
    time = VirtualTime()
    permits = make_permits(time)
    assert permits.quotas is not None
    for _ in range(2000):
        permits.quotas.use(KEY, REPORT)
    with pytest.raises(NoPermit, match="midnight UTC") as caught:
        permits.take(KEY, REPORT, Lane.INTERACTIVE, 5.0)
    assert caught.value.daily
    assert 0 < caught.value.wait <= 86400


def test_a_database_that_does_not_answer_is_told_as_no_permit_and_nothing_else() -> None:
    def connect() -> Any:
        raise OSError("no such host")

    permits = SqlPermits(Database(connect, "sqlite"))
    with pytest.raises(NoPermit, match="Nothing was sent"):
        permits.take(KEY, GENERAL, Lane.BULK, 1.0)
    SlotPermit(permits, KEY, GENERAL, Grant(0, "x", 0.0)).give_back()


def test_a_connection_that_broke_while_idle_is_replaced(
    sqlite_connect: Callable[[], sqlite3.Connection],
) -> None:
    opened: list[sqlite3.Connection] = []

    def connect() -> sqlite3.Connection:
        opened.append(sqlite_connect())
        return opened[-1]

    permits = SqlPermits(Database(connect, "sqlite"))
    permits.take(KEY, GENERAL, Lane.BULK, 1.0)
    opened[0].close()
    assert permits.take(KEY, GENERAL, Lane.BULK, 1.0).departed()
    assert len(opened) == 2


def test_what_calls_took_is_not_asked_again_of_a_database_that_keeps_no_such_table(
    sqlite_connect: Callable[[], sqlite3.Connection],
) -> None:
    permits = SqlPermits(Database(sqlite_connect, "sqlite"))
    permits.take(KEY, GENERAL, Lane.BULK, 1.0)
    sqlite_connect().execute("DROP TABLE zoom_call")
    assert permits.compare(KEY, GENERAL, Grant(0, "x", 0.0), "done", 0.3) == []
    for text in SCHEMA:
        sqlite_connect().execute(text)
    assert permits.compare(KEY, GENERAL, Grant(0, "x", 0.0), "done", 0.3) == []
    assert SqlPermits(Database(sqlite_connect, "sqlite")).compare(KEY, GENERAL, Grant(0, "x", 0.0), "done", 0.3) == [
        0.3
    ]


def test_what_calls_took_does_not_hide_from_a_taker_that_the_server_has_been_emptied(valkey: "redis.Redis") -> None:
    valkey.flushall()
    permits = RedisPermits(valkey, MemoryQuotas())
    assert permits.compare(KEY, GENERAL, Grant(0, "x", 0.0), "done", 0.3) == []
    assert valkey.keys("*") == []


def test_a_server_that_does_not_answer_is_told_as_no_permit() -> None:
    with redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=1) as server:
        permits = RedisPermits(server, MemoryQuotas())
        with pytest.raises(NoPermit) as caught:
            permits.take(KEY, GENERAL, Lane.BULK, 1.0)
    assert isinstance(caught.value.__cause__, redis.RedisError)
