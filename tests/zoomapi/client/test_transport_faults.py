"""Faults of the wire, each on a real socket (ids from the fault catalogue)."""

import gzip
import json
import logging
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.zoomapi.client import rogue as r
from tests.zoomapi.client.certificates import self_signed
from tests.zoomapi.client.conftest import KEY, SECRET
from tests.zoomapi.client.rogue import Rogue
from zoomapi.client import JwtAuth, ZoomClient, errors
from zoomapi.client.errors import Outcome
from zoomapi.client.permits import Unlimited
from zoomapi.client.transport import LARGEST_ANSWER, Transport

NEW_USER = {"action": "create", "user_info": {"email": "new@example.com", "type": 1}}
PARAGRAPH = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"


def client(base_url: str, **options: Any) -> ZoomClient:
    options = {"deadline": 1.0, "read_deadline": 1.0, "sleep": lambda seconds: None, **options}
    return ZoomClient(base_url, JwtAuth(KEY, SECRET), permits=Unlimited(), transport=Transport(base_url), **options)


def create(zoom: ZoomClient) -> Any:
    return zoom.users.create(**NEW_USER)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


# -------------------------------------------------------------------------------------------- R07: pages of a proxy


@pytest.mark.parametrize("status", [500, 502, 503])
def test_fault_R07_an_html_error_page_is_an_unknown_outcome_of_a_write(
    rogue: Rogue, zoom: ZoomClient, status: int
) -> None:
    rogue.script(r.html(status))
    with pytest.raises(errors.ServerError) as caught:
        create(zoom)
    assert caught.value.outcome == Outcome.UNKNOWN
    assert caught.value.status == status
    assert "page" not in str(caught.value)
    assert len(rogue.seen) == 1


def test_fault_R07_an_html_page_with_200_is_not_taken_for_an_answer(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.html(200))
    with pytest.raises(errors.BadAnswer):
        zoom.users.get("u1")
    assert len(rogue.seen) == 3


def test_fault_R07_json_under_a_wrong_content_type_is_not_parsed(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.send(r.raw(201, b'{"id": "u1"}', "text/plain")))
    with pytest.raises(errors.BadAnswer):
        create(zoom)


def test_fault_R07_only_a_redacted_beginning_of_the_page_is_logged(
    rogue: Rogue, zoom: ZoomClient, caplog: pytest.LogCaptureFixture
) -> None:
    page = b"<html>password=hunter2 Bearer abcdefgh.ijklmnop.qrstuvwx " + b"x" * 5000
    rogue.script(r.send(r.raw(502, page, "text/html")))
    with caplog.at_level(logging.DEBUG), pytest.raises(errors.ServerError):
        create(zoom)
    logged = caplog.text
    assert "<html>" in logged
    assert [word in logged for word in ("hunter2", "abcdefgh.", "x" * 201)] == [False] * 3


def test_a_read_is_repeated_after_a_server_error(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.html(502), r.ok({"id": "u1"}))
    assert zoom.users.get("u1") == {"id": "u1"}


# ---------------------------------------------------------------------------------------------- R08: no connection


def test_fault_R08_a_refused_connection_is_provably_not_sent() -> None:
    with pytest.raises(errors.Unreachable, match="refused") as caught:
        create(client(f"http://127.0.0.1:{closed_port()}/v2"))
    assert caught.value.outcome == Outcome.NOT_SENT


def test_fault_R08_an_unknown_host_is_provably_not_sent() -> None:
    with pytest.raises(errors.Unreachable, match="address could not be found"):
        create(client("http://no-such-host.invalid/v2"))


