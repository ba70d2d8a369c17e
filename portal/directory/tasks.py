"""Celery's side of the mirror: doorbells with ids only."""

import logging
from datetime import timedelta
from typing import Any

from celery import Task, shared_task
from celery.signals import worker_ready
from django.conf import settings
from kombu.exceptions import KombuError

from portal.directory import sync
from portal.directory.models import SubAccount, Sync
from portal.gateway import clock
from portal.gateway.models import Connection
from zoomapi.client.errors import ZoomError

logger = logging.getLogger(__name__)


def ring(task: Task, row_id: int) -> bool:
    """Ask some worker to do it. False when the broker did not take the message; the next sync reads it all the same."""
    try:
        task.apply_async((row_id,), retry=False)
    except (KombuError, OSError) as error:
        logger.warning("No worker could be told to run %s for %s (%s).", task.name, row_id, error)
        return False
    return True


@shared_task
def sync_due() -> None:
    """Ring for connections whose mirror is old, and for runs whose worker died."""
    now = clock.now()
    recent = now - timedelta(minutes=settings.SYNC_EVERY_MINUTES)
    for connection in Connection.objects.filter(is_active=True):
        last = Sync.objects.filter(connection=connection).order_by("-pk").first()
        dead = last and last.state == Sync.State.RUNNING and now - last.beat_at > sync.DEAD_AFTER
        old = not last or (last.state != Sync.State.RUNNING and last.started_at < recent)
        if dead or old:
            sync_connection.delay(connection.pk)


@worker_ready.connect
def sync_at_start(**_: Any) -> None:
    """A fresh start does not wait for the scheduler's first minute."""
    sync_due.delay()


@shared_task
def sync_connection(connection_id: int) -> None:
    """Begin (or take up again) a run: the list of accounts first, then users and details side by side."""
    connection = Connection.objects.get(pk=connection_id)
    run = sync.begin(connection)
    if run is None:
        return
    try:
        sync.sync_accounts(connection)
    except ZoomError as error:
        sync.fail(run, str(error))
        return
    Sync.objects.filter(pk=run.pk).update(beat_at=clock.now(), **sync.progress(run))
    sync_part.delay(run.pk, "users")
    sync_part.delay(run.pk, "detail")


@shared_task
def sync_part(sync_id: int, part: str) -> None:
    """Work on one part of a run for a slice of time, then ring again."""
    run = Sync.objects.select_related("connection").get(pk=sync_id)
    if run.state == Sync.State.RUNNING and sync.work(run, part):
        sync_part.delay(sync_id, part)


@shared_task
def refresh_account(account_id: int) -> None:
    """Read one sub-account anew, users and detail. What cannot be read now is told, and read by the next sync."""
    account = SubAccount.objects.select_related("connection").get(pk=account_id)
    for read in (sync.sync_users, sync.sync_detail):
        try:
            read(account)
        except ZoomError as error:
            sync.note_problem(account, error)
