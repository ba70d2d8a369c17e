"""The wire: one pool of connections to one origin, a total deadline, a cap on what is read, no redirects.

Built on urllib3's connection pool, which is what requests sends through: a pool knows a single origin, so the
credential cannot go anywhere else, and no environment (proxy, .netrc) is consulted. A ``timeout`` there restarts with
every packet; here each read from the socket gets only what is left of the deadline.

Whether a request has begun to leave is not guessed from exception types: the connection notes it before the first
byte is handed to the socket.
"""

import http.client
import io
import logging
import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import DecodeError, HTTPError, IncompleteRead, NewConnectionError, ReadTimeoutError, SSLError
from urllib3.exceptions import TimeoutError as HTTPTimeoutError

from zoomapi.client.circuit import Circuit
from zoomapi.client.errors import ConnectionLost, TimedOut, Unreachable, ZoomError

logger = logging.getLogger(__name__)

LARGEST_ANSWER = 10 * 1024 * 1024  # bytes, after decompression
CONNECT_PATIENCE = 10.0  # seconds for one address
SKEW = 10.0  # seconds by which the clocks may differ before it matters to tokens, which live for a minute
PIECE = 64 * 1024


class Flaw(StrEnum):
    """What is wrong with a body that came after a good status line."""

    CUT = "the answer was cut off"
    LATE = "the answer did not end in time"
    LARGE = "the answer is too large"
    GARBLED = "the answer could not be decompressed"


@dataclass(frozen=True)
class Reply:
    """Status, headers (names in lower case) and decoded body; ``flaw`` when the body is not whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    flaw: Flaw | None = None


@dataclass
class _Wire:
    """State of the request in progress on this thread."""

    deadline: float
    begun: bool = False
    on_begun: Callable[[], None] | None = None

    def left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


class _Here(threading.local):
    wire = _Wire(deadline=0.0)


_here = _Here()


class _DeadlineReader(io.RawIOBase):
    """A socket's raw reader whose every read may last only until the deadline."""

    def __init__(self, raw: Any, sock: socket.socket, wire: _Wire) -> None:
        self._raw, self._sock, self._wire = raw, sock, wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Any:
        self._sock.settimeout(self._wire.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _DeadlineResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        raw = self.fp.detach()
        self.fp = io.BufferedReader(_DeadlineReader(raw, sock, _here.wire))


class _Plain(HTTPConnection):
    response_class = _DeadlineResponse

    def send(self, data: Any) -> None:
        _send(self, super().send, data)


class _Secure(HTTPSConnection):
    response_class = _DeadlineResponse

    def send(self, data: Any) -> None:
        _send(self, super().send, data)


def _send(connection: HTTPConnection, send: Callable[[Any], None], data: bytes) -> None:
    """Connect first, then note that bytes are about to leave, then send within the deadline."""
    wire = _here.wire
    if connection.sock is None:
        connection.connect()
    wire.left()
    if wire.on_begun is not None and not wire.begun:
        wire.on_begun()
    wire.begun = True
    for start in range(0, len(data), PIECE):
        connection.sock.settimeout(wire.left())
        send(data[start : start + PIECE])


class Transport:
    """Connections to one origin. ``base_url`` is http(s)://host[:port][/prefix]; anything more is refused."""

    def __init__(self, base_url: str, *, ca_file: str | None = None, size: int = 16) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
            raise ValueError("The base URL must look like https://host/v2, without a user name or a query.")
        self.base_url = base_url
        self.circuit = Circuit(time.monotonic, time.time)
        self._skew = 0.0
        self.prefix = parts.path.rstrip("/")
        self._pool: urllib3.HTTPConnectionPool
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=ca_file or certifi.where())
            self._pool = urllib3.HTTPSConnectionPool(
                parts.hostname, parts.port, maxsize=size, retries=False, ssl_context=context
            )
            self._pool.ConnectionCls = _Secure
        else:
            self._pool = urllib3.HTTPConnectionPool(parts.hostname, parts.port, maxsize=size, retries=False)
            self._pool.ConnectionCls = _Plain

    def learn_offset(self, offset: float) -> float:
        """Take note of the service's clock minus ours, in seconds, as its last answer told."""
        self._skew = offset if abs(offset) > SKEW else 0.0
        return offset

    def their_time(self, now: float) -> float:
        """The time to date a token by: ours, unless the clocks are known to differ; then it would be refused."""
        return now + self._skew

    def admit(self) -> None:
        """Raise Unreachable at once while the service is known to be out of reach."""
        blocked = self.circuit.blocked_for()
        if blocked:
            raise Unreachable(
                f"Zoom has not been reachable for a while. Nothing was sent. The next try is in {blocked:.0f} s.",
                retry_after=blocked,
            )

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        deadline: float,
        on_begun: Callable[[], None] | None = None,
    ) -> Reply:
        """Send one request; ``deadline`` is on the monotonic clock. ``url`` is quoted and below the base URL.

        ``on_begun`` is called when the connection stands and the first byte is about to leave.

        Raises Unreachable while nothing had been sent, TimedOut or ConnectionLost after. Name resolution is the one
        step whose time is the system resolver's own.
        """
        wire = _here.wire = _Wire(deadline, on_begun=on_begun)
        try:
            left = wire.left()
            response = self._pool.urlopen(
                method,
                self.prefix + url,
                body=body,
                headers=headers,
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=min(left, CONNECT_PATIENCE), read=left),
            )
        except (HTTPError, OSError, http.client.HTTPException) as problem:
            if wire.begun:
                self.circuit.succeeded()
            else:
                self.circuit.failed()
            raise _failure(problem, wire) from problem
        self.circuit.succeeded()
        try:
            return _read(response)
        finally:
            response.close()  # a body read to its end has already returned its connection to the pool

    def close(self) -> None:
        """Close idle connections; the next call opens new ones."""
        self._pool.close()


