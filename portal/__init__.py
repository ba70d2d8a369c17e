"""Master Portal: the site for people who run a Zoom master account."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
