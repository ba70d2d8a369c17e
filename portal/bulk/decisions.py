"""What a person decides about an item in review."""

from enum import StrEnum
from typing import Any

from portal.access.models import Staff
from portal.audit import log
from portal.audit.models import Phase
from portal.audit.verbs import Verb
from portal.bulk import bell, jobs, storage
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.outcomes import ERASED, cancel_followers, operation_of


class Decision(StrEnum):
    DONE = "done"  # it was applied
    AGAIN = "again"  # it was not: send it once more
    FAILED = "failed"  # it was not, and shall not be


_CHANGES: dict[Decision, dict[str, Any]] = {
    Decision.DONE: {"state": ItemState.DONE, "secret": "", "secret_erased": ERASED},
    Decision.FAILED: {"state": ItemState.FAILED, "secret": "", "secret_erased": ERASED},
    # A fresh start: what exists now is read anew before it is sent.
    Decision.AGAIN: {
        "state": ItemState.PENDING, "attempt": 0, "checks": 0, "first_sent": None, "baseline": None,
        "not_before": None, "answer": {}, "http_status": None, "code": None,
    },
}  # fmt: skip
_WORDS = {
    Decision.DONE: "it was carried out",
    Decision.AGAIN: "it was not carried out; it is sent again",
    Decision.FAILED: "it was not carried out and is not sent again",
}
# In a cancelled job such a row ends like those that were never sent.
_NOT_DONE = {"state": ItemState.CANCELLED, "secret": "", "secret_erased": ERASED}
_NOT_DONE_WORDS = "it was not carried out, and the job was cancelled"


class JobCancelled(Exception):
    """Nothing of a cancelled job is sent again."""


def decide(item: Item, decision: Decision, actor: Staff) -> bool:
    """Take an item out of review. False when somebody else did so before. Raises JobCancelled."""
    with storage.write():
        # Locked, so that nobody cancels it while a row goes back to those that wait.
        job = Job.objects.select_for_update().get(pk=item.job_id)
        if job.cancel_requested and decision is Decision.AGAIN:
            raise JobCancelled
        was_not = job.cancel_requested and decision is Decision.FAILED
        message = f"Decided by {actor}: {_NOT_DONE_WORDS if was_not else _WORDS[decision]}."
        changes = {**(_NOT_DONE if was_not else _CHANGES[decision]), "message": message[:500]}
        if decision is not Decision.AGAIN:
            changes["ended_at"] = storage.now()
        if not Item.objects.filter(pk=item.pk, state=ItemState.REVIEW).update(**changes):
            return False
        if decision is Decision.FAILED:
            cancel_followers([item.pk], item.step)
        log.record(
            Verb.ITEM_SETTLED,
            actor=actor,
            account=item.account,
            connection=item.job.connection,
            target=item.label,
            phase=Phase.EVENT,
            result=str(decision),
            message=message,
            operation=operation_of(item),
        )
        if job.state == JobState.NEEDS_REVIEW:
            if job.items.filter(state=ItemState.REVIEW).exists() and not jobs.is_moving(job.pk):
                return True  # it still waits for decisions and for nothing else
            state = JobState.CANCELLING if job.cancel_requested else JobState.RUNNING
            Job.objects.filter(pk=job.pk).update(state=state)
        bell.ring_on_commit(job.pk)
    jobs.finish(job.pk)
    return True
