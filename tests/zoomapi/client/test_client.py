"""Arguments, hooks, uploads and repeats, seen through ``ZoomClient``."""

import datetime as dt
from typing import Any

import pytest

from tests.zoomapi.client import rogue as r
from tests.zoomapi.client.conftest import KEY, SECRET
from tests.zoomapi.client.rogue import Rogue
from zoomapi import spec
from zoomapi.client import Answer, Call, JwtAuth, ZoomClient, errors, validation
from zoomapi.client.permits import MemoryPermits, Unlimited
from zoomapi.client.transport import Transport

NEW_USER: dict[str, Any] = {"action": "create", "user_info": {"email": "new@example.com", "type": 1}}


# ----------------------------------------------------------------------------------------------------------- arguments


def test_only_what_was_given_is_sent(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.no_content())
    zoom.users.update("u1", dept="x", first_name="")
    assert (rogue.seen[0].method, rogue.seen[0].url) == ("PATCH", "/v2/users/u1")
    assert rogue.seen[0].json() == {"dept": "x", "first_name": ""}


def test_a_whole_body_is_sent_as_given(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.ok({"id": "u1"}, 201))
    zoom.users.create(**NEW_USER)
    assert rogue.seen[0].json() == NEW_USER


def test_query_members_are_written_as_the_specification_writes_them() -> None:
    query = {"a": True, "b": False, "c": 3, "d": dt.date(2018, 7, 1), "e": ["x", "y"], "f": None}
    assert validation.wire_query(query) == [
        ("a", "true"),
        ("b", "false"),
        ("c", "3"),
        ("d", "2018-07-01"),
        ("e", "x,y"),
    ]


def test_dates_in_a_body_are_written_as_iso_texts() -> None:
    moment = dt.datetime(2018, 7, 1, 12, 30, tzinfo=dt.UTC)
    assert validation.to_json({"at": moment, "on": moment.date()}) == b'{"at":"2018-07-01T12:30:00Z","on":"2018-07-01"}'


def test_an_unknown_keyword_is_refused_with_the_nearest_right_name(rogue: Rogue, zoom: ZoomClient) -> None:
    with pytest.raises(errors.InvalidArguments) as caught:
        zoom.users.update("u1", departement="x", frist_name="y")
    assert caught.value.field_errors == {
        "departement": ["There is no such name; did you mean dept?"]
        if "did you mean" in caught.value.field_errors["departement"][0]
        else ["There is no such name."],
        "frist_name": ["There is no such name; did you mean first_name?"],
    }
    assert isinstance(caught.value, TypeError)
    assert rogue.seen == []


def test_an_unknown_name_deep_in_a_body_is_refused_by_its_dotted_name(zoom: ZoomClient) -> None:
    with pytest.raises(errors.InvalidArguments) as caught:
        zoom.users.create(action="create", user_info={"emial": "x@example.com", "email": "x@example.com", "type": 1})
    assert caught.value.field_errors == {"user_info.emial": ["There is no such name; did you mean email?"]}


def test_all_problems_of_a_body_come_at_once_by_dotted_name(rogue: Rogue, zoom: ZoomClient) -> None:
    with pytest.raises(errors.InvalidArguments) as caught:
        zoom.users.create(action="hire", user_info={"email": "nobody", "first_name": "x" * 65})
    assert sorted(caught.value.field_errors) == [
        "action",
        "user_info.email",
        "user_info.first_name",
        "user_info.type",
    ]
    assert rogue.seen == []


def test_members_of_a_list_are_named_by_their_number(zoom: ZoomClient) -> None:
    with pytest.raises(errors.InvalidArguments) as caught:
        zoom.groups.add_members("g1", members=[{"email": "a@example.com"}, {"email": "nobody"}])
    assert sorted(caught.value.field_errors) == ["members.1.email"]


def test_a_partial_body_may_leave_out_what_a_whole_one_must_have(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.no_content())
    for endpoint in spec.all_endpoints():
        if endpoint.partial:
            validation.check(endpoint, {}, {})


def test_a_query_value_out_of_range_is_refused(zoom: ZoomClient) -> None:
    with pytest.raises(errors.InvalidArguments) as caught:
        zoom.users.list(page_size=301)
    assert list(caught.value.field_errors) == ["page_size"]


def test_from_is_reached_by_from_with_an_underscore(rogue: Rogue, zoom: ZoomClient) -> None:
    endpoint = next((e for e in spec.all_endpoints() if "from" in validation.names(e)[0]), None)
    if endpoint is not None:
        assert validation.split(endpoint, {"from_": "2018-07-01"})[0] == {"from": "2018-07-01"}


def test_a_value_json_cannot_carry_is_refused(zoom: ZoomClient) -> None:
    with pytest.raises(errors.InvalidArguments):
        zoom.call("users.update", {"userId": "u1"}, body={"dept": object()})


def test_an_unknown_family_or_operation_is_an_attribute_error(zoom: ZoomClient) -> None:
    with pytest.raises(AttributeError, match="no family userz"):
        zoom.userz.list()
    with pytest.raises(AttributeError, match="Users has no operation craete"):
        zoom.users.craete()


def test_an_error_never_shows_the_value_of_a_secret(zoom: ZoomClient) -> None:
    for attempt in (
        lambda: zoom.users.update_password("u1", password="hunter2" * 20),
        lambda: zoom.users.update_password("u1", pasword="hunter2"),
    ):
        with pytest.raises(errors.InvalidArguments) as caught:
            attempt()
        assert "hunter2" not in f"{caught.value!r} {caught.value.field_errors}"
    call = Call(spec.endpoint("users.update_password"), "PUT", "/users/u1/password", body={"password": "hunter2"})
    assert "hunter2" not in repr(call)
    assert "hunter2" not in repr(Answer(200, {"token": "hunter2"}, {}, 0.1))


