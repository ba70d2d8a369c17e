from collections.abc import Callable
from typing import Any

import pytest

from tests.support.sandbox import Sandbox
from tests.zoomapi.sandbox.conftest import CONTACT, fresh_email, problem


def subscribe(sandbox: Sandbox, account: str, **plans: Any) -> Any:
    body = {"contact": CONTACT, "plan_base": {"type": "monthly", "hosts": 5}, **plans}
    return sandbox.call("POST", f"/accounts/{account}/plans", json=body)


def demo_account(sandbox: Sandbox, name: str) -> str:
    rows = sandbox.call("GET", "/accounts?page_size=300").json()["accounts"]
    (found,) = [row["id"] for row in rows if row["account_name"] == name]
    account: str = found
    return account


def test_a_free_account_has_no_plans_until_it_subscribes(sandbox: Sandbox, new_account: Callable[..., str]) -> None:
    account = new_account()
    assert sandbox.call("GET", f"/accounts/{account}/plans").json() == {}
    assert sandbox.call("GET", f"/accounts/{account}/billing").json() == dict.fromkeys(CONTACT, "") | {"apt": ""}
    plans = {
        "plan_base": {"type": "edu20", "hosts": 25},
        "plan_webinar": [{"type": "webinar500_yearly", "hosts": 1}],
        "plan_recording": "cmr_monthly_commitment_40",
    }
    answer = subscribe(sandbox, account, **plans)
    assert (answer.status_code, answer.json()) == (201, plans)
    assert sandbox.call("GET", f"/accounts/{account}/plans").json() == plans
    assert sandbox.call("GET", f"/accounts/{account}/billing").json() == {"apt": "", **CONTACT}


def test_a_second_subscription_is_refused(sandbox: Sandbox, account: str) -> None:
    assert problem(subscribe(sandbox, account)) == (400, 2101)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "plans/base", {"type": "monthly", "hosts": 5}),
        ("POST", "plans/addons", {"type": "large200_monthly", "hosts": 5}),
        ("PUT", "plans/addons", {"type": "large200_monthly", "hosts": 5}),
        ("PATCH", "billing", {"city": "Boulder"}),
    ],
)
def test_a_free_account_has_nothing_to_change(
    sandbox: Sandbox, new_account: Callable[..., str], method: str, path: str, body: dict[str, Any]
) -> None:
    assert problem(sandbox.call(method, f"/accounts/{new_account()}/{path}", json=body)) == (400, 2102)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "plans", None),
        ("POST", "plans", {"contact": CONTACT, "plan_base": {"type": "monthly", "hosts": 5}}),
        ("PUT", "plans/base", {"type": "monthly", "hosts": 5}),
        ("POST", "plans/addons", {"type": "large200_monthly", "hosts": 5}),
        ("PUT", "plans/addons", {"type": "large200_monthly", "hosts": 5}),
        ("PATCH", "billing", {"city": "Boulder"}),
    ],
)
def test_an_account_that_pays_for_itself_is_closed_to_us(sandbox: Sandbox, method: str, path: str, body: Any) -> None:
    account = demo_account(sandbox, "Kestrel Robotics")
    assert problem(sandbox.call(method, f"/accounts/{account}/{path}", json=body)) == (400, 200)


@pytest.mark.parametrize(
    ("plan", "fewest", "most"), [("monthly", 1, 9), ("business_yearly", 10, 49), ("edu20", 20, 149), ("trial", 1, 9999)]
)
def test_each_base_plan_keeps_its_bounds(sandbox: Sandbox, account: str, plan: str, fewest: int, most: int) -> None:
    path = f"/accounts/{account}/plans/base"
    for hosts in (fewest - 1, most + 1):
        answer = sandbox.call("PUT", path, json={"type": plan, "hosts": hosts})
        assert answer.json()["errors"] == [{"field": "hosts", "message": "Invalid field."}]
    for hosts in (fewest, most):
        assert sandbox.call("PUT", path, json={"type": plan, "hosts": hosts}).status_code == 204
        base = sandbox.call("GET", f"/accounts/{account}/plans").json()["plan_base"]
        assert base == {"type": plan, "hosts": hosts}


