"""Rows that wait for a person: what was there before, what is there now, and what was wanted, side by side."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from portal.bulk.calls import title_of
from portal.bulk.models import Item, ItemState, Job
from portal.bulk.recipes.base import same
from portal.ui.paging import KeysetPage
from zoomapi import spec

AT_ONCE = 20
AFTER, BEFORE = "review_after", "review_before"  # the list of all rows, on the same page, has places of its own
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
        return self.wanted is not None and not same(self.wanted, self.now)


@dataclass(frozen=True)
class Review:
    item: Item
    title: str
    lines: list[Line]

    @classmethod
    def of(cls, item: Item) -> "Review":
        return cls(item, title_of(item), list(lines_of(item)))

    @property
    def others(self) -> list[Line]:
        """Values that Zoom showed otherwise than they were wanted."""
        return [line for line in self.lines if line.asked and line.now is not None]

    @property
    def still_there(self) -> bool:
        """Whether Zoom showed what was to be removed."""
        return bool(self.item.answer and self.item.endpoint) and spec.endpoint(self.item.endpoint).method == "DELETE"

    @property
    def against(self) -> bool:
        """Whether what Zoom showed speaks against its having been carried out."""
        return self.still_there or bool(self.others)


@dataclass
class Question:
    """Rows that wait for the same: the same operation, and the same was found."""

    operation: str
    finding: str
    keys: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        return hashlib.sha256(f"{self.operation}\x1f{self.finding}".encode()).hexdigest()[:16]


class ReviewPage(KeysetPage):
    """Some of the rows that wait. Its places have names of their own in the address."""

    def __init__(self, rows: QuerySet[Item], params: QueryDict) -> None:
        self.address = params
        places = {"after": params.get(AFTER, ""), "before": params.get(BEFORE, "")}
        super().__init__(rows.select_related("account"), sort=("row", "step"), params=places, sizes=(AT_ONCE,))

    def link(self, **changes: str) -> str:
        kept = self.address.copy()
        for name in (AFTER, BEFORE):
            kept.pop(name, None)
        kept.update({f"review_{name}": value for name, value in changes.items()})
        return f"?{kept.urlencode()}#reviews"

    @property
    def reviews(self) -> list[Review]:
        return [Review.of(item) for item in self.rows]


def waiting(job: Job) -> QuerySet[Item]:
    """The job's rows about which a person must decide."""
    return job.items.filter(state=ItemState.REVIEW)


def questions(job: Job) -> list[Question]:
    """What the rows wait for, in the order of their first rows."""
    found: dict[tuple[str, str], Question] = {}
    for item in waiting(job).only("job", "endpoint", "query", "message").order_by("row", "step"):
        asked = (title_of(item), item.message)
        found.setdefault(asked, Question(*asked)).keys.append(item.pk)
    return list(found.values())


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
