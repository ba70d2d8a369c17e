"""One call while a person waits; and the same click twice is one operation."""

import time
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError

from portal.access.models import Staff
from portal.bulk import bell, claims, engine, jobs
from portal.bulk.models import Item, ItemState, Job
from portal.bulk.timing import Timing

RELATED = ("job__owner", "job__connection", "account__connection", "after")


def operation_key(actor: Staff, key: str | None) -> str | None:
    """A form's token, made a person's own: nobody can meet another's operation by guessing it."""
    return f"{actor.pk}:{key}"[:64] if key else None


def find(actor: Staff, key: str | None) -> Job | None:
    """The job that this person's form token has made already."""
    name = operation_key(actor, key)
    return Job.objects.filter(operation_key=name).first() if name else None


def inline(
    actor: Staff, key: str | None, make: Callable[[], Job], timing: Timing, files: dict[str, Any] | None
) -> Item:
    """Make a job of one item and work on it in this thread; or wait a little for the click that came first."""
    job = find(actor, key)
    if job is None:
        try:
            job = make()
        except IntegrityError:
            job = find(actor, key)
            if job is None:
                raise
        else:
            return _work(job, timing, files)
    return _wait(job, timing)


def _work(job: Job, timing: Timing, files: dict[str, Any] | None) -> Item:
    held = claims.claim(job.pk, claims.worker_name(), 1, timing)
    for claim in held:
        engine.run(claim, timing, inline=True, files=files)
    if not jobs.finish_if_possible(job.pk):  # a page that told of a failure would have the change made again
        bell.ring(job.pk)
    return _item(job)


def _wait(job: Job, timing: Timing) -> Item:
    until = time.monotonic() + timing.deadline
    item = _item(job)
    while item.state in (ItemState.PENDING, ItemState.SENDING) and time.monotonic() < until:
        time.sleep(timing.poll)
        item = _item(job)
    return item


def _item(job: Job) -> Item:
    return Item.objects.select_related(*RELATED).get(job=job, row=1, step=0)
