"""One run of a check by a worker: it beats while it works, and gives way to a newer one."""

import time
from typing import Any

from portal.bulk import storage
from portal.bulk.files import jobs
from portal.bulk.models import Item, Job, JobState

EVERY = 5.0  # seconds between two beats where rows wait for Zoom


class Pulse:
    """Says when it is time to beat: how long Zoom needs for a chunk of rows, nobody knows."""

    def __init__(self) -> None:
        self.at = time.monotonic()

    def due(self) -> bool:
        if time.monotonic() - self.at < EVERY:
            return False
        self.at = time.monotonic()
        return True


class Superseded(Exception):
    """Another check of the same job has begun, or the job was started: this one stops without a trace."""


def beating(job: Job) -> bool:
    """Whether another worker is at it: the bell may have rung twice."""
    beat: str = job.options.get("progress", {}).get("beat", "")
    return beat > (storage.now() - jobs.LEASE).isoformat()


def save(job: Job, run: str, state: str, **options: Any) -> None:
    """Within a transaction: write state and options, unless a newer check has taken over."""
    now = storage.locked(Job.objects).get(pk=job.pk)
    if now.state != JobState.VALIDATING or now.options.get("run") != run:
        raise Superseded
    job.options = now.options | options
    job.state = state
    job.save(update_fields=["options", "state"])


def beat(job: Job, run: str, done: int, total: int) -> None:
    """Within a transaction: tell how far the check is."""
    save(job, run, JobState.VALIDATING, progress={"done": done, "total": total, "beat": storage.now().isoformat()})


def forget_items(job: Job, run: str, total: int) -> None:
    """Drop what an earlier check made."""
    with storage.write():
        beat(job, run, 0, total)
        mine = Item.objects.filter(job=job)
        mine.filter(after__isnull=False).delete()  # a follower protects the one it follows
        mine.delete()
