"""Starting the test house and looking at what it leaves."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.supervisor.leftovers import Noted, started_at

HOUSE = Path(__file__).with_name("house.py")
ROOT = HOUSE.parents[3]


class House:
    """A supervisor in a process of its own, with its output read line by line."""

    def __init__(self, folder: Path, *parts: str) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, str(HOUSE), str(folder), *parts],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        self.lines.extend(line.rstrip("\n") for line in iter(self.process.stdout.readline, ""))

    def wait_for(self, line: str, limit: float = 20) -> None:
        wait_until(lambda: line in self.lines, limit, f"{line!r} in {self.lines}")

    def noted(self) -> list[Noted]:
        return [Noted(**one) for one in json.loads((self.folder / "parts.json").read_text())]

    def end(self) -> int:
        """Wait for the end; return the exit code. Everything printed is in ``lines`` afterwards."""
        code = self.process.wait(timeout=20)
        self._reader.join(timeout=5)
        return code


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    opened: list[House] = []

    def open_house(*parts: str) -> House:
        opened.append(House(tmp_path, *parts))
        return opened[-1]

    yield open_house
    for one in opened:
        if one.process.poll() is None:
            one.process.send_signal(signal.SIGTERM)
            one.end()
        if one.process.stdout:
            one.process.stdout.close()


def wait_until(condition: Callable[[], bool], limit: float, what: str) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, f"waited {limit} s in vain for {what}"
        time.sleep(0.05)


def gone(pid: int) -> bool:
    return started_at(pid) == ""


def group_of(leader: int) -> list[int]:
    """The living processes of a process group."""
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z" and int(fields[2]) == leader:
                members.append(int(entry.name))
    return members
