"""A small threaded HTTP/1.1 server.

Why not a ready one: the sandbox must be able to misbehave on the socket (cut, reset, dribble), answer JSON even to
bytes that are not HTTP, send a Date of its own clock, and be one process, so that rate limits and ledger are exact and
a kill leaves nothing behind that holds the port. A connection has a thread for as long as it lives; threads are kept
and reused, and so are their database connections.
"""

import contextlib
import json
import queue
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import BinaryIO, cast

from zoomapi.sandbox.clock import Clock
from zoomapi.sandbox.http import BadRequest, Hangup, Request, Response, Wire, read_body, read_head

Application = Callable[[Request], Response]

MAX_THREADS = 512
IDLE_SECONDS = 75.0  # a kept connection without a request
READ_SECONDS = 30.0  # a request that stops half way
STOP_SECONDS = 1.0  # running requests get this long when the server stops


class Server:
    """Serves ``application`` on ``host:port``; port 0 takes a free one, ``port`` then tells which."""

    def __init__(self, host: str, port: int, application: Application, clock: Clock) -> None:
        self._application = application
        self._clock = clock
        self._listener = socket.create_server((host, port), backlog=1024)
        self.port: int = self._listener.getsockname()[1]
        self._waiting: queue.SimpleQueue[tuple[socket.socket, str]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._free = 0
        self._backlog = 0
        self._idle: set[socket.socket] = set()
        self._busy = 0
        self._stopping = False

    def start(self) -> None:
        threading.Thread(target=self._accept, name="accept", daemon=True).start()

    def stop(self) -> None:
        """Take no more connections, let running requests end (1 s at most), drop the idle connections."""
        with self._lock:
            self._stopping = True
            idle = list(self._idle)
        _shut(self._listener)
        self._listener.close()
        for sock in idle:
            _shut(sock)
        end = time.monotonic() + STOP_SECONDS
        while self._busy and time.monotonic() < end:
            time.sleep(0.01)

    def _accept(self) -> None:
        while True:
            try:
                sock, address = self._listener.accept()
            except OSError:
                if self._stopping:
                    return
                time.sleep(0.05)  # out of descriptors: those in use will come back
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._waiting.put((sock, address[0]))
            if self._need_thread():
                threading.Thread(target=self._work, daemon=True).start()

    def _need_thread(self) -> bool:
        """Promise a connection to a free thread, to a new one, or to whichever is done first."""
        with self._lock:
            if self._free:
                self._free -= 1
            elif self._threads < MAX_THREADS:
                self._threads += 1
                return True
            else:
                self._backlog += 1
        return False

    def _done(self) -> None:
        """A thread has ended a connection: it takes one nobody was promised to, or is free."""
        with self._lock:
            if self._backlog:
                self._backlog -= 1
            else:
                self._free += 1

    def _work(self) -> None:
        while True:
            sock, peer = self._waiting.get()
            try:
                with sock, sock.makefile("rb", 64 * 1024) as stream:
                    self._converse(sock, cast(BinaryIO, stream), peer)
            except (Hangup, OSError):
                pass
            except Exception:  # noqa: BLE001  # a bug must end one connection, not the thread that serves others
                traceback.print_exc(file=sys.stderr)
            self._done()

    def _converse(self, sock: socket.socket, stream: BinaryIO, peer: str) -> None:
        keep = True
        while keep and self._settle(sock, idle=True):
            try:
                sock.settimeout(IDLE_SECONDS)
                request = read_head(stream)
                request.peer = peer
                self._settle(sock, idle=False)
                keep = self._exchange(sock, stream, request)
            except BadRequest as problem:
                body = json.dumps({"code": 300, "message": problem.message}).encode()
                sock.sendall(Response(problem.status, body).encode(date=self._clock.http_date(), close=True))
                drain(sock)
                keep = False
            finally:
                self._settle(sock, idle=None)

    def _settle(self, sock: socket.socket, *, idle: bool | None) -> bool:
        """Note what a connection is doing (None: nothing any more). False: the server stops, so should it."""
        with self._lock:
            if idle:
                self._idle.add(sock)
            elif idle is False:
                self._idle.discard(sock)
                self._busy += 1
            elif sock in self._idle:
                self._idle.discard(sock)
            else:
                self._busy -= 1
            return not self._stopping

    def _exchange(self, sock: socket.socket, stream: BinaryIO, request: Request) -> bool:
        sock.settimeout(READ_SECONDS)
        if request.headers.get("expect", "").lower() == "100-continue":
            sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.body = read_body(stream, request.headers)
        response = self._application(request)
        keep = request.keep_alive and not self._stopping and response.wire is None
        head = request.method == "HEAD"
        data = response.encode(date=self._clock.http_date(), close=not keep, head=head)
        if response.wire is None:
            sock.sendall(data)
        else:
            misbehave(sock, data, response)
        return keep


def misbehave(sock: socket.socket, data: bytes, response: Response) -> None:
    """Send an answer the way a fault asks for; the connection is not used again."""
    wire = response.wire or Wire("close")
    if wire.kind == "reset":
        # Lingering for zero seconds turns the close that follows into a TCP reset.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif wire.kind == "cut":
        sock.sendall(data[: len(data) - max(1, len(response.body) // 2)])
    elif wire.kind == "slow":
        for byte in data:
            sock.sendall(bytes([byte]))
            time.sleep(wire.value)


def drain(sock: socket.socket) -> None:
    """Read what the peer still sends, within a second: closing on unread bytes would reset the answer away."""
    sock.shutdown(socket.SHUT_WR)
    sock.settimeout(0.2)
    end = time.monotonic() + 1
    with contextlib.suppress(TimeoutError):
        while time.monotonic() < end and sock.recv(1 << 16):
            pass


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other side was faster
        sock.shutdown(socket.SHUT_RDWR)
