"""The desk of a pump: intents and results of its threads that come close together are written in one transaction.

At ten calls a second a transaction of its own for each intent and each result costs more than all else a worker does.
So each transaction takes the intents of the next callers in line with it, for as many calls as are permitted in
``AHEAD`` seconds, and the results that wait; a result waits for that at most ``HELD`` seconds. What is promised stays:
nothing is sent without a committed intent, and who was told that a result is written can rely on it. A worker that is
killed leaves a few more rows to be looked up.

A group that cannot be written as a whole is written one by one, by each thread for itself.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connections

from portal.bulk import outcomes, storage
from portal.bulk.claims import Claim
from portal.bulk.models import Job
from portal.bulk.verdicts import Verdict

if TYPE_CHECKING:
    from portal.bulk.trail import ItemTrail

logger = logging.getLogger(__name__)

AHEAD = 0.5  # seconds of permitted calls whose intents are written together
HELD = 0.7  # seconds for which a result waits for others ...
FULL = 8  # ... and this many wait for no more


@dataclass(eq=False)
class Result:
    """A verdict to be written; ``changed`` is None until a group has been committed with it."""

    claim: Claim
    verdict: Verdict
    settle: float
    told: Any
    changed: bool | None = None
    written: threading.Event = field(default_factory=threading.Event)

    def place(self) -> tuple[int, int]:
        """Groups lock the rows of sub-accounts in this order."""
        return self.claim.item.account_id or 0, self.claim.item.pk

    def write(self) -> bool:
        """For the transaction of a group."""
        return outcomes.write(self.claim, self.verdict, settle=self.settle, told=self.told)

    def record(self) -> bool:
        """In a transaction of its own, after a group that failed, or of which nobody knows whether it did."""
        return outcomes.record(self.claim, self.verdict, settle=self.settle, told=self.told, again=True)


class Desk:
    """Serves the threads of one pump, from a thread with one warm connection. ``busy``: how many claims are in hand."""

    def __init__(self, busy: Callable[[], int]) -> None:
        self._busy = busy
        self._line: dict[ItemTrail, None] = {}  # who will need an intent, the first first
        self._asking: list[ItemTrail] = []  # who needs one now
        self._results: list[Result] = []
        self._since = 0.0  # monotonic time of the oldest result
        self._news = threading.Condition()
        self._current: frozenset[ItemTrail] = frozenset()  # whose intents are being written
        self._closed = False
        self._clerk = threading.Thread(target=self._serve, name="desk", daemon=True)
        self._clerk.start()

    def close(self) -> None:
        """When nobody comes any more."""
        with self._news:
            self._closed = True
            self._news.notify()
        self._clerk.join()

    def join(self, trail: "ItemTrail") -> None:
        """Its intent may be written from now on."""
        with self._news:
            self._line[trail] = None

    def leave(self, trail: "ItemTrail") -> None:
        """It needs no intent any more; one that is just being written is there when this returns."""
        with self._news:
            self._line.pop(trail, None)
            written = trail in self._current
        if written:
            trail.asked.wait()

    def intend(self, trail: "ItemTrail") -> None:
        """Commit the intent, if no other's group had it, or raise ``Stopped``."""
        self.leave(trail)
        if not trail.open and not trail.doubtful and self._ask(trail):
            trail.asked.wait()
        if not trail.open:
            trail.commit()

    def _ask(self, trail: "ItemTrail") -> bool:
        with self._news:
            if self._closed:
                return False
            trail.asked.clear()
            self._asking.append(trail)
            self._news.notify()
        return True

    def conclude(self, result: Result) -> bool:
        """Commit a result; whether the claim still held."""
        with self._news:
            served = not self._closed
            if served:
                self._since = self._since if self._results else time.monotonic()
                self._results.append(result)
                if len(self._results) == 1 or self._is_full():
                    self._news.notify()
        if served:
            result.written.wait()
        return result.record() if result.changed is None else result.changed

    def _serve(self) -> None:
        try:
            while self._wait():
                self._write(*self._due())
        finally:
            with self._news:  # whatever ended it, nobody may wait for ever; each can write for itself
                self._closed = True
                _wake([*self._current, *self._asking], self._results)
            connections.close_all()

    def _wait(self) -> bool:
        """Sleep until something is to be written now; False when the desk is closed."""
        with self._news:
            while not self._asking:
                left = self._since + HELD - time.monotonic() if self._results else None
                if left is not None and (left <= 0 or self._is_full()):
                    break
                if self._closed:
                    return False
                self._news.wait(left)
        return True

    def _is_full(self) -> bool:
        """Whether the results need not, or must not, wait any longer: they keep the hands that new calls need."""
        return len(self._results) >= min(FULL, self._busy())

    def _due(self) -> "tuple[list[ItemTrail], list[Result]]":
        with self._news:
            trails, results = [*self._asking, *self._soon()], self._results
            self._asking, self._results = [], []
            self._current = frozenset(trails)
            for trail in trails:
                trail.asked.clear()
            return trails, results

    def _soon(self) -> "Iterator[ItemTrail]":
        """Those whose turn comes soon: of each rate class as many as are permitted in ``AHEAD`` seconds."""
        room: dict[str, int] = {}
        objects = {trail.claim.item.object_key for trail in self._asking}
        for trail in self._line:
            rate, about = trail.rate, trail.claim.item.object_key
            left = room.setdefault(rate.name, int(AHEAD * rate.calls / rate.period))
            room[rate.name] = left - 1
            if left > 0 and not trail.open and not trail.doubtful and (not about or about not in objects):
                objects.add(about)
                yield trail

    def _write(self, trails: "Sequence[ItemTrail]", results: list[Result]) -> None:
        """One transaction for all, or nothing. An intent that may not be written is left out."""
        try:
            self._commit(trails, sorted(results, key=Result.place))
        except Exception as problem:  # noqa: BLE001  # each thread meets it by itself, and knows what to do
            logger.info("%d intents and %d results are written one by one: %s", len(trails), len(results), problem)
            for trail in trails:
                trail.doubtful = True  # the COMMIT itself may have been carried out; and no group is spoilt twice
            storage.reconnect()
        finally:
            with self._news:
                self._current = frozenset()
            _wake(trails, results)

    def _commit(self, trails: "Sequence[ItemTrail]", results: list[Result]) -> None:
        """Jobs, then rows, and the end of the log last, as in every transaction: nobody must wait for each other."""
        with storage.write():
            if trails:
                storage.hold(Job, {trail.claim.item.job_id for trail in trails})
            changed = [result.write() for result in results]
            may = [trail for trail in trails if not trail.mark()]
            for result, done in zip(results, changed, strict=True):
                outcomes.tell(result.claim.item, result.verdict, changed=done)
            for trail in may:
                trail.tell()
        for result, done in zip(results, changed, strict=True):
            result.changed = done
            if done:
                outcomes.follow(result.claim.item, result.verdict)
        for trail in may:
            trail.follow()


def _wake(trails: "Iterable[ItemTrail]", results: Iterable[Result]) -> None:
    for trail in trails:
        trail.asked.set()
    for result in results:
        result.written.set()
