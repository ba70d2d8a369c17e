"""The families against the documented list: operations, statuses, arguments, answers, mirrored forms."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from zoomapi import spec
from zoomapi.coverage import mirrored_forms
from zoomapi.spec.base import Endpoint, ShapeClass, leaves
from zoomapi.spec.describe import FieldInfo, Kind, flat
from zoomapi.spec.documented import DIRECT, MASTER, nameless

TABLE: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "documented_arguments.json").read_text())
ENDPOINTS = {f"{e.method} {e.path}": e for e in spec.all_endpoints()}

AUDIO_PLAN = {"tollfree_countries", "premium_countries", "callout_countries", "ddi_numbers"}
PAGING = {"page_size", "page_number"}
# Arguments and members of answers that corrections add to the documented ones.
ADDED = {
    "billing.add_addon": AUDIO_PLAN,
    "billing.update_addon": AUDIO_PLAN,
    "im_groups.list": PAGING,
    "devices.list": PAGING,
    "meetings.registrants": {"next_page_token"},
    "webinars.registrants": {"next_page_token"},
    "dashboards.zoom_room": {"next_page_token"},
}
ADDED_TO_ANSWER = {
    "im_groups.create": {"type"},
    "meetings.registrants": {"page_number"},
    "webinars.registrants": {"page_number"},
    "dashboards.zoom_room": {"past_meetings.page_number"},
}
# Direct operations without a mirrored twin: their mirrored form has another path or method.
TWINLESS = {"reports.users", "reports.user_meetings", "reports.webinar_qa", "webinars.add_panelists"}


def with_members(infos: Iterable[FieldInfo]) -> Iterator[FieldInfo]:
    """Yield the fields, and after each list of objects those of its members."""
    for info in infos:
        if info.type is not Kind.OBJECT:
            yield info
        yield from with_members(info.members)


def fields(shape: ShapeClass | None) -> dict[str, FieldInfo]:
    return {info.name: info for info in with_members(flat(shape))} if shape else {}


def test_the_list_has_130_direct_and_83_mirrored_operations() -> None:
    assert (len({d.form for d in DIRECT}), len({d.form for d in MASTER})) == (130, 83)


def test_all_130_operations_are_declared_and_no_other() -> None:
    documented = {f"{d.method} {d.path}" for d in DIRECT}
    assert (len(documented), sorted(ENDPOINTS), sorted(TABLE)) == (130, sorted(documented), sorted(documented))


def test_every_family_has_its_documented_operations() -> None:
    names = {"cloud_recording": "recordings"}
    documented = Counter(d.family.lower().replace(" ", "_") for d in DIRECT)
    assert Counter(e.family for e in ENDPOINTS.values()) == {names.get(f, f): n for f, n in documented.items()}


@pytest.mark.parametrize("endpoint", list(spec.all_endpoints()), ids=lambda e: e.key)
def test_a_declared_operation_is_documented_with_its_status(endpoint: Endpoint) -> None:
    statuses = {documented.form: documented.status for documented in DIRECT}
    assert statuses.get((endpoint.method, nameless(endpoint.path))) == endpoint.status


@pytest.mark.parametrize("endpoint", list(spec.all_endpoints()), ids=lambda e: e.key)
def test_an_operation_is_mirrored_exactly_where_documented(endpoint: Endpoint) -> None:
    documented = (endpoint.method, nameless(endpoint.mirror_path)) in {d.form for d in MASTER}
    assert endpoint.mirror == (documented or endpoint.key in TWINLESS)
    assert bool(endpoint.odd_mirrors) == (endpoint.key in TWINLESS)


def test_the_mirrored_forms_are_the_83_and_those_of_the_direct_operations_without_a_twin() -> None:
    direct = {(e.method, nameless(e.mirror_path)) for e in ENDPOINTS.values() if e.key in TWINLESS}
    assert mirrored_forms().keys() - direct == {d.form for d in MASTER}
    assert sum(len(e.odd_mirrors) for e in ENDPOINTS.values()) == 5


def test_a_mirrored_path_that_stands_for_a_query_says_so() -> None:
    odd = spec.endpoint("reports.users").odd_mirrors
    assert [(form.path.rpartition("report/")[2], form.query) for form in odd] == [
        ("active/users", (("type", "active"),)),
        ("inactive/users", (("type", "inactive"),)),
    ]


@pytest.mark.parametrize(
    ("family", "count"),
    [
        ("accounts", 0), ("billing", 0), ("users", 16), ("meetings", 9), ("webinars", 13), ("groups", 8),
        ("im_groups", 8), ("im_chat", 0), ("recordings", 0), ("reports", 7), ("dashboards", 16), ("webhooks", 0),
        ("tsp", 5), ("pac", 0), ("devices", 0),
    ],
)  # fmt: skip
def test_a_family_has_as_many_mirrored_operations_as_documented(family: str, count: int) -> None:
    assert sum(e.mirror for e in ENDPOINTS.values() if e.family == family) == count


def arguments() -> list[Any]:
    return [
        pytest.param(ENDPOINTS[operation], part, argument, id=f"{operation} {argument['name']}")
        for operation, parts in TABLE.items()
        for part in ("query", "body")
        for argument in parts[part]
    ]


@pytest.mark.parametrize(("endpoint", "part", "argument"), arguments())
def test_every_documented_argument_is_declared_with_its_facts(
    endpoint: Endpoint, part: str, argument: dict[str, Any]
) -> None:
    info = fields(getattr(endpoint, part))[argument["name"]]
    stated = {name: value for name, value in argument.items() if name != "choices"}
    assert {name: getattr(info, name) for name in stated} == stated
    if "choices" in argument:
        assert list(info.choices or ()) == argument["choices"]


@pytest.mark.parametrize(("endpoint", "part", "argument"), arguments())
def test_no_default_is_invented(endpoint: Endpoint, part: str, argument: dict[str, Any]) -> None:
    assert fields(getattr(endpoint, part))[argument["name"]].default == argument.get("default")


@pytest.mark.parametrize("operation", list(TABLE))
def test_only_documented_arguments_are_declared(operation: str) -> None:
    endpoint = ENDPOINTS[operation]
    declared = set(fields(endpoint.query)) | set(fields(endpoint.body))
    documented = {argument["name"] for part in ("query", "body") for argument in TABLE[operation][part]}
    assert declared - documented == ADDED.get(endpoint.key, set())


@pytest.mark.parametrize("operation", list(TABLE))
def test_answers_have_the_documented_members(operation: str) -> None:
    endpoint = ENDPOINTS[operation]
    declared = {name for name, _ in leaves(endpoint.reply())} if endpoint.reply else set()
    assert declared - ADDED_TO_ANSWER.get(endpoint.key, set()) == set(TABLE[operation]["answer"])


@pytest.mark.parametrize(("endpoint", "part", "argument"), arguments())
def test_every_argument_has_a_label_and_a_help_text(endpoint: Endpoint, part: str, argument: dict[str, Any]) -> None:
    info = fields(getattr(endpoint, part))[argument["name"]]
    texts = [info, *info.members]
    assert all(one.label and "_" not in one.label for one in texts)
    assert all(one.help for one in (info.members or [info]))


def test_labels_are_spelt_right_where_the_wire_is_not() -> None:
    settings = fields(spec.endpoint("accounts.update_settings").body)
    assert settings["in_meeting.p2p_connetion"].label == "Peer-to-peer connection"
    assert settings["email_notification.cloud_recording_avaliable_reminder"].label == "Cloud recording available"
