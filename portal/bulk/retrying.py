"""Retrying: a job of the rows that failed or were not done, linked to the job they come from."""

from typing import Any

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import Scope
from portal.bulk import jobs, preparing, storage
from portal.bulk.again import Again, retryable, rows_of
from portal.bulk.models import Job
from portal.bulk.once import find
from portal.bulk.operations import plan
from portal.gateway.clients import OutOfScope


def retry_failed(job: Job, *, scope: Scope, actor: Staff, key: str | None = None, reason: str = "") -> Job | None:
    """Plan a job of the rows that failed or were not done, linked to this one. None when there is none.

    A READY job, or where there are many rows one that is PREPARING and starts by itself. What is DONE cannot enter,
    and no row enters twice: what fails again is retried from the new job. A row whose secret was erased enters as not
    usable, and says so. Raises OutOfScope or NoRight.
    """
    if job.state in jobs.LIVE:
        return None
    with storage.write():
        storage.locked(Job.objects).get(pk=job.pk)  # two people, or one twice, do not take the same rows
        if found := find(actor, key):
            return found
        keys = rows_of(job)
        if not keys:
            return None
        sides: dict[str, Any] = {
            "scope": scope, "actor": actor, "connection": job.connection, "kind": job.kind, "parent": job,
            "title": f"Again: {job.title}"[:200], "reason": reason or job.reason, "right": Right(job.right),
            "options": job.options, "key": key,
        }  # fmt: skip
        if len(keys) <= preparing.CHUNK:
            return plan(steps=Again(None).chunk(keys, 0, len(keys)).steps, **sides)
        if not all(map(scope.covers, _accounts(job))):
            raise OutOfScope
        return preparing.order(keys, {"kind": preparing.AGAIN}, f"{len(keys):,} rows", **sides)


def _accounts(job: Job) -> list[int]:
    rows = retryable(job).exclude(account=None)
    return list(rows.order_by().values_list("account", flat=True).distinct())
