"""How pages write to Zoom: ``perform`` one call while a person waits, ``plan`` and ``start`` many for the workers.

Both make a job with items, so a single click has the same idempotency, audit and recovery as a file of 100,000 rows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

from django.db import IntegrityError

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import Scope
from portal.audit.verbs import Verb
from portal.bulk import approval, bell, jobs, recheck, schedule, storage
from portal.bulk.calls import REFERENCE, split_secrets
from portal.bulk.models import INTERACTIVE, OPEN_STATES, Item, ItemState, Job, JobState
from portal.bulk.once import find, inline, operation_key
from portal.bulk.timing import standard
from portal.bulk.undo.taken import leave_out_taken
from portal.directory.models import SubAccount
from portal.gateway.clients import NoRight, OutOfScope
from portal.gateway.models import Connection
from zoomapi import spec
from zoomapi.spec.base import Effect, Endpoint

CHUNK = 500
Json = dict[str, Any]


@dataclass
class Step:
    """One call of a plan, or a row that needs none (``endpoint=""`` with a ``state`` that has ended).

    ``after``: position in the plan (from 0) of the step that must be done first; ``{after.remote_id}`` in ``path``,
    ``query`` or ``body`` stands for the id it made, and ``account=None`` for the sub-account it made.
    """

    row: int = 1
    step: int = 0
    account: SubAccount | None = None
    endpoint: str = ""
    path: Json = field(default_factory=dict)
    query: Json = field(default_factory=dict)
    body: Json = field(default_factory=dict, repr=False)
    label: str = ""
    after: int | None = None
    object_key: str | None = None  # None: from account and path
    remote_key: str | None = None  # None: from the body, where the operation has a key
    before: Json = field(default_factory=dict)
    line: int | None = None
    action: str = ""
    source: Json = field(default_factory=dict, repr=False)
    state: str = ItemState.PENDING
    message: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Chunk:
    """Steps that are written in one transaction, up to the place ``end`` of what they are made from.

    ``before`` are keys of rows that are there already: they take the first positions that ``Step.after`` can name.
    """

    steps: list[Step]
    end: int
    before: list[int] = field(default_factory=list)


def perform(  # noqa: PLR0913  # a write has this many sides; most are optional
    *,
    scope: Scope,
    actor: Staff,
    endpoint: str,
    account: SubAccount | None = None,
    connection: Connection | None = None,
    path: Json | None = None,
    query: Json | None = None,
    body: Json | None = None,
    files: Json | None = None,
    key: str | None = None,
    reason: str = "",
    title: str = "",
    right: Right = Right.WRITE,
    before: Json | None = None,
    label: str = "",
) -> Item:
    """Perform one write now and return its item.

    ``state`` tells how it ended: DONE; FAILED (``message``, and ``errors`` by field); UNKNOWN (a worker finds out);
    SENDING (the same click is still at work elsewhere). The same ``key`` of the same person returns the first click's
    item. ``connection`` is needed only without an ``account``. Raises OutOfScope (404) or NoRight (403).
    """
    connection = connection or (account.connection if account else None)
    if connection is None:
        raise ValueError("Name an account or a connection.")
    step = Step(
        account=account,
        endpoint=endpoint,
        path=path or {},
        query=query or {},
        body=body or {},
        label=label,
        before=before or {},
    )
    title = title or f"{spec.endpoint(endpoint).title} {label}".strip()
    sides = {"state": JobState.RUNNING, "kind": INTERACTIVE, "lane": INTERACTIVE, "title": title, "reason": reason}
    make = partial(_make, [step], scope=scope, actor=actor, connection=connection, right=right, key=key, **sides)
    return inline(actor, key, make, standard(), files)


def plan(  # noqa: PLR0913  # a job has this many sides; most are optional
    *,
    scope: Scope,
    actor: Staff,
    connection: Connection,
    kind: str,
    title: str,
    steps: Iterable[Step],
    key: str | None = None,
    reason: str = "",
    right: Right = Right.WRITE,
    **more: Any,
) -> Job:
    """Write down a job that is READY to ``start``. ``steps`` may be a generator; ``more`` are further fields of Job.

    The same ``key`` of the same person returns the job made first. Raises OutOfScope or NoRight.
    """
    if found := find(actor, key):
        return found
    try:
        return _make(
            steps,
            state=JobState.READY,
            scope=scope,
            actor=actor,
            connection=connection,
            right=right,
            key=key,
            reason=reason,
            kind=kind,
            title=title,
            **more,
        )
    except IntegrityError:  # the same click was being written down at this moment
        if found := find(actor, key):
            return found
        raise


def start(job: Job, actor: Staff) -> bool:
    """Let the workers begin. False when the job is not READY (a second click), or waits for a second person now.

    Raises approval.TooManyDeletes.
    """
    if approval.hold(job):
        return False
    with storage.write():
        moved = Job.objects.filter(pk=job.pk, state=JobState.READY).update(
            state=JobState.RUNNING, started_at=storage.now()
        )
        if not moved:
            return False
        left_out = leave_out_taken(job)
        jobs.tell(Verb.JOB_STARTED, job, actor, message=schedule.left_out_told(left_out))
        bell.ring_on_commit(job.pk)
    job.refresh_from_db()
    return True


def resume(job: Job, actor: Staff) -> bool:
    """Go on with a paused job; rows that changed meanwhile are left out. False when it is not paused, or is closed."""
    window = schedule.window_of(job)
    is_closed = window is not None and not window.is_open(storage.now())
    if is_closed or not Job.objects.filter(pk=job.pk, state=JobState.PAUSED).exists():
        return False
    recheck.recheck(job)
    if not jobs.resume(job.pk, actor):
        return False
    bell.ring(job.pk)
    return True


def _make(
    steps: Iterable[Step],
    *,
    scope: Scope,
    actor: Staff,
    connection: Connection,
    right: Right,
    key: str | None,
    state: str,
    title: str,
    **more: Any,
) -> Job:
    if not scope.may(right):
        raise NoRight(f"The role has no right '{right}'.")
    with storage.write():
        job = Job(owner=actor, connection=connection, right=right, state=state, title=title[:200], **more)
        job.operation_key = operation_key(actor, key)
        if state == JobState.RUNNING:
            job.started_at = storage.now()
        job.save(force_insert=True)
        number = sum(_insert(job, scope, steps))
        jobs.tell(Verb.JOB_CREATED, job, actor, message=f"{number:,} calls")
    return job


def _insert(job: Job, scope: Scope, steps: Iterable[Step]) -> Iterator[int]:
    """Insert in chunks, so that a generator of 100,000 steps stays a generator; yields how many were inserted."""
    keys: list[int] = []
    source = iter(steps)
    while chunk := list(islice(source, CHUNK)):
        insert(job, scope, chunk, keys)
        yield len(chunk)


def insert(job: Job, scope: Scope, chunk: list[Step], keys: list[int] | None = None) -> None:
    """Insert one chunk; ``keys`` gets the new primary keys. Followers come in waves, after those they follow."""
    for account in {step.account.pk for step in chunk if step.account}:
        if not scope.covers(account):
            raise OutOfScope
    keys = [] if keys is None else keys
    base = len(keys)
    keys += [0] * len(chunk)
    waiting = list(range(base, base + len(chunk)))
    while waiting:
        ready = [n for n in waiting if (after := chunk[n - base].after) is None or keys[after]]
        if not ready:
            raise ValueError("A step can only come after one that stands before it in the plan.")
        made = Item.objects.bulk_create([item_of(job, chunk[n - base], keys) for n in ready])
        for number, item in zip(ready, made, strict=True):
            keys[number] = item.pk
        waiting = [n for n in waiting if not keys[n]]


def item_of(job: Job, step: Step, keys: list[int]) -> Item:
    """The row of a step, its secrets sealed."""
    item = Item(
        job=job, row=step.row, step=step.step, line=step.line, account=step.account, endpoint=step.endpoint,
        action=step.action, label=step.label[:254], path=step.path, source=step.source, before=step.before,
        state=step.state, message=step.message[:500], errors=step.errors,
        after_id=None if step.after is None else keys[step.after],
    )  # fmt: skip
    if not step.endpoint:
        return item
    endpoint = spec.endpoint(step.endpoint)
    item.query, item.body, item.secret = split_secrets(endpoint, step.query, step.body)
    item.remote_key = remote_key_of(endpoint, step)
    if step.object_key is None:
        item.object_key = object_key_of(job.connection_id, endpoint, step, item.remote_key)
    else:
        item.object_key = step.object_key
    if step.state not in OPEN_STATES:
        item.secret = ""
    return item


def remote_key_of(endpoint: Endpoint, step: Step) -> str | None:
    """What a creation would make: one per job and account."""
    if step.remote_key is not None or not endpoint.remote_key:
        return step.remote_key
    value: Any = step.body
    for part in endpoint.remote_key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    where = step.account.pk if step.account else (f"after{step.after}" if step.after is not None else "master")
    return f"{where}/{str(value).strip().casefold()}"[:254] if value else None


def object_key_of(connection: int, endpoint: Endpoint, step: Step, remote_key: str | None) -> str:
    """The remote object a step changes, so that one change of it is on its way at a time; empty when it has no name."""
    where = f"{connection}/{step.account.pk if step.account else ''}/{endpoint.family}"
    if endpoint.effect in (Effect.CREATE, Effect.CREATE_KEYED) and endpoint.remote_key:
        return f"{where}/new/{remote_key}"[:300] if remote_key else ""
    names = [str(step.path[name]) for name in endpoint.params if name in step.path and name != "accountId"]
    if any(REFERENCE in name for name in names) or (step.account is None and step.after is not None):
        return ""
    return f"{where}/{names[0] if names else ''}"[:300]
