"""How many calls were made today, by whom and for whom. Counted in memory and written down every few seconds.

A process that dies loses the last seconds of its count: this is a gauge for people. The limits themselves, and the
counts per day that Zoom caps, are kept by the permits.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import NamedTuple

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponseBase

from portal.audit import rows
from portal.gateway.models import Usage

SECONDS = 4.0  # between two writes of one process

logger = logging.getLogger(__name__)


class Caller(NamedTuple):
    """Keys of what a call belongs to; 0 stands for the portal itself and for the master account."""

    connection: int
    rate: str
    lane: str
    actor: int = 0
    account: int = 0


def today() -> date:
    """The day as Zoom counts it."""
    return datetime.now(UTC).date()


class Tally:
    """The counts of this process that are not written yet."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._counts: Counter[tuple[date, Caller]] = Counter()
        self._written = clock()

    def note(self, caller: Caller) -> None:
        """Count one call; now and then this writes, outside any transaction of the caller."""
        with self._lock:
            self._counts[today(), caller] += 1
            due = self._clock() - self._written >= SECONDS
        if due:
            self.flush()

    def flush(self) -> None:
        """Write what was counted. A database that cannot be written only makes the gauge late."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
            self._written = self._clock()
        if not counts:
            return
        try:
            with transaction.atomic():  # one commit, and always in the same order, so that two writers cannot block
                for (day, caller), number in sorted(counts.items()):
                    _add(day, caller, number)
        except DatabaseError:
            logger.warning("The use of Zoom's permits could not be written down; it is tried again.")
            with self._lock:
                self._counts += counts


def _add(day: date, caller: Caller, number: int) -> None:
    row = Usage(day=day, **caller._asdict(), calls=number)
    rows.insert(row, unless=("day", *Caller._fields), then="calls = gateway_usage.calls + EXCLUDED.calls")


tally = Tally()


def write_down(**_: object) -> None:
    """Write what a task has counted: its process may then be idle for long."""
    tally.flush()


class UsageMiddleware:
    """Writes down the calls of a request once it is answered: the process may then be idle for long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        tally.flush()
        return response
