"""The rows of big selections and big retries, and changes that Zoom must be asked about first, are
written down by a worker, so that nobody waits for it.

What the job is about is fixed with the click. No half job ever runs: it is PREPARING until all its rows are there, and
the transaction that finds them complete is the one that starts it. A worker that dies leaves whole chunks behind, and
the next goes on after them.
"""

import logging
import uuid
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import IntegrityError
from django.db.models import F, Q, QuerySet

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import Scope, scope_of
from portal.audit.verbs import Verb
from portal.bulk import approval, bell, jobs, operations, schedule, stopping, storage
from portal.bulk.again import Again
from portal.bulk.compared import COMPARED, ComparedRows, Values
from portal.bulk.models import Job, JobState, Selection
from portal.bulk.once import find, operation_key
from portal.bulk.operations import Chunk
from portal.bulk.selection import ORDER, Builder, Change, Kind, SelectionRefused, meant, plan_users
from portal.bulk.trail import NO_RIGHT
from portal.directory.models import MirrorUser
from portal.gateway.clients import NoRight, OutOfScope
from portal.gateway.models import Connection

logger = logging.getLogger(__name__)

TASK = "portal.bulk.tasks.prepare"
INLINE = 1_000  # so many rows are written down at once, while the person waits
CHUNK = 500  # rows of one transaction
LEASE = timedelta(seconds=30)  # a worker that has not stirred for so long is dead
UNHEARD = timedelta(seconds=10)  # nobody came: the message may be lost
TRIES = 5
AGAIN = "again"  # the kind of what is no change of users but a retry
OUTSIDE = "The owner of this job does not see all of its sub-accounts any more. Nothing was sent."
GIVEN_UP = "The rows of this job could not be written down, {tries} times. Nothing was sent. Please start it anew."


class Superseded(Exception):
    """The job was cancelled, or another worker has taken over: this one stops without a trace."""


def run_users(
    scope: Scope,
    actor: Staff,
    users: QuerySet[MirrorUser] | Iterable[int],
    change: Change,
    *,
    key: str | None = None,
    reason: str = "",
) -> Job:
    """Change chosen users: when this returns, the job is running, waits for a second person, or is PREPARING.

    What cannot be taken back begins a minute later. The rest is as for ``plan_users``.
    """
    if found := find(actor, key):
        return found
    chosen, connection = meant(scope, users)
    keys = list(chosen.order_by(*ORDER).values_list("pk", flat=True))
    if change.removes:
        _check_most(len(keys))
    if len(keys) <= INLINE:
        job = plan_users(scope, actor, keys, change, key=key, reason=reason)
        if change.removes:
            schedule.give_grace(job)
        operations.start(job, actor)
        return job
    kept = {**asdict(change), "kind": str(change.kind), "transfers": list(change.transfers)}
    return order(
        keys, kept, f"{len(keys):,} users", scope=scope, actor=actor, connection=connection,
        kind=f"users_{change.kind}", title=change.title[:200], reason=reason, right=Right.WRITE, key=key,
    )  # fmt: skip


def run_compared(
    scope: Scope,
    actor: Staff,
    keys: list[int],
    values: Values,
    *,
    connection: Connection,
    key: str | None = None,
    reason: str = "",
) -> Job:
    """Give chosen sub-accounts or users the same values. Always PREPARING at first: each is read at Zoom before."""
    if found := find(actor, key):
        return found
    return order(
        keys, values.kept(), f"{len(keys):,} {values.noun}s", scope=scope, actor=actor, connection=connection,
        kind=values.kind, title=values.title(len(keys))[:200], reason=reason, right=Right.WRITE, key=key,
    )  # fmt: skip


def _check_most(number: int) -> None:
    try:
        approval.check_most(number)
    except approval.TooManyDeletes as refusal:
        raise SelectionRefused(str(refusal)) from None


def order(
    keys: list[int],
    change: dict[str, Any],
    told: str,
    *,
    scope: Scope,
    actor: Staff,
    connection: Connection,
    right: Right,
    key: str | None,
    **more: Any,
) -> Job:
    """Have the rows written down by a worker; ``keys`` are what they are made from. The rest is as for ``plan``."""
    if not scope.may(right):
        raise NoRight(f"The role has no right '{right}'.")
    job = Job(owner=actor, connection=connection, right=right, state=JobState.PREPARING, **more)
    job.operation_key = operation_key(actor, key)
    try:
        with storage.write():
            job.save(force_insert=True)
            Selection.objects.create(job=job, keys=keys, total=len(keys), change=change, stirred_at=storage.now())
            jobs.tell(Verb.JOB_CREATED, job, actor, message=f"{told}, written down by a worker")
            bell.ring_on_commit(job.pk, TASK)
    except IntegrityError:  # the same click was being written down at this moment
        if found := find(actor, key):
            return found
        raise
    return job


def progress_of(job: Job) -> Selection | None:
    """How far the writing is; None when the job is not being prepared."""
    return Selection.objects.filter(job=job).defer("keys").first() if job.state == JobState.PREPARING else None


