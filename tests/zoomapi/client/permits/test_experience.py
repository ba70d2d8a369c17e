import pytest

from zoomapi.client.permits.base import ALLOWED, ENOUGH, FEW, MARGIN, PLENTY
from zoomapi.client.permits.experience import Experience
from zoomapi.spec.limits import GENERAL


@pytest.fixture
def known() -> Experience:
    return Experience(GENERAL, MARGIN)


def test_few_answers_are_not_enough_to_tell_how_late_a_call_was(known: Experience) -> None:
    assert [known.lateness("done", 0.3) for _ in range(ENOUGH)] == [FEW] * (ENOUGH - 1) + [0.0]


def test_answers_of_other_processes_count_and_none_of_them_twice(known: Experience) -> None:
    assert known.lateness("done", 0.32, others=[0.3, 0.31, 0.32]) == FEW
    assert known.lateness("done", 0.33, others=[0.3, 0.31, 0.32, 0.33]) == FEW
    late = known.lateness("done", 0.34, others=[0.3, 0.33, 0.34])
    assert late == pytest.approx(0.04 + 0.02 * (2 + 40 / 5) / 5)


def test_others_are_asked_only_while_little_is_known_of_a_kind(known: Experience) -> None:
    for _ in range(PLENTY):
        assert known.knows_few("done")
        known.lateness("done", 0.3)
    assert not known.knows_few("done")
    assert known.knows_few("refused")


def test_the_first_calls_are_held_for_late_whatever_they_took_and_later_ones_are_not_compared_with_them(
    known: Experience,
) -> None:
    assert known.silent
    assert [known.first_lateness(taken) for taken in (0.2, 0.9)] == [FEW, FEW]
    assert not known.silent
    for taken in (0.3, 0.31, 0.32, 0.33):
        known.lateness("done", taken)
    assert known.lateness("done", 0.3) == pytest.approx(0.01 * (2 + 40 / 5) / 5)


def test_where_answers_come_about_when_the_next_slot_does_a_departure_allows_for_the_most(known: Experience) -> None:
    known.first_lateness(1.05)
    assert known.allowance == ALLOWED
