"""What the sandbox answers on one core without limits, and how long it takes to start in each world.

Run: python -m benchmarks.sandbox_throughput [SECONDS]. The sandbox runs on one core; the callers, processes with one
connection each, on the others where there are any. Each world starts on a new database (cold) and again on it (warm).
"""

import multiprocessing
import os
import socket
import sys
import tempfile
import time
from pathlib import Path

from tests.support.sandbox import Sandbox, launch

CALLERS = 4
WORLDS = ("empty", "demo", "big")
BODY = b'{"dept": "Sales"}'
CALLS = {
    "one user": ("GET", "/users/me", b""),
    "list of users": ("GET", "/users", b""),
    "change of a user": ("PATCH", "/users/me", BODY),
}


def starts() -> None:
    for world in WORLDS:
        with tempfile.TemporaryDirectory() as folder:
            took = []
            for _ in range(2):
                began = time.perf_counter()
                sandbox = launch(Path(folder) / "sandbox.sqlite3", "--world", world, "--no-limits")
                took.append(time.perf_counter() - began)
                sandbox.stop()
        print(f"start with the world {world:6} new {took[0]:6.1f} s   kept {took[1]:6.1f} s", flush=True)


def caller(address: tuple[str, int], request: bytes, seconds: float, answered: "multiprocessing.Queue[int]") -> None:
    """Send one request again and again on one connection; only good answers count."""
    done = 0
    with socket.create_connection(address) as connection, connection.makefile("rb") as stream:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            connection.sendall(request)
            status = int(stream.readline().split()[1])
            length = 0
            while (line := stream.readline()) != b"\r\n":
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            stream.read(length)
            done += status < 300
    answered.put(done)


def rate(sandbox: Sandbox, method: str, path: str, body: bytes, seconds: float) -> float:
    host, _, port = sandbox.base_url.removeprefix("http://").removesuffix("/v2").partition(":")
    lines = [f"{method} /v2{path} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {sandbox.token()}"]
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    answered: multiprocessing.Queue[int] = multiprocessing.Queue()
    given = ((host, int(port)), request, seconds, answered)
    callers = [multiprocessing.Process(target=caller, args=given) for _ in range(CALLERS)]
    for process in callers:
        process.start()
    total = sum(answered.get() for _ in callers)
    for process in callers:
        process.join()
    return total / seconds


def rates(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sandbox = launch(Path(folder) / "sandbox.sqlite3", "--no-limits")
        cores = sorted(os.sched_getaffinity(0))
        for task in Path(f"/proc/{sandbox.process.pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), cores[:1])
        os.sched_setaffinity(0, cores[1:] or cores)
        for name, (method, path, body) in CALLS.items():
            print(f"{name:20}{rate(sandbox, method, path, body, seconds):8.0f} a second", flush=True)
        sandbox.stop()
        os.sched_setaffinity(0, cores)


def main(seconds: float) -> None:
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    rates(seconds)
    starts()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
