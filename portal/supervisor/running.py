"""A started part: a process group of its own, its output, and its end."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from portal.supervisor.part import Part
from portal.supervisor.voice import Voice

LEASH = Path(__file__).with_name("leash.py")


class Living(Protocol):
    """What the supervisor needs of a part, started by us or found alive."""

    part: Part
    pid: int

    def ready(self) -> bool: ...
    def ended(self) -> str | None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


def signal_group(leader: int, number: int) -> bool:
    """Send a signal to the process group of ``leader``; False when nobody of it is left."""
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        # macOS answers "not permitted" for a group of which only the unreaped leader is left.
        return False
    return True


class Running:
    """A part started by us. Its output is passed on line by line; the last lines are kept for the obituary."""

    def __init__(self, part: Part, voice: Voice, environment: Mapping[str, str]) -> None:
        self.part = part
        self._voice = voice
        self._spoke_ready = threading.Event()
        self._last_words: deque[str] = deque(maxlen=3)
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then ends the parts in order.
        self._process = subprocess.Popen(  # noqa: S603  # the command is ours, see plan.py
            [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *part.argv],
            cwd=part.folder,
            env={**environment, "PYTHONUNBUFFERED": "1", **part.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, name=f"read {part.name}", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101  # it is a pipe, see above; for the type checker
        with self._process.stdout as output:
            for line in output:
                text = line.rstrip()
                if text:
                    self._last_words.append(text)
                    self._show(text)
                if self.part.ready_line and self.part.ready_line.search(text):
                    self._spoke_ready.set()

    def _show(self, line: str) -> None:
        if not (self.part.hush and self.part.hush.search(line)):
            self._voice.say(line, self.part.name)

    def ready(self) -> bool:
        if self.part.ready_line:
            return self._spoke_ready.is_set()
        return self.part.ready_check() if self.part.ready_check else True

    def ended(self) -> str | None:
        """Return None while it lives, then the reason in words."""
        code = self._process.poll()
        if code is None:
            return None
        self._reader.join(timeout=0.5)
        reason = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"{reason}; its last words: {' / '.join(self._last_words)}" if self._last_words else reason

    def terminate(self) -> None:
        """Ask the leader to end; it ends its own children in its own order."""
        if self._process.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        """End whatever is left of the whole group, at once."""
        signal_group(self.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(timeout=0.5)


class Adopted:
    """A part that an earlier run left alive and that is used again."""

    def __init__(self, part: Part, pid: int) -> None:
        self.part = part
        self.pid = pid

    def ready(self) -> bool:
        return True

    def ended(self) -> str | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return "ended (it was left by an earlier run and used again)"
        return None

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)
        deadline = time.monotonic() + 1
        while self.ended() is None and time.monotonic() < deadline:
            time.sleep(0.02)

    def _send(self, number: int) -> None:
        if self.ended() is None:
            os.kill(self.pid, number)
