"""What a person decides about items in review: about one, or about many that wait for the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import Case, F, TextField, Value, When
from django.db.models.functions import Concat

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import Scope, scope_of
from portal.audit import log
from portal.audit.models import Phase
from portal.audit.verbs import Verb
from portal.bulk import bell, jobs, storage
from portal.bulk.baselines import SEEN
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.outcomes import ERASED, cancel_followers

AT_ONCE = 200  # rows of one transaction: it holds the end of the audit log


class Decision(StrEnum):
    """The words are those of the audit log: what the person decided, not what became of the row by it."""

    DONE = "carried_out"
    AGAIN = "send_again"  # it was not carried out
    FAILED = "given_up"  # it was not, and shall not be


_CHANGES: dict[Decision, dict[str, Any]] = {
    Decision.DONE: {"state": ItemState.DONE, "secret": "", "secret_erased": ERASED},
    Decision.FAILED: {"state": ItemState.FAILED, "secret": "", "secret_erased": ERASED},
    # A fresh start: what exists now is read anew before it is sent.
    Decision.AGAIN: {
        "state": ItemState.PENDING, "attempt": 0, "sent_before": F("sent_before") + F("attempt"), "checks": 0,
        "first_sent": None, "baseline": None, "not_before": None, "answer": {}, "http_status": None, "code": None,
    },
}  # fmt: skip
WORDS = {
    Decision.DONE: "it was carried out",
    Decision.AGAIN: "it was not carried out; it is sent again",
    Decision.FAILED: "it was not carried out and is not sent again",
}
# In a cancelled job such a row ends like those that were never sent.
_NOT_DONE = {"state": ItemState.CANCELLED, "secret": "", "secret_erased": ERASED}
_NOT_DONE_WORDS = "it was not carried out, and the job was cancelled"


class JobCancelled(Exception):
    """Nothing of a cancelled job is sent again."""


@dataclass
class Account:
    """What became of the rows that a decision was about."""

    decided: list[Item] = field(default_factory=list)
    late: list[Item] = field(default_factory=list)  # somebody else decided, or the row was worked on since
    foreign: list[Item] = field(default_factory=list)  # beyond the rights of who decides


def may_decide(scope: Scope, item: Item) -> bool:
    """Whether this person could have had the row sent."""
    covered = item.account_id is None or scope.covers(item.account_id)
    return covered and scope.may(Right(item.job.right))


def decide(item: Item, decision: Decision, actor: Staff, reason: str = "") -> bool:
    """Take an item out of review. False when somebody else did so before, or the person has no right to."""
    return bool(decide_all([item], decision, actor, reason).decided)


def decide_all(items: Sequence[Item], decision: Decision, actor: Staff, reason: str = "") -> Account:
    """Take items of one job out of review, each for itself: what is not as it was seen is left alone.

    Raises JobCancelled: nothing of a cancelled job is sent again.
    """
    told, scope = Account(), scope_of(actor)
    mine = [item for item in items if may_decide(scope, item)]
    told.foreign = [item for item in items if not may_decide(scope, item)]
    for part in _parts(mine):
        with storage.write():
            taken = _take(part, decision, actor, reason)
        told.decided += [item for item in part if item.pk in taken]
        told.late += [item for item in part if item.pk not in taken]
    if told.decided:
        jobs.finish_if_possible(told.decided[0].job_id)
    return told


def _beside(sentence: str) -> Case:
    """The sentence after those of earlier decisions."""
    later = Concat(F("decided"), Value(f" {sentence}"))
    return Case(When(decided="", then=Value(sentence)), default=later, output_field=TextField())


def _parts(items: list[Item]) -> Iterator[list[Item]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))


def _take(items: list[Item], decision: Decision, actor: Staff, reason: str) -> set[int]:
    """Write the decision down; the keys of the rows that were still as they were seen. Raises JobCancelled."""
    # Locked, so that nobody cancels it while rows go back to those that wait.
    job = storage.locked(Job.objects).get(pk=items[0].job_id)
    if job.cancel_requested and decision is Decision.AGAIN:
        raise JobCancelled
    waiting = Item.objects.filter(pk__in=[item.pk for item in items], state=ItemState.REVIEW).order_by("pk")
    fences = dict(storage.locked(waiting).values_list("pk", "fence"))
    taken = [item for item in items if fences.get(item.pk) == item.fence]
    if not taken:
        return set()
    was_not = job.cancel_requested and decision is Decision.FAILED
    message = f"Decided by {actor}: {_NOT_DONE_WORDS if was_not else WORDS[decision]}."
    kept = f"{message} Reason: “{reason}”." if reason else message
    changes = {**(_NOT_DONE if was_not else _CHANGES[decision]), "message": "", "decided": _beside(kept)}
    if decision is not Decision.AGAIN:
        changes["ended_at"] = storage.now()
    keys = {item.pk for item in taken}
    Item.objects.filter(pk__in=keys).update(**changes)
    if decision is Decision.AGAIN:
        _keep_seen(taken)
    if decision is Decision.FAILED:
        for step in {item.step for item in taken}:
            cancel_followers([item.pk for item in taken if item.step == step], step)
    for item in taken:
        _note(item, decision, actor, reason, message)
    _set_going(job)
    return keys


def _keep_seen(items: Sequence[Item]) -> None:
    """With each row the plans that the person saw: a change of them is not sent when there are others by then."""
    shown = [item for item in items if isinstance(item.answer.get("now"), dict)]
    for item in shown:
        item.source = {**item.source, SEEN: item.answer["now"]}
    Item.objects.bulk_update(shown, ["source"])


def _note(item: Item, decision: Decision, actor: Staff, reason: str, message: str) -> None:
    log.record(
        Verb.ITEM_SETTLED,
        actor=actor,
        account=item.account,
        connection=item.job.connection,
        target=item.label,
        reason=reason,
        phase=Phase.EVENT,
        result=str(decision),
        message=message,
        operation=item.operation,
    )


def _set_going(job: Job) -> None:
    """Let workers go on, unless the job still waits for decisions and for nothing else."""
    if job.state == JobState.NEEDS_REVIEW:
        if job.items.filter(state=ItemState.REVIEW).exists() and not jobs.is_moving(job.pk):
            return
        state = JobState.CANCELLING if job.cancel_requested else JobState.RUNNING
        Job.objects.filter(pk=job.pk).update(state=state)
    bell.ring_on_commit(job.pk)
