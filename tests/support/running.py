"""The whole product as ``make run`` starts it: portal, worker, beat, broker and sandbox, as processes of their own."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import requests

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds for a start
READY = "Ctrl-C ends everything"
KEY = "journey-key"
SECRET = "journey-secret-that-is-long-enough-for-hs256"  # of a sandbox that lives for one test
KEYS = {"SANDBOX_API_KEY": KEY, "SANDBOX_API_SECRET": SECRET}
PASSWORD = "try-the-sandbox"  # the demo's own, printed at every start


@dataclass
class Running:
    """A started product. ``url`` has no slash at its end; ``folder`` holds its data."""

    url: str
    sandbox_url: str
    folder: Path
    process: subprocess.Popen[bytes]
    log: Path
    environment: dict[str, str]

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def zoom(self, method: str, path: str, **options: Any) -> requests.Response:
        """Ask the sandbox as its owner would."""
        token = jwt.encode({"iss": KEY, "exp": int(time.time()) + 600}, SECRET, "HS256")
        headers = {"Authorization": f"Bearer {token}"}
        while True:  # the portal's own reading may have used up this second
            answer = requests.request(method, self.sandbox_url + path, headers=headers, timeout=30, **options)
            if answer.status_code != 429:
                return answer
            time.sleep(0.3)

    def ledger(self) -> list[dict[str, Any]]:
        """Every write the sandbox applied."""
        control = self.sandbox_url.removesuffix("/v2") + "/control/ledger"
        writes: list[dict[str, Any]] = requests.get(control, timeout=120).json()["writes"]
        return writes

    def stats(self) -> dict[str, Any]:
        control = self.sandbox_url.removesuffix("/v2") + "/control/stats"
        found: dict[str, Any] = requests.get(control, timeout=30).json()
        return found

    def pids(self, pattern: str) -> list[int]:
        """Processes below the supervisor whose command line matches."""
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and _is_below(int(folder.name), self.process.pid):
                try:
                    line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                except OSError:
                    continue
                if re.search(pattern, line):
                    found.append(int(folder.name))
        return found

    def kill(self, pattern: str) -> list[int]:
        """kill -9 of all processes whose command line matches; returns which."""
        found = self.pids(pattern)
        for pid in found:
            os.kill(pid, signal.SIGKILL)
        return found

    def restart(self) -> None:
        """Start again on the same data and ports, after the whole has ended."""
        self.process.wait(timeout=30)
        self.process = launch(self.folder, **self.environment).process

    def stop(self) -> float:
        """Ctrl-C; returns the seconds until it had ended."""
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=30)
        return time.monotonic() - begun


def free_port() -> int:
    """A port nobody has, and nobody will be given by chance: below those the system hands out to connections."""
    while True:
        number = random.randrange(15_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", number))
            except OSError:
                continue
        return number


def launch(folder: Path, **environment: str) -> Running:
    """``manage.py up`` on free ports with its data in ``folder``; returns once it says it is ready."""
    ports = {name: str(free_port()) for name in ("PORT", "SANDBOX_PORT", "VALKEY_PORT")}
    ports.update({name: environment.pop(name) for name in tuple(ports) if name in environment})
    inherited = {k: v for k, v in os.environ.items() if k not in ("BROKER_URL", "CACHE_URL", "DJANGO_SETTINGS_MODULE")}
    settings = {"PORTAL_DATA": str(folder), "SANDBOX_FLAGS": "--control", **KEYS, **ports, **environment}
    log = folder.parent / f"{folder.name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env={**inherited, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    url, sandbox_url = f"http://127.0.0.1:{ports['PORT']}", f"http://127.0.0.1:{ports['SANDBOX_PORT']}/v2"
    running = Running(url, sandbox_url, folder, process, log, settings)
    begun, start = time.monotonic(), log.read_text(errors="replace").count(READY)
    while running.output().count(READY) <= start:
        if process.poll() is not None or time.monotonic() - begun > PATIENCE:
            process.kill()
            raise RuntimeError(f"the product did not start:\n{running.output()[-3000:]}")
        time.sleep(0.2)
    return running


@contextmanager
def started(folder: Path, **environment: str) -> Iterator[Running]:
    running = launch(folder, **environment)
    try:
        yield running
    finally:
        running.stop()


def _is_below(pid: int, ancestor: int) -> bool:
    while pid > 1:
        if pid == ancestor:
            return True
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            return False
    return False
