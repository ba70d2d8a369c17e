"""A short walk over the model; ``manage.py bulk_walk --walks 200000`` is the long one."""

import pytest

from portal.bulk.proof.model import MUTANTS, Rules
from portal.bulk.proof.walk import Walk, first_violation, mutant


def test_no_invariant_breaks_in_2000_walks() -> None:
    assert first_violation(Rules(), range(2000)) == ""


@pytest.mark.parametrize("name", MUTANTS)
def test_a_model_without_one_of_its_safeguards_is_caught(name: str) -> None:
    assert first_violation(mutant(name), range(5000)) != ""


def test_the_same_seed_walks_the_same_way() -> None:
    ends = []
    for _ in range(2):
        walk = Walk(7)
        walk.run()
        ends.append([(item.state, item.attempt, item.fence, item.ended) for item in walk.items])
    assert ends[0] == ends[1]
