"""Seats of a sub-account: how many licensed users its plan has room for, told before a call is made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.directory.models import SubAccount
from portal.directory.records import LICENSED_TYPES
from portal.ui.formats import clock
from zoomapi.spec.catalogue import BASE_PLANS

ROOMS = "zoom_rooms"  # a plan of this group has rooms, no seats for people


@dataclass(frozen=True)
class Seats:
    """As the mirror has it. ``total`` None: not known, because the sub-account pays for itself or was not read."""

    account: str
    total: int | None
    used: int
    as_of: datetime | None

    @property
    def free(self) -> int | None:
        return None if self.total is None else max(self.total - self.used, 0)

    @property
    def text(self) -> str:
        if self.total is None:
            return "How many seats there are is not known here. Zoom refuses a licensed user when none is free."
        if self.total == 0:
            return f"{self.account} has no plan with seats for people: its users can only be Basic."
        return f"{self.used:,} of {self.total:,} seats are in use, {self.free:,} free (as of {clock(self.as_of)})."

    def objection(self, user_type: Any, kind: str) -> str:
        """Why one more user of that type, called ``kind``, does not fit; empty when it does or nobody can tell."""
        if user_type not in LICENSED_TYPES or self.free is None or self.free >= 1:
            return ""
        if self.total == 0:
            return f"{self.text} Subscribe to a plan first, or choose Basic."
        return (
            f"A {kind} user needs a seat, and all {self.total:,} of {self.account} are in use (as of "
            f"{clock(self.as_of)}). Change the plan, free a seat, or choose Basic."
        )


def seats_of(account: SubAccount) -> Seats:
    """The master account itself is not limited by a plan that the portal can read."""
    used = account.seats_used or 0
    if account.is_master or account.pay_mode == "sub" or account.detail_at is None:
        return Seats(str(account), None, used, account.users_at)
    plan = BASE_PLANS.get(account.plan_type)
    total = 0 if plan is not None and plan.group == ROOMS else (account.plan_hosts or 0)
    return Seats(str(account), total, used, account.users_at)
