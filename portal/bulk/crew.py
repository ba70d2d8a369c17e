"""The threads of a pump: enough of them to keep calls on their way: the permitted rate times the latency."""

import logging
import queue
import threading
import time
from collections.abc import Callable

from django.db import connections

from portal.bulk.claims import Claim

logger = logging.getLogger(__name__)

Work = Callable[[Claim], None]


class Crew:
    """Runs ``work`` on claims in up to ``most`` threads. ``most=0``: in the caller's own thread, one after the other.

    ``width`` is how many claims should be in hand: the permitted rate times the time one takes, and a little ahead.
    """

    AHEAD = 1.5  # seconds of work kept ready for the next permits, or waiting for the desk
    SHARE = 0.2  # weight of the newest measurement

    def __init__(self, work: Work, most: int, rate: float) -> None:
        self.work, self.most, self.rate = work, most, rate
        self.taken = 0.0  # mean seconds on the wire
        self._claims: queue.SimpleQueue[Claim | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._busy = 0
        self._wanted = 0  # the room that is waited for: to be woken for less costs more than a claim
        self._threads: list[threading.Thread] = []

    @property
    def busy(self) -> int:
        return self._busy

    @property
    def width(self) -> int:
        if not self.most:
            return 1
        return max(2, min(self.most, round(self.rate * (self.taken + self.AHEAD)) + 2))

    @property
    def room(self) -> int:
        return self.width - self._busy

    def add(self, claim: Claim) -> None:
        if not self.most:
            self._perform(claim)
            return
        with self._changed:
            self._busy += 1
            if self._busy > len(self._threads):
                thread = threading.Thread(target=self._serve, name="pump", daemon=True)
                self._threads.append(thread)
                thread.start()
        self._claims.put(claim)

    def wait(self, seconds: float, room: int = 0) -> None:
        """Wait until a claim is finished, or until there is so much room, at most so long."""
        with self._changed:
            if self._busy and room and self.room >= room:
                return
            if self._busy:
                self._wanted = room or self.room + 1
                self._changed.wait(seconds)
                return
        time.sleep(seconds)

    def note(self, seconds: float) -> None:
        """Learn how long a call takes."""
        self.taken += self.SHARE * (seconds - self.taken) if self.taken else seconds

    def close(self) -> None:
        """Let what is in hand finish."""
        for _ in self._threads:
            self._claims.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        try:
            while (claim := self._claims.get()) is not None:
                self._perform(claim)
                with self._changed:
                    self._busy -= 1
                    if self.room >= self._wanted or not self._busy:
                        self._changed.notify_all()
        finally:
            connections.close_all()

    def _perform(self, claim: Claim) -> None:
        try:
            self.work(claim)
        except Exception:
            # Its lease ends by itself and the sweeper looks after it; the other items go on.
            logger.exception("Item %s was left to the sweeper.", claim.item.pk)
