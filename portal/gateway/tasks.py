"""Celery's side of the gateway."""

from datetime import timedelta

from celery import shared_task

from portal.gateway.models import Usage
from portal.gateway.permits import day_counts
from portal.gateway.usage import today

KEPT_DAYS = 31  # only today's counts decide anything; the others are there for who looks into the database


@shared_task(name="portal.gateway.tasks.tidy", ignore_result=True)
def tidy() -> None:
    """Drop the counts of days long gone."""
    oldest = today() - timedelta(days=KEPT_DAYS)
    Usage.objects.filter(day__lt=oldest).delete()
    day_counts().forget(oldest)
