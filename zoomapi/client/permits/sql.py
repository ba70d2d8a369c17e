"""Permits and day counts as rows of a database that all processes share: SQLite or PostgreSQL.

Every step is one statement, atomic by itself. ``connect`` returns a DB-API connection in autocommit mode (Django's
``connection`` is one); it is called once per thread, or, ``shared``, once for all of them, and again after an error.

The clock: PostgreSQL's own, so machines need not agree. SQLite's users share one machine, whose monotonic clock runs
the same for all processes and does not jump when the time of day is corrected. After a restart of the machine it
starts again from zero; a row that claims to be free later than any rule allows is therefore taken for free soon.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, Protocol

from zoomapi.client.errors import NoPermit
from zoomapi.client.permits import statements
from zoomapi.client.permits.base import (
    EARLY,
    HELD_NAP,
    LEASE,
    LONGEST_HOLD,
    NARROWING,
    PRESENCE,
    WIDEST,
    Busy,
    Grant,
    Lane,
    Stamp,
    Standing,
    reserve,
)
from zoomapi.client.permits.quotas import QuotaStore, until_midnight, utc_now
from zoomapi.client.permits.slots import SlotPermits
from zoomapi.spec.limits import RateClass

NEVER = -1e12


class Connection(Protocol):
    """What is used of a DB-API connection in autocommit mode."""

    def cursor(self) -> Any: ...
    def close(self) -> Any: ...


class Database:
    """One database and how it words things. ``placeholder``: "?" for the sqlite3 module, "%s" for the others.

    ``shared``: the threads take turns at one connection, which may then be used by any of them. Its pages and prepared
    statements stay warm, and a step takes microseconds.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        vendor: str,
        placeholder: str | None = None,
        clock: Callable[[], float] | None = None,
        *,
        shared: bool = False,
    ) -> None:
        if vendor not in {"sqlite", "postgresql"}:
            raise ValueError("The permits can be kept in SQLite or PostgreSQL.")
        self._connect = connect
        self._vendor = vendor
        self._placeholder = placeholder or ("?" if vendor == "sqlite" else "%s")
        self._clock = clock or (time.monotonic if vendor == "sqlite" else None)
        self._held: Any = SimpleNamespace() if shared else threading.local()
        self._turn: AbstractContextManager[object] = threading.RLock() if shared else nullcontext()

    def run(self, template: str, values: Mapping[str, Any]) -> tuple[int, list[Any]]:
        """Run one statement; return the number of rows changed and the rows answered. NoPermit when it fails."""
        sql, names = statements.worded(template, self._vendor, self._placeholder, self._clock is None)
        with self._turn:
            if self._clock is not None:
                values = {**values, "now": self._clock()}
            return self._stubbornly(sql, [values[name] for name in names])

    def _stubbornly(self, sql: str, arguments: Sequence[Any]) -> tuple[int, list[Any]]:
        try:
            return self._execute(sql, arguments)
        except Exception:  # noqa: BLE001  # drivers differ; perhaps the connection is old
            self._drop()
        try:
            return self._execute(sql, arguments)  # a repeat is harmless: at worst a slot idles
        except Exception as problem:
            self._drop()
            raise NoPermit(
                "The rate limit could not be asked: its database did not answer. Nothing was sent. Try again shortly.",
                wait=1.0,
            ) from problem

    def _execute(self, sql: str, arguments: Sequence[Any]) -> tuple[int, list[Any]]:
        connection = getattr(self._held, "connection", None)
        if connection is None:
            connection = self._held.connection = self._connect()
        cursor = connection.cursor()
        try:
            cursor.execute(sql, arguments)
            rows = cursor.fetchall() if cursor.description else []
            return cursor.rowcount, rows
        finally:
            cursor.close()

    def _drop(self) -> None:
        connection = getattr(self._held, "connection", None)
        self._held.connection = None
        try:
            if connection is not None:
                connection.close()
        except Exception:  # noqa: BLE001, S110  # it is broken already
            pass


