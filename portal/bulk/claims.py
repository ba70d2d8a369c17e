"""Claiming items. A claim is a lease that ends by itself and a fence that grows with every claim.

Whoever writes a result must name the fence of their claim. A worker that was frozen and lost its lease holds an old
number, so what it writes later finds no row.
"""

import os
import socket
import threading
import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

from portal.access.models import Staff
from portal.audit import rows
from portal.audit.rows import Row, Sql
from portal.bulk import storage
from portal.bulk.calls import PASSED
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.timing import Timing
from portal.directory.models import SubAccount
from portal.gateway.models import Connection

WORKING = (JobState.RUNNING,)
SETTLING = (JobState.RUNNING, JobState.CANCELLING, JobState.PAUSED)
IN_FLIGHT = "SELECT object_key FROM bulk_item WHERE state IN ('sending', 'unknown')"
LOOKED_AT = 64
ENDING = " ends"  # after the name of an owner that claims nothing more
_ANY_JOB, _ANY_TIME, _ANY_NUMBER = uuid.UUID(int=1), datetime(1000, 1, 1, tzinfo=UTC), 1_000_000


@dataclass
class Claim:
    """An item in our hands. ``ends`` is on this process's monotonic clock, which no clock change can move."""

    item: Item
    fence: int
    ends: float

    @property
    def mine(self) -> QuerySet[Item]:
        """The row, as long as nobody claimed or swept it after us."""
        return Item.objects.filter(pk=self.item.pk, fence=self.fence)

    def move(self, was: str, changes: dict[str, Any], *, lease_beyond: datetime | None = None) -> bool:
        """Write the row if it is still ours and in the state ``was``. One prepared statement: every call needs two."""
        where, arguments = "id = %s AND fence = %s AND state = %s", [self.item.pk, self.fence, str(was)]
        if lease_beyond is not None:
            return bool(rows.update(Item, changes, f"{where} AND lease_until > %s", [*arguments, lease_beyond]))
        return bool(rows.update(Item, changes, where, arguments))

    def keep(self, lease: float) -> None:
        """Hold it for another lease from now when half of this one is over: reading a long list takes its time."""
        if self.safe_for(lease / 2):
            return
        began, now = time.monotonic(), storage.now()
        if self.move(self.item.state, {"lease_until": now + timedelta(seconds=lease)}, lease_beyond=now):
            self.ends = began + lease

    def safe_for(self, seconds: float) -> bool:
        return time.monotonic() + seconds < self.ends


def worker_name() -> str:
    """Names this thread of this process; a number at the end tells restarts with the same process number apart."""
    return f"{socket.gethostname()[:30]}/{os.getpid()}/{threading.get_ident() % 100_000}/{uuid.uuid4().hex[:6]}"