def prepare(job_id: Any, stop: Callable[[], bool] = stopping.asked) -> None:
    """Write down the rows that are missing, then start the job. Nothing happens when another worker is at it."""
    run, now = uuid.uuid4().hex, storage.now()
    free = Q(run="") | Q(stirred_at__lt=now - LEASE)
    mine = Selection.objects.filter(free, job_id=job_id, job__state=JobState.PREPARING)
    with storage.write():
        if not Selection.objects.filter(pk__in=mine.values("pk")).update(run=run, tries=F("tries") + 1, stirred_at=now):
            return
    work = Selection.objects.select_related("job__owner", "job__connection").get(job_id=job_id)
    if work.tries > TRIES:
        _give_up(work.job, GIVEN_UP.format(tries=TRIES))
        return
    scope = scope_of(work.job.owner)
    if not scope.may(Right(work.job.right)):
        _give_up(work.job, NO_RIGHT)
        return
    try:
        _write_rows(work, run, scope, stop)
    except Superseded:
        return
    except approval.TooManyDeletes as refusal:
        _give_up(work.job, str(refusal))
    except OutOfScope:
        _give_up(work.job, OUTSIDE)


class Rows(Protocol):
    """What the rows of a job are made from."""

    @property
    def what(self) -> str: ...
    @property
    def removes(self) -> bool: ...
    def chunk(self, keys: list[int], start: int, size: int) -> Chunk: ...


class Chosen:
    """Users of the mirror, who all get the same change."""

    what = "the chosen users"

    def __init__(self, change: Change, scope: Scope) -> None:
        self.build, self.scope, self.removes = Builder(change), scope, change.removes

    def chunk(self, keys: list[int], start: int, size: int) -> Chunk:
        part = keys[start : start + size]
        people = MirrorUser.objects.for_scope(self.scope).select_related("account").in_bulk(part)
        steps = [self.build(start + n, people[key]) for n, key in enumerate(part, 1) if key in people]
        return Chunk(steps, start + len(part))


def _rows_of(work: Selection, scope: Scope) -> Rows:
    if work.change["kind"] == AGAIN:
        return Again(work.job)
    if work.change["kind"] == COMPARED:
        return ComparedRows(Values.of(work.change), scope)
    return Chosen(_change_of(work.change), scope)


def _write_rows(work: Selection, run: str, scope: Scope, stop: Callable[[], bool]) -> None:
    rows = _rows_of(work, scope)
    done = work.done
    while done < work.total:
        if stop():
            Selection.objects.filter(pk=work.pk, run=run).update(run="", tries=F("tries") - 1)
            return
        chunk = rows.chunk(work.keys, done, CHUNK)
        with storage.write():
            _still_mine(work, run, chunk.end)
            operations.insert(work.job, scope, chunk.steps, chunk.before)
        done = chunk.end
    with storage.write():
        _still_mine(work, run, work.total)
        _start(work, rows)


def _still_mine(work: Selection, run: str, done: int) -> None:
    """Within a transaction: note how far it is, or stop. The job's lock keeps a cancel out until the end."""
    state = storage.locked(Job.objects).values_list("state", flat=True).get(pk=work.pk)
    moved = Selection.objects.filter(pk=work.pk, run=run).update(done=done, stirred_at=storage.now())
    if state != JobState.PREPARING or not moved:
        raise Superseded


def _start(work: Selection, rows: Rows) -> None:
    job = work.job
    gone = work.total - job.items.count()
    if rows.removes:
        schedule.give_grace(job)
    Job.objects.filter(pk=job.pk).update(state=JobState.READY)
    work.delete()
    if approval.hold(job):
        return
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, started_at=storage.now())
    told = f"{gone:,} of {rows.what} were not there any more." if gone else ""
    jobs.tell(Verb.JOB_STARTED, job, job.owner, message=told)
    bell.ring_on_commit(job.pk)


def _give_up(job: Job, why: str) -> None:
    jobs.cancel(job.pk, None, why)
    Job.objects.filter(pk=job.pk).update(paused_reason=why[:300])
    Selection.objects.filter(job=job).delete()


def _change_of(kept: dict[str, Any]) -> Change:
    return Change(Kind(kept["kind"]), kept["value"], kept["transfer_email"], tuple(kept["transfers"]))


def sweep() -> list[Any]:
    """Ring for what nobody writes down, forget what was cancelled. Returns jobs whose message the broker did not take.

    Safe at any time.
    """
    Selection.objects.exclude(job__state=JobState.PREPARING).delete()
    return [job_id for job_id in _late(storage.now()) if not bell.ring(job_id, TASK)]


def _late(now: datetime) -> list[Any]:
    unheard = Q(run="", stirred_at__lt=now - UNHEARD) | Q(stirred_at__lt=now - LEASE)
    return list(Selection.objects.filter(unheard).values_list("job_id", flat=True))
