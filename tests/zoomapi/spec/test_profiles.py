"""The two Zooms: the document's, and today's as views of the same operations."""

import pytest

from zoomapi import spec
from zoomapi.spec.corrections import RENAMED, RETIRED
from zoomapi.spec.limits import Label, Tier
from zoomapi.spec.profiles import CLASSIC, CURRENT, CURRENT_BUSINESS, current
from zoomapi.spec.scopes import ALL_SCOPES, missing, scope_of
from zoomapi.spec.user_shapes import NewUser, PasswordChange, UserChange

KEYS = [endpoint.key for endpoint in spec.all_endpoints()]


@pytest.mark.parametrize("key", KEYS)
def test_a_view_is_the_same_operation(key: str) -> None:
    endpoint = spec.endpoint(key)
    view = CURRENT.view(endpoint)
    assert CLASSIC.view(endpoint) is endpoint
    assert CURRENT.view(endpoint) is view
    same = ("key", "method", "params", "status", "effect", "mirror", "paging", "item_key", "uuid", "secrets", "upload")
    assert [getattr(view, name) for name in same] == [getattr(endpoint, name) for name in same]


def test_only_renamed_operations_have_another_path() -> None:
    moved = {e.key: CURRENT.view(e).path for e in spec.all_endpoints() if CURRENT.view(e).path != e.path}
    assert moved == {key: renamed.path for key, renamed in RENAMED.items()}


def test_only_todays_zoom_has_withdrawn_anything() -> None:
    withdrawn = {e.key for e in spec.all_endpoints() if CURRENT.retired(e)}
    assert withdrawn == set(RETIRED)
    assert [e.key for e in spec.all_endpoints() if CLASSIC.retired(e)] == []


@pytest.mark.parametrize(
    ("key", "label", "pro", "business"),
    [
        ("users.get", Label.LIGHT, "30 a second", "80 a second"),
        ("users.create", Label.LIGHT, "30 a second", "80 a second"),
        ("users.list", Label.MEDIUM, "20 a second", "60 a second"),
        ("reports.daily", Label.HEAVY, "10 a second, 30,000 a day", "40 a second, 60,000 a day"),
        ("dashboards.meetings", Label.INTENSIVE, "10 a minute, 30,000 a day", "20 a minute, 60,000 a day"),
        ("dashboards.meeting", Label.HEAVY, "10 a second, 30,000 a day", "40 a second, 60,000 a day"),
        ("im_chat.sessions", Label.HEAVY, "10 a second, 30,000 a day", "40 a second, 60,000 a day"),
    ],
)
def test_limits_go_by_label_and_plan(key: str, label: Label, pro: str, business: str) -> None:
    first, second = (zoom.view(spec.endpoint(key)).rate for zoom in (CURRENT, CURRENT_BUSINESS))
    assert (first.label, str(first), second.label, str(second)) == (label, pro, label, business)


@pytest.mark.parametrize("tier", list(Tier))
def test_heavy_and_intensive_share_a_purse(tier: Tier) -> None:
    zoom = current(tier)
    heavy, intensive = (zoom.view(spec.endpoint(key)).rate for key in ("reports.daily", "dashboards.meetings"))
    assert heavy.quota == intensive.quota
    assert heavy.name != intensive.name


def test_writes_to_meetings_and_webinars_are_counted_by_host() -> None:
    counted = {e.key for e in spec.all_endpoints() if CURRENT.counts_by_host(e)}
    assert counted == {"meetings.create", "meetings.update", "webinars.create", "webinars.update"}
    assert [e.key for e in spec.all_endpoints() if CLASSIC.counts_by_host(e)] == []


def test_user_types_change_and_nothing_else_does() -> None:
    info = CURRENT.shape(NewUser)().fields["user_info"]
    assert list(info.fields["type"].choices) == [1, 2, 99]
    assert list(CURRENT.shape(UserChange)().fields["type"].choices) == [1, 2, 99]
    assert list(UserChange().fields["type"].choices) == [1, 2, 3]
    assert list(CURRENT.shape(UserChange)().fields) == list(UserChange().fields)
    assert CURRENT.shape(PasswordChange) is PasswordChange
    assert CLASSIC.shape(NewUser) is NewUser


def test_every_operation_zoom_still_has_needs_a_scope() -> None:
    unscoped = {e.key for e in spec.all_endpoints() if not scope_of(e)}
    assert unscoped <= set(RETIRED)


def test_missing_scopes_are_told_for_classic_scopes_only() -> None:
    assert missing(ALL_SCOPES) == []
    assert missing(set(ALL_SCOPES) - {"group:master"}) == ["group:master"]
    assert missing(["user:read:list_users:master"]) == []
