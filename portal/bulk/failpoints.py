"""Crash points: ``CRASH_AT=P04:3`` makes the process kill itself the third time it comes to point P04.

P01 claimed, P02 permit taken, P03 intent written but not committed, P04 intent committed, P05 half of the request
written, P06 request written and no answer read, P07 answer read and result not committed, P08 result committed,
P09 before the read that settles an unknown outcome, P10 after it, P11 at the end of a job, P12 in the middle of a
sweep.
"""

import http.client
import os
import signal
import threading
from functools import cache
from typing import Any, NoReturn

from django.conf import settings

POINTS = tuple(f"P{number:02}" for number in range(1, 13))

_lock = threading.Lock()
_hits: dict[str, int] = {}
_armed = threading.local()


@cache
def chosen() -> tuple[str, int] | None:
    """Return (point, hit) of the setting, None when there is none."""
    text = str(getattr(settings, "CRASH_AT", ""))
    if not text:
        return None
    point, _, hit = text.partition(":")
    if point not in POINTS:
        raise ValueError(f"CRASH_AT names no crash point: {point}")
    _patch_wire()
    return point, int(hit or 1)


def reach(point: str) -> None:
    """Die here if this is the chosen point and its turn."""
    want = chosen()
    if want is None:
        return
    if point == "P04" and want[0] in ("P05", "P06"):
        _armed.yes = True  # the next request of this thread is the one
    if point == want[0] and _turn(*want):
        die()


def _turn(point: str, hit: int) -> bool:
    with _lock:
        _hits[point] = _hits.get(point, 0) + 1
        return _hits[point] == hit


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit(137)


def _patch_wire() -> None:
    """Put points P05 and P06 into the standard library's HTTP; only ever done when a crash point is chosen."""
    connection: Any = http.client.HTTPConnection
    send, answer = connection.send, connection.getresponse

    def half(self: Any, data: Any) -> None:
        want = chosen()
        if want and want[0] == "P05" and getattr(_armed, "yes", False) and isinstance(data, bytes):
            _armed.yes = False
            if _turn(*want):
                send(self, data[: len(data) // 2])
                die()
        send(self, data)

    def unread(self: Any) -> Any:
        want = chosen()
        if want and want[0] == "P06" and getattr(_armed, "yes", False):
            _armed.yes = False
            if _turn(*want):
                _wait_for_answer(self)
                die()
        return answer(self)

    connection.send, connection.getresponse = half, unread


def _wait_for_answer(connection: Any) -> None:
    """Let the server finish, so that the crash falls between its work and our knowledge of it."""
    connection.sock.settimeout(5)
    connection.sock.recv(1)
