"""The way out: one pool of connections to one origin, a total deadline, a cap on what is read, no redirects.

A transport knows a single origin, so the credential cannot go anywhere else, and no environment (proxy, .netrc) is
consulted. The sockets are in ``wire``, the bytes of HTTP in ``messages``.

Whether a request has begun to leave is not guessed from exception types: nothing is handed to the socket before the
connection stands, and from that point on every failure is one after the beginning.
"""

import os
import re
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urlsplit

import certifi

from zoomapi.client.circuit import Circuit
from zoomapi.client.codings import LARGEST_ANSWER
from zoomapi.client.errors import ConnectionLost, TimedOut, Unreachable
from zoomapi.client.messages import Flaw, Garbage, Incoming, Reply, compose
from zoomapi.client.wire import Line, NoConnection, Pool

__all__ = ["LARGEST_ANSWER", "Flaw", "Reply", "Transport", "redact", "shared"]

SKEW = 10.0  # seconds by which the clocks may differ before it matters to tokens, which live for a minute


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
        self._host = _host_header(parts)
        context, port = None, parts.port or 80
        if parts.scheme == "https":
            context, port = ssl.create_default_context(cafile=ca_file or certifi.where()), parts.port or 443
            context.set_alpn_protocols(["http/1.1"])
        self._pool = Pool(parts.hostname, port, context, size)

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

        Raises Unreachable while nothing had been sent, TimedOut or ConnectionLost after, and ValueError for a part
        that must not go into a request. Name resolution is the one step whose time is the system resolver's own.
        """
        request = compose(method, self.prefix + url, self._host, headers, body)
        line = self._depart(deadline, on_begun)
        incoming, taken = Incoming(method), False
        try:
            taken = _hand_over(line, request, deadline)
            _await_head(line, incoming, deadline)
            return _read(line, incoming, deadline)
        except (OSError, Garbage) as problem:
            if isinstance(problem, TimeoutError) or time.monotonic() >= deadline:
                raise TimedOut("Zoom did not answer in time.") from problem
            raise ConnectionLost("The connection to Zoom broke before its answer arrived.") from problem
        finally:
            if taken and incoming.reusable:
                self._pool.give_back(line)
            else:
                line.close()

    def _depart(self, deadline: float, on_begun: Callable[[], None] | None) -> Line:
        """Return a connection that stands, with nothing between this and the first byte."""
        if time.monotonic() >= deadline:  # which says nothing about the service
            raise Unreachable("There was no time left for the call. Nothing was sent. Try again in a moment.")
        try:
            line = self._pool.take() or self._pool.connect(deadline)
            try:
                if on_begun is not None:
                    on_begun()
            except BaseException:
                line.close()
                raise
        except OSError as problem:
            self.circuit.failed()
            raise Unreachable(
                f"Zoom could not be reached: {_reason(problem)}. Nothing was sent. Try again in a moment."
            ) from problem
        self.circuit.succeeded()
        return line

    def close(self) -> None:
        """Close idle connections; the next call opens new ones."""
        self._pool.close()


def _host_header(parts: SplitResult) -> str:
    """The host as it is told to the server: with the port unless it is the usual one, IPv6 in brackets."""
    host = (parts.hostname or "").rstrip(".")
    if not host.isascii():
        host = host.encode("idna").decode()
    host = f"[{host.partition('%')[0]}]" if ":" in host else host
    usual = 443 if parts.scheme == "https" else 80
    return host if parts.port in {None, usual} else f"{host}:{parts.port}"


def _reason(problem: OSError) -> str:
    if isinstance(problem, NoConnection):
        return str(problem)
    if isinstance(problem, TimeoutError):
        return "it did not take the connection in time"
    return "the connection could not be made"


def _hand_over(line: Line, request: bytes, deadline: float) -> bool:
    """Send the request; return whether all of it was taken.

    A server may answer and hang up before it has read everything (413, say). That answer can still be read.
    """
    try:
        line.send(request, deadline)
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _await_head(line: Line, incoming: Incoming, deadline: float) -> None:
    while not incoming.headed:
        data = line.receive(deadline)
        if not data:
            raise ConnectionError("the connection ended")
        incoming.feed(data)


def _read(line: Line, incoming: Incoming, deadline: float) -> Reply:
    """Read the body that follows a good head. Nothing is raised any more: what goes wrong is a flaw of the answer."""
    try:
        while not incoming.done:
            data = line.receive(deadline)
            if data:
                incoming.feed(data)
            else:
                incoming.end()
    except TimeoutError:
        incoming.flaw = Flaw.LATE
    except OSError:
        incoming.flaw = Flaw.CUT
    return incoming.reply()


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
