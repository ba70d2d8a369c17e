"""When nothing can be reached, say so at once instead of trying again and again."""

import threading
from collections import deque
from collections.abc import Callable

FAILURES = 5  # this many ...
WITHIN = 30.0  # ... in so many seconds open the circuit
COOLDOWN = 5.0  # seconds until one call may try again


class Circuit:
    """Counts calls that found no connection. Open, it lets one call through every few seconds.

    ``since``: the time (of ``wall``, seconds since 1970) of the first failure in the present row; None while all is
    well. It is for people: "Zoom has not been reachable since …".
    """

    def __init__(self, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        self._clock, self._wall = clock, wall
        self._lock = threading.Lock()
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._retry_at = float("-inf")
        self.since: float | None = None

    def blocked_for(self) -> float:
        """Seconds to wait before a call makes sense; 0 when it may go ahead now (and then it is the one probe)."""
        if not self._is_open():
            return 0.0
        with self._lock:
            now = self._clock()
            if now < self._retry_at:
                return self._retry_at - now
            self._retry_at = now + COOLDOWN
            return 0.0

    def failed(self) -> None:
        with self._lock:
            now = self._clock()
            self._failures.append(now)
            self.since = self._wall() if self.since is None else self.since
            self._retry_at = now + COOLDOWN

    def succeeded(self) -> None:
        if self.since is not None:
            with self._lock:
                self._failures.clear()
                self.since = None

    def _is_open(self) -> bool:
        failures = self._failures
        if self.since is None or len(failures) < FAILURES:
            return False
        return failures[-1] - failures[0] <= WITHIN
