"""Permits within one process, and the absence of permits."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from zoomapi.client.permits.base import (
    EARLY,
    HELD_NAP,
    LEASE,
    NARROWING,
    PRESENCE,
    WIDEST,
    Busy,
    Grant,
    Lane,
    Permit,
    Stamp,
    Standing,
    reserve,
)
from zoomapi.client.permits.quotas import MemoryQuotas, QuotaStore
from zoomapi.client.permits.slots import SlotPermits
from zoomapi.spec.limits import RateClass

_LONG_AGO = float("-inf")


@dataclass
class _Slot:
    free_at: float = _LONG_AGO
    holder: str = ""
    lease_until: float = _LONG_AGO


@dataclass
class _Class:
    slots: list[_Slot]
    margin: float
    margin_at: float = _LONG_AGO
    paused_until: float = _LONG_AGO
    person_at: float = _LONG_AGO


class MemoryPermits(SlotPermits):
    """Shared by the threads of one process. The same semantics as the shared stores, and as fast as a lock."""

    def __init__(
        self, quotas: QuotaStore | None = None, *, clock: Callable[[], float] = time.monotonic, **options: Any
    ) -> None:
        super().__init__(quotas or MemoryQuotas(), **options)
        self.clock = clock
        self._classes: dict[tuple[str, str], _Class] = {}
        self._lock = threading.Lock()

    def attempt(self, credential: str, rate: RateClass, lane: Lane, within: float, holder: str) -> Grant | Busy:
        with self._lock:
            now, row = self.clock(), self._row(credential, rate)
            if lane is Lane.INTERACTIVE:
                row.person_at = now
            if row.paused_until > now:
                return Busy(row.paused_until - now)
            kept = reserve(rate) if lane is Lane.BULK and row.person_at > now - PRESENCE else 0
            open_slots = [n for n, s in enumerate(row.slots) if n >= kept and (not s.holder or s.lease_until < now)]
            if not open_slots:
                return Busy(max(min(s.free_at for s in row.slots[kept:]) - now, HELD_NAP), held=True)
            number = min(open_slots, key=lambda n: row.slots[n].free_at)
            wait = max(row.slots[number].free_at - now, 0.0)
            if wait > within:
                return Busy(wait)
            row.slots[number].holder, row.slots[number].lease_until = holder, now + wait + LEASE
            return Grant(number, holder, wait, row.slots[number].free_at)

    def depart(self, credential: str, rate: RateClass, grant: Grant) -> Stamp | Busy | None:
        least = self.allowance(credential, rate)
        with self._lock:
            now, row = self.clock(), self._row(credential, rate)
            slot = row.slots[grant.slot]
            if slot.holder != grant.holder:
                return None
            if row.paused_until <= now and slot.free_at > now + EARLY:
                return Busy(slot.free_at - now)
            slot.holder = ""
            if row.paused_until > now:
                return None
            margin = self._margin(row, rate, now, least)
            slot.free_at = now + rate.period + margin
            return Stamp(slot.free_at, margin)

    def due_in(self, credential: str, rate: RateClass, grant: Grant) -> float | None:
        with self._lock:
            slot = self._row(credential, rate).slots[grant.slot]
            return slot.free_at - self.clock() if slot.holder == grant.holder else None

    def shift(self, credential: str, rate: RateClass, grant: Grant, stamped: float, free_at: float) -> None:
        with self._lock:
            slot = self._row(credential, rate).slots[grant.slot]
            if slot.free_at == stamped:
                slot.free_at = free_at

    def standing(self, credential: str, rate: RateClass) -> Standing:
        least = self.allowance(credential, rate)
        with self._lock:
            now, row = self.clock(), self._row(credential, rate)
            busy = sum(s.free_at > now or bool(s.holder and s.lease_until >= now) for s in row.slots)
            return Standing(busy, max(row.paused_until - now, 0.0), self._margin(row, rate, now, least))

    def release(self, credential: str, rate: RateClass, grant: Grant) -> None:
        with self._lock:
            slot = self._row(credential, rate).slots[grant.slot]
            if slot.holder == grant.holder:
                slot.holder = ""

    def hold(self, credential: str, rate: RateClass, seconds: float, factor: float, step: float) -> None:
        least = self.allowance(credential, rate)
        with self._lock:
            now, row = self.clock(), self._row(credential, rate)
            if row.paused_until <= now:
                margin = self._margin(row, rate, now, least)
                row.margin = min(factor * (rate.period + margin) - rate.period + step, WIDEST * rate.period)
                row.margin_at = now
            row.paused_until = max(row.paused_until, now + seconds)

    def _margin(self, row: _Class, rate: RateClass, now: float, least: float) -> float:
        return max(least, row.margin - max(now - row.margin_at, 0.0) * NARROWING * rate.period)

    def _row(self, credential: str, rate: RateClass) -> _Class:
        key = (credential, rate.name)
        if key not in self._classes:
            self._classes[key] = _Class([_Slot() for _ in range(rate.calls)], self.margin * rate.period)
        return self._classes[key]


class _Free:
    def departed(self) -> bool:
        return True

    def left(self) -> None:
        """Nothing to correct."""

    def answered(self, kind: str = "") -> None:
        """Nothing to learn from."""

    def give_back(self) -> None:
        """Nothing was taken."""


class Unlimited:
    """No limit at all: for a sandbox without limits and for measurements. A pause is slept by the caller itself."""

    def take(self, credential: str, rate: RateClass, lane: Lane, patience: float) -> Permit:
        return _FREE

    def spend(self, credential: str, rate: RateClass) -> None:
        """Nothing is counted."""

    def refund(self, credential: str, rate: RateClass) -> None:
        """Nothing was counted."""

    def pause(self, credential: str, rate: RateClass, seconds: float, *, named: bool = True) -> None:
        """Nobody to hold."""

    def exhaust(self, credential: str, rate: RateClass, seconds: float | None = None) -> None:
        """Nothing is counted."""

    def spent_for(self, credential: str, rate: RateClass) -> float:
        return 0.0

    def standing(self, credential: str, rate: RateClass) -> Standing:
        return Standing()

    def used_today(self, credential: str, rate: RateClass) -> int | None:
        return None


_FREE = _Free()
