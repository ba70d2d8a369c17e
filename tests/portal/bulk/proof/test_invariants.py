"""The checks after a chaos run find each kind of violation when it is forged, and nothing where there is none."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.audit.models import Entry, Phase
from portal.audit.verbs import Verb
from portal.bulk import jobs, outcomes
from portal.bulk.models import Item, ItemState, Job
from portal.bulk.proof import invariants
from portal.bulk.proof.replay import JUMP, Replay
from portal.bulk.pump import pump
from portal.bulk.timing import Timing
from tests.portal.bulk.engine.conftest import clean, creations, quick, states, tenant
from tests.support.sandbox import Sandbox

__all__ = ["clean", "creations", "quick", "tenant"]

TIMING = Timing(lease=9, deadline=5, settle=4, settle_keyless=5)
BEGUN = datetime(2026, 6, 1, 12, tzinfo=UTC)
Word = str | tuple[str, dict[str, Any]]


def trail(words: Sequence[Word], seconds: float = 10) -> list[Entry]:
    """Audit entries, one every so many seconds."""
    found = []
    for number, given in enumerate(words, 1):
        word, more = (given, {}) if isinstance(given, str) else given
        phase = Phase.INTENT if word == "intent" else Phase.OUTCOME
        at = BEGUN + timedelta(seconds=seconds * number)
        found.append(Entry(**{"number": number, "at": at, "phase": phase, "result": word, **more}))
    return found


def told(
    words: Sequence[Word], state: str, times: int = 0, *, endpoint: str = "users.create", fence: int = 9, **more: Any
) -> list[str]:
    """The invariants that are said to be broken."""
    item = Item(endpoint=endpoint, label="a@x.example", state=state, fence=fence, **more)
    return [text.partition(":")[0] for text in invariants.of_item(item, trail(words), times, TIMING)]


SETTLED = {"verb": Verb.ITEM_SETTLED, "phase": Phase.EVENT}
LIMIT = ("refused", {"status": 429})


@pytest.mark.parametrize(
    ("words", "state", "times", "endpoint"),
    [
        (["intent", "done"], "done", 1, "users.create"),
        (["intent", "not_sent", "intent", LIMIT, "intent", "done"], "done", 1, "users.create"),
        (["intent", "unknown", "absent", "intent", "swept", "fenced", "adopted"], "done", 1, "users.create"),
        (["intent", "unknown", "fenced", "absent", "intent", "done"], "done", 1, "users.create"),
        (["intent", "unknown", "absent", "absent", "intent", "unknown", "absent", "absent", "intent", "done"],
         "done", 1, "groups.create"),
        (["intent", ("refused", {"status": 409})], "failed", 0, "users.create"),
        (["not_sent"], "failed", 0, "users.create"),
        (["intent", "unknown", "existed"], "failed", 0, "users.create"),
        (["intent", "unknown", "absent"], "cancelled", 0, "users.create"),
        ([], "cancelled", 0, "users.create"),
        (["intent", "unknown", "review"], "review", 1, "users.create"),
        (["intent", "swept", "review", ("send_again", SETTLED), "intent", "done"], "done", 1, "billing.update_base"),
        (["intent", "swept", "review", ("carried_out", SETTLED)], "done", 1, "billing.update_base"),
        (["intent", "swept", "review", ("given_up", SETTLED)], "failed", 0, "billing.update_base"),
    ],
)  # fmt: skip
def test_what_the_engine_does_breaks_nothing(words: list[Word], state: str, times: int, endpoint: str) -> None:
    assert told(words, state, times, endpoint=endpoint) == []


@pytest.mark.parametrize(
    ("words", "state", "times", "broken"),
    [
        (["intent", "done"], "done", 2, ["I1", "I4"]),
        (["intent", "done"], "done", 0, ["I2"]),
        (["intent", ("refused", {"status": 409})], "failed", 1, ["I3"]),
        ([], "cancelled", 1, ["I3", "I4"]),
        (["intent", "done", "done"], "done", 1, ["I8"]),
        (["intent", "done", "intent"], "done", 1, ["I8"]),
        (["intent", "intent", "done"], "done", 1, ["I7"]),
        (["intent", "swept", "done"], "unknown", 1, ["I12", "I5"]),
        (["intent", "fenced", "done"], "done", 1, ["I6"]),
        (["intent", "unknown", "intent", "adopted"], "done", 1, ["I10"]),
        (["intent"], "done", 1, ["I5", "I16"]),
        (["intent", "done"], "review", 1, ["I16"]),
        (["intent", "done"], "sending", 1, ["I12", "I16"]),
        (["intent", "unknown"], "cancelled", 0, ["I16"]),
    ],
)
def test_a_forged_trail_is_found(words: list[Word], state: str, times: int, broken: list[str]) -> None:
    assert told(words, state, times) == broken


def test_a_row_that_is_given_up_in_a_cancelled_job_counts_as_not_done() -> None:
    words: list[Word] = ["intent", "swept", "review", ("given_up", SETTLED)]
    assert told(words, "cancelled", decided="Decided by olga: it was not carried out.") == []
    assert told(words, "cancelled") == ["I16"]


def test_one_look_is_not_enough_before_a_creation_without_a_key_is_sent_again() -> None:
    words: list[Word] = ["intent", "unknown", "absent", "absent", "intent", "unknown", "absent", "intent", "adopted"]
    assert told(words, "done", 1, endpoint="groups.create") == ["I10"]


def test_money_that_is_sent_again_without_a_decision_is_found() -> None:
    words: list[Word] = ["intent", "unknown", "absent", "intent", "done"]
    assert told(words, "done", 1, endpoint="billing.update_base") == ["I15"]


def test_a_fence_that_did_not_grow_with_each_claim_and_sweep_is_found() -> None:
    words: list[Word] = ["intent", "swept", "absent", "intent", "done"]  # claim, sweep, claim, claim
    assert told(words, "done", 1, fence=4) == []
    assert told(words, "done", 1, fence=3) == ["I6"]


def test_a_secret_that_outlives_its_row_is_found() -> None:
    assert told(["intent", "done"], "done", 1, secret="sealed") == ["I14"]
    assert told(["intent", "unknown", "review"], "review", 1, secret="sealed") == []


@pytest.mark.parametrize(("apart", "problems"), [(4.0, 0), (3.0, 1), (3.0 + JUMP, 1), (4.0 - JUMP, 0)])
def test_a_look_that_came_too_early_is_found_even_when_a_clock_was_set(apart: float, problems: int) -> None:
    entries = trail(["intent", "unknown", "adopted"], seconds=1)
    entries[2].at = entries[0].at + timedelta(seconds=apart)
    replay = Replay(Item(endpoint="users.create"), TIMING).follow(entries)
    assert len([text for text in replay.problems if text.startswith("I10")]) == problems


def test_two_changes_of_one_object_at_once_are_found() -> None:
    one = Replay(Item(endpoint="users.update"), TIMING).follow(trail(["intent", "unknown", "absent", "intent", "done"]))
    assert one.flights == [(1, 3), (4, 5)]
    assert list(invariants.overlaps({"a": [*one.flights, (6, 9)], "b": [(2, 7)]})) == []
    assert len(list(invariants.overlaps({"a": [*one.flights, (2, 9)]}))) == 2
    assert len(list(invariants.overlaps({"a": [(1, None), (8, 9)]}))) == 1


def test_only_more_refusals_than_a_dying_broker_explains_are_a_violation() -> None:
    assert list(invariants.too_fast(10, 100)) == []
    assert list(invariants.too_fast(30, 3000)) == []
    assert len(list(invariants.too_fast(31, 3000))) == 1


@pytest.mark.django_db(transaction=True)
def test_rows_that_are_lost_and_intents_after_a_cancel_are_found(creations: Any, clean: Sandbox) -> None:
    job: Job = creations(3)
    pump(job.pk)
    assert states(job) == {ItemState.DONE: 3}
    applied = {("users.create", f"{write['account']}/{write['key']}"): 1 for write in clean.ledger()}
    assert list(invariants.broken({job: 3}, applied)) == []
    assert [text[:3] for text in invariants.of_job(job, 4)] == ["I11"]
    halted: Job = creations(2)
    assert jobs.cancel(halted.pk, halted.owner)
    assert list(invariants.broken({halted: 2}, {})) == []
    outcomes.note(halted.items.select_related("job")[0], Phase.INTENT, "intent")
    assert [text[:3] for text in invariants.of_job(halted, 2)] == ["I9:"]
    Job.objects.filter(pk=halted.pk).update(state="done")
    assert [text[:4] for text in invariants.of_job(halted, 2)] == ["I11:", "I9: "]
