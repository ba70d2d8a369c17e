"""What a process has seen of the calls of one rate class: how late they arrive, and how long their intents take."""

import math
import threading
from collections import deque
from collections.abc import Iterable

from zoomapi.client.permits.base import (
    ALLOWED,
    ENOUGH,
    FEW,
    LEAD,
    LONGEST_LEAD,
    OFTEN,
    PEEK,
    PLENTY,
    REMEMBERED,
    SURE,
    UNSURE,
)
from zoomapi.spec.limits import RateClass


class Experience:
    """Learns from every answer. ``margin`` is the least that a departure allows for, as a share of the period."""

    def __init__(self, rate: RateClass, margin: float) -> None:
        self._period, self._margin = rate.period, margin
        self._first = rate.calls  # departures that count as first ones, still to come
        self._taken: dict[str, deque[float]] = {}  # by kind
        self._late: deque[float] = deque(maxlen=REMEMBERED)
        self._prepared: deque[float] = deque(maxlen=REMEMBERED)
        self._usual = 0.0  # how long a call takes ...
        self._quickest = 0.0  # ... and how long one that nothing delays
        self._allowance, self._lead = UNSURE * rate.period, LEAD
        self._stamped = 0.0  # margin of the latest departure
        self._answers = 0
        self._mutex = threading.Lock()

    @property
    def allowance(self) -> float:
        """Seconds by which a call may well arrive later than the next one of its slot.

        The most there is where answers usually come at about their slot's turn: they then move it to where it belongs,
        which costs less than a guess that is too small.
        """
        return max(self._allowance, FEW * self._period) if self._first and self.silent else self._allowance

    @property
    def silent(self) -> bool:
        """Whether no answer has come yet."""
        return not self._answers

    @property
    def lead(self) -> float:
        """Seconds before its time at which a slot should be taken."""
        return min(self._lead + self._reach, LONGEST_LEAD)

    @property
    def _reach(self) -> float:
        """Seconds by which an answer may bring a slot's time forward; after a refusal the store asks for more."""
        return max(self._allowance, self._stamped)

    @property
    def peek(self) -> float:
        """Seconds between two looks of a holder: only where answers come about when their slot's turn does."""
        return PEEK if self._usual + LONGEST_LEAD > self._period else math.inf

    @property
    def told(self) -> float:
        """Seconds before a slot's time, as it departed, from which on the answer may come that moves it."""
        return self._period + self._reach - self._quickest

    def knows_few(self, kind: str) -> bool:
        """Whether what other processes have seen of such calls would help."""
        return len(self._taken.get(kind, ())) < PLENTY

    def first_lateness(self, taken: float) -> float:
        """The same as ``lateness`` for a call that departed before any answer had come.

        It opened a connection, and waited at the other end behind others that did: what it took tells too little.
        """
        with self._mutex:
            self._learn(taken, taken)
            return FEW * self._period

    def lateness(self, kind: str, taken: float, others: Iterable[float] = ()) -> float:
        """Learn from a call that ``taken`` seconds; return by how much it can have arrived later than the quickest.

        ``others``: how long calls of other processes took, of the same kind; and perhaps some that are known already.
        """
        with self._mutex:
            last = self._taken.setdefault(kind, deque(maxlen=REMEMBERED))
            last.append(taken)
            last.extend(set(others).difference(last))
            # The quickest of n calls is on average an n-th of their spread slower than a call could be, and of few
            # calls quite possibly three times that.
            ordered, number = sorted(last), len(last)
            late = taken - ordered[0] + (ordered[number // 2] - ordered[0]) * (2 + 40 / number) / number
            self._late.append(late)
            self._learn(taken, ordered[0])
            return late if number >= ENOUGH else max(late, FEW * self._period)

    def _learn(self, taken: float, quickest: float) -> None:
        self._answers += 1
        recent = min(self._answers, 10)
        self._usual += (taken - self._usual) / recent
        self._quickest += (quickest - self._quickest) / recent
        most = ALLOWED * self._period
        if -most < self._usual - self._period < 0.7 * most:
            self._allowance = most
        elif len(self._late) >= ENOUGH:
            self._allowance = min(max(self._margin * self._period, _often(self._late) + SURE), most)

    def stamped(self, margin: float) -> None:
        """Learn by how much the store puts a slot off at its departure."""
        self._stamped = margin
        self._first = max(self._first - 1, 0)

    def prepared(self, seconds: float) -> None:
        """Learn how long it took from having a slot to being ready to depart."""
        with self._mutex:
            self._prepared.append(seconds)
            self._lead = max(LEAD, _often(self._prepared))


def _often(values: deque[float]) -> float:
    """What nearly all of the values do not exceed."""
    return sorted(values)[min(int(len(values) * OFTEN), len(values) - 1)]
