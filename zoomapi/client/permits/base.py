"""Rate permits: how many processes together keep below a limit of N calls per period.

A rate class of N per period is N slots per credential. A slot is free again one period plus a margin after its last
departure, so each slot departs at most once in any window of one period, and all together at most N times. To depart
a caller first *takes* a slot (it is then his), sleeps until it is free, and *stamps* the departure after waking, when
the real time is known. A slot whose taker died is free to take again when its lease ends; a taker who comes back
later than that finds the stamp refused and takes another.

Two lanes: interactive takes a slot ahead of its time; bulk takes only a slot that is free within ``LEAD``, so that what
must be written before the send costs no rate, and while a person was active in the last seconds it leaves two slots
alone. A pause (after a 429) holds everybody, and widens the margin, which narrows again slowly. What was widened is
only kept as far as it was needed: a call that came back as quickly as any cannot have arrived late, so its slot gets
the rest of the wider margin back (``answered``).

Each store has one clock: the database's, the server's, or, for SQLite and memory, this machine's monotonic one.
"""

import math
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from zoomapi.client.errors import NoPermit
from zoomapi.client.permits.quotas import QuotaStore
from zoomapi.spec.limits import RateClass

MARGIN = 0.02  # share of the period; the same in seconds for a period of one second
WIDEST = 2.0  # periods; the margin never grows beyond
WIDENING = 0.06  # periods, by which a refusal widens the margin; what is not needed is given back
NARROWING = 0.0001  # periods a second, by which a widened margin shrinks
SLOWER = 0.7  # of the present rate, after a refusal that named no pause
LEASE = 30.0  # seconds a slot stays with its taker beyond the moment it is free
RESERVE = 2  # slots bulk leaves alone ...
PRESENCE = 5.0  # ... for so many seconds after a person's call
LONGEST_HOLD = 300.0  # seconds one pause lasts at most
LEAD = 0.06  # seconds before its time at which a slot is taken, for the intent to be written
LATE = 0.003  # seconds between stamp and send from which on the stamp is corrected
WORTHWHILE = 0.001  # seconds; less is not given back
REMEMBERED = 200  # answers, of which the quickest tells how long a call takes that nothing delayed
EARLY = 0.8  # of the time until one's turn, after which to see how far the line has come
LONGEST_NAP = 0.25  # seconds between two looks of a waiting caller
SHORTEST_NAP = 0.002
HELD_NAP = 0.02  # all slots are in hands; one will depart at any moment, and is then free a period later


class Lane(StrEnum):
    INTERACTIVE = "interactive"
    BULK = "bulk"


@dataclass(frozen=True)
class Grant:
    """A slot taken by ``holder``, free in ``wait`` seconds."""

    slot: int
    holder: str
    wait: float


@dataclass(frozen=True)
class Busy:
    """No slot now; looking again makes sense in ``wait`` seconds."""

    wait: float


@dataclass(frozen=True)
class Stamp:
    """A departure: the slot is free again at ``free_at``, ``spare`` seconds later than the least margin asks for."""

    free_at: float
    spare: float


@dataclass(frozen=True)
class Standing:
    """How a class stands now. ``busy`` of its slots cannot be taken; ``paused`` and ``margin`` are seconds."""

    busy: int = 0
    paused: float = 0.0
    margin: float = 0.0


class Permit(Protocol):
    def departed(self) -> bool:
        """Wait for the slot's time, then stamp the departure, right before the send.

        False: the permit has lapsed, do not send, take another.
        """

    def left(self) -> None:
        """The first byte is on its way."""

    def answered(self) -> None:
        """An answer has arrived: the request cannot have been on its way for longer than until now."""

    def give_back(self) -> None:
        """Return the permit unused."""


