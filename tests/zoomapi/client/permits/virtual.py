"""Time that passes only when every thread of a simulation sleeps. Threads wake a little late if told so."""

import heapq
import random
import threading
from collections.abc import Callable, Iterable


class VirtualTime:
    """``clock`` and ``sleep`` for threads started by ``run``; exactly one of them runs at a time."""

    def __init__(self, lateness: float = 0.0, seed: int = 1) -> None:
        self.now = 1000.0
        self.failures: list[Exception] = []
        self._lateness, self._random = lateness, random.Random(seed)
        self._waiting: list[tuple[float, int, threading.Event]] = []
        self._count = 0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float, event: threading.Event | None = None) -> None:
        """Sleep so long, or until ``wake`` is called with the event."""
        event = event or threading.Event()
        self._push(self.now + seconds + self._late(), event)
        self._next()
        event.wait(60)

    def wake(self, event: threading.Event) -> None:
        self._push(self.now + self._late(), event)

    def _late(self) -> float:
        return self._random.random() * self._lateness

    def bell(self) -> "VirtualBell":
        return VirtualBell(self)

    def run(self, jobs: Iterable[Callable[[], None]]) -> None:
        threads = [threading.Thread(target=self._work, args=(job, self._start())) for job in jobs]
        for thread in threads:
            thread.start()
        self._next()
        for thread in threads:
            thread.join(60)
        if self.failures:
            raise self.failures[0]

    def _start(self) -> threading.Event:
        event = threading.Event()
        self._push(self.now, event)
        return event

    def _push(self, when: float, event: threading.Event) -> None:
        self._count += 1
        heapq.heappush(self._waiting, (when, self._count, event))

    def _work(self, job: Callable[[], None], start: threading.Event) -> None:
        start.wait(60)
        try:
            job()
        except Exception as failure:  # noqa: BLE001  # told to the test by run()
            self.failures.append(failure)
        self._next()

    def _next(self) -> None:
        """Let the one that wakes first run."""
        while self._waiting:
            when, _, event = heapq.heappop(self._waiting)
            if not event.is_set():  # else a bell woke it before its time
                self.now = max(self.now, when)
                event.set()
                return


class VirtualBell:
    """As ``threading.Event``, in virtual time."""

    def __init__(self, time: VirtualTime) -> None:
        self._time, self._rung = time, False
        self._sleeper: threading.Event | None = None

    def wait(self, timeout: float) -> None:
        if self._rung:
            return
        self._sleeper = threading.Event()
        self._time.sleep(timeout, self._sleeper)
        self._sleeper = None

    def set(self) -> None:
        self._rung = True
        if self._sleeper is not None:
            self._time.wake(self._sleeper)