@pytest.mark.parametrize("plan", ["business_yearly_c50", "gold", "webinar500_yearly", ""])
def test_an_unknown_or_legacy_base_plan_has_its_own_code(sandbox: Sandbox, account: str, plan: str) -> None:
    body = {"type": plan, "hosts": 20}
    assert problem(sandbox.call("PUT", f"/accounts/{account}/plans/base", json=body)) == (400, 2100)


def test_a_legacy_plan_is_shown_as_it_is(sandbox: Sandbox) -> None:
    account = demo_account(sandbox, "Ironwood Manufacturing")
    base = sandbox.call("GET", f"/accounts/{account}/plans").json()["plan_base"]
    assert base == {"type": "business_yearly_c50", "hosts": 50}


def test_a_base_plan_cannot_shrink_below_the_licences_in_use(
    sandbox: Sandbox, account: str, new_user: Callable[..., dict[str, Any]]
) -> None:
    for _ in range(3):
        new_user(account, type=2)
    answer = sandbox.call("PUT", f"/accounts/{account}/plans/base", json={"type": "monthly", "hosts": 2})
    assert answer.json()["errors"][0]["field"] == "hosts"
    assert sandbox.call("PUT", f"/accounts/{account}/plans/base", json={"type": "monthly", "hosts": 3}).ok


def test_addons_are_added_once_and_then_changed(sandbox: Sandbox, account: str) -> None:
    path, plan = f"/accounts/{account}/plans/addons", {"type": "large200_monthly", "hosts": 2}
    assert problem(sandbox.call("PUT", path, json=plan)) == (400, 2104)
    assert sandbox.call("POST", path, json=plan).status_code == 201
    assert problem(sandbox.call("POST", path, json=plan)) == (400, 2103)
    assert sandbox.call("POST", path, json={"type": "large500_yearly", "hosts": 1}).status_code == 201
    assert sandbox.call("PUT", path, json={**plan, "hosts": 4}).status_code == 204
    large = sandbox.call("GET", f"/accounts/{account}/plans").json()["plan_large_meeting"]
    assert sorted((held["type"], held["hosts"]) for held in large) == [("large200_monthly", 4), ("large500_yearly", 1)]


def test_an_audio_addon_keeps_its_countries(sandbox: Sandbox, account: str) -> None:
    plan = {"type": "tollfree_payongo", "hosts": 1, "tollfree_country": "AU,AT", "ddi_numbers": 10}
    assert sandbox.call("POST", f"/accounts/{account}/plans/addons", json=plan).status_code == 201
    audio = sandbox.call("GET", f"/accounts/{account}/plans").json()["plan_audio"]
    assert audio == {"type": "tollfree_payongo", "tollfree_countries": "AU,AT", "ddi_numbers": 10}


def test_the_list_shows_plan_seats_and_term(sandbox: Sandbox, account: str) -> None:
    rows = sandbox.call("GET", "/accounts?page_size=300").json()["accounts"]
    (row,) = [row for row in rows if row["id"] == account]
    assert (row["account_type"], row["seats"]) == ("Business", 12)
    assert row["subscription_start_time"] < row["subscription_end_time"]


def test_a_free_account_has_basic_users_only(sandbox: Sandbox, new_account: Callable[..., str]) -> None:
    body = {"action": "create", "user_info": {"email": fresh_email(), "type": 2}}
    assert problem(sandbox.call("POST", f"/accounts/{new_account()}/users", json=body)) == (400, 2034)


def test_licences_end_where_the_plan_ends(
    sandbox: Sandbox, new_account: Callable[..., str], new_user: Callable[..., dict[str, Any]]
) -> None:
    account = new_account(("monthly", 2))
    first, second = new_user(account, type=2), new_user(account, type=3)
    third = new_user(account)
    path = f"/accounts/{account}/users"
    assert problem(sandbox.call("PATCH", f"{path}/{third['id']}", json={"type": 2})) == (400, 2034)
    assert sandbox.call("PUT", f"{path}/{first['id']}/status", json={"action": "deactivate"}).status_code == 204
    assert sandbox.call("PATCH", f"{path}/{third['id']}", json={"type": 2}).status_code == 204
    back = sandbox.call("PUT", f"{path}/{first['id']}/status", json={"action": "activate"})
    assert problem(back) == (400, 2034)
    assert sandbox.call("PATCH", f"{path}/{second['id']}", json={"type": 2}).status_code == 204
