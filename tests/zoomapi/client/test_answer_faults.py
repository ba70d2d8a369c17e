"""Faults in what the service says: refusals, pauses, tokens, clocks, odd values (ids from the fault catalogue)."""

import email.utils
import json
import time
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.zoomapi.client import rogue as r
from tests.zoomapi.client.conftest import KEY, SECRET
from tests.zoomapi.client.rogue import Rogue
from zoomapi import spec
from zoomapi.client import Answer, Call, JwtAuth, ZoomClient, answers, errors, rate_headers
from zoomapi.client.errors import Outcome
from zoomapi.client.permits import MemoryPermits
from zoomapi.client.transport import Reply, Transport

NOW = 1_900_000_000.0
DATE = email.utils.formatdate(NOW, usegmt=True)


# -------------------------------------------------------------------------------------------------- R01–R03: pauses


def test_fault_R01_no_request_leaves_during_the_pause_the_service_asked_for(rogue: Rogue) -> None:
    permits = MemoryPermits()
    transport = Transport(rogue.base_url)
    zoom = ZoomClient(rogue.base_url, JwtAuth(KEY, SECRET), permits=permits, transport=transport)
    rogue.script(r.fail(429, 429, Retry_After="1"), r.ok({"id": "u1"}, 201))
    assert zoom.users.create(action="create", user_info={"email": "a@example.com", "type": 1}) == {"id": "u1"}
    first, second = (seen.at for seen in rogue.seen)
    assert 1.0 <= second - first < 1.5
    transport.close()


def test_fault_R01_a_pause_longer_than_the_deadline_is_told_and_held_for_everybody(rogue: Rogue) -> None:
    permits = MemoryPermits()
    transport = Transport(rogue.base_url)
    zoom = ZoomClient(rogue.base_url, JwtAuth(KEY, SECRET), permits=permits, transport=transport, patience=0.2)
    rogue.script(r.fail(429, 429, Retry_After="100"))
    with pytest.raises(errors.RateLimited) as caught:
        zoom.users.update("u1", dept="x")
    assert caught.value.retry_after == 100.0
    assert caught.value.outcome == Outcome.REFUSED
    with pytest.raises(errors.NoPermit) as refused:
        zoom.groups.list()
    assert 95 < refused.value.wait <= 100
    assert len(rogue.seen) == 1
    transport.close()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("999999999999", 300.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("1e9", None),
        ("٣", None),
        (email.utils.formatdate(NOW + 40, usegmt=True), 40.0),
        (email.utils.formatdate(NOW - 40, usegmt=True), 0.0),
        (email.utils.formatdate(NOW + 9000, usegmt=True), 300.0),
        ("Wed, 99 Foo 2018 00:00:00 GMT", None),
        ("2030-03-17T17:47:00Z", 20.0),
        ("2030-03-17T17:47:00", 20.0),
        ("2030-03-17T18:47:00+01:00", 20.0),
        ("2030-02-30T00:00:00Z", None),
        ("9" * 5000, 300.0),
    ],
)
def test_fault_R02_retry_after_in_every_form(text: str, seconds: float | None) -> None:
    assert rate_headers.retry_after({"retry-after": text, "date": DATE}) == seconds


@pytest.mark.parametrize("headers", [{}, {"Retry_After": "junk"}])
def test_fault_R02_R03_without_a_usable_pause_the_waits_double(
    rogue: Rogue, zoom: ZoomClient, headers: dict[str, str]
) -> None:
    zoom.read_deadline = 1000
    rogue.script(*[r.fail(429, 429, **headers)] * 4, r.ok({"id": "u1"}))
    assert zoom.users.get("u1") == {"id": "u1"}
    assert [2.0 * 2**n <= wait <= 3.0 * 2**n for n, wait in enumerate(rogue.slept)] == [True] * 4


def test_endless_429_ends(rogue: Rogue, zoom: ZoomClient) -> None:
    zoom.read_deadline = 1000
    rogue.script(r.fail(429, 429, Retry_After="0"))
    with pytest.raises(errors.RateLimited):
        zoom.users.get("u1")
    assert len(rogue.seen) == 6


# ---------------------------------------------------------------------------------------------- R17–R19: credential


def test_fault_R17_a_refused_token_is_minted_anew_once_and_the_write_repeated(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.fail(401, 124, "Access token is expired."), r.no_content())
    zoom.users.update("u1", dept="x")
    assert len(rogue.seen) == 2


