"""Jobs that nobody started: they are kept apart from the work there is, and can be discarded."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.access.models import Staff
from portal.access.scope import Scope
from portal.audit.verbs import Verb
from portal.bulk import jobs, storage
from portal.bulk.models import Approval, Job, JobState
from portal.bulk.outcomes import ERASED

LEFT = (JobState.UPLOADED, JobState.INVALID, JobState.READY)  # while a file is being checked, a worker is at it
UNSTARTED = Q(state__in=LEFT, awaits_approval=False)  # what was asked about waits for somebody else
TOLD = "Discarded before it was started."


def begun(rows: QuerySet[Job]) -> QuerySet[Job]:
    """Without those jobs, and without those that were cancelled as such: neither started, scheduled nor asked for."""
    asked = Exists(Approval.objects.filter(job=OuterRef("pk")))
    discarded = Q(state=JobState.CANCELLED, started_at=None, begins_at=None)
    return rows.exclude(UNSTARTED).exclude(discarded & ~asked)


def unstarted(scope: Scope) -> QuerySet[Job]:
    """The jobs that wait for nothing but their owner; a person may discard those that they see."""
    return Job.objects.for_scope(scope).filter(UNSTARTED)


def discard(job_id: Any, actor: Staff, reason: str = "") -> bool:
    """End a job that was not started. False when it is being checked, has been started or has ended by now."""
    with storage.write():
        job = storage.locked(Job.objects).select_related("connection").filter(UNSTARTED, pk=job_id).first()
        if job is None:
            return False
        if job.state == JobState.READY:
            return jobs.cancel(job_id, actor, f"{TOLD} {reason}".strip())
        job.items.exclude(secret="").update(secret_erased=ERASED, secret="")
        job.state, job.ended_at, job.cancel_requested = JobState.CANCELLED, storage.now(), True
        job.save(update_fields=["state", "ended_at", "cancel_requested"])
        jobs.tell(Verb.JOB_CANCELLED, job, actor, message=f"{TOLD} {reason}".strip())
        jobs.tell(Verb.JOB_ENDED, job, None, result=job.state)
    return True
