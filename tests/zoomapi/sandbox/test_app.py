"""What the server tolerates, what it refuses, and how."""

import json
import re
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.sandbox import Sandbox
from tests.zoomapi.sandbox.conftest import fresh_email, problem

NOT_AN_OBJECT = {"code": 300, "message": "Request Body should be a valid JSON object."}


def raw(sandbox: Sandbox, data: bytes) -> bytes:
    """Send bytes and return everything that comes back until the server closes."""
    address = urlsplit(sandbox.base_url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(65536), b""))


@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b"null", b"\xff\xfe", b"{'a': 1}", b'{"a": NaN}', b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(sandbox: Sandbox, body: bytes) -> None:
    answer = sandbox.call("POST", "/users", data=body)
    assert (answer.status_code, answer.json()) == (400, NOT_AN_OBJECT)


def test_an_object_nested_very_deep_is_refused_or_ignored_but_never_fatal(sandbox: Sandbox) -> None:
    body = b'{"a":' * 900 + b"1" + b"}" * 900
    assert sandbox.call("POST", "/users", data=body).status_code == 400


def test_wrong_fields_are_named_with_dots(sandbox: Sandbox) -> None:
    body = {"action": "create", "user_info": {"email": "nobody", "type": 9}}
    assert sandbox.call("POST", "/users", json=body).json() == {
        "code": 300,
        "message": "Validation Failed.",
        "errors": [
            {"field": "user_info.email", "message": "Invalid field."},
            {"field": "user_info.type", "message": "Invalid field."},
        ],
    }


def test_wrong_places_of_a_list_are_named(sandbox: Sandbox) -> None:
    body = {"assistants": [{"email": "a@b.example"}, {"email": "nobody"}, 7]}
    errors = sandbox.call("POST", "/users/me/assistants", json=body).json()["errors"]
    assert [error["field"] for error in errors] == ["assistants[1].email", "assistants[2]"]


def test_unknown_fields_are_ignored(sandbox: Sandbox) -> None:
    body = {"action": "custCreate", "user_info": {"email": fresh_email(), "type": 1, "shoe": 44}, "userId": "x"}
    assert sandbox.call("POST", "/users?color=red", json=body).status_code == 201


def test_a_null_counts_as_not_given(sandbox: Sandbox) -> None:
    info = {"email": fresh_email(), "type": 1, "first_name": None, "last_name": "Null"}
    made = sandbox.call("POST", "/users", json={"action": "custCreate", "user_info": info})
    assert (made.status_code, made.json()["first_name"], made.json()["last_name"]) == (201, "", "Null")
    missing = sandbox.call("POST", "/users", json={"action": None, "user_info": info | {"email": None}})
    assert [error["field"] for error in missing.json()["errors"]] == ["action", "user_info.email"]


def test_an_empty_query_argument_counts_as_not_given(sandbox: Sandbox) -> None:
    query = {"page_size": "", "page_number": "", "status": ""}
    assert sandbox.call("GET", "/users", params=query).json() == sandbox.call("GET", "/users").json()
    assert problem(sandbox.call("GET", "/users/email", params={"email": ""})) == (400, 300)


def test_json_is_read_whatever_the_content_type_says(sandbox: Sandbox) -> None:
    body = {"action": "custCreate", "user_info": {"email": fresh_email(), "type": 1}}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert sandbox.call("POST", "/users", data=json.dumps(body), headers=headers).status_code == 201


@pytest.mark.parametrize("body", ['""', "", "{", "[1]"])
def test_a_body_on_a_get_or_delete_is_ignored(
    sandbox: Sandbox, new_user: Callable[..., dict[str, Any]], body: str
) -> None:
    user = new_user()["id"]
    assert sandbox.call("GET", f"/users/{user}", data=body).status_code == 200
    assert sandbox.call("DELETE", f"/users/{user}", data=body).status_code == 204


def test_a_trailing_slash_is_tolerated(sandbox: Sandbox) -> None:
    assert sandbox.call("GET", "/users/").json() == sandbox.call("GET", "/users").json()