# --------------------------------------------------------------------------------------------------------------- hooks


class Recorder:
    """Notes what the hooks are told; ``stop`` makes ``before`` say no."""

    def __init__(self, rogue: Rogue, stop: bool = False) -> None:
        self.rogue, self.stop = rogue, stop
        self.told: list[tuple[Any, ...]] = []

    def before(self, call: Call) -> None:
        self.told.append(("before", call.endpoint.key, call.attempt, len(self.rogue.seen)))
        if self.stop:
            raise errors.Stopped("Not now.")

    def after(self, call: Call, answer: Answer | None, error: errors.ZoomError | None) -> None:
        self.told.append(("after", answer.status if answer else None, type(error).__name__ if error else None))


def hooked(rogue: Rogue, hooks: Recorder, **options: Any) -> ZoomClient:
    transport = Transport(rogue.base_url)
    options = {"permits": Unlimited(), "sleep": lambda seconds: None, **options}
    return ZoomClient(rogue.base_url, JwtAuth(KEY, SECRET), hooks=hooks, transport=transport, **options)


def test_hooks_surround_every_attempt_of_a_write(rogue: Rogue) -> None:
    hooks = Recorder(rogue)
    rogue.script(r.fail(401, 124), r.fail(429, 429, Retry_After="0"), r.no_content())
    hooked(rogue, hooks).users.update("u1", dept="x")
    assert hooks.told == [
        ("before", "users.update", 1, 0),
        ("after", None, "Unauthorized"),
        ("before", "users.update", 2, 1),
        ("after", None, "RateLimited"),
        ("before", "users.update", 3, 2),
        ("after", 204, None),
    ]


def test_hooks_are_not_asked_for_reads(rogue: Rogue) -> None:
    hooks = Recorder(rogue)
    hooked(rogue, hooks).users.get("u1")
    assert hooks.told == []


def test_a_hook_that_says_no_prevents_the_send_and_the_permit_goes_back(rogue: Rogue) -> None:
    hooks = Recorder(rogue, stop=True)
    permits = MemoryPermits()
    zoom = hooked(rogue, hooks, permits=permits, patience=0.0)
    for _ in range(25):
        with pytest.raises(errors.Stopped):
            zoom.users.update("u1", dept="x")
    assert rogue.seen == []
    assert [told[0] for told in hooks.told] == ["before"] * 25


def test_a_write_of_unknown_outcome_is_told_to_the_hook_and_not_repeated(rogue: Rogue) -> None:
    hooks = Recorder(rogue)
    rogue.script(r.html(502))
    with pytest.raises(errors.ServerError):
        hooked(rogue, hooks).users.update("u1", dept="x")
    assert hooks.told == [("before", "users.update", 1, 0), ("after", None, "ServerError")]


def test_a_permit_that_lapsed_during_the_hook_is_replaced_before_the_send(rogue: Rogue) -> None:
    permits = MemoryPermits()
    zoom = hooked(rogue, Recorder(rogue), permits=permits, deadline=5.0)

    class Pausing(Recorder):
        def before(self, call: Call) -> None:
            super().before(call)
            permits.pause(zoom.auth.identity, call.endpoint.rate, 0.4)

    zoom.hooks = hooks = Pausing(rogue)
    rogue.script(r.no_content())
    zoom.users.update("u1", dept="x")
    assert hooks.told == [("before", "users.update", 1, 0), ("after", 204, None)]


def test_no_permit_after_the_hook_is_told_to_the_hook_as_not_sent(rogue: Rogue) -> None:
    permits = MemoryPermits()
    zoom = hooked(rogue, Recorder(rogue), permits=permits, deadline=0.2)

    class Pausing(Recorder):
        def before(self, call: Call) -> None:
            super().before(call)
            permits.pause(zoom.auth.identity, call.endpoint.rate, 60)

    zoom.hooks = hooks = Pausing(rogue)
    with pytest.raises(errors.NoPermit):
        zoom.users.update("u1", dept="x")
    assert hooks.told == [("before", "users.update", 1, 0), ("after", None, "NoPermit")]
    assert rogue.seen == []


# -------------------------------------------------------------------------------------------------------------- uploads


def test_a_picture_is_sent_as_multipart_in_the_field_the_specification_names(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.ok({}, 201))
    zoom.users.upload_picture("u1", pic_file=("../me\r\n.png", b"\x89PNG...", "image/png"))
    sent = rogue.seen[0]
    assert sent.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="pic_file"; filename=".._me__.png"' in sent.body
    assert b"Content-Type: image/png\r\n\r\n\x89PNG...\r\n" in sent.body


@pytest.mark.parametrize(
    "files",
    [None, {}, {"other": b"x"}, {"pic_file": "text"}, {"pic_file": ("n", b"x", "a/b\r\nX: y")}],
)
def test_an_upload_without_its_file_or_with_another_is_refused(rogue: Rogue, zoom: ZoomClient, files: Any) -> None:
    with pytest.raises(errors.InvalidArguments):
        zoom.call("users.upload_picture", {"userId": "u1"}, files=files)
    assert rogue.seen == []


def test_a_file_for_an_operation_that_takes_none_is_refused(zoom: ZoomClient) -> None:
    with pytest.raises(errors.InvalidArguments, match="no file"):
        zoom.call("users.update", {"userId": "u1"}, body={"dept": "x"}, files={"pic_file": b"x"})
