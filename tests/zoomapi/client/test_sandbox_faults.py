"""Faults of the service that only its own ledger can judge: what was applied, whatever the client was told."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.sandbox import Sandbox
from zoomapi.client import JwtAuth, ZoomClient, errors
from zoomapi.client.errors import Outcome
from zoomapi.client.permits import Unlimited
from zoomapi.client.transport import Transport

POST_USERS = {"method": "POST", "path": "/users$"}
EMAIL = "fault@people.example"


@pytest.fixture
def zoom(sandbox: Sandbox) -> Iterator[ZoomClient]:
    sandbox.reset()
    transport = Transport(sandbox.base_url)
    auth = JwtAuth(sandbox.key, sandbox.secret)
    yield ZoomClient(sandbox.base_url, auth, permits=Unlimited(), transport=transport, deadline=2.0)
    sandbox.faults()
    transport.close()


def create(zoom: ZoomClient) -> Any:
    return zoom.users.create(action="create", user_info={"email": EMAIL, "type": 1})


def applied(sandbox: Sandbox) -> int:
    return len([write for write in sandbox.ledger() if write["key"] == EMAIL])


@pytest.mark.parametrize(
    ("fault", "value", "times"),
    [
        pytest.param("status", 500, 0, id="R05 before it was applied"),
        pytest.param("apply_then_status", 500, 1, id="R06 after it was applied"),
    ],
)
def test_fault_R05_R06_a_server_error_on_a_write_is_unknown_and_never_repeated(
    sandbox: Sandbox, zoom: ZoomClient, fault: str, value: int, times: int
) -> None:
    sandbox.faults({"match": POST_USERS, "do": fault, "value": value, "times": 1})
    with pytest.raises(errors.ServerError) as caught:
        create(zoom)
    assert caught.value.outcome == Outcome.UNKNOWN
    assert (applied(sandbox), sandbox.control("GET", "stats")["requests"]) == (times, 1)


def test_fault_R11_a_write_applied_after_the_connection_was_lost_is_unknown_and_not_repeated(
    sandbox: Sandbox, zoom: ZoomClient
) -> None:
    sandbox.faults({"match": POST_USERS, "do": "apply_late", "value": 0.4, "times": 1})
    with pytest.raises(errors.ConnectionLost) as caught:
        create(zoom)
    assert (caught.value.outcome, applied(sandbox)) == (Outcome.UNKNOWN, 0)
    wait_until_applied(sandbox)
    with pytest.raises(errors.Conflict):
        create(zoom)
    assert applied(sandbox) == 1


def wait_until_applied(sandbox: Sandbox) -> None:
    end = time.monotonic() + 5
    while not applied(sandbox) and time.monotonic() < end:
        time.sleep(0.05)


def test_fault_R27_each_read_is_told_as_the_service_answers_it_and_none_is_remembered(
    sandbox: Sandbox, zoom: ZoomClient
) -> None:
    made = create(zoom)["id"]
    missing = {"status": 404, "body": {"code": 1001, "message": "User does not exist."}}
    sandbox.faults(
        {"match": {"method": "GET", "path": f"/users/{made}$"}, "do": "status", "value": missing, "times": 1}
    )
    assert made in {user["id"] for user in zoom.users.list.each(status="pending")}
    with pytest.raises(errors.NotFound):
        zoom.users.get(made)
    assert zoom.users.get(made)["email"] == EMAIL


SHORT = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
STRANGE_TIMES = st.one_of(
    st.sampled_from(
        ["2018-02-30T09:00:00", "2018-02-30", "0000-01-01T00:00:00Z", "2018-03-25T02:30:00", "24:00", "", "2018"]
    ),
    st.text(max_size=30),
    st.datetimes().map(lambda moment: moment.isoformat()),
)


@SHORT
@given(text=STRANGE_TIMES)
def test_fault_R26_a_time_is_handed_on_as_the_service_wrote_it(sandbox: Sandbox, zoom: ZoomClient, text: str) -> None:
    sandbox.faults({"match": {"method": "GET"}, "do": "merge", "value": {"created_at": text}})
    assert zoom.users.get("me")["created_at"] == text


@SHORT
@given(text=STRANGE_TIMES)
def test_fault_R26_a_time_that_does_not_exist_is_refused_by_name(sandbox: Sandbox, zoom: ZoomClient, text: str) -> None:
    named = []
    try:
        zoom.meetings.create("me", topic="Talk", type=2, start_time=text, timezone="Europe/Berlin")
    except (errors.InvalidArguments, errors.ValidationFailed) as refused:
        named = list(refused.field_errors)
    assert named in ([], ["start_time"])


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2030-07-01T09:00:00", "2030-07-01T07:00:00Z"),
        ("2030-07-01T09:00:00Z", "2030-07-01T09:00:00Z"),
        ("2030-12-01T09:00:00", "2030-12-01T08:00:00Z"),
        pytest.param("2030-10-27T02:30:00", "2030-10-27T00:30:00Z", id="the first of the hour that comes twice"),
    ],
)
def test_fault_R26_a_time_without_a_zone_is_local(zoom: ZoomClient, sent: str, kept: str) -> None:
    made = zoom.meetings.create("me", topic="Talk", type=2, start_time=sent, timezone="Europe/Berlin")
    assert zoom.meetings.get(made["id"])["start_time"] == kept
