"""Removing what has no id but a place in a list, when the answer is lost: the next one has moved up meanwhile."""

from typing import Any

import pytest

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk import baselines, compare, engine, operations
from portal.bulk.batches import COMPARED
from portal.bulk.models import Item, ItemState
from portal.bulk.operations import Step
from portal.bulk.pump import pump
from portal.bulk.recipes.places import MOVED
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.test_outcomes import results
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

LOST = {"match": {"method": "DELETE"}, "do": "apply_then_status", "value": 500, "times": 1}
BROKEN = {"match": {"method": "DELETE"}, "do": "status", "value": 500, "times": 1}


@pytest.fixture
def place(tenant: SubAccount, clean: Sandbox) -> str:
    """Where the TSP accounts of a user are; there are none yet."""
    host = clean.call("GET", f"/accounts/{tenant.zoom_id}/users").json()["users"][0]["id"]
    accounts = f"/accounts/{tenant.zoom_id}/users/{host}/tsp"
    while clean.call("DELETE", f"{accounts}/1").status_code == 204:
        pass
    return accounts


def add(clean: Sandbox, place: str, *codes: str) -> None:
    numbers = [{"code": "1", "number": "5550100", "type": "toll"}]
    for code in codes:
        body = {"conference_code": code, "leader_pin": "1234", "dial_in_numbers": numbers}
        assert clean.call("POST", place, json=body).status_code == 201


def left(clean: Sandbox, place: str) -> list[str]:
    return [row["conference_code"] for row in clean.call("GET", place).json()["tsp_accounts"]]


def removal(tenant: SubAccount, owner: Staff, place: str, at: str = "1", **more: Any) -> Item:
    path = {"userId": place.split("/")[-2], "tspId": at}
    job = operations.plan(
        scope=scope_of(owner),
        actor=owner,
        connection=tenant.connection,
        kind="tsp_remove",
        title="One",
        steps=[Step(account=tenant, endpoint="tsp.delete", path=path, **more)],
    )
    operations.start(job, owner)
    pump(job.pk)
    return job.items.get()


@pytest.mark.parametrize("by_file", [False, True])
@pytest.mark.parametrize("codes", [("111111",), ("111111", "222222"), ("111111", "111111", "222222")])
def test_a_removal_whose_answer_was_lost_removes_nothing_else(
    tenant: SubAccount, olga: Staff, clean: Sandbox, place: str, codes: tuple[str, ...], by_file: bool
) -> None:
    add(clean, place, *codes)
    clean.faults(LOST)
    row = {"before": {"conference_code": "111111"}, "source": {COMPARED: compare.stamp()}} if by_file else {}
    item = removal(tenant, olga, place, **row)
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", "adopted"]), item.message
    assert left(clean, place) == list(codes[1:])


def test_a_removal_that_was_not_carried_out_is_repeated(
    tenant: SubAccount, olga: Staff, clean: Sandbox, place: str
) -> None:
    add(clean, place, "111111", "222222")
    clean.faults(BROKEN)
    item = removal(tenant, olga, place)
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", "absent", "intent", "done"])
    assert left(clean, place) == ["222222"]


def test_what_moved_to_another_place_is_left_to_a_person(
    tenant: SubAccount, olga: Staff, clean: Sandbox, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody has removed the one before it while the outcome was unclear."""
    add(clean, place, "111111", "222222", "333333")
    clean.faults(BROKEN)
    settle = engine.settle

    def later(*parts: Any) -> None:
        clean.call("DELETE", f"{place}/1")
        settle(*parts)

    monkeypatch.setattr(engine, "settle", later)
    item = removal(tenant, olga, place, at="2")
    assert (item.state, results(item)) == (ItemState.REVIEW, ["intent", "unknown", "review"])
    assert left(clean, place) == ["222222", "333333"]


def test_without_a_memory_of_what_was_there_a_person_decides(
    tenant: SubAccount, olga: Staff, clean: Sandbox, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As rows are that were sent before the portal remembered it."""
    add(clean, place, "111111", "222222")
    monkeypatch.setattr(baselines, "remember", lambda *_: True)
    clean.faults(LOST)
    item = removal(tenant, olga, place)
    assert (item.state, results(item)) == (ItemState.REVIEW, ["intent", "unknown", "review"])
    assert left(clean, place) == ["222222"]


def test_a_place_is_looked_at_again_before_it_is_sent_again(
    tenant: SubAccount, olga: Staff, clean: Sandbox, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(clean, place, "111111", "222222")
    clean.faults(BROKEN)
    settle = engine.settle

    def before_the_next(*parts: Any) -> None:
        settle(*parts)
        clean.call("DELETE", f"{place}/1")

    monkeypatch.setattr(engine, "settle", before_the_next)
    item = removal(tenant, olga, place)
    assert (item.state, results(item)) == (ItemState.FAILED, ["intent", "unknown", "absent", "not_sent"])
    assert (item.message, left(clean, place)) == (MOVED, ["222222"])
