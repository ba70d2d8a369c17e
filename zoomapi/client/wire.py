"""Sockets to one origin, kept while idle, and every wait on one of them bounded by a deadline.

Deadlines are points of the monotonic clock. The timeout of a socket begins anew with every call, so each call gets
what is left at that moment and no more.
"""

import select
import socket
import ssl
import threading
import time
import weakref
from typing import Any

CONNECT_PATIENCE = 10.0  # seconds for one address
PIECE = 64 * 1024
STALE = 50.0  # seconds idle, after which a connection is not used again: a gateway between may have forgotten it


class NoConnection(OSError):
    """No connection could be made. Its text says why, for people."""


def left(deadline: float) -> float:
    """Return the seconds left; raises TimeoutError when there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("the deadline has passed")
    return seconds


class Line:
    """A connection that stands."""

    __slots__ = ("_poll", "_socket", "idle_since")

    def __init__(self, connected: socket.socket) -> None:
        self.idle_since = 0.0  # monotonic
        self._socket = connected
        self._poll = select.poll()
        self._poll.register(connected, select.POLLIN)

    def is_quiet(self) -> bool:
        """Whether nothing has come, neither the end nor bytes nobody asked for."""
        return not self._poll.poll(0)

    def send(self, data: bytes, deadline: float) -> None:
        view, sent = memoryview(data), 0
        while sent < len(data):
            self._socket.settimeout(left(deadline))
            sent += self._socket.send(view[sent : sent + PIECE])

    def receive(self, deadline: float) -> bytes:
        """Return what has come; nothing at the end of the connection.

        PIECE is more than a TLS record holds, so none is left half read where ``is_quiet`` would not see it.
        """
        self._socket.settimeout(left(deadline))
        return self._socket.recv(PIECE)

    def close(self) -> None:
        self._socket.close()


class Pool:
    """Makes connections to one origin and keeps at most ``size`` idle ones. Safe to share between threads."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, size: int) -> None:
        self._host, self._port, self._context, self._size = host, port, context, size
        self._idle: list[Line] = []
        self._lock = threading.Lock()
        weakref.finalize(self, _close_all, self._idle)  # a pool that is dropped leaves no open sockets

    def take(self) -> Line | None:
        """Return the connection used last that still stands, if there is one. The others wait for their end."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                line = self._idle.pop()
            if time.monotonic() - line.idle_since < STALE and line.is_quiet():
                return line
            line.close()

    def give_back(self, line: Line) -> None:
        line.idle_since = time.monotonic()
        with self._lock:
            if len(self._idle) < self._size:
                self._idle.append(line)
                return
        line.close()

    def close(self) -> None:
        with self._lock:
            idle, self._idle[:] = self._idle[:], []
        _close_all(idle)

    def connect(self, deadline: float) -> Line:
        """Connect and, with TLS, shake hands. Raises NoConnection or TimeoutError."""
        plain = self._reach(deadline)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected = plain if self._context is None else self._shake_hands(self._context, plain, deadline)
        except TimeoutError:
            plain.close()
            raise
        except ssl.SSLError as problem:
            plain.close()
            raise NoConnection("its certificate or encryption was not accepted") from problem
        except OSError as problem:
            plain.close()
            raise NoConnection("the connection could not be made") from problem
        except BaseException:
            plain.close()
            raise
        return Line(connected)

    def _shake_hands(self, context: ssl.SSLContext, plain: socket.socket, deadline: float) -> ssl.SSLSocket:
        plain.settimeout(min(left(deadline), CONNECT_PATIENCE))
        return context.wrap_socket(plain, server_hostname=self._host.rstrip("."))

    def _reach(self, deadline: float) -> socket.socket:
        """Return a socket connected to the first address that takes it; otherwise tell what the last one did."""
        try:
            found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except socket.gaierror as problem:
            raise NoConnection("its address could not be found") from problem
        except UnicodeError as problem:
            raise NoConnection("the connection could not be made") from problem
        failed: OSError | None = None
        for family, kind, protocol, _, address in found:
            patience = min(left(deadline), CONNECT_PATIENCE)
            try:
                return _connected(socket.socket(family, kind, protocol), address, patience)
            except OSError as problem:
                failed = problem
        if isinstance(failed, TimeoutError):
            raise failed
        raise NoConnection("it refused the connection") from failed


def _connected(connecting: socket.socket, address: Any, patience: float) -> socket.socket:
    try:
        connecting.settimeout(patience)
        connecting.connect(address)
    except BaseException:
        connecting.close()
        raise
    return connecting


def _close_all(idle: list[Line]) -> None:
    for line in idle:
        line.close()
