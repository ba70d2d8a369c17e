"""Caps per day, counted per credential and rate class. A day begins at midnight UTC.

The service may know better: it says that a day is used up, also of a class of which no cap is known, and until when.
"""

import math
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

from zoomapi.client.errors import NoPermit
from zoomapi.spec.limits import RateClass

LOOK = (
    30.0  # seconds between two looks whether a class without a cap is used up; whoever is told so pauses the class for
)
# longer, which holds all other processes until they look


def utc_now() -> datetime:
    return datetime.now(UTC)


def until_midnight(now: datetime) -> float:
    """Seconds until the UTC day ends."""
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=UTC)
    return (tomorrow - now).total_seconds()


class QuotaStore(Protocol):
    def use(self, credential: str, rate: RateClass) -> bool:
        """Count one call; False, uncounted, when the day's cap is reached or the service says that it is."""

    def give_back(self, credential: str, rate: RateClass) -> None:
        """Take one call off the count."""

    def exhaust(self, credential: str, rate: RateClass, seconds: float | None = None) -> None:
        """Remember that nothing is left for so long, or until midnight."""

    def spent_for(self, credential: str, rate: RateClass) -> float:
        """Seconds until the end of that; 0.0 when it is over."""

    def used(self, credential: str, rate: RateClass) -> int:
        """Calls counted today."""

    def until_reset(self) -> float:
        """Seconds until the counts start again."""


class MemoryQuotas:
    """Counts of this process only; lost when it ends."""

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str, str], int] = {}
        self._spent: dict[tuple[str, str], datetime] = {}

    def use(self, credential: str, rate: RateClass) -> bool:
        with self._lock:
            key = self._key(credential, rate)
            count = self._counts.get(key, 0)
            if self._left(credential, rate) > 0 or (rate.per_day is not None and count >= rate.per_day):
                return False
            self._counts[key] = count + 1
            return True

    def give_back(self, credential: str, rate: RateClass) -> None:
        with self._lock:
            key = self._key(credential, rate)
            self._counts[key] = max(self._counts.get(key, 0) - 1, 0)

    def exhaust(self, credential: str, rate: RateClass, seconds: float | None = None) -> None:
        with self._lock:
            seconds = max(self.until_reset() if seconds is None else seconds, self._left(credential, rate))
            self._spent[credential, rate.quota] = self._now() + timedelta(seconds=seconds)

    def spent_for(self, credential: str, rate: RateClass) -> float:
        with self._lock:
            return self._left(credential, rate)

    def used(self, credential: str, rate: RateClass) -> int:
        with self._lock:
            return self._counts.get(self._key(credential, rate), 0)

    def until_reset(self) -> float:
        return until_midnight(self._now())

    def _left(self, credential: str, rate: RateClass) -> float:
        until = self._spent.get((credential, rate.quota))
        return max((until - self._now()).total_seconds(), 0.0) if until is not None else 0.0

    def _key(self, credential: str, rate: RateClass) -> tuple[str, str, str]:
        return credential, rate.quota, self._now().date().isoformat()


class Days:
    """What all permits ask about the day. Classes without a cap cost no question of the store, but now and then."""

    def __init__(self, quotas: QuotaStore | None, clock: Callable[[], float]) -> None:
        self._quotas, self._clock = quotas, clock
        self._seen: dict[tuple[str, str], tuple[float, float]] = {}  # when it was asked, and until when it was used up

    def spend(self, credential: str, rate: RateClass) -> None:
        """Count one call; raise NoPermit when the day is used up."""
        if self._quotas is None:
            return
        if rate.per_day is None:
            self._refuse_if_spent(rate, self._known(credential, rate))
        elif not self._quotas.use(credential, rate):
            self._refuse_if_spent(rate, self._quotas.spent_for(credential, rate))
            wait = self._quotas.until_reset()
            raise NoPermit(
                f"The {rate.per_day:,} {rate.label or rate.name} calls Zoom allows in a day are used up. Nothing was "
                f"sent. The count starts again at midnight UTC, in {wait / 3600:.1f} hours.",
                wait=wait,
                daily=True,
            )

    def refund(self, credential: str, rate: RateClass) -> None:
        if self._quotas is not None and rate.per_day is not None:
            with suppress(NoPermit):  # one call too many stays counted
                self._quotas.give_back(credential, rate)

    def exhaust(self, credential: str, rate: RateClass, seconds: float | None) -> None:
        if self._quotas is not None:
            self._quotas.exhaust(credential, rate, seconds)
            self._seen.pop((credential, rate.quota), None)

    def look_again(self, credential: str, rate: RateClass) -> None:
        """Nothing was permitted: raise NoPermit of the day when another process was told that it is used up."""
        if self._quotas is None or rate.per_day is not None:
            return
        self._seen.pop((credential, rate.quota), None)
        self._refuse_if_spent(rate, self._known(credential, rate))

    def _known(self, credential: str, rate: RateClass) -> float:
        """Seconds until the end of a used up day, as far as known. A store that fails is no reason not to call."""
        now, (asked, until) = self._clock(), self._seen.get((credential, rate.quota), (-math.inf, -math.inf))
        if self._quotas is not None and now >= asked + LOOK:
            with suppress(NoPermit):
                left = self._quotas.spent_for(credential, rate)
                until = now + left if left else -math.inf
            self._seen[credential, rate.quota] = (now, until)
        return until - now

    def _refuse_if_spent(self, rate: RateClass, wait: float) -> None:
        if wait <= 0:
            return
        again = utc_now() + timedelta(seconds=wait)
        raise NoPermit(
            f"Zoom says that the day's {rate.label or rate.name} calls are used up. Nothing was sent. "
            f"Its count starts again at {again:%Y-%m-%d %H:%M} UTC.",
            wait=wait,
            daily=True,
        )