def test_fault_R08_an_untrusted_certificate_is_provably_not_sent(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    server = Rogue(context)
    try:
        with pytest.raises(errors.Unreachable, match="certificate"):
            create(client(server.base_url))
        assert server.seen == []
    finally:
        server.close()


def test_a_trusted_certificate_is_accepted(tmp_path: Path) -> None:
    pem = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = Rogue(context)
    server.script(r.ok({"id": "u1"}, 201))
    transport = Transport(server.base_url, ca_file=str(pem))
    try:
        zoom = ZoomClient(server.base_url, JwtAuth(KEY, SECRET), permits=Unlimited(), transport=transport)
        assert create(zoom) == {"id": "u1"}
    finally:
        transport.close()
        server.close()


def test_fault_R08_a_write_is_tried_again_when_the_first_connection_failed() -> None:
    port = closed_port()
    servers: list[Rogue] = []

    def start_the_server(seconds: float) -> None:
        if not servers:
            servers.append(Rogue(port=port))
            servers[0].script(r.ok({"id": "u1"}, 201))

    zoom = client(f"http://127.0.0.1:{port}/v2", sleep=start_the_server)
    try:
        assert create(zoom) == {"id": "u1"}
        assert len(servers[0].seen) == 1
    finally:
        servers[0].close()


# ------------------------------------------------------------------------------------------- R09, R10, R15: time


@pytest.mark.parametrize("id_of_fault", ["R09 write not applied", "R10 write applied"])
def test_fault_R09_R10_silence_ends_at_the_deadline_in_an_unknown_outcome(
    rogue: Rogue, zoom: ZoomClient, id_of_fault: str
) -> None:
    zoom.deadline = 0.5
    rogue.script(r.silence(3))
    began = time.monotonic()
    with pytest.raises(errors.TimedOut) as caught:
        create(zoom)
    assert 0.4 < time.monotonic() - began < 1.0
    assert caught.value.outcome == Outcome.UNKNOWN
    assert len(rogue.seen) == 1


@pytest.mark.parametrize("answer", [r.raw(201, b'{"id": "u1"}'), b"HTTP/1.1 201 Created\r\nX-Slow: " + b"y" * 200])
def test_fault_R15_a_slow_loris_cannot_outlast_the_total_deadline(
    rogue: Rogue, zoom: ZoomClient, answer: bytes
) -> None:
    zoom.deadline = 0.6
    rogue.script(r.drip(answer, 0.05))
    began = time.monotonic()
    with pytest.raises(errors.TimedOut) as caught:
        create(zoom)
    assert time.monotonic() - began < 1.1
    assert caught.value.outcome == Outcome.UNKNOWN


def test_fault_R15_a_slow_body_of_a_refusal_is_still_a_refusal(rogue: Rogue, zoom: ZoomClient) -> None:
    zoom.deadline = 0.6

    def run(connection: socket.socket, seen: r.Seen) -> None:
        connection.sendall(b"HTTP/1.1 404 X\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{")
        time.sleep(1.5)

    rogue.script(run)
    with pytest.raises(errors.NotFound):
        zoom.users.delete("u1")


def test_a_large_upload_to_a_server_that_does_not_read_ends_at_the_deadline(rogue: Rogue, zoom: ZoomClient) -> None:
    zoom.deadline = 0.5
    listener = socket.create_server(("127.0.0.1", 0))
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}/v2"
    with listener, pytest.raises(errors.TimedOut):
        client(base_url, deadline=0.5).users.upload_picture("u1", pic_file=("me.png", b"x" * 30_000_000, "image/png"))


# --------------------------------------------------------------------------------- R12–R14: answers that break off


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 201 Cre", PARAGRAPH, PARAGRAPH + b'{"id": "u'])
@pytest.mark.parametrize("ending", [r.reset, r.close])
def test_fault_R12_a_connection_lost_anywhere_after_the_send_is_an_unknown_outcome_and_not_repeated(
    rogue: Rogue, zoom: ZoomClient, sent: bytes, ending: Callable[[bytes], r.Script]
) -> None:
    rogue.script(ending(sent))
    with pytest.raises(errors.OutcomeUnknown):
        create(zoom)
    assert len(rogue.seen) == 1


def test_fault_R12_a_stale_keep_alive_connection_costs_a_read_nothing(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.ok({"id": "u1"}), r.reset(), r.ok({"id": "u2"}))
    assert zoom.users.get("u1") == {"id": "u1"}
    assert zoom.users.get("u2") == {"id": "u2"}
    assert rogue.connections == 2


def test_fault_R12_a_stale_keep_alive_connection_leaves_a_write_unknown(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.ok({"id": "u1"}), r.reset())
    zoom.users.get("u1")
    with pytest.raises(errors.ConnectionLost):
        create(zoom)
    assert [seen.method for seen in rogue.seen] == ["GET", "POST"]


def test_fault_R12_a_connection_the_server_closed_while_idle_is_noticed_before_a_write(
    rogue: Rogue, zoom: ZoomClient
) -> None:
    def answer_and_close(connection: socket.socket, seen: r.Seen) -> None:
        connection.sendall(r.raw(200, b"{}"))
        connection.shutdown(socket.SHUT_RDWR)

    rogue.script(answer_and_close, r.ok({"id": "u1"}, 201))
    zoom.users.get("u1")
    time.sleep(0.05)
    assert create(zoom) == {"id": "u1"}


