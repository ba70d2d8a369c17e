"""Taking slots, waiting for them and departing: common to all stores. How and why is told in ``base``."""

import math
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress

from zoomapi.client.errors import NoPermit
from zoomapi.client.permits.base import (
    ALLOWED,
    FOLLOWING,
    HELD_NAP,
    HURRY,
    LONGEST_HOLD,
    LONGEST_NAP,
    MARGIN,
    SHORTEST_NAP,
    SLOWER,
    WIDENING,
    Busy,
    Grant,
    Lane,
    Permit,
    Stamp,
    Standing,
)
from zoomapi.client.permits.experience import Experience
from zoomapi.client.permits.in_hand import Departure, SlotPermit
from zoomapi.client.permits.line import Bell, Line
from zoomapi.client.permits.quotas import Days, QuotaStore
from zoomapi.spec.limits import RateClass


class SlotPermits:
    """The waiting, common to all stores, which supply ``attempt``, ``depart``, ``due_in``, ``shift``, ``release`` and
    ``hold``."""

    def __init__(
        self,
        quotas: QuotaStore | None = None,
        *,
        margin: float = MARGIN,
        sleep: Callable[[float], None] = time.sleep,
        local_clock: Callable[[], float] = time.monotonic,
        bell: Callable[[], Bell] = threading.Event,
    ) -> None:
        self.quotas = quotas
        self.margin = margin
        self.local_clock = local_clock
        self._days = Days(quotas, local_clock)
        self._sleep = sleep
        self._bell = bell
        self._lines: dict[tuple[str, str], Line] = {}
        self._experiences: dict[tuple[str, str], Experience] = {}
        self._departures: dict[tuple[str, str, int], Departure] = {}
        self._mutex = threading.Lock()

    def attempt(self, credential: str, rate: RateClass, lane: Lane, within: float, holder: str) -> Grant | Busy:
        """Try once, atomically, for a slot that is free within so many seconds."""
        raise NotImplementedError

    def depart(self, credential: str, rate: RateClass, grant: Grant) -> Stamp | Busy | None:
        """Stamp a departure now; Busy when the slot's time has been put off.

        None when the slot is no longer the holder's or the class is paused; it is then given back.
        """
        raise NotImplementedError

    def due_in(self, credential: str, rate: RateClass, grant: Grant) -> float | None:
        """Seconds until the slot's time as it is now; None when the slot is no longer the holder's."""
        raise NotImplementedError

    def shift(self, credential: str, rate: RateClass, grant: Grant, stamped: float, free_at: float) -> None:
        """Let the slot that was ``stamped`` be free at ``free_at``, unless it has departed since."""
        raise NotImplementedError

    def compare(self, credential: str, rate: RateClass, grant: Grant, kind: str, took: float) -> list[float]:
        """Tell other processes how long the slot's call took; return the same of all slots' latest of this kind."""
        return [took]

    def release(self, credential: str, rate: RateClass, grant: Grant) -> None:
        """Give a slot back as it was."""
        raise NotImplementedError

    def hold(self, credential: str, rate: RateClass, seconds: float, factor: float, step: float) -> None:
        """Pause, and unless paused already widen the margin to ``factor`` * (period + margin) - period + step."""
        raise NotImplementedError

    def standing(self, credential: str, rate: RateClass) -> Standing:
        raise NotImplementedError

    def used_today(self, credential: str, rate: RateClass) -> int | None:
        if self.quotas is None or rate.per_day is None:
            return None
        return self.quotas.used(credential, rate)

    def spent_for(self, credential: str, rate: RateClass) -> float:
        return 0.0 if self.quotas is None else self.quotas.spent_for(credential, rate)

    def take(self, credential: str, rate: RateClass, lane: Lane, patience: float) -> Permit:
        self.spend(credential, rate)
        try:
            grant = self._wait(credential, rate, lane, patience)
            former = self._departures.get((credential, rate.name, grant.slot))
            if former is not None and not former.precedes(grant):
                former = None
            return SlotPermit(self, credential, rate, grant, self._doze(credential, rate, grant), former)
        except BaseException as problem:
            self.refund(credential, rate)
            if isinstance(problem, NoPermit):
                self._days.look_again(credential, rate)
            raise

    def pause(self, credential: str, rate: RateClass, seconds: float, *, named: bool = True) -> None:
        factor, step = (1.0, WIDENING * rate.period) if named else (1 / SLOWER, 0.0)
        self.hold(credential, rate, min(max(seconds, 0.0), LONGEST_HOLD), factor, step)

    def exhaust(self, credential: str, rate: RateClass, seconds: float | None = None) -> None:
        self._days.exhaust(credential, rate, seconds)

    def refund(self, credential: str, rate: RateClass) -> None:
        """Undo the day quota's count of a permit that was not used."""
        self._days.refund(credential, rate)

    def spend(self, credential: str, rate: RateClass) -> None:
        self._days.spend(credential, rate)

    def experience(self, credential: str, rate: RateClass) -> Experience:
        with self._mutex:
            key = (credential, rate.name)
            if key not in self._experiences:
                self._experiences[key] = Experience(rate, self.margin)
            return self._experiences[key]

    def allowance(self, credential: str, rate: RateClass) -> float:
        """Seconds a departure allows for a later arrival than the next one's, if no refusal asked for more."""
        return self.experience(credential, rate).allowance

    def departure(self, credential: str, rate: RateClass, grant: Grant, stamp: Stamp) -> Departure:
        """Keep a departure, for the slot's next holder in this process."""
        departure = Departure(stamp, self._bell())
        self._departures[credential, rate.name, grant.slot] = departure
        return departure

    def sleep_until_due(
        self, credential: str, rate: RateClass, grant: Grant, due: float, former: Departure | None
    ) -> float:
        """Sleep to a moment of the local clock, or until an answer has set the slot free before."""
        if former is not None:
            former.bell.wait(max(due - self.local_clock(), 0.0))
            due += former.stamp.free_at - grant.free_at
            if (left := due - self.local_clock()) > 0:
                self._sleep(left)
            return due
        known = self.experience(credential, rate)
        expected = due - known.told
        while (left := due - self.local_clock()) > 0:
            nap = max(known.peek, expected - self.local_clock())
            self._sleep(min(left, nap))
            if left > nap:
                wait = self.due_in(credential, rate, grant)
                due = self.local_clock() + (wait or 0.0)
        return due

    def _line(self, credential: str, rate: RateClass) -> Line:
        with self._mutex:
            key = (credential, rate.name)
            if key not in self._lines:
                self._lines[key] = Line(self.local_clock, self._bell)
            return self._lines[key]

    def _wait(self, credential: str, rate: RateClass, lane: Lane, patience: float) -> Grant:
        until, holder = self.local_clock() + patience, uuid.uuid4().hex
        if lane is Lane.INTERACTIVE:
            return self._until_granted(rate, until, lambda left: self.attempt(credential, rate, lane, left, holder))
        line = self._line(credential, rate)
        line.join(holder)
        try:
            return self._until_granted(rate, until, lambda left: self._in_line(credential, rate, line, left, holder))
        finally:
            line.leave(holder)

    def _until_granted(self, rate: RateClass, until: float, ask: Callable[[float], Grant | Busy]) -> Grant:
        while True:
            left = max(until - self.local_clock(), 0.0)
            found = ask(left)
            if isinstance(found, Grant):
                return found
            left = max(until - self.local_clock(), 0.0)  # the turn may have come late
            if found.wait > left or left <= 0:
                raise NoPermit(
                    f"Zoom's limit of {rate} leaves no room just now. Nothing was sent. "
                    f"Try again in {max(found.wait, 1.0):.0f} s.",
                    wait=found.wait,
                )
            self._sleep(min(max(found.wait, SHORTEST_NAP), LONGEST_NAP, left + SHORTEST_NAP))

    def _in_line(self, credential: str, rate: RateClass, line: Line, left: float, holder: str) -> Grant | Busy:
        """Sleep while others are first; then ask the store, unless it is known to have nothing yet."""
        until = self.local_clock() + left
        while (wait := line.until_turn(holder)) == math.inf and left > 0:
            line.sleep(holder, left)
            left = until - self.local_clock()
        if 0 < wait <= left:
            return Busy(wait)
        lead = self.experience(credential, rate).lead + line.courtesy
        found = self.attempt(credential, rate, Lane.BULK, lead, holder)
        if isinstance(found, Grant):
            line.served((FOLLOWING if found.wait > 0 else HURRY) * rate.period / rate.calls)
            return found
        wait = found.wait + (1 - ALLOWED) * rate.period if found.held else found.wait
        wait = max(wait - lead, min(found.wait, HELD_NAP))
        line.refused(wait)
        return Busy(wait)

    def _doze(self, credential: str, rate: RateClass, grant: Grant) -> float:
        """Sleep until shortly before the slot's time; return that time."""
        due = self.local_clock() + grant.wait
        early = grant.wait - self.experience(credential, rate).lead
        try:
            if early > 0:
                self._sleep(early)
        except BaseException:
            with suppress(NoPermit):
                self.release(credential, rate, grant)
            raise
        return due
