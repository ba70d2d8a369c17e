"""Rows that wait for a person: what was there before, what is there now, and what was wanted, side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portal.bulk.calls import title_of
from portal.bulk.models import Item, ItemState, Job

MOST_REVIEWS = 20
ABOVE = {"billing.update_base": "plan_base"}  # where Zoom keeps what such a call sends


@dataclass(frozen=True)
class Line:
    """One value in its three states; None where it is not there."""

    name: str
    before: Any
    now: Any
    wanted: Any

    @property
    def moved(self) -> bool:
        return bool(self.now != self.before)

    @property
    def asked(self) -> bool:
        return self.wanted is not None and bool(self.wanted != self.now)


@dataclass(frozen=True)
class Review:
    item: Item
    title: str
    lines: list[Line]


def reviews(job: Job) -> list[Review]:
    items = job.items.filter(state=ItemState.REVIEW).select_related("account").order_by("row", "step")
    return [Review(item, title_of(item), list(lines_of(item))) for item in items[:MOST_REVIEWS]]


def lines_of(item: Item) -> Iterator[Line]:
    before = item.answer.get("before", (item.baseline or {}).get("plans", item.before))
    now = item.answer.get("now", item.answer)
    place = ABOVE.get(item.endpoint)
    wanted = {place: item.body} if place else item.body
    states = [dict(leaves(state)) for state in (before, now, wanted)]
    for name in dict.fromkeys(name for state in (states[2], states[1], states[0]) for name in state):
        yield Line(name, *(state.get(name) for state in states))


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """(name in words, value) of everything in a nested object: ("Plan base, hosts", 12)."""
    if isinstance(value, list) and any(isinstance(one, Mapping | list) for one in value):
        value = {str(place): one for place, one in enumerate(value, 1)}
    if not isinstance(value, Mapping):
        yield name[:1].upper() + name[1:], value
        return
    for key, inner in value.items():
        words = str(key).replace("_", " ")
        yield from leaves(inner, f"{name}, {words}" if name else words)
