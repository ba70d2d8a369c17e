"""From a job to the job that undoes it."""

import uuid
from collections import Counter
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import Scope
from portal.audit.verbs import Verb
from portal.bulk import jobs, storage
from portal.bulk.files import jobs as checked
from portal.bulk.jobs import UNDO
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.once import find, operation_key
from portal.bulk.undo.reasons import REVERSIBLE, why_not
from portal.bulk.undo.taken import taken
from portal.gateway.clients import NoRight
from zoomapi import spec

ENDED = (JobState.DONE, JobState.DONE_WITH_ERRORS, JobState.CANCELLED, JobState.NEEDS_REVIEW)


@dataclass(frozen=True)
class Part:
    """The items of a job that did the same thing. ``why`` is empty when they can be taken back."""

    title: str
    number: int
    why: str


def parts(job: Job) -> list[Part]:
    """What the job did and no undo took back, and which of it can be taken back; the dry run looks at each row."""
    done = job.items.filter(state=ItemState.DONE).exclude(endpoint="").order_by()
    found = Counter(dict(done.values_list("endpoint").annotate(number=Count("id"))))
    for _, numbers in taken(job):
        found -= numbers
    return [Part(spec.endpoint(key).title, number, why_not(key)) for key, number in sorted(found.items())]


def has_done(job: Job) -> bool:
    """Whether the job has ended and did something; whether that can be taken back is another question."""
    return job.state in ENDED and job.items.filter(state=ItemState.DONE).exclude(endpoint="").exists()


def can_undo(job: Job) -> bool:
    """Whether something is left to take back, by the operations alone."""
    if job.state not in ENDED:
        return False
    reversible = job.items.filter(state=ItemState.DONE, endpoint__in=REVERSIBLE).order_by()
    return reversible.exists() and any(not part.why for part in parts(job))


def prepare(job: Job, *, scope: Scope, actor: Staff, key: str | None = None, reason: str = "") -> Job:
    """Make the undo job and let a worker do its dry run; nothing is sent before it is started.

    The same ``key`` of the same person gives the same job. Raises NoRight.
    """
    if not scope.may(Right(job.right)):
        raise NoRight(f"The role has no right '{job.right}'.")
    if found := find(actor, key):
        return found
    rows = job.items.filter(state=ItemState.DONE).values("row").distinct().count()
    options = {
        "run": uuid.uuid4().hex,
        "rows": rows,
        "progress": {"done": 0, "total": rows, "rung": storage.now().isoformat()},
        "summary": {},
    }
    with storage.write():
        undo = Job.objects.create(
            kind=UNDO,
            title=f"Undo: {job.title}"[:200],
            owner=actor,
            connection=job.connection,
            parent=job,
            state=JobState.VALIDATING,
            right=job.right,
            reason=reason,
            operation_key=operation_key(actor, key),
            options=options,
        )
        jobs.tell(Verb.JOB_CREATED, undo, actor, message=f"Undoes job {job.pk}, “{job.title}”.")
        jobs.tell(Verb.JOB_UNDONE, job, actor, message=f"An undo was prepared: job {undo.pk}.")
        transaction.on_commit(lambda: checked.ring(str(undo.pk)))
    return undo
