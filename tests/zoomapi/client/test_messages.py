"""What the wire may bring and how it is read, each on a real socket; and what happens to the socket afterwards."""

import gzip
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.zoomapi.client import rogue as r
from tests.zoomapi.client.rogue import Rogue
from zoomapi.client import errors
from zoomapi.client.transport import LARGEST_ANSWER, Flaw, Reply, Transport

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
HI = b"Content-Length: 2\r\n\r\nhi"


@pytest.fixture
def transport(rogue: Rogue) -> Iterator[Transport]:
    made = Transport(rogue.base_url)
    yield made
    made.close()


def shown(value: Any) -> str:
    return repr(value[-40:] if isinstance(value, bytes) else value)


def get(transport: Transport, seconds: float = 2.0, method: str = "GET", body: bytes | None = None) -> Reply:
    return transport.send(method, "/x", {}, body, time.monotonic() + seconds)


def packed(body: bytes, coding: str) -> bytes:
    return r.raw(200, body, Content_Encoding=coding)


def gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)  # the same in every process of a test run


def raw_deflate(data: bytes) -> bytes:
    made = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return made.compress(data) + made.flush()


# ------------------------------------------------------------------------------------------------------------ heads


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/2.0 200 OK\r\n" + HI,
        b"HTTP/1.1 20 OK\r\n" + HI,
        b"HTTP/1.1 099 OK\r\n" + HI,
        b"HTTP/1.1 1000 OK\r\n" + HI,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        OK + b"no colon\r\n" + HI,
        OK + b"Name : value\r\n" + HI,
        OK + b"Content-Length: 3\r\n" + HI,
        OK + b"Content-Length: 2\r\n" + HI,
        OK + b"Content-Length: -2\r\n\r\nhi",
        OK + b"Content-Length: 2, 3\r\n\r\nhi",
        OK + b"Transfer-Encoding: chunked\r\n" + HI,
        OK + b"".join(b"X-%d: y\r\n" % number for number in range(100)) + HI,
        OK + b"X: " + b"y" * 65536 + b"\r\n" + HI,
        OK + b"X: " + b"y" * 200_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 4000 + OK + HI,
        b"",
    ],
    ids=shown,
)
def test_what_is_no_good_head_is_a_lost_connection_at_once(rogue: Rogue, transport: Transport, answer: bytes) -> None:
    rogue.script(r.send(answer) if answer else r.close())
    began = time.monotonic()
    with pytest.raises(errors.ConnectionLost):
        get(transport)
    assert time.monotonic() - began < 1.5
    rogue.script(r.ok({}))
    assert get(transport).body == b"{}"
    assert rogue.connections == 2


def test_as_many_headers_as_are_allowed_arrive(rogue: Rogue, transport: Transport) -> None:
    rogue.script(r.send(OK + b"".join(b"X-%d: y\r\n" % number for number in range(99)) + HI))
    reply = get(transport)
    assert (len(reply.headers), reply.headers["x-98"]) == (100, "y")


def test_header_names_are_in_lower_case_values_latin_1_and_of_several_the_last_counts(
    rogue: Rogue, transport: Transport
) -> None:
    rogue.script(r.send(OK + b"X-Name: caf\xe9\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Fold: a\r\n b\r\n" + HI))
    reply = get(transport)
    assert reply.headers == {"x-name": "café", "set-cookie": "b=2", "x-fold": "a b", "content-length": "2"}


@pytest.mark.parametrize("interim", [b"100 Continue\r\n\r\n", b"103 Early Hints\r\nLink: </x>\r\n\r\n"])
@pytest.mark.parametrize("pause", [0.0, 0.05])
def test_an_interim_answer_is_passed_over(rogue: Rogue, transport: Transport, interim: bytes, pause: float) -> None:
    def run(connection: socket.socket, seen: r.Seen) -> None:
        connection.sendall(b"HTTP/1.1 " + interim)
        time.sleep(pause)
        connection.sendall(b"HTTP/1.1 " + interim + OK + HI)

    rogue.script(run)
    assert get(transport) == get(transport) == Reply(200, {"content-length": "2"}, b"hi")
    assert rogue.connections == 1


def test_an_answer_that_comes_byte_by_byte_is_the_same(rogue: Rogue, transport: Transport) -> None:
    rogue.script(r.drip(CHUNKED + b"1  \r\nh\r\n1;x=y\r\ni\r\n0\r\nTrailer: z\r\n\r\n", 0.002))
    assert get(transport) == get(transport) == Reply(200, {"transfer-encoding": "chunked"}, b"hi")
    assert rogue.connections == 1


# ----------------------------------------------------------------------------------------------------------- bodies