def test_fault_R17_R19_a_credential_refused_twice_is_told_and_not_tried_again(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.fail(401, 124, "Invalid access token."))
    with pytest.raises(errors.Unauthorized) as caught:
        zoom.users.update("u1", dept="x")
    assert caught.value.outcome == Outcome.REFUSED
    assert len(rogue.seen) == 2


def test_the_token_is_hs256_in_seconds_and_short_lived(rogue: Rogue, zoom: ZoomClient) -> None:
    zoom.users.get("u1")
    token = rogue.seen[0].headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, SECRET, algorithms=["HS256"])
    assert claims["iss"] == KEY
    assert 30 < claims["exp"] - time.time() <= 61
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}


def test_a_token_is_used_for_most_of_its_life_and_minted_anew_on_demand() -> None:
    auth = JwtAuth(KEY, SECRET, life=60)
    first = auth.header(1000.0)
    assert auth.header(1044.0) == first
    assert auth.header(1045.0) != first
    assert auth.header(900.0) != first
    again = auth.header(900.5)
    auth.refresh()
    assert auth.header(902.0) != again


def test_neither_key_nor_secret_nor_token_shows_in_a_repr_or_an_error(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(lambda connection, seen: r.fail(403, 200, seen.headers["authorization"])(connection, seen))
    with pytest.raises(errors.Forbidden) as caught:
        zoom.users.get("u1")
    shown = f"{zoom.auth!r} {caught.value!r} {caught.value} {zoom!r}"
    assert [word in shown for word in (KEY, SECRET, "eyJ")] == [False] * 3


@pytest.mark.parametrize("skew", [-612.0, 0.0, 612.0])
def test_fault_R18_the_difference_of_the_clocks_is_known_from_the_date_header(rogue: Rogue, skew: float) -> None:
    transport = Transport(rogue.base_url)
    zoom = ZoomClient(rogue.base_url, JwtAuth(KEY, SECRET), transport=transport, clock=lambda: NOW + skew)
    assert zoom.offset is None
    rogue.script(r.ok({}, Date=DATE))
    zoom.users.get("u1")
    assert zoom.offset == -skew
    rogue.script(r.ok({}, Date="not a date"))
    zoom.users.get("u1")
    assert zoom.offset == -skew
    transport.close()


def test_an_answer_carries_what_the_service_told_beside_its_body(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.ok({"id": "u1"}, Date=DATE, X_Zm_Trackingid="v=2.0;clid=us\x1b[1m06"))
    answer = zoom.call("users.get", {"userId": "u1"})
    assert (answer.status, answer.data, answer.server_time) == (200, {"id": "u1"}, NOW)
    assert answer.tracking_id == "v2.0clidus1m06"


# ---------------------------------------------------------------------------------------- R20–R21: what refusals mean


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 0, errors.BadRequest),
        (400, 300, errors.ValidationFailed),
        (400, 200, errors.Forbidden),
        (400, 124, errors.Unauthorized),
        (400, 1010, errors.BadRequest),
        (403, 0, errors.Forbidden),
        (404, 1001, errors.NotFound),
        (404, 2001, errors.NotFound),
        (409, 1005, errors.Conflict),
        (405, 0, errors.Rejected),
        (413, 0, errors.Rejected),
        (200, 200, errors.Forbidden),
        (200, 300, errors.ValidationFailed),
        (200, 1001, errors.NotFound),
        (200, 1005, errors.Conflict),
        (200, 9999, errors.BadRequest),
        (201, 1005, errors.Conflict),
    ],
)
def test_fault_R20_R21_each_refusal_is_one_kind_and_never_repeated(
    rogue: Rogue, zoom: ZoomClient, status: int, code: int, kind: type[errors.ZoomError]
) -> None:
    if kind is errors.Unauthorized:
        zoom = ZoomClient(
            zoom.base_url, zoom.auth, permits=zoom.permits, transport=zoom._transport, handlers=[_Never()]
        )
    rogue.script(r.fail(status, code, "Said by the service."))
    with pytest.raises(errors.Refused) as caught:
        zoom.users.create(action="create", user_info={"email": "a@example.com", "type": 1})
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.code) == (status, code)
    assert "Said by the service." in str(caught.value)
    assert len(rogue.seen) == 1


