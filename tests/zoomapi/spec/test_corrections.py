"""Corrections of the specification."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from zoomapi import spec
from zoomapi.spec.corrections import (
    CORRECTIONS,
    INPUT_ALIASES,
    RENAMED,
    RETIRED,
    corrections_of,
    expiry_seconds,
    renamed,
    zone,
)
from zoomapi.spec.describe import describe_shape


@pytest.mark.parametrize(
    ("key", "given", "meant"),
    [
        (
            "accounts.update_settings",
            {"schedule_meeting": {"host_video": True}, "in_meeting": {"p2p_connection": True, "chat": False}},
            {"schedule_meting": {"host_video": True}, "in_meeting": {"p2p_connetion": True, "chat": False}},
        ),
        ("users.update_settings", {"schedule_meeting": {}}, {"scheduled_meeting": {}}),
        (
            "billing.subscribe",
            {"plan_audio": {"type": "tollfree_payongo", "tollfree_country": "AU"}},
            {"plan_audio": {"type": "tollfree_payongo", "tollfree_countries": "AU"}},
        ),
        ("billing.add_addon", {"premium_country": "TW,TH"}, {"premium_countries": "TW,TH"}),
        ("meetings.update_status", {"status": "end"}, {"action": "end"}),
        ("webinars.update_status", {"action": "end"}, {"status": "end"}),
        ("pac.list", {"pac_accounts": []}, {"tsp_accounts": []}),
        ("accounts.update_settings", {"in_meeting": "nonsense"}, {"in_meeting": "nonsense"}),
        ("users.create", {"schedule_meeting": 1}, {"schedule_meeting": 1}),
    ],
)
def test_other_spellings_are_understood(key: str, given: dict[str, Any], meant: dict[str, Any]) -> None:
    assert renamed(key, given) == meant


def test_the_right_name_wins_over_an_alias() -> None:
    both = {"schedule_meeting": {"host_video": True}, "schedule_meting": {"host_video": False}}
    assert renamed("accounts.update_settings", both) == {"schedule_meting": {"host_video": False}}


def test_renaming_leaves_the_given_body_alone() -> None:
    given = {"in_meeting": {"p2p_connection": True}}
    renamed("accounts.update_settings", given)
    assert given == {"in_meeting": {"p2p_connection": True}}


def test_every_alias_means_a_declared_member() -> None:
    lost = []
    for key, aliases in INPUT_ALIASES.items():
        endpoint = spec.endpoint(key)
        shape = endpoint.body or endpoint.reply
        assert shape is not None
        known = {i.name for top in describe_shape(shape) for i in (top, *top.members)}
        lost += [right for right in aliases.values() if right not in known]
    assert lost == []


def test_every_correction_gives_its_reason_and_names_declared_operations() -> None:
    for correction in CORRECTIONS:
        assert all((correction.subject, correction.rule, correction.reason))
        assert [spec.endpoint(key).key for key in correction.operations] == list(correction.operations)


def test_corrections_of_an_operation_can_be_listed() -> None:
    assert [c.subject for c in corrections_of("users.schedulers")] == ["Schedulers of a user"]


def test_what_is_called_otherwise_today_keeps_its_path_parameters() -> None:
    assert {key: new.path for key, new in RENAMED.items()} == {
        "im_chat.sessions": "/report/chat/sessions",
        "im_chat.messages": "/report/chat/sessions/{sessionId}",
        "dashboards.im": "/metrics/chat",
    }
    parameters = {key: tuple(re.findall(r"{(\w+)}", new.path)) for key, new in RENAMED.items()}
    assert parameters == {key: spec.endpoint(key).params for key in RENAMED}


def test_what_is_gone_today_says_why() -> None:
    webhooks = {e.key for e in spec.all_endpoints() if e.family == "webhooks"}
    assert set(RETIRED) == webhooks | {"users.check_zpk"}
    assert all(RETIRED.values())


def test_solomon_islands_are_eleven_hours_ahead() -> None:
    assert datetime(2018, 7, 1, tzinfo=zone("SST")).utcoffset() == timedelta(hours=11)
    assert datetime(2018, 7, 1, tzinfo=UTC).utcoffset() == timedelta()


@pytest.mark.parametrize(("exp", "seconds"), [(1496091964, 1496091964), (1496091964000, 1496091964.0)])
def test_an_expiry_in_milliseconds_is_told_apart(exp: int, seconds: float) -> None:
    assert expiry_seconds(exp) == seconds
