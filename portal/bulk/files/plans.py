"""What a row leads to: an action, the calls it needs, and what a person should see before they are made."""

from dataclasses import dataclass, field
from typing import Any

from portal.bulk.batches import COMPARED, UNCOMPARED
from portal.bulk.calls import REFERENCE
from portal.bulk.files.rows import Checked
from portal.bulk.models import Item, ItemState, Job
from portal.bulk.operations import Step, item_of
from portal.directory.models import SubAccount

ACTIONS = {
    "create": "Create",
    "update": "Update",
    "delete": "Remove",
    "unchanged": "Unchanged",
    "conflict": "Conflict",
    "error": "Error",
    "impossible": "Cannot be undone",
}
EARLIER = "earlier"  # member of Item.source: the id of what an earlier job created
FAILED = " That row has an error and will not run either: keep only the right one of the two."
FOLLOWS = REFERENCE  # the id that the row's first call brings


@dataclass(slots=True)
class Call:
    """One call to Zoom. Secret members of ``body`` are sealed when the item is made."""

    endpoint: str
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    follows: bool = False  # waits for the row's first call
    remote_key: str | None = None  # None: told by the body
    object_key: str | None = None  # None: told by account and path
    compared: str = ""  # when it was compared with what Zoom says; ``compare.stamp``
    uncompared: dict[str, Any] | None = None  # it is still to be, and this is expected to be there

    def source(self) -> dict[str, Any]:
        """What its item keeps of that."""
        if self.uncompared is not None:
            return {UNCOMPARED: self.uncompared}
        return {COMPARED: self.compared} if self.compared else {}


@dataclass(slots=True)
class RowPlan:
    """A row's verdict. ``seats`` is how many licensed seats it takes (or, below zero, gives back).

    ``looked``: whether it was compared with what Zoom says, and not with the mirror alone.
    ``leader`` is the row whose call carries this one, too; ``before`` is what was there of such a row.
    ``earlier`` is the id of what an earlier job created.
    """

    checked: Checked
    action: str = "error"
    account: int | None = None
    label: str = ""
    calls: list[Call] = field(default_factory=list)
    seats: int = 0
    looked: bool = False
    leader: int | None = None
    before: dict[str, Any] = field(default_factory=dict)
    earlier: str = ""

    def conflict(self, why: str) -> None:
        self.action = "conflict"
        self.checked.refuse("", f"{why} Nothing will be done for this row.")

    def settle(self) -> None:
        """A row with any problem plans nothing. It is a conflict where nothing else is wrong with it."""
        told = sum(map(len, self.checked.problems.values()))
        if told:
            self.action = "conflict" if self.action == "conflict" and told == 1 else "error"
            self.calls, self.seats, self.leader = [], 0, None

    def items(self, job: Job, account: SubAccount | None, cells: list[str]) -> list[Item]:
        """Unsaved items, the first one carrying the row itself. A row without calls has one that is never sent."""
        row = self.checked.row
        base: dict[str, Any] = {
            "row": row.number,
            "line": row.line,
            "account": account,
            "label": self.label,
            "action": self.action,
        }
        source: dict[str, Any] = {"cells": cells}
        source |= {"with": self.leader} if self.leader is not None else {}
        source |= {EARLIER: self.earlier} if self.earlier else {}
        source |= {"misshapen": True} if self.checked.misshapen else {}
        first: dict[str, Any] = {"errors": self.checked.problems, "message": self.message()}
        if not self.calls:
            return [item_of(job, Step(**base, **first, source=source, before=self.before, state=self._state()), [])]
        steps = [
            Step(
                **base,
                **(first if number == 0 else {}),
                step=number,
                source=({} if number else source) | call.source(),
                endpoint=call.endpoint,
                path=call.path,
                query=call.query,
                body=call.body,
                before=call.before,
                remote_key=call.remote_key,
                object_key=call.object_key,
            )
            for number, call in enumerate(self.calls)
        ]
        return [item_of(job, step, []) for step in steps]

    def _state(self) -> ItemState:
        if self.leader is not None:
            return ItemState.JOINED
        return ItemState.SKIPPED if self.action == "unchanged" else ItemState.INVALID

    def message(self) -> str:
        if self.leader is not None:
            return f"Sent in the call of row {self.leader}."
        if self.action == "unchanged" and not self.checked.notes:
            return "Already as the file says."
        if self.checked.problems:
            parts = (
                f"{name}: {text}" if name else text for name, all_ in self.checked.problems.items() for text in all_
            )
            return " ".join(parts)
        return " ".join(self.checked.notes)


class Keys:
    """Which row of a file has a key first. Only that one can run: which of two is right is for a person to say."""

    def __init__(self) -> None:
        self._first: dict[Any, int] = {}
        self._failed: set[int] = set()  # lines

    def first_time(self, plan: RowPlan, key: Any, what: str, advice: str = "") -> int:
        """The line of the first row with this key. That of another row is a problem, which is told."""
        line = plan.checked.row.line
        first = self._first.setdefault(key, line)
        if first != line:
            more = FAILED if first in self._failed else advice
            plan.checked.refuse("", f"{what} in line {first} already.{more}")
        return first

    def settle(self, plan: RowPlan) -> None:
        """To be called when all is told about a row, before the next one."""
        plan.settle()
        if plan.checked.problems:
            self._failed.add(plan.checked.row.line)
