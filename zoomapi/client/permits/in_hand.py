"""One slot in hand: waiting for its time, stamping the departure, and telling from the answer when it is free again."""

import math
from contextlib import suppress
from typing import TYPE_CHECKING

from zoomapi.client.errors import NoPermit
from zoomapi.client.permits.base import ALLOWED, CLOCK_STEP, KEPT, LATE, SURE, WORTHWHILE, Busy, Grant, Stamp
from zoomapi.client.permits.line import Bell
from zoomapi.spec.limits import RateClass

if TYPE_CHECKING:
    from zoomapi.client.permits.slots import SlotPermits


class Departure:
    """The latest call of this process from a slot. The bell rings when its answer has put the slot where it belongs."""

    def __init__(self, stamp: Stamp, bell: Bell) -> None:
        self.stamp, self.bell = stamp, bell

    def precedes(self, grant: Grant) -> bool:
        """Whether nobody has departed from the slot between this departure and the grant."""
        return abs(self.stamp.free_at - grant.free_at) < CLOCK_STEP


class SlotPermit:
    """A slot in hand, whose time comes at ``due`` on the owner's local clock."""

    def __init__(
        self,
        owner: "SlotPermits",
        credential: str,
        rate: RateClass,
        grant: Grant,
        due: float = -math.inf,
        former: Departure | None = None,
    ) -> None:
        self._owner, self._credential, self._rate, self._grant = owner, credential, rate, grant
        self._due, self._former = due, former
        self._taken_at = owner.local_clock()
        self._departure: Departure | None = None
        self._stamped_at = self._left_at = 0.0
        self._first, self._allowed = False, 0.0

    def departed(self) -> bool:
        mine = (self._credential, self._rate, self._grant)
        known = self._owner.experience(self._credential, self._rate)
        known.prepared(self._owner.local_clock() - self._taken_at)
        while True:
            self._due = self._owner.sleep_until_due(*mine, self._due, self._former)
            # Before the store is asked: it may have to wait for a lock, with a time it has read already.
            self._stamped_at = self._left_at = self._owner.local_clock()
            self._allowed = known.allowance
            found = self._owner.depart(*mine)
            if not isinstance(found, Busy):
                break
            # An answer came late, and put the slot off.
            self._due, self._former = self._stamped_at + found.wait, None
        if found is None:
            self._owner.refund(self._credential, self._rate)
            return False
        known.stamped(found.margin)
        self._first = known.silent
        self._departure = self._owner.departure(self._credential, self._rate, self._grant, found)
        return True

    def left(self) -> None:
        # A busy machine, or a new connection, came between the stamp and the send: the slot's time begins now.
        now = self._owner.local_clock()
        late, self._left_at = now - self._left_at, now
        if self._departure is not None and late > LATE:
            stamp = self._departure.stamp
            self._move(self._departure, Stamp(stamp.free_at + late, stamp.margin))
            self._stamped_at = now

    def answered(self, kind: str = "") -> None:
        if self._departure is None:
            return
        stamp = self._departure.stamp
        late = self._lateness(kind, self._owner.local_clock() - self._left_at)
        margin = min(late + SURE, max(ALLOWED * self._rate.period, stamp.margin))
        if stamp.margin - self._allowed > KEPT * self._rate.period:
            margin = stamp.margin
        free_at = stamp.free_at - stamp.margin + margin + (self._left_at - self._stamped_at)
        if abs(free_at - stamp.free_at) >= WORTHWHILE:
            self._move(self._departure, Stamp(free_at, margin))
        self._departure.bell.set()

    def _lateness(self, kind: str, taken: float) -> float:
        known = self._owner.experience(self._credential, self._rate)
        if self._first:
            return known.first_lateness(taken)
        others: list[float] = []
        if known.knows_few(kind):
            with suppress(NoPermit):  # what this process has seen must do
                others = self._owner.compare(self._credential, self._rate, self._grant, kind, taken)
        return known.lateness(kind, taken, others)

    def _move(self, departure: Departure, stamp: Stamp) -> None:
        with suppress(NoPermit):  # the slot keeps the time it has
            self._owner.shift(self._credential, self._rate, self._grant, departure.stamp.free_at, stamp.free_at)
        departure.stamp = stamp

    def give_back(self) -> None:
        with suppress(NoPermit):  # the store is out of reach: the lease will end by itself
            self._owner.release(self._credential, self._rate, self._grant)
        self._owner.refund(self._credential, self._rate)
