"""The doorbell of the check."""

from celery import shared_task

from portal.bulk.files import comparing, jobs, validate


@shared_task(name=jobs.TASK, ignore_result=True)
def validate_job(job_id: str) -> None:
    """Check the file of that job; nothing happens when it is checked already or being checked."""
    validate.validate(job_id)


@shared_task(name=comparing.TASK, ignore_result=True)
def compare_job(job_id: str) -> None:
    """Compare the rows of that job's file with Zoom for a while; nothing happens when there is nothing to compare."""
    comparing.compare_rows(job_id)
