"""Two real processes with three threads each, in real time, on one SQLite file."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.zoomapi.client.permits.test_stores import most_in_a_window

WORKER = """
import json, sqlite3, sys, threading, time
from zoomapi.client.errors import NoPermit
from zoomapi.client.permits import Lane
from zoomapi.client.permits.sql import Database, SqlPermits
from zoomapi.spec.limits import GENERAL

connect = lambda: sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
permits, out = SqlPermits(Database(connect, "sqlite")), []
end = time.monotonic() + 3.0

def work():
    while time.monotonic() < end:
        try:
            permit = permits.take("key", GENERAL, Lane(sys.argv[2]), 2.0)
        except NoPermit:
            continue
        if permit.departed():
            out.append(time.monotonic())
        time.sleep(0.3)

threads = [threading.Thread(target=work) for _ in range(3)]
[t.start() for t in threads]
[t.join() for t in threads]
print(json.dumps(out))
"""


def test_two_processes_keep_one_limit_together(
    tmp_path: Path, sqlite_connect: Callable[[], sqlite3.Connection]
) -> None:
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(tmp_path / "permits.db"), lane],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[4],
        )
        for lane in ("interactive", "bulk")
    ]
    departures: list[float] = []
    for process in workers:
        out, _ = process.communicate(timeout=60)
        departures += json.loads(out)
    assert most_in_a_window(departures, 1.0) <= 10
    assert len(departures) >= 20
