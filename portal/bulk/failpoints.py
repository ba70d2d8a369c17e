"""Crash points: ``CRASH_AT=P04:3`` makes the process kill itself the third time it comes to point P04.

P01 claimed, P02 permit taken, P03 intent written but not committed, P04 intent committed, P05 half of the request
written, P06 request written and no answer read, P07 answer read and result not committed, P08 result committed,
P09 before the read that settles an unknown outcome, P10 after it, P11 at the end of a job, P12 in the middle of a
sweep.
"""

import os
import signal
import socket
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
    """Put points P05 and P06 into the sockets of Python; only ever done when a crash point is chosen.

    Nothing but the client uses ``send``: what speaks to a broker or a store uses ``sendall``.
    """
    kind: Any = socket.socket
    send, receive = kind.send, kind.recv

    def half(self: Any, data: Any, *flags: int) -> Any:
        want = chosen()
        armed, _armed.yes = getattr(_armed, "yes", False), False
        if not (want and armed):
            return send(self, data, *flags)
        if want[0] == "P05" and _turn(*want):
            send(self, data[: len(data) // 2])
            die()
        _armed.sent = want[0] == "P06"
        return send(self, data, *flags)

    def unread(self: Any, *arguments: int) -> Any:
        want = chosen()
        sent, _armed.sent = getattr(_armed, "sent", False), False
        if want and sent and _turn(*want):
            self.settimeout(5)
            receive(self, 1)  # the crash falls between the server's work and our knowledge of it
            die()
        return receive(self, *arguments)

    kind.send, kind.recv = half, unread
