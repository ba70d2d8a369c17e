"""What an earlier run left behind: a lock against a second supervisor, and a note of every process started.

A process number alone can be given to a stranger after ours has died, so each is noted with its time of start.
"""

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from portal.supervisor.running import Living, signal_group

PATIENCE = 5.0


@dataclass(frozen=True)
class Noted:
    name: str
    pid: int
    started: str

    def alive(self) -> bool:
        return bool(self.started) and started_at(self.pid) == self.started


class AlreadyRunning(Exception):
    """Another supervisor holds the lock; the text says so to a person."""


class Notebook:
    """Files in ``folder``: ``lock`` and ``parts.json``."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock_file = folder / "lock"
        self._parts_file = folder / "parts.json"

    def lock(self) -> TextIO:
        """Take the lock, which the system gives back at our death; the caller keeps the answer open."""
        handle = self._lock_file.open("a+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            owner = handle.read().strip() or "unknown"
            handle.close()
            raise AlreadyRunning(
                f"Master Portal already runs from this folder (process {owner}), so nothing was started: "
                "use that one, or end it with Ctrl-C in its window first."
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        return handle

    def write(self, living: Iterable[Living]) -> None:
        noted = [asdict(Noted(one.part.name, one.pid, started_at(one.pid))) for one in living]
        fresh = self._parts_file.with_suffix(".new")
        fresh.write_text(json.dumps(noted, indent=1))
        fresh.replace(self._parts_file)

    def left_alive(self) -> list[Noted]:
        """Return the processes of an earlier run that still live."""
        try:
            noted = [Noted(**one) for one in json.loads(self._parts_file.read_text())]
        except (FileNotFoundError, ValueError, TypeError):
            return []
        return [one for one in noted if one.alive()]


def end(leftovers: Iterable[Noted]) -> None:
    """End these processes and their children: asked first, killed after ``PATIENCE`` seconds."""
    waiting = list(leftovers)
    for one in waiting:
        signal_group(one.pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while (waiting := [one for one in waiting if one.alive()]) and time.monotonic() < deadline:
        time.sleep(0.05)
    for one in waiting:
        signal_group(one.pid, signal.SIGKILL)


def started_at(pid: int) -> str:
    """Return when the process started (an opaque text that tells processes apart), or "" when it is gone."""
    try:
        # The name, in brackets, may hold spaces; the fields after it do not. A zombie counts as gone.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _started_by_ps(pid)
    return "" if fields[0] == "Z" else fields[19]


def _started_by_ps(pid: int) -> str:
    found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607  # a fixed command of the system
    return found.stdout.strip()
