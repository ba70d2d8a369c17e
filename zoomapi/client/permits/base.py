"""Rate permits: how many processes together keep below a limit of N calls per period.

A rate class of N per period is N slots per credential. A slot is free again one period plus a margin after its last
departure, so each slot departs at most once in any window of one period, and all together at most N times. To depart
a caller first *takes* a slot (it is then his), sleeps until it is free, and *stamps* the departure after waking, when
the real time is known; the store refuses a stamp before the slot's time. A slot whose taker died is free to take again
when its lease ends; a taker who comes back later than that finds the stamp refused and takes another.

The service counts arrivals, not departures. What matters is how much later than its slot's next call a call arrives,
and nobody can know that when it departs. But its answer tells: a call that took no longer than the quickest of its
kind arrived as quickly as any, one that took 30 ms longer arrived at most 30 ms later. So the margin at departure is
only a guess, for calls that are answered after their slot's turn, and the answer moves the slot's time to where it
belongs, sooner or later (``answered``). Processes tell one another how long their calls took, until each has seen
plenty. The very first calls open connections and queue at the other end; they count as late, and are not compared with.
Where the network or a busy machine delays calls, this costs as much rate as the mean delay, and no refusal; where
nothing does, it costs next to nothing. Who waits for a slot whose last call was his own process's is woken by its
answer; others look.

Two lanes: interactive takes a slot ahead of its time; bulk takes only a slot that is soon free, early enough that what
must be written before the send costs no rate, and while a person was active in the last seconds it leaves two slots
alone. A pause (after a 429) holds everybody, and widens the margin at departure, which narrows again slowly.

Each store has one clock: the database's, the server's, or, for SQLite and memory, this machine's monotonic one.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from zoomapi.spec.limits import RateClass

MARGIN = 0.02  # share of the period; what a departure allows at least for a later arrival than the next one's
UNSURE = 0.05  # the same, until enough answers have told how calls fare
ENOUGH = 5  # answers
PLENTY = 50  # answers of one kind; until then the other processes' are asked for
FEW = 0.1  # share of the period, by which an answer puts its slot off at least while there were not enough to compare,
# and a departure while none has come: the first calls open connections, and arrive late
ALLOWED = 0.15  # share of the period, by which an answer puts its slot off at most, unless refusals asked for more
SURE = 0.002  # seconds added to what an answer tells
OFTEN = 0.99  # of the answers were not later than what a departure allows for
WIDEST = 2.0  # periods; the margin never grows beyond
WIDENING = 0.06  # periods, by which a refusal widens the margin; what is not needed is given back
KEPT = 0.3  # periods; a margin so much wider than it need be is kept whatever answers tell: a refusal that named no
# pause, or one after another, made it so, and nobody knows what the service allows
NARROWING = 0.0001  # periods a second, by which a widened margin shrinks
SLOWER = 0.7  # of the present rate, after a refusal that named no pause
LEASE = 5.0  # seconds a slot stays with its taker beyond the moment it is free: a killed worker costs so long
RESERVE = 2  # slots bulk leaves alone ...
PRESENCE = 5.0  # ... for so many seconds after a person's call
LONGEST_HOLD = 300.0  # seconds one pause lasts at most
LEAD = 0.02  # seconds before its time at which a slot is taken, for the intent to be written ...
LONGEST_LEAD = 0.25  # ... and where that takes longer, at most
LATE = 0.003  # seconds between stamp and send from which on the stamp is corrected at once
EARLY = 0.0005  # seconds before its time at which a slot may depart: clocks are read one after the other
CLOCK_STEP = 1e-5  # seconds; times of a store that differ by less are the same
WORTHWHILE = 0.001  # seconds; a slot is not moved for less
REMEMBERED = 200  # answers, of which the quickest tells how long a call takes that nothing delayed
PEEK = 0.005  # seconds between two looks of a holder whose slot an answer may set free
COURTESY = 0.03  # seconds by which who was not given the last slot asks for the next sooner than who was
FOLLOWING = 0.2  # of the time between two permitted calls, after which the next in line asks ...
HURRY = 0.02  # ... and where the slot was free already, which tells that rate is being lost
LONGEST_NAP = 0.25  # seconds between two looks of a waiting caller
SHORTEST_NAP = 0.002
HELD_NAP = 0.02  # all slots are in hands; one will depart at any moment, and is then free a period later


class Lane(StrEnum):
    INTERACTIVE = "interactive"
    BULK = "bulk"


@dataclass(frozen=True)
class Grant:
    """A slot taken by ``holder``, free in ``wait`` seconds, at ``free_at`` on the store's clock."""

    slot: int
    holder: str
    wait: float
    free_at: float = -math.inf


@dataclass(frozen=True)
class Busy:
    """No slot now; looking again makes sense in ``wait`` seconds.

    ``held``: all are in hands; the first of them may depart in ``wait`` seconds, and is then free a period later.
    """

    wait: float
    held: bool = False


@dataclass(frozen=True)
class Stamp:
    """A departure: the slot is free again at ``free_at``, a period and ``margin`` seconds later."""

    free_at: float
    margin: float


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

    def answered(self, kind: str = "") -> None:
        """An answer has arrived: the request cannot have been on its way for longer than until now.

        ``kind`` names calls that usually take equally long: the operation and how it was answered.
        """

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

    def exhaust(self, credential: str, rate: RateClass, seconds: float | None = None) -> None:
        """The service says that the day's calls are used up: let nobody through for so long, else until midnight UTC.

        Also of a class without a cap that we know of. Who has asked for the day already is held by a ``pause``.
        """

    def spent_for(self, credential: str, rate: RateClass) -> float:
        """Seconds until the end of what ``exhaust`` was told; 0.0 when nothing is used up."""

    def standing(self, credential: str, rate: RateClass) -> Standing:
        """Look without taking anything. Raises NoPermit when the store does not answer."""

    def used_today(self, credential: str, rate: RateClass) -> int | None:
        """Calls counted against the cap per day; None where there is none."""


def reserve(rate: RateClass) -> int:
    """Slots that bulk leaves to people while one is active; never all of them."""
    return min(RESERVE, rate.calls - 1)
