"""Celery tasks of bulk. They take a job's number and call one function; see ``heart`` for work without messages."""

from celery import shared_task
from celery.signals import task_postrun, worker_ready, worker_shutting_down

from portal.bulk import heart, stopping, sweeper
from portal.bulk import pump as pumping
from portal.bulk.files import jobs as files
from portal.bulk.files.tasks import validate_job
from portal.gateway.usage import write_down

__all__ = ["pump", "sweep", "validate_job"]

worker_ready.connect(heart.start)
worker_shutting_down.connect(heart.stop)
task_postrun.connect(write_down)


@shared_task(name="portal.bulk.tasks.pump", ignore_result=True)
def pump(job_id: str) -> None:
    """Work on a job for a round."""
    pumping.pump(job_id, stop=stopping.asked)


@shared_task(name="portal.bulk.tasks.sweep", ignore_result=True)
def sweep() -> None:
    """Put right what was left behind, and ring for idle jobs."""
    sweeper.sweep_and_ring()
    files.sweep()
