"""States of jobs. They follow from the items; counts are queries, not counters."""

import logging
from typing import Any

from django.db.models import Count, F, Q

from portal.access.models import Staff
from portal.audit import log
from portal.audit.verbs import Verb
from portal.bulk import failpoints, storage
from portal.bulk.calls import PASSED
from portal.bulk.models import Approval, ApprovalState, Item, ItemState, Job, JobState
from portal.bulk.outcomes import ERASED

logger = logging.getLogger(__name__)

LIVE = (JobState.RUNNING, JobState.PAUSED, JobState.CANCELLING)
CANCELLABLE = (
    JobState.PREPARING, JobState.READY, JobState.SCHEDULED, JobState.RUNNING, JobState.PAUSED, JobState.NEEDS_REVIEW,
)  # fmt: skip
UNDO = "undo"  # Job.kind
CANCELLED = "Not done: the job was cancelled."


def counts(job_id: Any) -> dict[str, int]:
    """Items of a job by state, every state named."""
    found = Item.objects.filter(job_id=job_id).order_by().values_list("state").annotate(number=Count("id"))
    return dict.fromkeys(ItemState.values, 0) | dict(found)


def finish(job_id: Any) -> bool:
    """End a job that has no open item left, or let it wait for decisions. True when this call did so."""
    if Job.objects.filter(pk=job_id, state=JobState.CANCELLING).exists():
        # What was unclear when the job was cancelled, and turned out not to be done, is waiting again.
        with storage.write():
            _cancel_waiting(job_id)
    if is_moving(job_id):
        return False
    with storage.write():
        job = storage.locked(Job.objects).select_related("owner", "connection").get(pk=job_id)
        if job.state not in LIVE or is_moving(job_id):
            return False
        numbers = counts(job_id)
        job.state = final_state(job, numbers)
        waits = job.state == JobState.NEEDS_REVIEW
        job.ended_at = None if waits else storage.now()
        job.paused_by = job.paused_reason = ""
        job.save(update_fields=["state", "ended_at", "paused_by", "paused_reason"])
        Item.objects.filter(job_id=job_id).exclude(secret="").exclude(state=ItemState.REVIEW).update(
            secret_erased=ERASED, secret=""
        )
        failpoints.reach("P11")
        said = ", ".join(f"{number:,} {state}" for state, number in numbers.items() if number)
        tell(Verb.JOB_UNDECIDED if waits else Verb.JOB_ENDED, job, None, result=job.state, message=said)
    return True


def finish_if_possible(job_id: Any) -> bool:
    """The same, and False where the database fails: what was done is written down, and another round ends the job."""
    try:
        return finish(job_id)
    except storage.TROUBLE as problem:
        logger.warning("The database failed (%s) at the end of job %s; another round ends it.", problem, job_id)
        storage.reconnect()
        return False


def is_moving(job_id: Any) -> bool:
    """Whether something can still happen by itself: what waits for a step that a person must decide about does not."""
    items = Item.objects.filter(job_id=job_id)
    if items.filter(state__in=(ItemState.SENDING, ItemState.UNKNOWN)).exists():
        return True
    return items.filter(Q(after=None) | Q(after__state__in=PASSED), state=ItemState.PENDING).exists()


def final_state(job: Job, numbers: dict[str, int]) -> str:
    if numbers[ItemState.REVIEW]:
        return JobState.NEEDS_REVIEW
    if job.cancel_requested and (numbers[ItemState.CANCELLED] or not any(numbers.values())):
        return JobState.CANCELLED
    invalid = numbers[ItemState.INVALID]
    if job.kind == UNDO and invalid:  # that something could never be taken back is no error
        invalid -= job.items.filter(state=ItemState.INVALID, action="impossible").count()
    if numbers[ItemState.FAILED] or invalid:
        return JobState.DONE_WITH_ERRORS
    return JobState.DONE


def tell(verb: str, job: Job, actor: Staff | None, **more: Any) -> None:
    """Append an audit entry about a job."""
    log.record(
        verb, actor=actor, connection=job.connection, target=job.title, reason=job.reason, operation=str(job.pk), **more
    )


PASSING = ("connection", "disk", "window")  # what paused a job, and lets it go on by itself


def pause(job_id: Any, by: str, reason: str, actor: Staff | None = None) -> bool:
    """Stop new sends of a running job. False when it was not running.

    A person's word holds also where it was paused already by something that passes.
    """
    with storage.write():
        job = storage.locked(Job.objects).select_related("connection").get(pk=job_id)
        paused = by == "person" and job.state == JobState.PAUSED and job.paused_by in PASSING
        if job.state != JobState.RUNNING and not paused:
            return False
        Job.objects.filter(pk=job_id).update(state=JobState.PAUSED, paused_by=by, paused_reason=reason[:300])
        tell(Verb.JOB_PAUSED, job, actor, message=reason)
    return True


def pause_connection(connection_id: int, reason: str) -> None:
    """Pause every running job of a connection whose credentials are refused."""
    for job_id in Job.objects.filter(connection_id=connection_id, state=JobState.RUNNING).values_list("pk", flat=True):
        pause(job_id, "connection", reason)


def pause_for_disk(job_id: Any, reason: str) -> None:
    """Pause a job because the database fails. That it cannot be written is likely, and then only logged."""
    try:
        pause(job_id, "disk", reason)
    except storage.ANY_ERROR:
        logger.warning("Job %s could not be marked as paused: the database cannot be written.", job_id)


def resume(job_id: Any, actor: Staff | None) -> bool:
    with storage.write():
        job = storage.locked(Job.objects).select_related("connection").get(pk=job_id)
        if job.state != JobState.PAUSED:
            return False
        Job.objects.filter(pk=job_id).update(state=JobState.RUNNING, paused_by="", paused_reason="")
        tell(Verb.JOB_RESUMED, job, actor)
    return True


def may_cancel(job: Job) -> bool:
    """Whether there is something to cancel: a job whose rows in review outlive its cancel is cancelled already."""
    return job.state in CANCELLABLE and not job.cancel_requested


def cancel(job_id: Any, actor: Staff | None, reason: str = "") -> bool:
    """Cancel what was not sent yet. Calls on their way, and unclear ones, are still brought to their end."""
    with storage.write():
        job = storage.locked(Job.objects).select_related("connection").get(pk=job_id)
        if not may_cancel(job):
            return False
        number = _cancel_waiting(job_id)
        withdraw(job_id)
        Job.objects.filter(pk=job_id).update(
            cancel_requested=True, state=JobState.CANCELLING, paused_by="", paused_reason=""
        )
        told = f"{number:,} rows are not done. {reason}".strip()
        tell(Verb.JOB_CANCELLED, job, actor, message=told)
    finish(job_id)
    return True


def withdraw(job_id: Any) -> None:
    """Within a transaction: no second person need decide about the job any more."""
    waiting = Approval.objects.filter(job_id=job_id, state=ApprovalState.WAITING)
    waiting.update(state=ApprovalState.WITHDRAWN, decided_at=storage.now())
    Job.objects.filter(pk=job_id, awaits_approval=True).update(awaits_approval=False)


def _cancel_waiting(job_id: Any) -> int:
    """Cancel all that waits. Every such row is written, so an intent is either committed before this or refused."""
    return Item.objects.filter(job_id=job_id, state=ItemState.PENDING).update(
        state=ItemState.CANCELLED,
        message=CANCELLED,
        ended_at=storage.now(),
        lease_owner="",
        lease_until=None,
        fence=F("fence") + 1,
        secret_erased=ERASED,
        secret="",
    )
