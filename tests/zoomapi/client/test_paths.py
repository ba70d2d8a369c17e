from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoomapi import spec
from zoomapi.client import ZoomClient, errors, paths
from zoomapi.spec.base import Endpoint

USER = Endpoint("GET", "/users/{userId}", mirror=True)
GROUP = Endpoint("GET", "/groups/{groupId}")
MEETING = Endpoint("GET", "/meetings/{meetingId}")
PAST = Endpoint("GET", "/past_meetings/{meetingUUID}/participants", uuid=("meetingUUID",))


@pytest.mark.parametrize(
    ("endpoint", "path", "account", "built"),
    [
        (USER, {"userId": "kDOn4pP-R_q1"}, None, "/users/kDOn4pP-R_q1"),
        (USER, {"userId": "me"}, None, "/users/me"),
        (USER, {"userId": "o'neil+x@ex-ample.com"}, None, "/users/o%27neil%2Bx%40ex-ample.com"),
        (USER, {"userId": "u"}, "acc", "/accounts/acc/users/u"),
        (MEETING, {"meetingId": 12345678901}, None, "/meetings/12345678901"),
        (PAST, {"meetingUUID": "abc+d/e=="}, None, "/past_meetings/abc%2Bd%2Fe%3D%3D/participants"),
        (PAST, {"meetingUUID": "/abc=="}, None, "/past_meetings/%252Fabc%253D%253D/participants"),
        (PAST, {"meetingUUID": "a//bc=="}, None, "/past_meetings/a%252F%252Fbc%253D%253D/participants"),
    ],
)
def test_a_path_is_built_and_quoted(endpoint: Endpoint, path: dict[str, Any], account: str | None, built: str) -> None:
    assert paths.build(endpoint, path, account) == built


BAD = [
    "",
    "../x",
    "..",
    ".",
    "a/b",
    "%2f",
    "%2e%2e",
    "a?action=delete",
    "a#b",
    "a\r\nb",
    "a\n",
    " a",
    "a b",
    "ä",
    "a\x00",
]


@pytest.mark.parametrize("value", [*BAD, "x" * 200, None, True, 1.5, ["a"], {"a": 1}, b"a"])
@pytest.mark.parametrize("endpoint", [USER, GROUP, MEETING])
def test_what_is_no_id_is_refused_before_anything_happens(endpoint: Endpoint, value: Any) -> None:
    name = endpoint.params[0]
    with pytest.raises(errors.InvalidArguments) as caught:
        paths.build(endpoint, {name: value})
    assert list(caught.value.field_errors) == [name]


@pytest.mark.parametrize("value", ["a@b", "a@b.c/x", "a@@b.c", "a@b.c\r\n", "@b.c", "a..b@c.d", "a@b.c?x", "a%2f@b.c"])
def test_an_e_mail_address_as_user_id_must_be_one(value: str) -> None:
    with pytest.raises(errors.InvalidArguments):
        paths.build(USER, {"userId": value})


@pytest.mark.parametrize("value", ["12a", "-1", "1.0", "1" * 21, "abc"])
def test_a_meeting_id_is_a_number(value: str) -> None:
    with pytest.raises(errors.InvalidArguments):
        paths.build(MEETING, {"meetingId": value})


@pytest.mark.parametrize("value", ["../x", "a?b", "a\r\nb", "a%2f", "a.b", "===", ""])
def test_a_uuid_is_base64(value: str) -> None:
    with pytest.raises(errors.InvalidArguments):
        paths.build(PAST, {"meetingUUID": value})


@given(st.text(max_size=40), st.sampled_from([USER, GROUP, MEETING, PAST]))
def test_no_text_whatever_changes_the_shape_of_a_path(value: str, endpoint: Endpoint) -> None:
    try:
        built = paths.build(endpoint, {endpoint.params[0]: value}, None)
    except errors.InvalidArguments:
        return
    assert built.count("/") == endpoint.path.count("/")
    assert not set(built) & set("?#\\ \r\n")
    assert ".." not in built.split("/")


def test_the_account_is_checked_as_well() -> None:
    with pytest.raises(errors.InvalidArguments) as caught:
        paths.build(USER, {"userId": "u"}, "../master")
    assert list(caught.value.field_errors) == ["accountId"]


def test_what_does_not_exist_below_an_account_is_refused() -> None:
    with pytest.raises(errors.InvalidArguments, match="sub account"):
        paths.build(GROUP, {"groupId": "g"}, "acc")


def test_a_missing_or_a_surplus_path_parameter_is_named() -> None:
    with pytest.raises(errors.InvalidArguments) as caught:
        paths.build(USER, {"user": "u"})
    assert sorted(caught.value.field_errors) == ["user", "userId"]


def test_the_wrong_number_of_positions_is_told(zoom: ZoomClient) -> None:
    with pytest.raises(errors.InvalidArguments, match="userId, assistantId; 1 given"):
        zoom.users.delete_assistant("u1")


class Counting:
    taken = 0

    def take(self, *arguments: Any) -> Any:
        self.taken += 1
        raise AssertionError

    def pause(self, *arguments: Any, **named: Any) -> None:
        raise AssertionError

    def exhaust(self, *arguments: Any) -> None:
        raise AssertionError


def test_a_bad_id_costs_no_permit(zoom: ZoomClient) -> None:
    zoom.permits = Counting()
    with pytest.raises(errors.InvalidArguments):
        zoom.users.get("../accounts")
    assert zoom.permits.taken == 0


@pytest.mark.parametrize("endpoint", list(spec.all_endpoints()), ids=lambda endpoint: endpoint.key)
def test_every_operation_has_its_own_path_directly_and_below_an_account(endpoint: Endpoint) -> None:
    samples = {"meetingId": "123456789", "webinarId": "123456789"}
    path = {name: samples.get(name, "abc") for name in endpoint.params}
    plain = endpoint.path.format(**path)
    assert paths.build(endpoint, path) == plain
    if endpoint.mirror:
        assert paths.build(endpoint, path, "acc") == f"/accounts/acc{plain}"