class Permits(Protocol):
    """What the client asks for before each attempt."""

    def take(self, credential: str, rate: RateClass, lane: Lane, patience: float) -> Permit:
        """Wait at most ``patience`` seconds for a permit; raise NoPermit with the wait that would be needed."""

    def spend(self, credential: str, rate: RateClass) -> None:
        """Count one call against a cap per day, without a permit; raise NoPermit when the day's are used up."""

    def refund(self, credential: str, rate: RateClass) -> None:
        """Undo ``spend`` for a call that was not sent."""

    def pause(self, credential: str, rate: RateClass, seconds: float, *, named: bool = True) -> None:
        """Hold everybody for so long. ``named``: the service said how long; otherwise the rate falls to 0.7."""

    def exhaust(self, credential: str, rate: RateClass) -> None:
        """The service says that the day's cap is used up: let nobody through until the day ends."""

    def standing(self, credential: str, rate: RateClass) -> Standing:
        """Look without taking anything. Raises NoPermit when the store does not answer."""

    def used_today(self, credential: str, rate: RateClass) -> int | None:
        """Calls counted against the cap per day; None where there is none."""


class SlotPermit:
    """A slot in hand, whose time comes at ``due`` on the owner's local clock."""

    def __init__(
        self, owner: "SlotPermits", credential: str, rate: RateClass, grant: Grant, due: float = -math.inf
    ) -> None:
        self._owner, self._credential, self._rate, self._grant = owner, credential, rate, grant
        self._due = due
        self._stamp: Stamp | None = None
        self._left = 0.0

    def departed(self) -> bool:
        self._owner.sleep_until(self._due)
        self._stamp = self._owner.depart(self._credential, self._rate, self._grant)
        self._left = self._owner.local_clock()
        if self._stamp is not None:
            return True
        self._owner.refund(self._credential, self._rate)
        return False

    def left(self) -> None:
        # A busy machine, or a new connection, came between the stamp and the send: the slot's time begins now.
        late = self._owner.local_clock() - self._left
        self._left += late
        if self._stamp is not None and late > LATE:
            stamped = self._stamp.free_at
            self._stamp = Stamp(stamped + late, self._stamp.spare)
            self._shift(stamped, self._stamp.free_at)

    def answered(self) -> None:
        taken = self._owner.local_clock() - self._left
        late = taken - self._owner.quickest(self._credential, self._rate, taken)
        if self._stamp is None or self._stamp.spare < WORTHWHILE:
            return
        # What was measured needs no margin for what might have been.
        unneeded = self._stamp.spare + self._owner.margin * self._rate.period - late - WORTHWHILE
        if unneeded > 0:
            self._shift(self._stamp.free_at, self._stamp.free_at - unneeded)

    def _shift(self, stamped: float, free_at: float) -> None:
        with suppress(NoPermit):  # the slot keeps the time it has
            self._owner.shift(self._credential, self._rate, self._grant, stamped, free_at)

    def give_back(self) -> None:
        with suppress(NoPermit):  # the store is out of reach: the lease will end by itself
            self._owner.release(self._credential, self._rate, self._grant)
        self._owner.refund(self._credential, self._rate)


