"""HTTP/1.1 as bytes: a request written at once, and an answer read piece by piece. Nothing here touches a socket.

The answer is taken apart by llhttp (``httptools``), in C. What it leaves open is decided here: how long a head may be,
how large a body, and whether anything came after the end of the message.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from zoomapi.client.codings import LARGEST_ANSWER, Inflater, TooLarge, Undecodable, inflaters

LARGEST_HEAD = 64 * 1024  # bytes of status line and headers, those of interim answers included
MOST_HEADERS = 100

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # a tab is allowed in a value
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_TARGET = re.compile(r"/[\x21-\x7e]*")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})
_SAY_EMPTY = frozenset({"POST", "PUT", "PATCH"})  # these name a length even when they have no body
_BEGINNING, _END_OF_HEAD = b"HTTP/1.", b"\r\n\r\n"


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


class Garbage(Exception):
    """What came is not the head of an HTTP answer."""


def compose(method: str, target: str, host: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """Return the whole request. Raises ValueError, which never shows a value, where a part could end its line early."""
    if not _NAME.fullmatch(method) or not _TARGET.fullmatch(target):
        raise ValueError("A method or an address has characters that must not go into a request.")
    lines, named = [f"{method} {target} HTTP/1.1", f"Host: {host}"], set()
    for name, value in headers.items():
        lower = name.lower()
        if lower in _OURS or not _NAME.fullmatch(name):
            raise ValueError("A header has a name that must not go into a request.")
        if not value.isprintable() and _CONTROL.search(value):  # the first is the quicker look
            raise ValueError(f"The header {name} has characters that must not go into a request.")
        named.add(lower)
        lines.append(f"{name}: {value}")
    if "accept-encoding" not in named:
        lines.append("Accept-Encoding: identity")
    if body is not None or method in _SAY_EMPTY:
        lines.append(f"Content-Length: {len(body or b'')}")
    try:
        head = "\r\n".join(lines).encode("latin-1")
    except UnicodeEncodeError:  # it carries the whole text with it
        raise ValueError("A header has characters that must not go into a request.") from None
    return b"%b\r\n\r\n%b" % (head, body or b"")


class _Events:
    """What the parser tells. Apart from ``Incoming``, so that no circle of references keeps a large body alive."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.codings: list[str] = []
        self.pieces: list[bytes] = []
        self.count = 0
        self.headed = self.lasting = self.complete = self.again = False
        self.ask_lasting: Callable[[], bool] = bool

    def on_message_begin(self) -> None:
        self.again = self.complete

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.headed:  # a trailer
            return
        self.count += 1
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self.headers[key] = text
        if key == "content-encoding":
            self.codings.append(text)

    def on_headers_complete(self) -> None:
        if not self.headed:
            self.headed, self.lasting = True, self.ask_lasting()  # the end of a message makes the parser forget

    def on_body(self, piece: bytes) -> None:
        if not self.complete:
            self.pieces.append(piece)

    def on_message_complete(self) -> None:
        self.complete = True


class Incoming:
    """An answer on its way in. Feed it until it is ``done``, or end() it when the connection ended.

    ``headed``: the final status line and headers are there. Until then anything wrong is a Garbage; after, a flaw.
    """

    def __init__(self, method: str) -> None:
        self.headed = False
        self.flaw: Flaw | None = None
        self._method = method
        self._held = b""
        self._heads = 0
        self._searched = 0
        self._tail = b""
        self._chunked = False
        self._fed = self._taken = 0
        self._body = bytearray()
        self._inflaters: list[Inflater] | None = None
        self._status = 0
        self._begin()

    def _begin(self) -> None:
        self._events = _Events()
        self._parser = HttpResponseParser(self._events)
        # Lenient with odd characters in values, folded lines and padded chunk sizes; lengths stay strict.
        self._parser.set_dangerous_leniencies(lenient_headers=True, lenient_spaces_after_chunk_size=True)
        self._events.ask_lasting = self._parser.should_keep_alive

    @property
    def done(self) -> bool:
        return self._events.complete or self.flaw is not None

    @property
    def reusable(self) -> bool:
        """Whether the connection stands exactly behind a whole answer, and both sides mean to go on with it."""
        events = self._events
        if not (self.headed and events.complete and events.lasting) or events.again or self.flaw is not None:
            return False
        if self._chunked:  # the parser passes over empty lines behind a message
            return self._tail.endswith(_END_OF_HEAD) and self._tail[-5:-4] not in (b"\r", b"\n")
        return self._fed == self._taken

    def reply(self) -> Reply:
        return Reply(self._status, self._events.headers, b"" if self.flaw else bytes(self._body), self.flaw)

    def feed(self, data: bytes) -> None:
        if not self.headed:
            data = self._feed_head(data)
        if data:
            self._feed_body(data)

    def end(self) -> None:
        """The connection ended. Only a body that nothing gave a length to is whole by that."""
        headers, self._events.lasting = self._events.headers, False
        if "content-length" in headers or "transfer-encoding" in headers:
            self.flaw = Flaw.CUT
        else:
            self._events.complete = True

    def _feed_head(self, data: bytes) -> bytes:
        """Read as far as the final head; return what came behind it."""
        held = self._held + data
        while True:
            if not held.startswith(_BEGINNING[: len(held)]):
                raise Garbage("no status line")
            found = held.find(_END_OF_HEAD, self._searched)
            end = len(held) if found < 0 else found + len(_END_OF_HEAD)
            if self._heads + end > LARGEST_HEAD:
                raise Garbage("the head is too long")
            if found < 0:
                self._held, self._searched = held, max(end - len(_END_OF_HEAD) + 1, 0)
                return b""
            self._heads += end
            is_final = self._parse_head(held[:end])
            held, self._held, self._searched = held[end:], b"", 0
            if is_final:
                return held

    def _parse_head(self, head: bytes) -> bool:
        """Return whether this is the final head. An interim one (100, 103) is dropped; the real one follows."""
        try:
            self._parser.feed_data(head)
        except (HttpParserError, HttpParserUpgrade) as problem:
            raise Garbage("the head is malformed") from problem
        events, status = self._events, self._parser.get_status_code()
        if not events.headed or events.count > MOST_HEADERS or status < 100 or status == 101:
            raise Garbage("the head is malformed")
        events.ask_lasting = bool  # breaks the circle of parser and events
        if status < 200:
            self._begin()
            return False
        events.complete = events.complete or self._method == "HEAD"
        self._chunked = "transfer-encoding" in events.headers and not events.complete
        self.headed, self._status = True, status
        return True

    def _feed_body(self, data: bytes) -> None:
        events = self._events
        self._fed += len(data)
        self._tail = (self._tail + data[-5:])[-5:]
        if events.complete:
            return  # nothing belongs here; ``reusable`` counts it
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            events.again = True  # behind the end, it is only what was left over
            if not self.done:
                self.flaw = Flaw.CUT
                return
        pieces, events.pieces = events.pieces, []
        try:
            for piece in pieces:
                self._take(piece)
        except TooLarge:
            self.flaw = Flaw.LARGE
        except Undecodable:
            self.flaw = Flaw.GARBLED
        if self.flaw is not None:
            self._body.clear()

    def _take(self, piece: bytes) -> None:
        self._taken += len(piece)
        if self._taken > LARGEST_ANSWER:
            raise TooLarge
        if self._inflaters is None:
            self._inflaters = inflaters(self._events.codings)
        for inflater in self._inflaters:
            piece = inflater.feed(piece)
        self._body += piece
