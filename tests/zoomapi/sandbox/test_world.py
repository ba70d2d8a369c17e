from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.sandbox import Sandbox, start_sandbox
from zoomapi.sandbox.places import PLACES
from zoomapi.sandbox.world.companies import COMPANIES
from zoomapi.spec.catalogue import BASE_PLANS, STATES, TIMEZONES


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with start_sandbox(tmp_path_factory.mktemp("demo"), "--no-limits") as running:
        yield running


def every_user(sandbox: Sandbox) -> list[dict[str, Any]]:
    prefixes = ["", *(f"/accounts/{row['id']}" for row in accounts(sandbox))]
    return [
        {**user, "status": status, "prefix": prefix}
        for prefix in prefixes
        for status in ("active", "inactive", "pending")
        for user in sandbox.call("GET", f"{prefix}/users?status={status}&page_size=300").json()["users"]
    ]


def accounts(sandbox: Sandbox) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = sandbox.call("GET", "/accounts?page_size=300").json()["accounts"]
    return rows


def test_the_demo_has_forty_customers_and_twelve_hundred_people(demo: Sandbox) -> None:
    users = every_user(demo)
    assert (len(accounts(demo)), len(users)) == (40, 1200)
    assert len({user["email"] for user in users}) == len({user["pmi"] for user in users}) == 1200


def test_all_statuses_and_kinds_of_licence_occur(demo: Sandbox) -> None:
    users = every_user(demo)
    statuses, types = Counter(user["status"] for user in users), Counter(user["type"] for user in users)
    assert all(statuses[status] >= 40 for status in ("active", "inactive", "pending"))
    assert all(types[kind] >= 30 for kind in (1, 2, 3))
    assert sum("last_login_time" not in user for user in users) > 60
    assert any(not user["first_name"].isascii() for user in users if user["prefix"])


def test_no_customer_uses_more_licences_than_it_has_and_one_nearly_all(demo: Sandbox) -> None:
    seats = {f"/accounts/{row['id']}": row["seats"] for row in accounts(demo)}
    used = Counter(
        user["prefix"] for user in every_user(demo) if user["type"] != 1 and user["status"] in ("active", "pending")
    )
    assert {prefix: used[prefix] for prefix in seats if used[prefix] > seats[prefix]} == {}
    assert any(0.9 <= used[prefix] / total < 1 for prefix, total in seats.items() if total >= 20)


def test_plans_cover_the_cases_people_meet(demo: Sandbox) -> None:
    kinds = Counter(row["account_type"] for row in accounts(demo))
    assert kinds["Free Trial"] == 3
    assert kinds["business_yearly_c50"] == 1
    assert {"Free", "Pro", "Business", "Education", "Zoom Rooms"} <= set(kinds)
    assert sum(company.pay_mode == "sub" for company in COMPANIES) == 1


def test_contacts_and_people_use_the_lists_of_the_document(demo: Sandbox) -> None:
    assert {user["timezone"] for user in every_user(demo)} <= set(TIMEZONES)
    assert {town[1] for country in ("US", "CA") for town in PLACES[country].towns} <= set(STATES)
    for company in COMPANIES:
        plan = BASE_PLANS.get(company.plan)
        assert plan is None or plan.allows(company.hosts), company.name


def test_groups_have_members(demo: Sandbox) -> None:
    groups = [
        group for row in accounts(demo) for group in demo.call("GET", f"/accounts/{row['id']}/groups").json()["groups"]
    ]
    assert len(groups) > 60
    assert sum(group["total_members"] for group in groups) > 250


def test_a_seed_makes_one_world_and_another_seed_another(demo: Sandbox, tmp_path: Path) -> None:
    with start_sandbox(tmp_path, "--no-limits") as same:
        assert every_user(same) == every_user(demo)
    (tmp_path / "b").mkdir()
    with start_sandbox(tmp_path / "b", "--seed", "2", "--no-limits") as other:
        assert [row["id"] for row in accounts(other)] != [row["id"] for row in accounts(demo)]


def test_the_empty_world_has_the_master_account_alone(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, "--world", "empty") as running:
        assert accounts(running) == []
        assert [user["role"] if "role" in user else user["email"] for user in every_user(running)] == [
            "owner@summit-conferencing.example"
        ]


def test_the_big_world_is_whole(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, "--world", "big", "--no-limits") as running:
        page = running.call("GET", "/accounts?page_size=1&page_number=2000").json()
        account = page["accounts"][0]["id"]
        users = [
            running.call("GET", f"/accounts/{account}/users?status={s}").json()
            for s in ("active", "inactive", "pending")
        ]
        assert (page["total_records"], sum(answer["total_records"] for answer in users)) == (2000, 100)
