"""Every documented operation, direct and in each mirrored form, answers with its documented status and shape."""

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rest_framework import serializers

from tests.support.sandbox import Sandbox
from tests.zoomapi.sandbox.conftest import fresh_email
from tests.zoomapi.sandbox.staging import BODIES, QUERIES, STAGES, Stage, room_stage
from zoomapi.sandbox.validation import check
from zoomapi.spec import Endpoint, all_endpoints, endpoint
from zoomapi.spec.base import AnyField
from zoomapi.spec.documented import DIRECT, MASTER, nameless

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

MIRROR = "/accounts/{accountId}"
CASES = [(e.key, e.method, "", e.path) for e in all_endpoints()]
CASES += [(e.key, e.method, MIRROR, e.path) for e in all_endpoints() if e.mirror]
CASES += [(e.key, odd.method, MIRROR, odd.path.removeprefix(MIRROR)) for e in all_endpoints() for odd in e.odd_mirrors]


@pytest.fixture
def stage(
    sandbox: Sandbox, new_account: Callable[..., str], new_user: Callable[..., dict[str, Any]], request: Any
) -> Stage:
    """A subscribed sub-account (or the master account) with two people, linked as assistants, and a group."""
    key, mirrored = request.node.callspec.params["key"], request.node.callspec.params["prefix"] != ""
    account = new_account(None if key == "billing.subscribe" else ("business_monthly", 12))
    if key != "billing.subscribe":
        addon = {"type": "webinar500_yearly", "hosts": 1}
        assert sandbox.call("POST", f"/accounts/{account}/plans/addons", json=addon).status_code == 201
    where = account if mirrored else ""
    prefix = f"/accounts/{account}" if mirrored else ""
    user, helper = (new_user(where, action="autoCreate", password="pw-12345", type=2)["id"] for _ in range(2))
    other = new_user(where)["id"]
    for boss, assistant in ((user, other), (other, user)):
        body = {"assistants": [{"id": assistant}]}
        assert sandbox.call("POST", f"{prefix}/users/{boss}/assistants", json=body).status_code == 201
    group = sandbox.call("POST", f"{prefix}/groups", json={"name": fresh_email()}).json()["id"]
    sandbox.call("POST", f"{prefix}/groups/{group}/members", json={"members": [{"id": user}]})
    zpk = sandbox.call("GET", f"{prefix}/users/{user}/token?type=zpk").json()["token"]
    found = {
        "accountId": account, "userId": user, "assistantId": other, "schedulerId": other, "groupId": group,
        "memberId": user, "helper": helper, "zpk": zpk, "prefix": prefix,
    }  # fmt: skip
    if key == "dashboards.zoom_room":
        return found | room_stage(sandbox, prefix)
    family = key.partition(".")[0]
    return found | (STAGES[family](sandbox, prefix, user) if family in STAGES else {})


@pytest.mark.parametrize(("key", "method", "prefix", "path"), CASES)
def test_operation_answers_as_documented(
    sandbox: Sandbox, stage: Stage, key: str, method: str, prefix: str, path: str
) -> None:
    operation = endpoint(key)
    options: dict[str, Any] = {"params": QUERIES.get(key, lambda s: {})(stage)}
    if operation.upload:
        options["files"] = {operation.upload: ("me.png", PNG, "image/png")}
    elif key in BODIES:
        options["json"] = BODIES[key](stage)
    if key == "recordings.recover_file":
        stage["recordingId"] = stage["trashed"]
    answer = sandbox.call(method, (prefix + path).format(**stage), **options)
    assert answer.status_code == operation.status, answer.text
    assert shape_of(operation, answer.content and answer.json()) == []


def shape_of(operation: Endpoint, data: Any) -> list[str]:
    """Return what is wrong with an answer: members the document does not know, or values it does not allow."""
    if operation.status == 204:
        return [] if data == b"" else ["a body"]
    if operation.reply is None:
        return [] if data == {} else ["members"]
    check(operation.reply, without_blanks(data), partial=True)
    listed = [] if operation.item_key in data or not operation.item_key else [f"no {operation.item_key}"]
    return listed + list(strangers(operation.reply(), data))


def strangers(shape: AnyField, data: Any, where: str = "") -> Iterator[str]:
    """Yield the dotted name of every member, however deep, that its shape does not know."""
    if isinstance(shape, serializers.ListSerializer) and shape.child is not None:
        for row in data:
            yield from strangers(shape.child, row, f"{where}[]")
    elif isinstance(shape, serializers.Serializer):
        for name, value in data.items():
            if name in shape.fields:
                yield from strangers(shape.fields[name], value, f"{where}.{name}")
            else:
                yield f"{where}.{name}"


def without_blanks(data: Any) -> Any:
    """Leave out texts that say nothing: the shapes describe what a value looks like when there is one."""
    if isinstance(data, dict):
        return {name: without_blanks(value) for name, value in data.items() if value != ""}
    return [without_blanks(value) for value in data] if isinstance(data, list) else data


def test_every_documented_operation_and_mirrored_form_is_called() -> None:
    called = {(method, nameless(prefix + path)) for _, method, prefix, path in CASES}
    assert {documented.form for documented in (*DIRECT, *MASTER)} - called == set()
    assert len(called) >= len(DIRECT) + len(MASTER) == 130 + 83


def test_the_list_above_is_what_is_called() -> None:
    """The check above is worth something only while the test takes the whole list."""
    marks = test_operation_answers_as_documented.pytestmark  # type: ignore[attr-defined]  # pytest puts it there
    assert [(mark.name, mark.args) for mark in marks] == [("parametrize", (("key", "method", "prefix", "path"), CASES))]
    assert list(dict.fromkeys(CASES)) == CASES
