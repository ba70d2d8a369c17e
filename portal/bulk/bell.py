"""Ringing for a job: a Celery message that says "there may be work". Losing one costs a few seconds, never work."""

import logging
from typing import Any

from django.db import transaction
from kombu.exceptions import KombuError

from portal.celery import app

logger = logging.getLogger(__name__)

PUMP = "portal.bulk.tasks.pump"


def ring(job_id: Any, task: str = PUMP) -> bool:
    """Ask some worker to look at a job. False when the broker did not take the message."""
    try:
        app.send_task(task, args=(str(job_id),), ignore_result=True, retry=False)
    except (KombuError, OSError) as error:
        logger.warning("No worker could be told about job %s (%s). The next sweep will find it.", job_id, error)
        return False
    return True


def ring_on_commit(job_id: Any, task: str = PUMP) -> None:
    transaction.on_commit(lambda: ring(job_id, task))