class SqlPermits(SlotPermits):
    """Permits in the tables of ``statements.SCHEMA``; day counts are in the same database if not told otherwise."""

    def __init__(self, database: Database, quotas: QuotaStore | None = None, **options: Any) -> None:
        super().__init__(quotas or SqlQuotas(database), **options)
        self._database = database
        self._ready: set[tuple[str, str]] = set()
        self._compares = True

    def attempt(self, credential: str, rate: RateClass, lane: Lane, within: float, holder: str) -> Grant | Busy:
        self._prepare(credential, rate)
        person = lane is Lane.INTERACTIVE
        if person:
            self._run(statements.PERSON, credential, rate)
        values = {"holder": holder, "within": within, "reserve": 0 if person else reserve(rate)}
        _, rows = self._run(statements.TAKE, credential, rate, **values)
        if rows:
            slot, wait, free_at = rows[0]
            return Grant(int(slot), holder, float(wait), float(free_at))
        _, rows = self._run(statements.LOOK, credential, rate, **values)
        paused, free, held = rows[0]
        if held is None and free is None:
            # Not even a slot that is out of bounds: the tables were emptied, or the file was replaced.
            self._ready.discard((credential, rate.name))
        wait = float(free) if free is not None else max(float(held or 0.0), HELD_NAP)
        return Busy(max(float(paused or 0.0), wait), held=free is None and held is not None and not paused)

    def depart(self, credential: str, rate: RateClass, grant: Grant) -> Stamp | Busy | None:
        _, rows = self._run(statements.DEPART, credential, rate, slot=grant.slot, holder=grant.holder, early=EARLY)
        if rows:
            return Stamp(float(rows[0][0]), float(rows[0][1]))
        wait = self.due_in(credential, rate, grant)
        if wait is not None:
            return Busy(wait)
        self.release(credential, rate, grant)
        return None

    def due_in(self, credential: str, rate: RateClass, grant: Grant) -> float | None:
        _, rows = self._run(statements.DUE, credential, rate, slot=grant.slot, holder=grant.holder)
        return float(rows[0][0]) if rows else None

    def shift(self, credential: str, rate: RateClass, grant: Grant, stamped: float, free_at: float) -> None:
        self._run(statements.SHIFT, credential, rate, slot=grant.slot, stamped=stamped, free_at=free_at)

    def compare(self, credential: str, rate: RateClass, grant: Grant, kind: str, took: float) -> list[float]:
        if not self._compares:
            return []
        try:
            self._run(statements.TELL, credential, rate, slot=grant.slot, kind=kind, took=took)
            _, rows = self._run(statements.TOLD, credential, rate, kind=kind)
        except NoPermit:
            # Perhaps a database without the table yet. A help, not worth a broken connection at every answer.
            self._compares = False
            return []
        return [float(row[0]) for row in rows]

    def standing(self, credential: str, rate: RateClass) -> Standing:
        _, rows = self._run(statements.STANDING, credential, rate)
        busy, paused, margin = rows[0]
        return Standing(int(busy), float(paused or 0.0), float(margin or 0.0))

    def release(self, credential: str, rate: RateClass, grant: Grant) -> None:
        self._run(statements.RELEASE, credential, rate, slot=grant.slot, holder=grant.holder)

    def hold(self, credential: str, rate: RateClass, seconds: float, factor: float, step: float) -> None:
        self._prepare(credential, rate)
        self._run(statements.HOLD, credential, rate, seconds=seconds, factor=factor, step=step)

    def _run(self, template: str, credential: str, rate: RateClass, **values: Any) -> tuple[int, list[Any]]:
        common = {
            "credential": credential,
            "rate": rate.name,
            "period": rate.period,
            "least": self.allowance(credential, rate),
            "widest": WIDEST * rate.period,
            "narrowing": NARROWING * rate.period,
            "ahead": rate.period * (1 + WIDEST) + 1,
            "lease": LEASE,
            "presence": PRESENCE,
            "longest": LONGEST_HOLD,
        }
        return self._database.run(template, common | values)

    def _prepare(self, credential: str, rate: RateClass) -> None:
        """Make the rows of a credential's class, once."""
        if (credential, rate.name) in self._ready:
            return
        self._run(statements.ADD_RATE, credential, rate, never=NEVER)
        for slot in range(rate.calls):
            self._run(statements.ADD_SLOT, credential, rate, never=NEVER, slot=slot)
        self._ready.add((credential, rate.name))


class SqlQuotas:
    """Day counts in the table zoom_quota."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utc_now) -> None:
        self._database, self._now = database, now

    def use(self, credential: str, rate: RateClass) -> bool:
        self._run(statements.ADD_DAY, credential, rate)
        return bool(self._run(statements.USE, credential, rate)[1])

    def give_back(self, credential: str, rate: RateClass) -> None:
        self._run(statements.REFUND, credential, rate)

    def exhaust(self, credential: str, rate: RateClass, seconds: float | None = None) -> None:
        wait = self.until_reset() if seconds is None else seconds
        self._run(statements.EXHAUST, credential, rate, ends_at=self._now().timestamp() + wait)

    def spent_for(self, credential: str, rate: RateClass) -> float:
        rows = self._run(statements.SPENT, credential, rate)[1]
        return float(rows[0][0]) if rows else 0.0

    def used(self, credential: str, rate: RateClass) -> int:
        rows = self._run(statements.USED, credential, rate)[1]
        return int(rows[0][0]) if rows else 0

    def until_reset(self) -> float:
        return until_midnight(self._now())

    def forget(self, oldest: date) -> int:
        """Drop the counts of all days before ``oldest``; return how many there were."""
        self._database.run(statements.FORGET_SPENT, {"time": self._now().timestamp()})
        return self._database.run(statements.FORGET_DAYS, {"oldest": oldest.isoformat()})[0]

    def _run(self, template: str, credential: str, rate: RateClass, **values: Any) -> tuple[int, list[Any]]:
        now = self._now()
        values |= {"credential": credential, "rate": rate.quota, "cap": rate.per_day or 0}
        return self._database.run(template, {**values, "day": now.date().isoformat(), "time": now.timestamp()})