def _read(response: urllib3.BaseHTTPResponse) -> Reply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    flaw, body = None, b""
    try:
        body = response.read(LARGEST_ANSWER + 1, decode_content=True)
        if len(body) > LARGEST_ANSWER:
            flaw, body = Flaw.LARGE, b""
    except (ReadTimeoutError, TimeoutError):
        flaw = Flaw.LATE
    except DecodeError:
        flaw = Flaw.GARBLED
    except (IncompleteRead, HTTPError, OSError, http.client.HTTPException):
        flaw = Flaw.CUT
    return Reply(response.status, headers, body, flaw)


def _failure(problem: Exception, wire: _Wire) -> ZoomError:
    if not wire.begun:
        return Unreachable(f"Zoom could not be reached: {_reason(problem)}. Nothing was sent. Try again in a moment.")
    if isinstance(problem, (HTTPTimeoutError, TimeoutError)) or time.monotonic() >= wire.deadline:
        return TimedOut("Zoom did not answer in time.")
    return ConnectionLost("The connection to Zoom broke before its answer arrived.")


def _reason(problem: Exception) -> str:
    if isinstance(problem, (SSLError, ssl.SSLError)):
        return "its certificate or encryption was not accepted"
    if isinstance(problem, urllib3.exceptions.NameResolutionError):
        return "its address could not be found"
    if isinstance(problem, NewConnectionError):  # a kind of timeout to urllib3, so it goes first
        return "it refused the connection"
    if isinstance(problem, (HTTPTimeoutError, TimeoutError)):
        return "it did not take the connection in time"
    return "the connection could not be made"


_shared: dict[tuple[int, str], Transport] = {}
_shared_lock = threading.Lock()


def shared(base_url: str) -> Transport:
    """Return this process's transport for a base URL, so that short-lived clients reuse its connections."""
    key = (os.getpid(), base_url)  # sockets must not cross a fork
    with _shared_lock:
        if key not in _shared:
            _shared[key] = Transport(base_url)
        return _shared[key]


_SECRETS = (
    (re.compile(r"[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"), "[token]"),
    (re.compile(r"(?i)(bearer|basic)\s+\S+"), r"\1 [hidden]"),
    (
        re.compile(r"(?i)(\"?[\w-]*(?:password|passwd|secret|token|host_key|zak|zpk|start_url)\"?\s*[:=]\s*)\S+"),
        r"\1[hidden]",
    ),
    (re.compile(r"[A-Za-z0-9_\-+/=]{24,}"), "[long]"),
    (re.compile(r"[^\x20-\x7e]"), "."),
)


def redact(body: bytes, limit: int = 200) -> str:
    """Return the first bytes of a body for a debug log: printable, without anything that looks secret."""
    text = body[:limit].decode("latin-1")
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text
