"""The supervisor: starts parts, waits until they work, takes all down when one dies or somebody says stop."""

import os
import signal
import time
from collections.abc import Callable, Iterable
from types import FrameType, TracebackType
from typing import Self

from portal.supervisor.part import Part
from portal.supervisor.running import Living, Running
from portal.supervisor.voice import Voice

TICK = 0.1
PROBE = 0.25
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(Exception):
    """Somebody asked for the end (Ctrl-C, SIGTERM, a closed terminal)."""


class PartFailed(Exception):
    """A part died or never became ready; the text says which and why."""


class Supervisor:
    """Use as a context: leaving it, however that happens, stops every part, the last started first.

    A second Ctrl-C while stopping kills what is left at once.
    """

    def __init__(self, voice: Voice, on_change: Callable[[Iterable[Living]], None] = lambda living: None) -> None:
        self._voice = voice
        self._on_change = on_change
        self._living: list[Living] = []
        self._asked = 0

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._ask) for number in SIGNALS}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop_all()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked += 1

    def start(self, *parts: Part) -> None:
        for part in parts:
            self.look_after(Running(part, self._voice, os.environ))

    def look_after(self, living: Living) -> None:
        self._living.append(living)
        self._on_change(self._living)

    def wait_until_ready(self) -> None:
        """Return when every part works; raises Stop or PartFailed."""
        begun = time.monotonic()
        waiting = list(self._living)
        while waiting:
            self.check()
            waiting = [living for living in waiting if not living.ready()]
            for living in waiting:
                if time.monotonic() - begun > living.part.start_limit:
                    limit = living.part.start_limit
                    raise PartFailed(f"The {living.part.name} was not ready after {limit:.0f} s.")
            time.sleep(PROBE if waiting else 0)

    def watch(self) -> None:
        """Never returns: raises Stop or PartFailed."""
        while True:
            self.check()
            time.sleep(TICK)

    def check(self) -> None:
        if self._asked:
            raise Stop
        for living in self._living:
            reason = living.ended()
            if reason:
                raise PartFailed(f"The {living.part.name} {reason}.")

    def _stop_all(self) -> None:
        asked_before = self._asked
        while self._living:
            living = self._living.pop()
            living.terminate()
            deadline = time.monotonic() + living.part.grace
            while living.ended() is None and time.monotonic() < deadline and self._asked == asked_before:
                time.sleep(0.02)
            if living.ended() is None:
                self._voice.say(f"The {living.part.name} did not end in {living.part.grace:.1f} s and was killed.")
            living.kill()
            self._on_change(self._living)
