"""What becomes of a socket after an answer, and what is written to one; each on a real socket."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.zoomapi.client import rogue as r
from tests.zoomapi.client.certificates import self_signed
from tests.zoomapi.client.rogue import Rogue
from tests.zoomapi.client.test_messages import CHUNKED, HI, OK, get, shown
from zoomapi.client import errors
from zoomapi.client.transport import Transport


@pytest.fixture
def transport(rogue: Rogue) -> Iterator[Transport]:
    made = Transport(rogue.base_url)
    yield made
    made.close()


# ---------------------------------------------------------------------------------------- what becomes of the socket


@pytest.mark.parametrize(
    "answer",
    [
        OK + HI + b"!",
        OK + HI + b"\r\n",
        OK + HI + OK + HI,
        CHUNKED + b"2\r\nhi\r\n0\r\n\r\n!",
        CHUNKED + b"2\r\nhi\r\n0\r\n\r\n\r\n",
        b"HTTP/1.1 204 X\r\n\r\nhi",
        b"HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        OK + b"Connection: close\r\n" + HI,
        b"HTTP/1.0 200 OK\r\n" + HI,
    ],
    ids=shown,
)
def test_a_connection_with_anything_behind_the_answer_is_not_used_again(
    rogue: Rogue, transport: Transport, answer: bytes
) -> None:
    rogue.script(r.send(answer), r.ok({}))
    assert get(transport).body in {b"hi", b""}
    assert get(transport).body == b"{}"
    assert rogue.connections == 2


@pytest.mark.parametrize("late", [b"late", None])
def test_a_connection_that_did_not_stay_quiet_is_dropped_before_it_is_used(
    rogue: Rogue, transport: Transport, late: bytes | None
) -> None:
    def run(connection: socket.socket, seen: r.Seen) -> None:
        connection.sendall(OK + HI)
        time.sleep(0.05)
        if late:
            connection.sendall(late)
        else:
            connection.shutdown(socket.SHUT_WR)

    rogue.script(run, r.ok({}))
    get(transport)
    time.sleep(0.15)
    assert get(transport, method="POST").body == b"{}"
    assert (rogue.connections, len(rogue.seen)) == (2, 2)


def test_no_more_idle_connections_are_kept_than_asked_for(rogue: Rogue) -> None:
    transport = Transport(rogue.base_url, size=1)
    rogue.script(lambda connection, seen: (get(transport), r.ok({})(connection, seen))[1], r.ok({}))
    get(transport)  # another call is made while this one waits
    assert rogue.connections == 2
    assert len(transport._pool._idle) == 1
    get(transport)
    assert rogue.connections == 2
    transport.close()
    get(transport)
    assert rogue.connections == 3


def test_tls_connections_are_used_again_and_the_name_is_checked(tmp_path: Path) -> None:
    pem = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = Rogue(context)
    server.script(r.ok({}))
    transport = Transport(server.base_url, ca_file=str(pem))
    elsewhere = Transport(server.base_url.replace("127.0.0.1", "127.0.0.2"), ca_file=str(pem))
    try:
        assert [get(transport, body=b"x" * 500_000).status for _ in range(3)] == [200] * 3
        assert server.connections == 1
        with pytest.raises(errors.Unreachable):
            get(elsewhere)
    finally:
        transport.close()
        server.close()


def test_a_server_that_answers_and_hangs_up_before_it_read_everything_is_heard() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transport = Transport(f"http://127.0.0.1:{listener.getsockname()[1]}/v2")

        def answer_early() -> None:
            connection, _ = listener.accept()
            connection.recv(10)
            connection.sendall(b"HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n")
            connection.close()

        answering = threading.Thread(target=answer_early)
        answering.start()
        assert get(transport, method="POST", body=b"x" * 30_000_000).status == 413
        answering.join(5)


# --------------------------------------------------------------------------------------------------------- requests


def test_a_request_is_written_as_it_should_be(rogue: Rogue, transport: Transport) -> None:
    deadline = time.monotonic() + 2
    transport.send("POST", "/x?a=%20", {"X-A": "tab\t1"}, b"\0body", deadline)
    transport.send("PATCH", "/x", {"Accept-Encoding": "gzip"}, None, deadline)
    transport.send("GET", "/x", {}, None, deadline)
    host = rogue.base_url.split("/")[2]
    assert (rogue.seen[0].url, rogue.seen[0].body, rogue.seen[0].headers["host"]) == ("/v2/x?a=%20", b"\0body", host)
    assert rogue.seen[0].headers["x-a"] == "tab\t1"
    assert [seen.headers.get("content-length") for seen in rogue.seen] == ["5", "0", None]
    assert [seen.headers["accept-encoding"] for seen in rogue.seen] == ["identity", "gzip", "identity"]


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        ("http://Example.com./v2", "example.com"),
        ("http://example.com:80", "example.com"),
        ("https://example.com:80", "example.com:80"),
        ("https://example.com:443", "example.com"),
        ("http://[::1]:8000/", "[::1]:8000"),
        ("http://b\u00fccher.example", "xn--bcher-kva.example"),
    ],
)
def test_the_host_is_named_with_its_port_where_that_is_unusual(base_url: str, host: str) -> None:
    assert Transport(base_url)._host == host


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("GET /evil", "/x", {}),
        ("GET\r\n", "/x", {}),
        ("GET", "/x y", {}),
        ("GET", "/x\r\nX: secret", {}),
        ("GET", "/x\u00e9", {}),
        ("GET", "/x", {"X:": "secret"}),
        ("GET", "/x", {"X\r\nY": "secret"}),
        ("GET", "/x", {"": "secret"}),
        ("GET", "/x", {"X": "secret\r\nY: z"}),
        ("GET", "/x", {"X": "secret\n z"}),
        ("GET", "/x", {"X": "secret\0"}),
        ("GET", "/x", {"X": "secret\u20ac"}),
        ("GET", "/x", {"Content-Length": "7"}),
    ],
)
def test_nothing_that_could_end_its_line_early_leaves(
    rogue: Rogue, transport: Transport, method: str, url: str, headers: dict[str, str]
) -> None:
    begun: list[int] = []
    with pytest.raises(ValueError, match="must not go into a request") as caught:
        transport.send(method, url, headers, None, time.monotonic() + 2, lambda: begun.append(1))
    assert "secret" not in repr(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert (rogue.connections, begun) == (0, [])


def test_what_fails_on_the_way_out_is_nothing_sent(rogue: Rogue, transport: Transport) -> None:
    def fail() -> None:
        raise OSError("no keeper")

    with pytest.raises(errors.Unreachable):
        transport.send("POST", "/x", {}, None, time.monotonic() + 2, fail)
    with pytest.raises(errors.Unreachable, match="no time left"):
        get(transport, -1.0)
    time.sleep(0.05)
    assert rogue.seen == []


def test_a_handshake_that_does_not_come_is_nothing_sent() -> None:
    begun: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transport = Transport(f"https://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(errors.Unreachable, match="in time"):
            transport.send("GET", "/x", {}, None, time.monotonic() + 0.3, lambda: begun.append(1))
    assert begun == []