def test_half_a_character_is_refused_wherever_it_stands(sandbox: Sandbox) -> None:
    for body in (b'{"account_name": "\\ud800"}', b'{"account_name": "\xed\xa0\x80"}', b'{"\\uD800": 1}'):
        assert sandbox.call("POST", "/accounts", data=body).json() == NOT_AN_OBJECT


def test_an_address_may_stand_raw_in_a_path(sandbox: Sandbox) -> None:
    head = raw(sandbox, f"GET /v2/users/zoë@x.example?access_token={sandbox.token()} HTTP/1.0\r\n\r\n".encode())
    assert json.loads(head.partition(b"\r\n\r\n")[2])["message"] == "User does not exist: zoë@x.example."


def test_an_unknown_path_is_a_404_in_json(sandbox: Sandbox) -> None:
    assert problem(sandbox.call("GET", "/nothing/here")) == (404, 404)
    assert problem(sandbox.session.get(sandbox.base_url.removesuffix("/v2"), timeout=5)) == (404, 404)


def test_a_wrong_method_is_a_405_that_says_what_is_allowed(sandbox: Sandbox) -> None:
    answer = sandbox.call("PUT", "/users")
    assert (problem(answer), answer.headers["Allow"]) == ((405, 405), "GET, POST")


def test_head_answers_like_get_without_the_body(sandbox: Sandbox) -> None:
    answer = sandbox.call("HEAD", "/users")
    assert (answer.status_code, answer.content) == (200, b"")


def test_every_answer_has_a_date_and_a_tracking_id(sandbox: Sandbox) -> None:
    for path in ("/users", "/nothing", "/users/nobody"):
        headers = sandbox.call("GET", path).headers
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", headers["Date"])
        assert headers["x-zm-trackingid"].startswith("SANDBOX_")


def test_a_204_has_neither_body_nor_length(sandbox: Sandbox, new_user: Callable[..., dict[str, Any]]) -> None:
    answer = sandbox.call("PATCH", f"/users/{new_user()['id']}", json={})
    assert (answer.status_code, answer.content, "Content-Length" in answer.headers) == (204, b"", False)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /v2/users HTTP/3.0\r\n\r\n", b"400"),
        (b"GET /v2/users HTTP/1.1\r\nbad header\r\n\r\n", b"400"),
        (b"POST /v2/users HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST /v2/users HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST /v2/users HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"GET /v2/" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET /v2/users HTTP/1.1\r\n" + b"a: b\r\n" * 300 + b"\r\n", b"431"),
    ],
)
def test_bytes_that_are_not_http_get_an_answer_in_json(sandbox: Sandbox, data: bytes, status: bytes) -> None:
    head, _, body = raw(sandbox, data).partition(b"\r\n\r\n")
    assert head.split()[1] == status
    assert set(json.loads(body)) == {"code", "message"}


def test_a_chunked_body_is_read(sandbox: Sandbox) -> None:
    body = json.dumps({"action": "custCreate", "user_info": {"email": fresh_email(), "type": 1}}).encode()
    assert sandbox.call("POST", "/users", data=iter([body[:10], body[10:]])).status_code == 201


def test_one_connection_serves_several_requests(sandbox: Sandbox) -> None:
    request = (
        f"GET /v2/users?access_token={sandbox.token()}&page_size=1 HTTP/1.1\r\nHost: x\r\n\r\n"
        f"GET /v2/users?access_token={sandbox.token()}&page_size=1 HTTP/1.1\r\nConnection: close\r\n\r\n"
    )
    assert raw(sandbox, request.encode()).count(b"HTTP/1.1 200 OK") == 2


def test_an_absolute_address_in_the_request_line_is_understood(sandbox: Sandbox) -> None:
    line = f"GET {sandbox.base_url}/users?access_token={sandbox.token()} HTTP/1.0\r\n\r\n"
    assert raw(sandbox, line.encode()).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("who", ["%00", "%ff%fe", "..%2f..", "%2e%2e", "a" * 5000, "%F0%9F%92%A9", "me%20", "'--"])
def test_odd_ids_are_simply_unknown(sandbox: Sandbox, who: str) -> None:
    assert problem(sandbox.call("GET", f"/users/{who}")) == (404, 1001)
