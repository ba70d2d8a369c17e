"""Celery tasks of bulk. They take a job's number and call one function; see ``heart`` for work without messages."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import bootsteps, shared_task
from celery.signals import task_postrun, worker_init, worker_shutting_down

from portal.bulk import heart, preparing, stopping, storage, sweeper, twin_finder, warm
from portal.bulk import pump as pumping
from portal.bulk.files import comparing
from portal.bulk.files import jobs as files
from portal.bulk.files.tasks import compare_job, validate_job
from portal.celery import app
from portal.gateway.usage import write_down

__all__ = ["compare_job", "find_twins", "prepare", "pump", "sweep", "validate_job"]

logger = logging.getLogger(__name__)


class Heart(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery ships no types
    """Beats as soon as a worker's processes stand: Celery calls it ready only when it has found a broker."""

    requires = ("celery.worker.components:Pool",)

    def start(self, parent: Any) -> None:
        heart.start()


app.steps["worker"].add(Heart)
worker_init.connect(warm.up)  # before its processes part, so that each has it
worker_shutting_down.connect(heart.stop)
task_postrun.connect(write_down)


@contextmanager
def calmly(job_id: str) -> Iterator[None]:
    """A database that fails for a while only delays a job."""
    try:
        yield
    except storage.TROUBLE as problem:
        logger.warning("The database failed (%s). The next sweep goes on with job %s.", problem, job_id)
        storage.reconnect()


@shared_task(name="portal.bulk.tasks.pump", ignore_result=True)
def pump(job_id: str) -> None:
    """Work on a job for a round."""
    with calmly(job_id):
        pumping.pump(job_id, stop=stopping.asked)


@shared_task(name=preparing.TASK, ignore_result=True)
def prepare(job_id: str) -> None:
    """Write down the rows of a big selection."""
    with calmly(job_id):
        preparing.prepare(job_id)


@shared_task(name="portal.bulk.tasks.sweep", ignore_result=True)
def sweep() -> None:
    """Put right what was left behind, and ring for idle jobs."""
    sweeper.sweep_and_ring()
    files.sweep()
    comparing.sweep()
    preparing.sweep()


@shared_task(name="portal.bulk.tasks.find_twins", ignore_result=True)
def find_twins() -> None:
    """Look for what was created twice. Harmless at any time: each row is looked at once."""
    twin_finder.find(stop=stopping.asked)
