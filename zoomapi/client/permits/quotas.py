"""Caps per day, counted per credential and rate class. A day begins at midnight UTC."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

from zoomapi.spec.limits import RateClass


def utc_now() -> datetime:
    return datetime.now(UTC)


def until_midnight(now: datetime) -> float:
    """Seconds until the UTC day ends."""
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=UTC)
    return (tomorrow - now).total_seconds()


class QuotaStore(Protocol):
    def use(self, credential: str, rate: RateClass) -> bool:
        """Count one call; False, uncounted, when the day's cap is reached."""

    def give_back(self, credential: str, rate: RateClass) -> None:
        """Take one call off the count."""

    def exhaust(self, credential: str, rate: RateClass) -> None:
        """Set today's count to the cap."""

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

    def use(self, credential: str, rate: RateClass) -> bool:
        with self._lock:
            key = self._key(credential, rate)
            count = self._counts.get(key, 0)
            if rate.per_day is not None and count >= rate.per_day:
                return False
            self._counts[key] = count + 1
            return True

    def give_back(self, credential: str, rate: RateClass) -> None:
        with self._lock:
            key = self._key(credential, rate)
            self._counts[key] = max(self._counts.get(key, 0) - 1, 0)

    def exhaust(self, credential: str, rate: RateClass) -> None:
        with self._lock:
            self._counts[self._key(credential, rate)] = rate.per_day or 0

    def used(self, credential: str, rate: RateClass) -> int:
        with self._lock:
            return self._counts.get(self._key(credential, rate), 0)

    def until_reset(self) -> float:
        return until_midnight(self._now())

    def _key(self, credential: str, rate: RateClass) -> tuple[str, str, str]:
        return credential, rate.quota, self._now().date().isoformat()
