"""Recipes of plans. What costs money is never repeated on a guess: it is there, or a person decides."""

from collections.abc import Iterator
from typing import Any

from portal.bulk.reading import Reader
from portal.bulk.recipes.base import Finding, Found, Look, same

SHOWN = "The two states are shown: before the first attempt, and now. Nothing is sent until somebody decides."


def plans_now(reader: Reader) -> dict[str, Any]:
    """The plans held; {} is Zoom's own answer about an account that has none. No refusal is taken for that."""
    return reader.read("billing.plans", {})


def ordered(look: Look) -> Finding:
    """Effect E: does the account now hold exactly what was asked for, and did it not before?"""
    before = (look.item.baseline or {}).get("plans")
    now = plans_now(look.reader)
    if before is None:
        return Finding(Found.UNCLEAR, "It is not known which plans there were before. Please look.", data={"now": now})
    states = {"before": before, "now": now}
    wanted = look.request.body
    if _holds(look.request.endpoint.key, wanted, now) and not _holds(look.request.endpoint.key, wanted, before):
        return Finding(Found.APPLIED, "Zoom shows the plan that was asked for.", data=states)
    if same(before, now) and same(now, before):
        return Finding(Found.UNCLEAR, f"Zoom shows the plans unchanged. {SHOWN}", data=states)
    return Finding(Found.UNCLEAR, f"Zoom shows neither the old plans nor exactly the new ones. {SHOWN}", data=states)


def _holds(operation: str, wanted: dict[str, Any], plans: dict[str, Any]) -> bool:
    if operation == "billing.update_base":
        return same(wanted, plans.get("plan_base"))
    if operation == "billing.subscribe":
        parts = {name: value for name, value in wanted.items() if name.startswith("plan_")}
        return bool(parts) and same(parts, plans)
    core = {name: wanted[name] for name in ("type", "hosts") if name in wanted}
    return any(same(core, plan) for plan in each_plan(plans))


def each_plan(plans: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The additional plans held."""
    for name, value in plans.items():
        if name == "plan_base":
            continue
        for plan in value if isinstance(value, list) else [value]:
            yield plan if isinstance(plan, dict) else {"type": plan, "hosts": 1}
