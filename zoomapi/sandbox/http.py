"""HTTP messages as values: reading one request from a socket, writing one response to it."""

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import BinaryIO

MAX_LINE = 64 * 1024
MAX_HEADERS = 200
MAX_BODY = 10 * 1024 * 1024

_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) (\S+) HTTP/1\.([01])\r?\n")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*?)[ \t]*\r?\n")


class BadRequest(Exception):
    """Bytes that are not an HTTP request we serve. The connection ends after the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Hangup(Exception):
    """The peer is gone, or said nothing more."""


@dataclass(slots=True)
class Request:
    """``target`` is what stood in the request line, undecoded; header names are lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    peer: str = ""
    keep_alive: bool = True


@dataclass(slots=True)
class Wire:
    """Misbehaviour while the answer goes out: "cut", "reset", "close" or "slow" (``value``: bytes or pause)."""

    kind: str
    value: float = 0.0


@dataclass(slots=True)
class Response:
    status: int
    body: bytes = b""
    content_type: str = "application/json;charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)
    wire: Wire | None = None

    def encode(self, *, date: str, close: bool, head: bool = False) -> bytes:
        """Return the bytes on the wire. A 204 has neither body nor length; HEAD keeps the length only."""
        lines = [f"HTTP/1.1 {self.status} {_reason(self.status)}", f"Date: {date}", "Server: zoom-sandbox"]
        if self.status != 204:
            if self.body or self.content_type:
                lines.append(f"Content-Type: {self.content_type}")
            lines.append(f"Content-Length: {len(self.body)}")
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines.append("Connection: close" if close else "Connection: keep-alive")
        text = "\r\n".join(lines) + "\r\n\r\n"
        return text.encode("latin-1", "replace") + (b"" if head or self.status == 204 else self.body)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def read_head(stream: BinaryIO) -> Request:
    """Read a request up to its blank line. Raises Hangup at the end of the stream and BadRequest on nonsense."""
    line = stream.readline(MAX_LINE)
    while line in (b"\r\n", b"\n"):
        line = stream.readline(MAX_LINE)
    if not line:
        raise Hangup
    if len(line) >= MAX_LINE:
        raise BadRequest(414, "The request line is too long.")
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        raise BadRequest(400, "This is not an HTTP/1.1 request.")
    headers = _read_headers(stream)
    connection = headers.get("connection", "").lower()
    keep = "close" not in connection and (match[3] == b"1" or "keep-alive" in connection)
    return Request(match[1].decode(), match[2].decode("utf-8", "replace"), headers, keep_alive=keep)


def _read_headers(stream: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(MAX_HEADERS):
        line = stream.readline(MAX_LINE)
        if line in (b"\r\n", b"\n"):
            return headers
        if not line:
            raise Hangup
        if len(line) >= MAX_LINE:
            raise BadRequest(431, "A header is too long.")
        match = _HEADER.fullmatch(line)
        if match is None:
            raise BadRequest(400, "A header cannot be read.")
        name, value = match[1].decode().lower(), match[2].decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    raise BadRequest(431, "There are too many headers.")


def read_body(stream: BinaryIO, headers: dict[str, str]) -> bytes:
    """Read the body that the headers announce, at most MAX_BODY bytes."""
    coding = headers.get("transfer-encoding")
    length = headers.get("content-length")
    if coding is not None:
        if length is not None or coding.strip().lower() != "chunked":
            raise BadRequest(400, "Only chunked transfer coding is understood, without a length beside it.")
        return _read_chunks(stream)
    if length is None:
        return b""
    if not re.fullmatch(r"[0-9]{1,12}", length):
        raise BadRequest(400, "The content length cannot be read.")
    return _read_exactly(stream, int(length))


def _read_exactly(stream: BinaryIO, length: int) -> bytes:
    if length > MAX_BODY:
        raise BadRequest(413, "The request body is too large.")
    data = stream.read(length)
    if len(data) < length:
        raise Hangup
    return data


def _read_chunks(stream: BinaryIO) -> bytes:
    body = bytearray()
    while True:
        head = stream.readline(1024).split(b";")[0].strip()
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", head):
            raise BadRequest(400, "A chunk cannot be read.")
        size = int(head, 16)
        if len(body) + size > MAX_BODY:
            raise BadRequest(413, "The request body is too large.")
        if size == 0:
            _read_headers(stream)
            return bytes(body)
        body += _read_exactly(stream, size)
        if stream.readline(3).strip():
            raise BadRequest(400, "A chunk cannot be read.")