class SlotPermits:
    """The waiting, common to all stores, which supply ``attempt``, ``depart``, ``shift``, ``release`` and ``hold``."""

    def __init__(
        self,
        quotas: QuotaStore | None = None,
        *,
        margin: float = MARGIN,
        sleep: Callable[[float], None] = time.sleep,
        local_clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.quotas = quotas
        self.margin = margin
        self.local_clock = local_clock
        self._sleep = sleep
        self._lines: dict[tuple[str, str], dict[str, None]] = {}  # bulk callers of this process in turn
        self._taken: dict[tuple[str, str], deque[float]] = {}  # how long the last calls took
        self._mutex = threading.Lock()

    def attempt(self, credential: str, rate: RateClass, lane: Lane, within: float, holder: str) -> Grant | Busy:
        """Try once, atomically, for a slot that is free within so many seconds."""
        raise NotImplementedError

    def depart(self, credential: str, rate: RateClass, grant: Grant) -> Stamp | None:
        """Stamp a departure now; None when the slot is no longer the holder's or the class is paused."""
        raise NotImplementedError

    def shift(self, credential: str, rate: RateClass, grant: Grant, stamped: float, free_at: float) -> None:
        """Let the slot that was ``stamped`` be free at ``free_at``, unless it was used or taken since."""
        raise NotImplementedError

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

    def take(self, credential: str, rate: RateClass, lane: Lane, patience: float) -> Permit:
        self.spend(credential, rate)
        try:
            grant = self._wait(credential, rate, lane, patience)
            return SlotPermit(self, credential, rate, grant, self._doze(credential, rate, grant))
        except BaseException:
            self.refund(credential, rate)
            raise

    def pause(self, credential: str, rate: RateClass, seconds: float, *, named: bool = True) -> None:
        factor, step = (1.0, WIDENING * rate.period) if named else (1 / SLOWER, 0.0)
        self.hold(credential, rate, min(max(seconds, 0.0), LONGEST_HOLD), factor, step)

    def exhaust(self, credential: str, rate: RateClass) -> None:
        if self.quotas is not None and rate.per_day is not None:
            self.quotas.exhaust(credential, rate)

    def refund(self, credential: str, rate: RateClass) -> None:
        """Undo the day quota's count of a permit that was not used."""
        if self.quotas is not None and rate.per_day is not None:
            with suppress(NoPermit):  # one call too many stays counted
                self.quotas.give_back(credential, rate)

    def spend(self, credential: str, rate: RateClass) -> None:
        if self.quotas is None or rate.per_day is None or self.quotas.use(credential, rate):
            return
        wait = self.quotas.until_reset()
        raise NoPermit(
            f"The {rate.per_day:,} {rate.label or rate.name} calls Zoom allows in a day are used up. Nothing was sent. "
            f"The count starts again at midnight UTC, in {wait / 3600:.1f} hours.",
            wait=wait,
            daily=True,
        )

    def quickest(self, credential: str, rate: RateClass, taken: float) -> float:
        """Remember how long a call took; return the shortest of the last ones."""
        with self._mutex:
            last = self._taken.setdefault((credential, rate.name), deque(maxlen=REMEMBERED))
            last.append(taken)
            return min(last)

    def sleep_until(self, due: float) -> None:
        """Sleep to a moment of the local clock."""
        left = due - self.local_clock()
        if left > 0:
            self._sleep(left)

    def _wait(self, credential: str, rate: RateClass, lane: Lane, patience: float) -> Grant:
        holder = uuid.uuid4().hex
        try:
            return self._stand(credential, rate, lane, self.local_clock() + patience, holder)
        finally:
            with self._mutex:
                self._lines.get((credential, rate.name), {}).pop(holder, None)

    def _stand(self, credential: str, rate: RateClass, lane: Lane, until: float, holder: str) -> Grant:
        while True:
            left = max(until - self.local_clock(), 0.0)
            found = self._look(credential, rate, lane, left, holder)
            if isinstance(found, Grant):
                return found
            if found.wait > left or left <= 0:
                raise NoPermit(
                    f"Zoom's limit of {rate} leaves no room just now. Nothing was sent. "
                    f"Try again in {max(found.wait, 1.0):.0f} s.",
                    wait=found.wait,
                )
            self._sleep(min(max(found.wait, SHORTEST_NAP), LONGEST_NAP, left + SHORTEST_NAP))

    def _look(self, credential: str, rate: RateClass, lane: Lane, left: float, holder: str) -> Grant | Busy:
        """Attempt; but of the bulk callers who wait in this process only the first in line asks the store."""
        if lane is Lane.INTERACTIVE:
            return self.attempt(credential, rate, lane, left, holder)
        with self._mutex:
            line = self._lines.setdefault((credential, rate.name), {})
            line[holder] = None
            place = list(line).index(holder)
        if place:
            return Busy(min(place * rate.period / rate.calls * EARLY, left))
        found = self.attempt(credential, rate, lane, 0.0, holder)
        if isinstance(found, Busy):
            return Busy(max(found.wait - LEAD, min(found.wait, HELD_NAP)))
        return found

    def _doze(self, credential: str, rate: RateClass, grant: Grant) -> float:
        """Sleep until shortly before the slot's time; return that time."""
        due = self.local_clock() + grant.wait
        try:
            self.sleep_until(due - LEAD)
        except BaseException:
            with suppress(NoPermit):
                self.release(credential, rate, grant)
            raise
        return due


def reserve(rate: RateClass) -> int:
    """Slots that bulk leaves to people while one is active; never all of them."""
    return min(RESERVE, rate.calls - 1)
