"""Plans whose state could not be read, before their change or after it: nothing is taken for "no plans"."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pytest_django import Settings

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import scope_of
from portal.bulk import operations
from portal.bulk.models import Item, ItemState
from portal.bulk.operations import Step
from portal.bulk.pump import pump
from portal.bulk.recipes import Found, Look, money
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.conftest import QUICK
from tests.portal.bulk.engine.test_outcomes import results
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

PLANS = {"method": "GET", "path": "/plans$"}
PAUSE = {
    "match": PLANS,
    "do": "status",
    "value": {"status": 429, "body": {"code": 429, "message": "Too many."}, "headers": {"Retry-After": "2"}},
    "times": 1,
}
FORBIDDEN = {"match": PLANS, "do": "status", "value": {"status": 403, "body": {"code": 200, "message": "No."}}}
READ = {"match": PLANS, "do": "merge", "value": {}, "times": 1}
LOST = {"match": {"method": "PUT"}, "do": "apply_then_status", "value": 500, "times": 1}
Ordered = Callable[..., Item]


@pytest.fixture
def plan(clean: Sandbox, tenant: SubAccount, settings: Settings) -> dict[str, Any]:
    """The base plan held. There is a call a second, and the first is the look at what is there."""
    settings.BULK_TIMING = {**QUICK, "lease": 10.0, "loop": 14.0}
    held: dict[str, Any] = clean.call("GET", f"/accounts/{tenant.zoom_id}/plans").json()["plan_base"]
    return held


@pytest.fixture
def ordered(clean: Sandbox, tenant: SubAccount, olga: Staff, plan: dict[str, Any]) -> Ordered:
    """Change the base plan to one of so many hosts more while these faults are in force; return the item."""

    def run(more: int, *faults: dict[str, Any]) -> Item:
        clean.faults(*faults)
        job = operations.plan(
            scope=scope_of(olga),
            actor=olga,
            connection=tenant.connection,
            kind="subscribe",
            title="One",
            right=Right.BILLING,
            steps=[Step(account=tenant, endpoint="billing.update_base", body={**plan, "hosts": plan["hosts"] + more})],
        )
        operations.start(job, olga)
        pump(job.pk)
        return job.items.get()

    return run


def test_a_pause_that_zoom_asks_for_before_an_order_is_no_account_without_plans(
    clean: Sandbox, ordered: Ordered, plan: dict[str, Any]
) -> None:
    """Somebody has ordered the same already, and ours is not carried out: that is not to be told as done."""
    item = ordered(0, PAUSE, {"match": {"method": "PUT"}, "do": "status", "value": 500, "times": 1})
    assert item.baseline is not None
    assert item.baseline["plans"]["plan_base"] == plan
    assert (item.state, results(item), clean.ledger()) == (ItemState.REVIEW, ["intent", "unknown", "review"], [])


def test_a_pause_that_zoom_asks_for_at_the_look_leaves_the_outcome_unknown_until_the_next(
    clean: Sandbox, ordered: Ordered
) -> None:
    item = ordered(1, READ, PAUSE, LOST)
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", "adopted"])
    assert len(clean.ledger()) == 1


def test_plans_that_cannot_be_read_after_an_order_are_not_told_as_unchanged(clean: Sandbox, ordered: Ordered) -> None:
    item = ordered(1, READ, FORBIDDEN, LOST)
    assert (item.state, results(item), len(clean.ledger())) == (ItemState.REVIEW, ["intent", "unknown", "review"], 1)
    assert item.message.startswith("Checked at Zoom: Zoom refuses to show whether it was carried out: ")
    assert item.answer == {}


def test_nothing_is_ordered_where_the_plans_held_cannot_be_read(clean: Sandbox, ordered: Ordered) -> None:
    item = ordered(1, FORBIDDEN)
    assert (item.state, results(item), clean.ledger()) == (ItemState.FAILED, ["not_sent"], [])
    assert item.message == (
        "What is there now could not be read: The API credential has no permission for this: No. Nothing was sent."
    )


def test_without_the_plans_of_before_a_person_compares() -> None:
    now = {"plan_base": {"type": "monthly", "hosts": 9}}
    look = SimpleNamespace(item=Item(baseline=None), request=None, reader=SimpleNamespace(read=lambda *_: now))
    finding = money.ordered(cast("Look", look))
    assert (finding.found, finding.data) == (Found.UNCLEAR, {"now": now})
