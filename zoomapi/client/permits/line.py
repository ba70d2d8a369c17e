"""The bulk callers of one process who wait for the same rate class: the first asks the store, the others sleep."""

import math
import threading
from collections.abc import Callable
from typing import Protocol

from zoomapi.client.permits.base import COURTESY

AFTER_A_GRANT = 2  # answers of the store: the one that tells when the next slot is due, and the one at that time


class Bell(Protocol):
    """What wakes one sleeping caller; ``threading.Event`` is one."""

    def wait(self, timeout: float) -> object: ...
    def set(self) -> None: ...


class Line:
    """First come, first served. The store is left alone while it is known to have nothing.

    Several processes wait for the same slots, and one that takes them a little earlier than the others would get them
    all. So a process that was given one asks for the next a little later than it could, unless nobody else took that.
    """

    def __init__(self, clock: Callable[[], float], bell: Callable[[], Bell] = threading.Event) -> None:
        self._clock, self._bell = clock, bell
        self._waiting: dict[str, Bell] = {}
        self._quiet_until = -math.inf
        self._yielding = 0
        self._mutex = threading.Lock()

    def join(self, holder: str) -> None:
        with self._mutex:
            self._waiting[holder] = self._bell()

    def leave(self, holder: str) -> None:
        with self._mutex:
            del self._waiting[holder]
            following = next(iter(self._waiting.values()), None)
        if following is not None:
            following.set()

    def until_turn(self, holder: str) -> float:
        """Seconds until this caller may ask the store; infinity while others stand before them."""
        with self._mutex:
            if next(iter(self._waiting)) != holder:
                return math.inf
            return self._quiet_until - self._clock()

    def sleep(self, holder: str, seconds: float) -> None:
        """Sleep until nobody stands before this caller, at most so long."""
        self._waiting[holder].wait(seconds)

    @property
    def courtesy(self) -> float:
        """Seconds by which the next slot is asked for sooner than it must be."""
        return 0.0 if self._yielding else COURTESY

    def served(self, pause: float) -> None:
        """A slot was given; the next in line asks after a pause, so that other processes come by one as well."""
        with self._mutex:
            self._yielding = AFTER_A_GRANT
            self._quiet_until = self._clock() + (pause if len(self._waiting) > 1 else 0.0)

    def refused(self, seconds: float) -> None:
        """The store has nothing for so long."""
        with self._mutex:
            self._yielding = max(self._yielding - 1, 0)
            self._quiet_until = self._clock() + seconds
