"""The pump: claim, work, again, for at most one round. Any number of pumps on one job are equally correct.

It was rung for one job, and works on the others of the same connection as well, in turns: see ``shares``.
"""

import logging
import random
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Min

from portal.audit import rows
from portal.bulk import bell, claims, engine, jobs, storage
from portal.bulk.claims import Claim
from portal.bulk.crew import Crew
from portal.bulk.desk import Desk
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.shares import Turns
from portal.bulk.sweeper import sweep
from portal.bulk.timing import Timing, standard
from portal.gateway.models import Connection

logger = logging.getLogger(__name__)

BATCH = 8  # so many claims share a transaction, when there is room for them
OVERTIME = 0.2  # of a round
LOOK = 1.0  # seconds between two looks at the end of the round while all hands are full
NAP = 0.5  # seconds between tries while the database fails
UNREACHABLE = "SELECT unreachable_since FROM gateway_connection WHERE id = %s"
PROBE = 2.0  # seconds between tries while Zoom cannot be reached


def pump(job_id: Any, *, timing: Timing | None = None, stop: Callable[[], bool] = lambda: False) -> bool:
    """Work on one job for a round. Returns whether it rang for another one and the job has not ended."""
    timing = timing or standard()
    sweep(timing)
    if not Job.objects.filter(pk=job_id, state__in=claims.SETTLING).exists():
        return False
    again = _round(job_id, timing, stop)
    return not jobs.finish_if_possible(job_id) and again


def _round(job_id: Any, timing: Timing, stop: Callable[[], bool]) -> bool:
    # Rounds differ in length, so that not all pumps come to their end, and send nothing new, at the same time.
    length = timing.loop * random.uniform(timing.least_loop, 1.0)  # noqa: S311  # no secret
    owner, until = claims.worker_name(), time.monotonic() + length
    connection = Connection.objects.get(jobs=job_id)
    turns = Turns(job_id, connection)
    crew = Crew(lambda claim: work(claim, crew, timing, turns, desk), timing.threads, turns.rate)
    desk = Desk(lambda: crew.busy) if timing.threads else None
    try:
        while not stop() and not _is_over(turns, owner, until, timing):
            wanted = min(BATCH, crew.width)
            if crew.busy and crew.room < wanted:
                crew.wait(LOOK, wanted)
                continue
            try:
                if not _step(job_id, owner, crew, turns, timing, until):
                    return False
            except storage.TROUBLE as problem:
                logger.warning("The database failed (%s); the work on job %s goes on when it is back.", problem, job_id)
                storage.reconnect()
                crew.wait(NAP)
        if stop():
            return False
        bell.ring(job_id)  # the next one begins while the calls of this one come to their end
        return True
    finally:
        crew.close()
        if desk:
            desk.close()


def _is_over(turns: Turns, owner: str, until: float, timing: Timing) -> bool:
    """Whether the round ends now.

    It goes on for a while where no other pump would be left: one at its own end claims nothing, it waits for its calls.
    """
    beyond = time.monotonic() - until
    if beyond < 0:
        return False
    late = beyond >= timing.loop * OVERTIME
    try:
        return claims.hand_over(turns.job_id, owner, turns.held, 0 if late else BATCH)
    except storage.TROUBLE:
        return late  # else the next step meets it, too, and waits


def _step(job_id: Any, owner: str, crew: Crew, turns: Turns, timing: Timing, until: float) -> bool:
    """Claim what there is room for, else wait for something to do. False when nothing is to be expected soon."""
    ((unreachable_since,),) = rows.every(UNREACHABLE, [turns.connection.pk])
    reachable = unreachable_since is None
    held = turns.claim(owner, crew, crew.room if reachable else 1, timing)
    for claim in held:
        crew.add(claim)
    if not reachable:
        crew.wait(PROBE)
    if held or crew.busy:
        if not held:
            crew.wait(timing.poll)
        return True
    wait = seconds_to_next(job_id)
    if wait is None or time.monotonic() + wait > until:
        return False
    crew.wait(min(max(wait, timing.poll / 4), timing.poll))
    return True


def work(claim: Claim, crew: Crew, timing: Timing, turns: Turns, desk: Desk | None) -> None:
    try:
        on_wire = engine.run(claim, timing, desk=desk)
    finally:
        turns.done(claim)
    if on_wire:
        crew.note(on_wire)


def seconds_to_next(job_id: Any) -> float | None:
    """Seconds until an item of this job may become claimable, 0.0 if one is now; None when none is to come."""
    state = Job.objects.filter(pk=job_id).values_list("state", flat=True).first()
    if state not in claims.SETTLING:
        return None
    now = storage.now()
    sending = state == JobState.RUNNING
    if any(query.exists() for query in claims.due(job_id, now, sending=sending)):
        return 0.0
    waiting = [ItemState.UNKNOWN, ItemState.PENDING] if sending else [ItemState.UNKNOWN]
    items = Item.objects.filter(job_id=job_id, state__in=waiting)
    times = [
        items.filter(not_before__gt=now).aggregate(at=Min("not_before"))["at"],
        items.filter(lease_until__gt=now).aggregate(at=Min("lease_until"))["at"],
    ]
    soonest = min((at for at in times if at is not None), default=None)
    return None if soonest is None else max((soonest - now) / timedelta(seconds=1), 0.0)
