"""Rate limits (section "Rate Limits"): a strict sliding window for each credential and class, and caps for a day."""

import math
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any, Protocol

from zoomapi.sandbox.clock import Clock, stamp
from zoomapi.sandbox.errors import Refusal
from zoomapi.spec.limits import RateClass

DAY = 86400


@dataclass
class Counter:
    """What one class has seen: requests let through and refused, and when the first and last came (server time)."""

    served: int = 0
    refused: int = 0
    refused_daily: int = 0
    first_at: float | None = None
    last_at: float | None = None


@dataclass
class _Day:
    number: int = 0
    count: int = 0


class Days(Protocol):
    """Where counts per day outlive the process; a day is its number since 1970."""

    def read(self, credential: str, quota: str) -> tuple[int, int]: ...
    def keep(self, credential: str, quota: str, day: int, count: int) -> None: ...


class Limiter:
    """Lets requests through or raises 429. Refused requests do not count against the rate.

    Without ``days`` a restart begins the day anew.
    """

    def __init__(self, clock: Clock, *, enforce: bool = True, days: Days | None = None) -> None:
        self.enforce = enforce
        self._kept = days if enforce else None
        self._clock = clock
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._arrivals: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
            self._days: defaultdict[tuple[str, str], _Day] = defaultdict(_Day)
            self._counters: defaultdict[str, Counter] = defaultdict(Counter)

    def take(self, credential: str, rate: RateClass) -> dict[str, str]:
        """Count one request; return the headers that tell what is left."""
        now = time.monotonic()
        with self._lock:
            arrivals, counter = self._arrivals[credential, rate.name], self._counters[rate.name]
            day = self._today(credential, rate, counter)
            while arrivals and arrivals[0] <= now - rate.period:
                arrivals.popleft()
            if self.enforce and len(arrivals) >= rate.calls:
                counter.refused += 1
                raise rate_refusal(rate, arrivals[0] + rate.period - now)
            arrivals.append(now)
            day.count += 1
            number, count = day.number, day.count
            counter.served += 1
            counter.last_at = self._clock.now()
            counter.first_at = counter.first_at or counter.last_at
            left = max(0, rate.calls - len(arrivals))
        self._keep(credential, rate, number, count)
        return _headers(rate, "QPS", rate.calls, left)

    def count_day(self, credential: str, rate: RateClass) -> None:
        """Count one request against a cap per day alone."""
        with self._lock:
            counter = self._counters[rate.name]
            day = self._today(credential, rate, counter)
            day.count += 1
            number, count = day.number, day.count
            counter.served += 1
        self._keep(credential, rate, number, count)

    def _keep(self, credential: str, rate: RateClass, number: int, count: int) -> None:
        """Not under the lock: other classes need not wait for the database."""
        if self._kept and rate.per_day is not None:
            self._kept.keep(credential, rate.quota, number, count)

    def _today(self, credential: str, rate: RateClass, counter: Counter) -> _Day:
        """Return today's count; refuse when the cap is reached."""
        number = int(self._clock.now() // DAY)
        day = self._days[credential, rate.quota]
        if not day.number and self._kept and rate.per_day is not None:
            day.number, day.count = self._kept.read(credential, rate.quota)
        if day.number != number:
            day.number, day.count = number, 0
        if self.enforce and rate.per_day is not None and day.count >= rate.per_day:
            counter.refused += 1
            counter.refused_daily += 1
            raise daily_refusal(rate, (number + 1) * DAY)
        return day

    def stats(self) -> dict[str, dict[str, Any]]:
        with self._lock:
            return {name: dict(vars(counter)) for name, counter in self._counters.items()}


def rate_refusal(rate: RateClass, wait: float, retry_after: str | None = None) -> Refusal:
    """429 of the window; ``wait`` is in seconds, ``retry_after`` overrides the header's text."""
    headers = _headers(rate, "QPS", rate.calls, 0)
    headers["Retry-After"] = retry_after if retry_after is not None else str(max(1, math.ceil(wait)))
    unit = "minute" if rate.period >= 60 else "second"
    return Refusal(429, 429, f"You have reached the maximum per-{unit} rate limit for this API.", headers=headers)


def daily_refusal(rate: RateClass, midnight: float) -> Refusal:
    """429 of the day; Retry-After is the moment (UTC) at which the next day begins."""
    headers = _headers(rate, "Daily-limit", rate.per_day or 0, 0)
    headers["Retry-After"] = headers["X-RateLimit-Reset"] = stamp(midnight)
    return Refusal(
        429, 429, f"You have reached the daily limit of {rate.per_day} requests for this API.", headers=headers
    )


def _headers(rate: RateClass, kind: str, limit: int, left: int) -> dict[str, str]:
    return {
        "X-RateLimit-Category": rate.label or rate.name,
        "X-RateLimit-Type": kind,
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(left),
    }