@pytest.mark.parametrize("body", [b'{"id": "u1", "ema', b'{"id": "u1"}}', b"[", b'{"id": NaN}', b'{"id": "\xff"}'])
def test_fault_R13_broken_json_with_201_is_an_unknown_outcome(rogue: Rogue, zoom: ZoomClient, body: bytes) -> None:
    rogue.script(r.send(r.raw(201, body)))
    with pytest.raises(errors.BadAnswer) as caught:
        create(zoom)
    assert caught.value.outcome == Outcome.UNKNOWN


@pytest.mark.parametrize("data", [{"id": None}, {"id": ""}, {}, {"id": {}}, [], "u1", None, 7])
def test_fault_R14_a_201_that_does_not_name_the_new_id_is_an_unknown_outcome(
    rogue: Rogue, zoom: ZoomClient, data: Any
) -> None:
    rogue.script(r.ok(data, 201))
    with pytest.raises(errors.BadAnswer):
        create(zoom)


def test_fault_R14_an_empty_201_is_an_unknown_outcome(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.send(r.raw(201, b"")))
    with pytest.raises(errors.BadAnswer, match="empty"):
        create(zoom)


# ------------------------------------------------------------------------------------------------------ R16: bombs


def test_fault_R16_a_gzip_bomb_is_stopped_at_the_cap(rogue: Rogue, zoom: ZoomClient) -> None:
    bomb = gzip.compress(b'{"id": "' + b"0" * 200_000_000 + b'"}', 1)
    rogue.script(r.send(r.raw(200, bomb, Content_Encoding="gzip")))
    zoom.read_deadline = 10
    with pytest.raises(errors.BadAnswer, match="too large"):
        zoom.users.get("u1")


def test_fault_R16_a_large_plain_answer_is_stopped_at_the_cap(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.send(r.raw(201, b" " * (LARGEST_ANSWER + 1))))
    zoom.deadline = 10
    with pytest.raises(errors.BadAnswer, match="too large"):
        create(zoom)


def test_a_gzip_answer_is_read(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.send(r.raw(200, gzip.compress(b'{"id": "u1"}'), Content_Encoding="gzip")))
    assert zoom.users.get("u1") == {"id": "u1"}


def test_a_broken_gzip_answer_is_an_unknown_outcome(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.send(r.raw(201, b"no gzip at all", Content_Encoding="gzip")))
    with pytest.raises(errors.BadAnswer, match="decompress"):
        create(zoom)


# ------------------------------------------------------------------------------------ where the credential may go


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_and_is_not_followed(rogue: Rogue, zoom: ZoomClient, status: int) -> None:
    other = Rogue()
    try:
        rogue.script(r.ok({}, status, Location=other.base_url))
        with pytest.raises(errors.Rejected) as caught:
            create(zoom)
        assert caught.value.outcome == Outcome.REFUSED
        assert (len(rogue.seen), len(other.seen)) == (1, 0)
    finally:
        other.close()


def test_the_environment_changes_nothing(
    rogue: Rogue, zoom: ZoomClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password evil\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{closed_port()}")
    zoom.users.get("u1")
    assert rogue.seen[0].headers["authorization"].startswith("Bearer ")


@pytest.mark.parametrize("base_url", ["ftp://x/v2", "http://u:p@x/v2", "/v2", "http://x/v2?a=1", "javascript:alert(1)"])
def test_a_base_url_that_is_none_is_refused(base_url: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        Transport(base_url)


def test_cookies_are_not_kept(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.ok({}, 200, Set_Cookie="a=1; Path=/"))
    zoom.users.get("u1")
    zoom.users.get("u1")
    assert "cookie" not in rogue.seen[1].headers


# ------------------------------------------------------------------------------------------------ good connections


def test_one_connection_serves_calls_with_and_without_a_body(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.ok({"id": "u1"}), r.no_content(), r.fail(404, 1001), r.ok({"id": "u2"}, 201), r.no_content())
    zoom.users.get("u1")
    assert zoom.users.update("u1", dept="x") is None
    with pytest.raises(errors.NotFound):
        zoom.users.get("u1")
    create(zoom)
    zoom.users.delete("u1")
    assert rogue.connections == 1


def test_a_chunked_answer_is_read_and_a_cut_one_is_not(rogue: Rogue, zoom: ZoomClient) -> None:
    head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = json.dumps({"id": "u1"}).encode()
    piece = f"{len(body):x}\r\n".encode() + body + b"\r\n"
    rogue.script(r.send(head + piece + b"0\r\n\r\n"), r.close(head + piece))
    assert create(zoom) == {"id": "u1"}
    with pytest.raises(errors.BadAnswer, match="cut"):
        create(zoom)
