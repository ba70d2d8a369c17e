"""The sweeper: puts right what dead processes left behind. Harmless to run at any time, by any number of processes."""

import logging
from datetime import timedelta
from typing import Any

from django.db.models import F

from portal.audit import rows
from portal.audit.models import Phase
from portal.bulk import approval, bell, claims, failpoints, jobs, outcomes, schedule, storage
from portal.bulk.files import jobs as files
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.timing import Timing, standard
from zoomapi import spec

logger = logging.getLogger(__name__)

AT_ONCE = 200
# First looks, for a sweep finds nothing nearly always, and queries that join much are costly to build.
DEAD = "SELECT 1 FROM bulk_item WHERE state = 'sending' AND lease_until < %s LIMIT 1"
HELD = "SELECT 1 FROM bulk_item WHERE job_id = %s AND lease_until >= %s LIMIT 1"
PAUSED = "SELECT 1 FROM bulk_job WHERE state = 'paused' LIMIT 1"
DIED = "The process that sent it ended before the answer was kept. Whether the change was made is being checked."


def sweep(timing: Timing | None = None) -> list[Any]:
    """Do one sweep. Returns the jobs that have work nobody holds."""
    timing = timing or standard()
    bury(timing)
    approval.expire()
    schedule.run_due()
    _resume()
    live = list(Job.objects.filter(state__in=claims.SETTLING).values_list("pk", flat=True))
    return [job_id for job_id in live if not jobs.finish(job_id) and is_idle(job_id)]


def sweep_and_ring(timing: Timing | None = None) -> list[Any]:
    """Sweep, and ring for what lies idle. Returns the jobs whose message the broker did not take."""
    files.sweep()
    return [job_id for job_id in sweep(timing) if not bell.ring(job_id)]


def bury(timing: Timing) -> int:
    """Mark sends as unclear whose lease ran out: whoever held them is dead or frozen. Returns how many."""
    number = 0
    now = storage.now()
    if rows.first(DEAD, [now]) is None:
        return 0
    related = ("job__owner", "job__connection", "account")
    dead = Item.objects.filter(state=ItemState.SENDING, lease_until__lt=now).select_related(*related)
    for item in dead.order_by("lease_until")[:AT_ONCE]:
        with storage.write():
            settle = timing.lease + timing.settling(spec.endpoint(item.endpoint).effect)
            changed = Item.objects.filter(pk=item.pk, state=ItemState.SENDING, fence=item.fence).update(
                state=ItemState.UNKNOWN,
                fence=F("fence") + 1,  # a late answer of the former holder finds no row
                checks=F("checks") + 1,
                lease_owner="",
                lease_until=None,
                not_before=(item.sent_at or now) + timedelta(seconds=settle),
                message=DIED,
            )
            if changed:
                outcomes.note(item, Phase.OUTCOME, "swept", message=DIED)
                number += 1
            failpoints.reach("P12")
    return number


def is_idle(job_id: Any) -> bool:
    """Whether something can be claimed now and nobody holds anything of this job."""
    now = storage.now()
    if rows.first(HELD, [job_id, now]) is not None:
        return False
    sending = Job.objects.filter(pk=job_id, state=JobState.RUNNING).exists()
    return any(query.exists() for query in claims.due(job_id, now, sending=sending))


def _resume() -> None:
    """Go on with jobs whose obstacle is gone: credentials accepted again, a database that can be written."""
    if rows.first(PAUSED, []) is None:
        return
    cured = Job.objects.filter(state=JobState.PAUSED, paused_by="connection", connection__bad_since=None)
    writable = Job.objects.filter(state=JobState.PAUSED, paused_by="disk")
    for query in (cured.filter(connection__is_active=True), writable):
        for job_id in query.values_list("pk", flat=True):
            jobs.resume(job_id, None)
