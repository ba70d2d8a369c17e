"""Changes of plans beside what is held: whoever decides about one must see whether it means more or fewer."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from portal.bulk.models import Item
from portal.bulk.recipes.base import same
from portal.bulk.recipes.money import each_plan

Json = dict[str, Any]
BASE = frozenset({"billing.update_base"})
ADDED = frozenset({"billing.add_addon", "billing.update_addon"})
KINDS = ((BASE, "of plans"), (ADDED, "of additional plans"))


@dataclass
class Sum:
    """How many changes of one kind there are, and the hosts of those whose present number is known."""

    kind: str
    number: int = 0
    before: int = 0
    after: int = 0
    unknown: int = 0

    def __str__(self) -> str:
        changes = f"{self.number:,} change{'' if self.number == 1 else 's'} {self.kind}"
        if self.number == self.unknown:
            return f"{changes}; how many hosts there are now is not known"
        left = f"; of {self.unknown:,} it is not known how many there are now" if self.unknown else ""
        return f"{changes}, hosts {self.before:,} → {self.after:,} in all{left}"


def held(endpoint: str, body: Json, before: Json, plans: Json) -> Json:
    """What is there of the plan a call changes: as its row has kept it, or else as the directory knows it.

    A base plan is replaced, whatever it is; an additional one is that of the same type.
    """
    if before or endpoint not in BASE | ADDED:
        return before
    if endpoint in BASE:
        base = plans.get("plan_base")
        return dict(base) if isinstance(base, dict) else {}
    return next((dict(plan) for plan in each_plan(plans) if plan.get("type") == body.get("type")), {})


def before_of(item: Item) -> Json:
    plans = item.account.plans if item.account and item.endpoint in BASE | ADDED else {}
    return held(item.endpoint, item.body, item.before, plans or {})


def sums(rows: Iterable[tuple[str, Json, Json, Json | None]]) -> list[Sum]:
    """What changes of plans come to; ``rows`` are (operation, body, before, the sub-account's plans)."""
    found = [Sum(kind) for _, kind in KINDS]
    for endpoint, body, before, plans in rows:
        place = 0 if endpoint in BASE else 1
        one, now = found[place], held(endpoint, body, before, plans or {}).get("hosts")
        if now is None and endpoint == "billing.add_addon" and plans:
            now = 0  # it is added to what there is
        one.number += 1
        if isinstance(now, int) and isinstance(body.get("hosts"), int):
            one.before, one.after = one.before + now, one.after + body["hosts"]
        else:
            one.unknown += 1
    return [one for one in found if one.number]


def moved(endpoint: str, body: Json, before: Json, plans: Json) -> str:
    """What of the plan that a call changes is not as it was; "" when it is, or when nothing is known of before.

    ``before``: all plans, or the one in question alone; ``plans``: all that are held now.
    """
    if not before or endpoint not in BASE | ADDED:
        return ""
    whole = "plan_base" in before or not {"type", "hosts"} & before.keys()
    was = held(endpoint, body, {}, before) if whole else before
    now = held(endpoint, body, {}, plans)
    return "; ".join(
        f"{name} was {_worded(was.get(name))} and is {_worded(now.get(name))} now"
        for name in was or now
        if not same(was.get(name), now.get(name))
    )


def _worded(value: Any) -> str:
    return "not there" if value is None else f"“{value}”"
