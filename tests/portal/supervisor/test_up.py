"""``manage.py up`` as a stranger sees it: the real parts, on free ports, with data of their own."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.portal.supervisor.conftest import ROOT, group_of, wait_until
from tests.support.running import free_port

PORTS = ("PORT", "SANDBOX_PORT", "VALKEY_PORT")


class Portal:
    """``manage.py up`` in a process of its own."""

    def __init__(self, data: Path, **variables: str) -> None:
        self.data = data
        self.lines: list[str] = []
        # Without what the settings of the test run put into our own environment.
        kept = {name: value for name, value in os.environ.items() if name not in ("BROKER_URL", "CACHE_URL")}
        kept |= {"DJANGO_SETTINGS_MODULE": "portal.settings", "PORTAL_DATA": str(data), **variables}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=kept,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as output:
            self.lines.extend(line.rstrip("\n") for line in output)

    def said(self, text: str) -> bool:
        return any(text in line for line in self.lines)

    def wait_until_up(self) -> None:
        def over() -> bool:
            return self.said("Ctrl-C ends everything") or self.process.poll() is not None

        wait_until(over, 90, "the portal")
        assert self.process.poll() is None, "\n".join(self.lines)

    def stop(self) -> float:
        """Press Ctrl-C; return how many seconds the end took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=20) == 0, "\n".join(self.lines)
        took = time.monotonic() - begun
        self._reader.join(timeout=5)
        return took

    def parts(self) -> dict[str, int]:
        """Name and process number of each part."""
        noted = (self.data / "up" / "parts.json").read_text()
        return {name: int(pid) for name, pid in re.findall(r'"name": "(\w+)",\s*"pid": (\d+)', noted)}


def free_ports() -> dict[str, str]:
    return {name: str(free_port()) for name in PORTS}


@pytest.fixture
def ports() -> dict[str, str]:
    return free_ports()


@pytest.fixture
def started() -> Iterator[list[Portal]]:
    """Portals that the test started; whatever still runs is ended."""
    portals: list[Portal] = []
    yield portals
    for portal in portals:
        if portal.process.poll() is None:
            portal.stop()


def listens(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


def page(port: str, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", int(port), timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location") or ""
    finally:
        connection.close()


def test_the_first_start_loads_the_demo_and_the_second_keeps_the_data(
    tmp_path: Path, ports: dict[str, str], started: list[Portal]
) -> None:
    first = Portal(tmp_path, **ports)
    started.append(first)
    first.wait_until_up()
    assert first.said("First start: loading the demo")
    assert first.said("Demo sign-ins, all with the password")
    status, where = page(ports["PORT"], "/")
    assert (status, where.partition("?")[0]) == (302, "/sign-in/")
    assert sorted(first.parts()) == ["beat", "sandbox", "valkey", "web", "worker"]

    groups = list(first.parts().values())
    assert first.stop() < 10
    assert [group_of(leader) for leader in groups] == [[], [], [], [], []]
    assert [listens(port) for port in ports.values()] == [False, False, False]

    # Moved to another port, the sandbox is still the demo's.
    moved = {**ports, "SANDBOX_PORT": free_ports()["SANDBOX_PORT"]}
    second = Portal(tmp_path, **moved)
    started.append(second)
    second.wait_until_up()
    assert not second.said("First start")
    assert second.said(f"The sandbox moved from http://127.0.0.1:{ports['SANDBOX_PORT']}/v2")
    assert second.said("Demo sign-ins, all with the password")
    assert second.stop() < 10


def test_without_a_sandbox_it_starts_after_a_kill_and_tells_a_taken_port(
    tmp_path: Path, ports: dict[str, str], started: list[Portal]
) -> None:
    first = Portal(tmp_path, SANDBOX="off", **ports)
    started.append(first)
    first.wait_until_up()
    parts = first.parts()
    assert sorted(parts) == ["beat", "valkey", "web", "worker"]
    first.process.kill()
    first.process.wait()

    # Whether the parts are already gone or not, the next start comes up.
    second = Portal(tmp_path, SANDBOX="off", **ports)
    started.append(second)
    second.wait_until_up()

    elsewhere = Portal(tmp_path / "other", SANDBOX="off", **{**free_ports(), "PORT": ports["PORT"]})
    assert elsewhere.process.wait(timeout=30) == 1
    assert elsewhere.said(f"Port {ports['PORT']} for the portal is in use by another program, so nothing was started:")

    os.kill(second.parts()["worker"], signal.SIGKILL)
    assert second.process.wait(timeout=20) == 1
    assert second.said("CommandError: The worker was killed by SIGKILL")
    assert [listens(port) for port in ports.values()] == [False, False, False]


@pytest.mark.redis
def test_with_a_broker_of_its_own_no_valkey_is_started(
    tmp_path: Path, ports: dict[str, str], started: list[Portal], redis_url: str
) -> None:
    portal = Portal(tmp_path, SANDBOX="off", BROKER_URL=redis_url, **ports)
    started.append(portal)
    portal.wait_until_up()
    assert sorted(portal.parts()) == ["beat", "web", "worker"]
    assert portal.said("Using the broker that BROKER_URL names.")
    assert portal.stop() < 10


def test_wrong_settings_are_told_together_and_without_a_traceback(tmp_path: Path) -> None:
    portal = Portal(tmp_path, PORT="eighty", WEB_PROCESSES="0")
    assert portal.process.wait(timeout=30) == 1
    assert portal.lines == [
        "The portal does not start:",
        "  - PORT is 'eighty': use a whole number from 1 to 65535.",
        "  - WEB_PROCESSES is '0': use a whole number from 1 to 64.",
    ]