def test_a_body_without_a_length_goes_on_to_the_end_of_the_connection(rogue: Rogue, transport: Transport) -> None:
    rogue.script(r.close(OK + b"\r\n" + b"h" * 100_000))
    assert get(transport) == Reply(200, {}, b"h" * 100_000)


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_cannot_have_a_body_has_none(rogue: Rogue, transport: Transport, status: int) -> None:
    rogue.script(r.send(b"HTTP/1.1 %d X\r\n\r\n" % status))
    assert get(transport) == get(transport) == Reply(status, {}, b"")
    assert rogue.connections == 1


def test_the_answer_to_head_has_no_body(rogue: Rogue, transport: Transport) -> None:
    rogue.script(r.send(OK + b"Content-Length: 2\r\n\r\n"))
    assert [get(transport, method="HEAD").body for _ in range(2)] == [b"", b""]
    assert rogue.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 9\r\n\r\nhi",
        CHUNKED + b"2\r\nhi\r\n",
        CHUNKED + b"2\r\nhi\r\n0\r\n",
        CHUNKED + b"2\r\nhi",
        CHUNKED + b"zz\r\nhi\r\n0\r\n\r\n",
        CHUNKED + b"2\r\nhi!\r\n0\r\n\r\n",
        CHUNKED + b"f" * 40 + b"\r\nhi\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: gzip\r\n\r\nhi",
    ],
    ids=shown,
)
@pytest.mark.parametrize("ending", [r.close, r.reset])
def test_a_body_that_breaks_off_is_told_as_cut(
    rogue: Rogue, transport: Transport, answer: bytes, ending: Callable[[bytes], r.Script]
) -> None:
    rogue.script(ending(answer))
    reply = get(transport)
    assert (reply.status, reply.body, reply.flaw) == (200, b"", Flaw.CUT)


def test_a_body_that_stands_still_is_told_as_late(rogue: Rogue, transport: Transport) -> None:
    rogue.script(r.send(CHUNKED + b"2\r\nhi\r\n"))
    assert get(transport, 0.3).flaw is Flaw.LATE


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gz(b"plain"), "gzip"),
        (gz(b"plain"), "X-GZIP"),
        (gz(b"pl") + gz(b"ain"), "gzip"),
        (gz(b"plain") + b"\0" * 20 + gz(b"no"), "gzip"),
        (zlib.compress(b"plain"), "deflate"),
        (raw_deflate(b"plain"), "deflate"),
        (gz(zlib.compress(b"plain")), "deflate, gzip"),
        (b"plain", "identity"),
        (b"plain", "br"),
        (b"", "gzip"),
    ],
    ids=shown,
)
@pytest.mark.parametrize("pause", [None, 0.0005])
def test_each_coding_is_undone(
    rogue: Rogue, transport: Transport, body: bytes, coding: str, pause: float | None
) -> None:
    answer = packed(body, coding)
    rogue.script(r.send(answer) if pause is None else r.drip(answer, pause))
    reply = get(transport)
    assert (reply.body, reply.flaw) == (b"plain" if body else b"", None)


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (b"none at all", "gzip"),
        (b"none at all", "deflate"),
        (gz(b"plain")[:-8] + b"\0" * 8, "gzip"),
        (gz(b"plain"), "br, gzip"),
        (gz(b"plain"), ", ".join(["gzip"] * 6)),
    ],
    ids=shown,
)
def test_what_its_coding_did_not_make_is_told_as_garbled(
    rogue: Rogue, transport: Transport, body: bytes, coding: str
) -> None:
    rogue.script(r.send(packed(body, coding)))
    reply = get(transport)
    assert (reply.body, reply.flaw) == (b"", Flaw.GARBLED)


ZEROS = b"\0" * (3 * LARGEST_ANSWER)
BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "gzip": ("gzip", lambda: gz(ZEROS)),
    "zlib": ("deflate", lambda: zlib.compress(ZEROS)),
    "deflate": ("deflate", lambda: raw_deflate(ZEROS)),
    "members": ("gzip", lambda: gz(ZEROS[: LARGEST_ANSWER // 2]) * 4),
    "twice": ("gzip, gzip", lambda: gz(gz(ZEROS))),
    "inner": ("gzip, gzip", lambda: gz(ZEROS)),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_told_as_too_large_and_its_end_is_not_waited_for(
    rogue: Rogue, transport: Transport, kind: str
) -> None:
    coding, make = BOMBS[kind]
    head = f"HTTP/1.1 200 X\r\nContent-Encoding: {coding}\r\nContent-Length: 9000000\r\n\r\n".encode()
    rogue.script(r.send(head + make()))
    for _ in range(2):
        reply = get(transport, 5.0)
        assert (reply.body, reply.flaw) == (b"", Flaw.LARGE)
    assert rogue.connections == 2


def test_an_answer_as_large_as_is_allowed_arrives(rogue: Rogue, transport: Transport) -> None:
    rogue.script(r.send(packed(gz(ZEROS[:LARGEST_ANSWER]), "gzip")))
    assert len(get(transport, 10.0).body) == LARGEST_ANSWER