class _Never:
    def wait(self, call: Call, failed: Any) -> None:
        return None


def test_code_0_can_be_a_success(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.ok({"code": 0, "message": "ok"}))
    assert zoom.users.get("u1") == {"code": 0, "message": "ok"}


def test_a_member_called_code_beside_others_is_no_error(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.ok({"code": 7, "id": "u1"}))
    assert zoom.users.get("u1") == {"code": 7, "id": "u1"}


def test_the_fields_the_service_names_are_kept_by_dotted_name(rogue: Rogue, zoom: ZoomClient) -> None:
    fields = [{"field": "user_info.email", "message": "Invalid field."}, {"field": 7}, "x", None]
    rogue.script(r.ok({"code": 300, "message": "Validation Failed.", "errors": fields}, 400))
    with pytest.raises(errors.ValidationFailed) as caught:
        zoom.users.update("u1", dept="x")
    assert caught.value.field_errors == {"user_info.email": ["Invalid field."]}


def test_what_the_service_says_is_shown_short_and_on_one_line(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.fail(400, 0, "a\r\nb\x1b[31m\u202e" + "c" * 1000))
    with pytest.raises(errors.BadRequest) as caught:
        zoom.users.get("u1")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


# ------------------------------------------------------------------------------------------------ R25: odd answers

words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)  # NUL is taken out
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=15,
)
READS = [endpoint for endpoint in spec.all_endpoints() if endpoint.is_read]


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(endpoint=st.sampled_from(READS), data=json_values)
def test_fault_R25_any_json_object_is_handed_on_whole_and_anything_else_is_a_bad_answer(
    endpoint: spec.Endpoint, data: Any
) -> None:
    reply = Reply(200, {"content-type": "application/json"}, json.dumps(data).encode())
    try:
        assert answers.parse(endpoint, reply) == data
        assert isinstance(data, dict)
    except errors.BadAnswer:
        assert not isinstance(data, dict)
    except (errors.Refused, errors.ServerError):
        assert "code" in data


@settings(max_examples=300, deadline=None)
@given(
    status=st.integers(100, 999),
    body=st.binary(max_size=60) | json_values.map(lambda data: json.dumps(data).encode()),
    kind=st.sampled_from(["application/json", "text/html", ""]),
)
def test_fault_R25_no_answer_whatever_makes_anything_but_a_zoom_error(status: int, body: bytes, kind: str) -> None:
    try:
        answers.parse(spec.endpoint("users.create"), Reply(status, {"content-type": kind}, body))
    except errors.ZoomError as raised:
        told = raised.status
    else:
        told = status
        assert 200 <= status < 300
    assert told == status


def test_fault_R25_deep_json_and_huge_numbers_are_bad_answers(rogue: Rogue, zoom: ZoomClient) -> None:
    for body in (b"[" * 100_000, b'{"a":' * 70 + b"1" + b"}" * 70, b'{"id": ' + b"9" * 5000 + b"}"):
        rogue.script(r.send(r.raw(200, body)))
        with pytest.raises(errors.BadAnswer):
            zoom.users.get("u1")


def test_fault_R25_a_number_beyond_64_bits_arrives_exactly(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.ok({"id": 2**70}))
    assert zoom.users.get("u1") == {"id": 2**70}


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (r'{"a\u0000b": ["\u0000", {"c": "d\ud800e\uDFFF"}]}', {"ab": ["", {"c": "de"}]}),
        (r'{"a": "\ud83d\ude00 \u0041"}', {"a": "😀 A"}),
        (r'{"a": "\\u0000"}', {"a": r"\u0000"}),
        ('{"a": 1e400, "b": -1e400, "c": 1.5}', {"a": "1e400", "b": "-1e400", "c": 1.5}),
    ],
)
def test_fault_R25_what_no_database_takes_is_taken_out(rogue: Rogue, zoom: ZoomClient, body: str, data: Any) -> None:
    rogue.script(r.send(r.raw(200, body.encode())))
    assert zoom.users.get("u1") == data


def test_a_2xx_with_no_body_after_an_absolute_write_is_a_success(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.send(r.raw(200, b"", "")))
    assert zoom.users.update("u1", dept="x") is None
    assert isinstance(zoom.call("users.update", {"userId": "u1"}, body={"dept": "x"}), Answer)
