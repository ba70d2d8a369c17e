"""The second person's decision about a job."""

from portal.access.models import Staff
from portal.audit.verbs import Verb
from portal.bulk import approval, jobs, schedule, storage
from portal.bulk.models import Approval, ApprovalState, Job, JobState


class OwnRequest(Exception):
    """The person asked for it, or may not decide about it; ``str()`` says which."""


class Stale(Exception):
    """The page was about something else than what is there now; ``str()`` says what happened."""


OWN = "You asked for this job yourself, so another person has to decide about it. Nothing was changed."
NOT_YOURS = "You do not have the right, or not all of the sub-accounts, that this job is about. Nothing was changed."
CHANGED = "The job is not as it was when this page was shown. Nothing was changed. Look at it again."


def decide(job: Job, actor: Staff, *, approve: bool, reason: str, version: str) -> None:
    """Approve or decline, once. The same decision of the same person a second time changes nothing.

    An approved job begins at once, or at its time; then rights and rows are looked at again. Raises OwnRequest, Stale.
    """
    with storage.write():
        locked = storage.locked(Job.objects).select_related("owner", "connection").get(pk=job.pk)
        if locked.owner_id == actor.pk:
            raise OwnRequest(OWN)
        if not approval.may_decide(actor, locked):
            raise OwnRequest(NOT_YOURS)
        waiting = locked.approvals.filter(state=ApprovalState.WAITING).first()
        if waiting is None:
            if _is_repeated(locked, actor, version, approve=approve):
                return
            raise Stale(_what_happened(locked))
        found = approval.gravity(locked)
        if waiting.version != version or version != approval.version_of(locked, found):
            raise Stale(CHANGED)
        if waiting.expires_at <= storage.now():
            raise Stale("The time to decide is over. Nothing was changed.")
        _write(waiting, locked, actor, reason, approve=approve)
        if approve and locked.state == JobState.READY:
            Job.objects.filter(pk=locked.pk).update(state=JobState.SCHEDULED, begins_at=storage.now())
            if found.deletes:
                schedule.give_grace(locked)
    if approve:
        schedule.begin_if_due(job)


def _write(waiting: Approval, job: Job, actor: Staff, reason: str, *, approve: bool) -> None:
    waiting.state = ApprovalState.APPROVED if approve else ApprovalState.DECLINED
    waiting.decided_by, waiting.decided_at, waiting.reason = actor, storage.now(), reason
    waiting.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    Job.objects.filter(pk=job.pk).update(awaits_approval=False)
    jobs.tell(Verb.JOB_APPROVED if approve else Verb.JOB_DECLINED, job, actor, message=reason)
    if not approve:
        approval.end(job, actor, f"Declined by {actor}: {reason}")


def _is_repeated(job: Job, actor: Staff, version: str, *, approve: bool) -> bool:
    state = ApprovalState.APPROVED if approve else ApprovalState.DECLINED
    return job.approvals.filter(state=state, decided_by=actor, version=version).exists()


def _what_happened(job: Job) -> str:
    last = job.approvals.select_related("decided_by").first()
    if last is None:
        return CHANGED
    if last.decided_by:
        return f"{last.decided_by} has decided before you: {last.get_state_display().lower()}. Nothing was changed."
    return f"{last.get_state_display()}. There is nothing to decide any more, and nothing was changed."
