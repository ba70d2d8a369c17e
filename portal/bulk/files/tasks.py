"""The doorbell of the check."""

from celery import shared_task

from portal.bulk.files import jobs, validate


@shared_task(name=jobs.TASK, ignore_result=True)
def validate_job(job_id: str) -> None:
    """Check the file of that job; nothing happens when it is checked already or being checked."""
    validate.validate(job_id)
