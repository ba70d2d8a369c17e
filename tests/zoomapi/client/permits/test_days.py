"""R04: a class whose day is used up by the word of the service is held in every process."""

import pytest

from tests.zoomapi.client.permits.conftest import MakePermits, of
from tests.zoomapi.client.permits.virtual import VirtualTime
from zoomapi.client.errors import NoPermit
from zoomapi.client.permits import Lane, MemoryPermits, MemoryQuotas
from zoomapi.client.permits.quotas import LOOK
from zoomapi.spec.limits import BILLING, DASHBOARD, GENERAL, REPORT, RateClass

KEY = "key"


@pytest.mark.parametrize("rate", [GENERAL, REPORT])
def test_fault_R04_what_one_process_is_told_holds_the_class_in_all_and_no_other_class(
    make_permits: MakePermits, rate: RateClass
) -> None:
    time = VirtualTime()
    told, other = make_permits(time), make_permits(time)
    other.quotas = told.quotas  # day counts of Valkey's permits come from elsewhere
    other._days._quotas = told.quotas
    other.take(KEY, rate, Lane.BULK, 0.0).give_back()  # it has just looked, and all was well
    told.exhaust(KEY, rate, 7200.0)
    told.pause(KEY, rate, 7200.0)
    for permits, free in ((told, BILLING), (other, DASHBOARD)):
        for _ in range(2):
            with pytest.raises(NoPermit, match="are used up") as caught:
                permits.take(KEY, rate, Lane.INTERACTIVE, 8.0)
            assert caught.value.daily
            assert caught.value.wait == pytest.approx(7200, abs=10)
        assert permits.spent_for(KEY, rate) == pytest.approx(7200, abs=10)
        assert permits.take(KEY, free, Lane.BULK, 0.0).departed()


def test_fault_R04_a_permit_in_hand_does_not_depart_when_the_day_is_used_up_meanwhile(
    make_permits: MakePermits,
) -> None:
    permits = make_permits(VirtualTime())
    permit = permits.take(KEY, GENERAL, Lane.BULK, 0.0)
    permits.exhaust(KEY, GENERAL, 7200.0)
    permits.pause(KEY, GENERAL, 7200.0)
    assert not permit.departed()


def test_fault_R04_a_class_without_a_cap_costs_the_store_a_question_now_and_then_only() -> None:
    class Asked(MemoryQuotas):
        times = 0

        def spent_for(self, credential: str, rate: RateClass) -> float:
            self.times += 1
            return super().spent_for(credential, rate)

    time, quotas = VirtualTime(), Asked()
    permits = MemoryPermits(quotas, clock=time.clock, **of(time))
    for _ in range(100):
        permits.take(KEY, GENERAL, Lane.BULK, 5.0).give_back()
    assert quotas.times == 1
    time.now += LOOK
    permits.take(KEY, GENERAL, Lane.BULK, 5.0).give_back()
    assert quotas.times == 2


def test_fault_R04_a_store_of_day_counts_that_fails_stops_no_class_without_a_cap() -> None:
    class Broken(MemoryQuotas):
        def spent_for(self, credential: str, rate: RateClass) -> float:
            raise NoPermit("no answer", wait=1.0)

    time = VirtualTime()
    assert MemoryPermits(Broken(), clock=time.clock, **of(time)).take(KEY, GENERAL, Lane.BULK, 0.0).departed()