def waiting(job_id: Any, state: str, now: datetime) -> QuerySet[Item]:
    """Items of a state that nobody holds and whose predecessor, if any, went well."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    ready = Q(after=None) | Q(after__state__in=PASSED)
    return Item.objects.filter(free, ready, job_id=job_id, state=state)


def due(job_id: Any, now: datetime, *, sending: bool) -> list[QuerySet[Item]]:
    """What may be claimed, most urgent first: unclear outcomes, then items that had to wait, then fresh ones.

    Each of the three walks the index (job, state, not_before, id) from its beginning.
    """
    unclear = waiting(job_id, ItemState.UNKNOWN, now).filter(not_before__lte=now).order_by("not_before", "id")
    if not sending:
        return [unclear]
    held_back = waiting(job_id, ItemState.PENDING, now).filter(not_before__lte=now).order_by("not_before", "id")
    fresh = waiting(job_id, ItemState.PENDING, now).filter(not_before=None).order_by("id")
    return [unclear, held_back, fresh]


def claim(job_id: Any, owner: str, most: int, timing: Timing) -> list[Claim]:
    """Claim up to ``most`` items of a job, for one lease from now."""
    began = time.monotonic()
    with storage.write():
        job = _job(job_id)
        if job.state not in SETTLING:
            return []
        now = storage.now()
        found = _loaded(_candidates(job.pk, now, job.state in WORKING, most), job)
        found = _without_busy(found, now, timing)
        until = now + timedelta(seconds=timing.lease)
        keys = [row.pk for row in found]
        if keys:
            leased = {"lease_owner": owner, "lease_until": until, "fence": Sql("fence + 1")}
            rows.update(Item, leased, f"id IN ({_places(keys)})", keys)
    return [_claimed(row, owner, until, began + timing.lease) for row in found]


def _job(job_id: Any) -> Job:
    """The job with its owner and connection, as they are now."""
    (job,) = rows.load(Job, "id = %s", [uuid.UUID(str(job_id))])
    (job.owner,) = rows.load(Staff, "id = %s", [job.owner_id])
    (job.connection,) = rows.load(Connection, "id = %s", [job.connection_id])
    return job


def _candidates(job_id: Any, now: datetime, sending: bool, most: int) -> list[int]:
    filled = dict(zip(rows.adapted([_ANY_JOB, _ANY_TIME]), rows.adapted([job_id, now]), strict=True))
    keys: list[int] = []
    for sql, arguments in prepared(sending):
        if len(keys) < most:
            values = [*(filled.get(value, value) for value in arguments), most - len(keys)]
            keys += [key for (key,) in rows.every(sql, values)]
    return keys


@cache
def prepared(sending: bool) -> list[tuple[str, tuple[Any, ...]]]:
    """The queries of ``due`` as SQL, with stand-ins for the job and the time: to build them costs more than to run.

    The last argument is how many rows are wanted.
    """
    texts = []
    for query in due(_ANY_JOB, _ANY_TIME, sending=sending):
        found = query.values_list("pk", flat=True)
        if connection.features.has_select_for_update_skip_locked:
            found = found.select_for_update(skip_locked=True, of=("self",), no_key=True)
        sql, arguments = found[:_ANY_NUMBER].query.sql_with_params()
        texts.append((sql.replace(f"LIMIT {_ANY_NUMBER}", "LIMIT %s"), arguments))
    return texts


def _loaded(keys: list[int], job: Job) -> list[Item]:
    """The rows in the order of their keys, all with the one job, owner and connection that were just read."""
    by_key = {row.pk: row for row in _among(Item, keys)}
    found = [by_key[key] for key in keys]
    accounts = {row.pk: row for row in _among(SubAccount, {row.account_id for row in found} - {None})}
    for account in accounts.values():
        account.connection = job.connection
    for row in found:
        row.job = job
        if row.account_id is not None:
            row.account = accounts[row.account_id]
    return found


def _among(model: type[Row], keys: Collection[Any]) -> list[Row]:
    return rows.load(model, f"id IN ({_places(keys)})", list(keys)) if keys else []


def _places(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def _without_busy(found: list[Item], now: datetime, timing: Timing) -> list[Item]:
    """Leave out items whose remote object is being changed by another call, and look at them a little later."""
    wanted = {row.object_key for row in found if row.object_key and row.state == ItemState.PENDING}
    if not wanted:
        return found
    flying = f"{IN_FLIGHT} AND object_key IN ({_places(wanted)})"
    taken = {key for (key,) in rows.every(flying, list(wanted))}
    kept, late = [], []
    for row in found:
        if row.state == ItemState.PENDING and row.object_key and row.object_key in taken:
            late.append(row.pk)
            continue
        kept.append(row)
        if row.state == ItemState.PENDING and row.object_key:
            taken.add(row.object_key)
    if late:
        Item.objects.filter(pk__in=late).update(not_before=now + timedelta(seconds=timing.busy))
    return kept


def _claimed(row: Item, owner: str, until: datetime, ends: float) -> Claim:
    row.lease_owner, row.lease_until, row.fence = owner, until, row.fence + 1
    return Claim(row, row.fence, ends)


def hand_over(job_id: Any, owner: str, keys: Collection[int], least: int) -> bool:
    """Whether another pump goes on with the job, so that this one may end its round; then its own rows say so.

    One goes on that has claimed so many fresh rows and not sent them yet. The first rows tell: claims begin there.
    ``keys``: of the rows in hand, of whatever job.
    """
    with storage.write():
        list(storage.locked(Job.objects).filter(pk=job_id).values_list("pk"))  # one pump after the other
        now, first = storage.now(), Item.objects.filter(job_id=job_id, state=ItemState.PENDING, not_before=None)
        held = first.order_by("id").values_list("lease_owner", "lease_until")[:LOOKED_AT]
        if sum(until is not None and until > now and _goes_on(other, owner) for other, until in held) < least:
            return False
        mine = Item.objects.filter(pk__in=keys, lease_owner=owner, state=ItemState.PENDING)
        # Others are just being sent.
        free = list(mine.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
        mine.filter(pk__in=free).update(lease_owner=f"{owner}{ENDING}")
    return True


def _goes_on(other: str, owner: str) -> bool:
    return other not in ("", owner) and not other.endswith(ENDING)


def release(held: Claim, *, wait: float | None = None, message: str | None = None, looked: bool = False) -> None:
    """Give an item back that is not being sent; ``wait`` seconds before it may be claimed again.

    ``looked``: a look at its outcome brought none, which counts.
    """
    changes: dict[str, Any] = {"lease_owner": "", "lease_until": None}
    if looked:
        changes["checks"] = F("checks") + 1
    with storage.write():
        if wait:
            changes["not_before"] = storage.now() + timedelta(seconds=wait)
        if message is not None:
            changes["message"] = message[:500]
        held.mine.filter(state__in=(ItemState.PENDING, ItemState.UNKNOWN)).update(**changes)
