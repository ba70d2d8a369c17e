"""What a whole file comes to: rows by action, calls, seats against what is free, and how long it will take."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from portal.bulk import compare, recipes, user_looks
from portal.bulk.files.accounts import Account
from portal.bulk.files.plans import ACTIONS, RowPlan
from portal.ui.formats import clock
from zoomapi import spec
from zoomapi.spec.limits import HOST_WRITES
from zoomapi.spec.profiles import Profile

DAY = 86_400.0  # seconds
USER = "userId"
EFFICIENCY = 0.97  # the share of the permitted rate that bulk work reaches


class Summary:
    """Adds up plans; ``as_dict`` is what ``Job.options["summary"]`` keeps."""

    def __init__(self, accounts: Mapping[int, Account], zoom: Profile) -> None:
        self.accounts, self.zoom = accounts, zoom
        self.actions: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.reads = compare.Looks()  # before the writes, of what is compared with Zoom then
        self.rows: Counter[int] = Counter()
        self.taken: Counter[int] = Counter()
        self.given: Counter[int] = Counter()
        self.hosts: Counter[str] = Counter()
        self.notes = 0
        self.looked = 0  # rows that were compared with what Zoom says
        self.uncompared = 0  # rows that are to be compared with Zoom when all are written down

    def add(self, plan: RowPlan) -> None:
        self.actions[plan.action] += 1
        self.notes += bool(plan.checked.notes)
        self.looked += plan.looked
        for call in plan.calls:
            self.calls[call.endpoint] += 1
            self.uncompared += call.uncompared is not None
            if call.source():
                self.reads.note(call.endpoint, plan.account, call.path)
            elif plan.account is not None and user_looks.concerns(call.endpoint, call.before, {}):
                self.reads.note_user(call.endpoint, plan.account, self.accounts[plan.account].users)
            if USER in call.path and self.zoom.counts_by_host(spec.endpoint(call.endpoint)):
                self.hosts[call.path[USER]] += 1
        if plan.account is not None:
            self.rows[plan.account] += 1
            if plan.seats > 0:
                self.taken[plan.account] += plan.seats
            elif plan.seats < 0:
                self.given[plan.account] -= plan.seats

    def as_dict(self) -> dict[str, Any]:
        return {
            "actions": {action: self.actions[action] for action in ACTIONS},
            "calls": dict(self.calls),
            "reads": dict(self.reads),
            "seconds": max(seconds(self.calls + self.reads, self.zoom), self._host_days() * DAY),
            "notes": self.notes,
            "looked": self.looked,
            "accounts": len(self.rows),
            "seats": [self._seats(pk) for pk in sorted(self.taken | self.given)],
            "unmirrored": [self.accounts[pk].name for pk in sorted(self.rows) if not self.accounts[pk].mirrored],
        }

    def _host_days(self) -> int:
        """Midnights to wait for, since Zoom takes so many meetings of one host a day."""
        busiest = max(self.hosts.values(), default=0)
        return max(busiest - 1, 0) // (HOST_WRITES.per_day or 1)

    def _seats(self, pk: int) -> dict[str, Any]:
        account = self.accounts[pk]
        known = account.seats is not None and account.used is not None
        free = max((account.seats or 0) - (account.used or 0), 0) if known else None
        taken, given = self.taken[pk], self.given[pk]
        short = max(taken - given - free, 0) if free is not None else 0
        return {"account": account.name, "taken": taken, "given": given, "free": free, "short": short}


@dataclass(frozen=True)
class Dropped:
    """A call that will not be made after all: ``was`` and ``now`` are the actions of its row."""

    endpoint: str
    was: str
    now: str


def recounted(summary: Mapping[str, Any], dropped: Iterable[Dropped], zoom: Profile) -> dict[str, Any]:
    """The summary without these calls, each the only one of its row and with a read of its own before the write."""
    actions, calls, reads = (Counter(summary[name]) for name in ("actions", "calls", "reads"))
    for one in dropped:
        actions.update({one.was: -1, one.now: 1})
        calls[one.endpoint] -= 1
        reads[compare.READS[one.endpoint]] -= 1
    left = {"calls": dict(+calls), "reads": dict(+reads)}
    return {**summary, **left, "actions": dict(actions), "seconds": seconds(+calls + reads, zoom)}


def reads_before(calls: Mapping[str, int]) -> Counter[str]:
    """What the engine reads before each creation and each change of plans, so that it can be told from what was."""
    made: Counter[str] = Counter()
    for key, count in calls.items():
        for read, number in recipes.baseline_reads(spec.endpoint(key)).items():
            made[read] += number * count
    return made


def seconds(calls: Mapping[str, int], zoom: Profile) -> float:
    """How long so many calls take at the rates that Zoom permits, with the reads that the engine makes before some.

    Classes run side by side.
    """
    needed: Counter[str] = Counter()
    for key, count in (Counter(calls) + reads_before(calls)).items():
        rate = zoom.view(spec.endpoint(key)).rate
        needed[rate.name] += count * rate.period / rate.calls / EFFICIENCY  # type: ignore[assignment]  # a sum of seconds
    return max(needed.values(), default=0.0)


def forecast(duration: float, now: datetime | None = None) -> str:
    """``about 5 min, ends 14:20 CET`` in the person's time zone; with the day where it is another one."""
    end = (now or timezone.now()) + timedelta(seconds=duration)
    if duration < 60:
        text = "less than a minute"
    elif duration < 3600:
        text = f"about {round(duration / 60)} min"
    else:
        hours, minutes = divmod(round(duration / 60), 60)
        text = f"about {hours} h {minutes} min"
    return f"{text}, ends {clock(end)}"
