"""A running sandbox for tests: a process of its own on a free port, limits off and control on.

``sandbox`` is shared by the whole run; put it back with ``sandbox.reset()`` when a test needs the first world.
A test that needs other flags starts its own: ``with start_sandbox(tmp_path, "--world", "empty") as sandbox: …``.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
KEY = "test-key"
SECRET = "test-secret-that-is-long-enough-for-hs256"
ACCOUNT_ID = "sandbox-account"


@dataclass
class Sandbox:
    """``base_url`` ends with "/v2" and has no slash after it."""

    base_url: str
    key: str
    secret: str
    process: subprocess.Popen[str]
    output: list[str] = field(default_factory=list)
    session: requests.Session = field(default_factory=requests.Session)

    def token(self, *, life: float = 600, **claims: Any) -> str:
        return jwt.encode({"iss": self.key, "exp": int(time.time() + life), **claims}, self.secret, "HS256")

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send one request with a good token; ``path`` begins after "/v2"."""
        headers = {"Authorization": f"Bearer {self.token()}", **options.pop("headers", {})}
        return self.session.request(method, self.base_url + path, headers=headers, timeout=30, **options)

    def control(self, method: str, name: str, body: Any = None) -> Any:
        url = f"{self.base_url.removesuffix('/v2')}/control/{name}"
        answer = self.session.request(method, url, json=body, timeout=120)
        answer.raise_for_status()
        return answer.json()

    def ledger(self) -> list[dict[str, Any]]:
        """Return every applied write: n, at, method, path, account, operation, key, status."""
        writes: list[dict[str, Any]] = self.control("GET", "ledger")["writes"]
        return writes

    def stats(self) -> dict[str, Any]:
        found: dict[str, Any] = self.control("GET", "stats")
        return found

    def faults(self, *rules: dict[str, Any], seed: int = 1) -> None:
        """Put a fault plan in force; no rules at all end it."""
        self.control("POST", "faults", {"seed": seed, "rules": list(rules)})

    def clock(self, offset: float) -> None:
        self.control("POST", "clock", {"offset": offset})

    def reset(self) -> None:
        """Bring back the first world, an empty ledger, no faults and the right time."""
        self.control("POST", "reset")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End the process and return its exit status."""
        self.session.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=20)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status


def launch(database: Path, *flags: str, control: bool = True, wait: float = 120) -> Sandbox:
    """Start a sandbox and return once it says it is ready. Whoever calls this stops it."""
    command = [sys.executable, "-m", "zoomapi.sandbox", "--port", "0", "--database", str(database), *flags]
    if control:
        command.append("--control")
    environment = {**os.environ, "SANDBOX_API_KEY": KEY, "SANDBOX_API_SECRET": SECRET}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    output: list[str] = []
    assert process.stdout is not None
    end = time.monotonic() + wait
    for line in process.stdout:
        output.append(line.rstrip())
        if line.startswith("ready "):
            return Sandbox(line.split()[1], KEY, SECRET, process, output)
        if time.monotonic() > end:
            break
    process.kill()
    process.wait()
    process.stdout.close()
    raise RuntimeError(f"the sandbox did not start: {output}")


@contextmanager
def start_sandbox(folder: Path, *flags: str, control: bool = True) -> Iterator[Sandbox]:
    """Run a sandbox on a database in ``folder`` for as long as the block lasts."""
    running = launch(folder / "sandbox.sqlite3", *flags, control=control)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The demo world without rate limits, shared by all tests of a run."""
    with start_sandbox(tmp_path_factory.mktemp("sandbox"), "--world", "demo", "--no-limits") as running:
        yield running
