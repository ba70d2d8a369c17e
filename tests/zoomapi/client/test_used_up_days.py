"""R04: the service says that the calls of a day are used up. Nothing more of their class leaves until it ends."""

import email.utils
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.sandbox import start_sandbox
from tests.zoomapi.client import rogue as r
from tests.zoomapi.client.conftest import KEY, SECRET
from tests.zoomapi.client.rogue import Rogue
from zoomapi.client import JwtAuth, ZoomClient, errors, rate_headers
from zoomapi.client.permits import MemoryPermits
from zoomapi.client.transport import Transport
from zoomapi.spec.profiles import CURRENT

NOW = datetime(2030, 5, 6, 18, 0, tzinfo=UTC)
DATE = email.utils.formatdate(NOW.timestamp(), usegmt=True)
SAID = "You have reached the maximum daily rate limit for this API."
OF_A_USER = "You have exceeded the daily rate limit (100) of create/update API requests for this particular user."
MEETING = {"topic": "Talk", "type": 1}


@pytest.fixture
def zoom(rogue: Rogue) -> Iterator[ZoomClient]:
    """A client with permits of its own."""
    transport = Transport(rogue.base_url)
    yield ZoomClient(rogue.base_url, JwtAuth(KEY, SECRET), permits=MemoryPermits(), transport=transport, patience=0.5)
    transport.close()


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(r.fail(429, 429, "No.", X_RateLimit_Type="Daily-limit", Date=DATE), id="by the header"),
        pytest.param(r.fail(429, 429, SAID, Date=DATE), id="by the words"),
        pytest.param(r.fail(200, 429, SAID, Date=DATE), id="under a 200"),
        pytest.param(r.fail(429, 429, SAID, Date=DATE, Retry_After="2030-05-07T00:00:00Z"), id="with the moment"),
        pytest.param(r.fail(429, 429, SAID, Date=DATE, Retry_After="21600"), id="with seconds"),
    ],
)
def test_fault_R04_a_daily_refusal_stops_the_class_until_the_day_ends(
    rogue: Rogue, zoom: ZoomClient, refusal: r.Script
) -> None:
    rogue.script(refusal, r.ok({"id": "u1"}))
    with pytest.raises(errors.RateLimited) as refused:
        zoom.users.update("u1", dept="x")
    assert (refused.value.daily, refused.value.narrow, refused.value.retry_after) == (True, False, 6 * 3600.0)
    assert str(refused.value).endswith(
        "Nothing was changed. It is a limit of the day, whose count starts again at 2030-05-07 00:00 UTC."
    )
    for ask in (lambda: zoom.users.get("u1"), zoom.groups.list, lambda: zoom.users.delete("u1")):
        with pytest.raises(errors.NoPermit, match="the day's general calls are used up") as none:
            ask()
        assert none.value.daily
        assert none.value.wait == pytest.approx(6 * 3600, abs=5)
    assert len(rogue.seen) == 1
    rogue.script(r.ok({}))
    zoom.billing.get("me")  # another class
    assert len(rogue.seen) == 2


def test_fault_R04_a_capped_class_opens_when_the_service_says_not_at_midnight(rogue: Rogue, zoom: ZoomClient) -> None:
    now = [NOW]
    quotas = zoom.permits.quotas  # type: ignore[attr-defined]  # those of MemoryPermits
    quotas._now = lambda: now[0]
    rogue.script(r.fail(429, 429, SAID, Date=DATE, Retry_After="2030-05-07T10:00:00Z"), r.ok({}))
    day = {"from": "2030-05-01", "to": "2030-05-02"}
    with pytest.raises(errors.RateLimited):
        zoom.reports.users(type="active", **day)
    for at in (NOW, datetime(2030, 5, 7, 9, 59, tzinfo=UTC)):
        now[0] = at
        with pytest.raises(errors.NoPermit, match="day's report calls"):
            zoom.reports.users(type="active", **day)
    now[0] = datetime(2030, 5, 7, 10, 0, tzinfo=UTC)
    zoom.permits.spend(zoom.auth.identity, zoom.reports.users.endpoint.rate)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 6 * 3600),
        ({"retry-after": "soon"}, 6 * 3600),
        ({"retry-after": "7200"}, 7200),
        ({"retry-after": "2030-05-07T12:00:00Z"}, 18 * 3600),
        ({"retry-after": "9" * 30}, 86_400),
        ({"retry-after": "1"}, 60),
        ({"retry-after": "2020-01-01T00:00:00Z"}, 60),
    ],
)
def test_fault_R04_the_reset_is_what_the_service_names_else_midnight_utc(headers: dict[str, str], seconds: int) -> None:
    assert rate_headers.day_reset({"date": DATE, **headers}) == seconds


@pytest.mark.parametrize(
    ("said", "change"),
    [
        pytest.param(SAID, lambda zoom: zoom.meetings.update("1234567890", topic="x"), id="by the operation"),
        pytest.param(SAID, lambda zoom: zoom.meetings.create("u1", **MEETING), id="by the operation, the host named"),
        pytest.param(OF_A_USER, lambda zoom: zoom.users.update("u1", dept="x"), id="by the words"),
    ],
)
def test_fault_R04_a_refusal_that_may_be_of_one_host_only_holds_no_class(
    rogue: Rogue, zoom: ZoomClient, said: str, change: Any
) -> None:
    rogue.script(r.fail(429, 429, said, Date=DATE), r.ok({"id": "u1"}))
    with pytest.raises(errors.RateLimited) as refused:
        change(zoom)
    assert (refused.value.daily, refused.value.retry_after) == (True, 6 * 3600.0)
    began = time.monotonic()
    assert zoom.users.get("u1") == {"id": "u1"}
    assert (len(rogue.seen), time.monotonic() - began < 1) == (2, True)


def test_fault_R04_the_sandboxs_own_cap_of_a_class_is_believed(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, "--world", "empty", "--no-limits") as sandbox:
        transport = Transport(sandbox.base_url)
        auth = JwtAuth(sandbox.key, sandbox.secret)
        zoom = ZoomClient(sandbox.base_url, auth, permits=MemoryPermits(), transport=transport)
        sandbox.faults({"match": {"path": "/users$"}, "do": "429", "value": "daily"})
        for expected in (errors.RateLimited, errors.NoPermit, errors.NoPermit):
            with pytest.raises(expected) as told:
                zoom.users.list()
            assert told.value.daily
        assert sandbox.stats()["statuses"] == {"429": 1}
        transport.close()


def test_fault_R04_todays_service_holds_the_host_that_the_path_names_and_no_other(
    rogue: Rogue, zoom: ZoomClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JwtAuth, "profile", CURRENT)
    rogue.script(r.fail(429, 429, OF_A_USER, Date=DATE, Retry_After="7200"), r.ok({"id": 1234567890}, 201))
    with pytest.raises(errors.RateLimited):
        zoom.meetings.create("u1", **MEETING)
    with pytest.raises(errors.NoPermit, match="day's scheduling") as none:
        zoom.meetings.create("u1", **MEETING)
    assert none.value.wait == pytest.approx(7200, abs=5)
    assert zoom.meetings.create("u2", **MEETING) == {"id": 1234567890}
    assert len(rogue.seen) == 2
