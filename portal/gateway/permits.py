"""The keeper of the rate limits, shared by every process of the portal.

In Redis or Valkey when CACHE_URL names one, else in the portal's database. While the server does not answer, the
database keeps the limits: slower, but nobody waits for it to come back.

Where that database is SQLite, the slots live in a file beside it: a stamp must not queue for the one writer's lock
behind an intent on its way to the disk, or it would tell a time before the real departure. Slots may be lost, they are
as old as a second; day counts may not, and stay in the database.
"""

import logging
import os
import sqlite3
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection

from zoomapi.client.errors import NoPermit
from zoomapi.client.permits import Lane, Permit, Permits, Standing
from zoomapi.client.permits.redis import RedisPermits
from zoomapi.client.permits.sql import Database, SqlPermits, SqlQuotas
from zoomapi.client.permits.statements import SCHEMA
from zoomapi.spec.limits import RateClass

PATIENCE = 1.0  # seconds for the server's answer
AVOIDED = 10.0  # seconds for which a server that did not answer in time is not asked again ...
SOON = 0.5  # ... and one that is not there: to ask costs nothing, and who asks late meanwhile keeps limits of his own

log = logging.getLogger(__name__)


class WithFallback:
    """Asks ``first``; while that fails, ``second``. A change of keeper waits a period: neither knows the other's."""

    def __init__(self, first: Permits, second: Permits, clock: Callable[[], float] = time.monotonic) -> None:
        self._first, self._second, self._clock = first, second, clock
        self._avoid_until = 0.0
        self._last: dict[tuple[str, str], Permits] = {}

    def take(self, credential: str, rate: RateClass, lane: Lane, patience: float) -> Permit:
        keeper = self._keeper()
        try:
            self._hand_over(keeper, credential, rate)
            return keeper.take(credential, rate, lane, patience)
        except NoPermit as problem:
            if keeper is self._second or not isinstance(problem.__cause__, redis.RedisError):
                raise
            self._avoid(problem)
        self._hand_over(self._second, credential, rate)
        return self._second.take(credential, rate, lane, patience)

    def pause(self, credential: str, rate: RateClass, seconds: float, *, named: bool = True) -> None:
        try:
            self._keeper().pause(credential, rate, seconds, named=named)
        except NoPermit as problem:
            self._avoid(problem)
            self._second.pause(credential, rate, seconds, named=named)

    def spend(self, credential: str, rate: RateClass) -> None:
        self._second.spend(credential, rate)

    def refund(self, credential: str, rate: RateClass) -> None:
        self._second.refund(credential, rate)

    def exhaust(self, credential: str, rate: RateClass, seconds: float | None = None) -> None:
        # Both keep days in the database, and each remembers for a while what it has read there.
        self._second.exhaust(credential, rate, seconds)
        self._first.exhaust(credential, rate, seconds)

    def spent_for(self, credential: str, rate: RateClass) -> float:
        return self._second.spent_for(credential, rate)

    def standing(self, credential: str, rate: RateClass) -> Standing:
        return self._keeper().standing(credential, rate)

    def used_today(self, credential: str, rate: RateClass) -> int | None:
        return self._second.used_today(credential, rate)

    def _keeper(self) -> Permits:
        return self._second if self._clock() < self._avoid_until else self._first

    def _avoid(self, problem: NoPermit) -> None:
        seconds = AVOIDED if isinstance(problem.__cause__, redis.TimeoutError) else SOON
        log.warning("The server of the rate limits does not answer; the database keeps them for %.1f s.", seconds)
        self._avoid_until = self._clock() + seconds

    def _hand_over(self, keeper: Permits, credential: str, rate: RateClass) -> None:
        key = (credential, rate.name)
        before = self._last.get(key)
        if before is not None and before is not keeper:
            keeper.pause(credential, rate, rate.period + SOON)  # others that find it gone change so much later
        self._last[key] = keeper


def permits() -> Permits:
    """This process's keeper."""
    return _permits(os.getpid(), settings.CACHE_URL)


@lru_cache(maxsize=2)
def _permits(_process: int, address: str) -> Permits:
    in_database = sql_permits()
    if not address.startswith(("redis://", "rediss://")):
        return in_database
    server = redis.Redis.from_url(address, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    return WithFallback(RedisPermits(server, in_database.quotas), in_database)


def day_counts() -> SqlQuotas:
    """The counts per day, which are always in the portal's database."""
    return SqlQuotas(_main())


def _main() -> Database:
    return Database(lambda: connection, connection.vendor, placeholder="%s")


def sql_permits() -> SqlPermits:
    """Slots and day counts in SQL: all in the portal's database, or the slots in a file beside an SQLite one."""
    database = _main()
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or "memory" in name:
        return SqlPermits(database)
    return SqlPermits(Database(lambda: _open(Path(f"{name}-permits")), "sqlite", shared=True), SqlQuotas(database))


def _open(file: Path) -> sqlite3.Connection:
    opened = sqlite3.connect(file, isolation_level=None, timeout=10, check_same_thread=False)
    opened.execute("PRAGMA journal_mode=WAL")
    opened.execute("PRAGMA synchronous=OFF")  # slots may be lost, and who departs must not wait for a disk
    for statement in SCHEMA:
        opened.execute(statement)
    return opened
