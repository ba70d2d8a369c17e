"""Rows about users were planned against the mirror: what Zoom says of each of these users right before the write.

Many rows of one sub-account share its lists of users, each read once while a comparison counts; where there are few
rows, or more users than can be kept, each user is read alone. Only the lists tell who is active, inactive or invited.
"""

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone

from portal.bulk.batches import COMPARED, UNCOMPARED
from portal.bulk.models import Item, ItemState
from portal.bulk.reading import PAGE_SIZE, Reader
from portal.bulk.readings import Reading, Readings
from portal.bulk.recheck import GROUPS, NAMES, user_named
from portal.bulk.timing import Timing
from portal.bulk.verdicts import is_gone
from portal.directory import records
from zoomapi import spec
from zoomapi.client import errors

LIST, ONE = "users.list", "users.get"
REMOVAL = "users.delete"
BY_STATUS = frozenset({"users.update_status", REMOVAL})  # what they are about, Zoom tells by its lists only
MEMBERS = {"groups.add_members": True, "groups.delete_member": False}  # whether the user is in the group afterwards
OPERATIONS = frozenset({"users.update", *BY_STATUS, *MEMBERS})
ROWS = Q(endpoint__in=OPERATIONS) & ~Q(before={}) & ~Q(source__has_key=COMPARED) & ~Q(source__has_key=UNCOMPARED)
STATUS, MEMBER = "status", "member"
INVITED = "pending"
STATUSES = ("active", "inactive", INVITED)
AFTER = {"activate": "active", "deactivate": "inactive"}
A_LIST = 600  # rows that are written while a list counts, at the rate that Zoom permits
Json = dict[str, Any]


def concerns(operation: str, before: Mapping[str, Any], source: Mapping[str, Any]) -> bool:
    """Whether it is about a user whom the mirror described, as ROWS says. Other rows know when they were compared."""
    return operation in OPERATIONS and bool(before) and source.keys().isdisjoint((COMPARED, UNCOMPARED))


def pages(total: int) -> int:
    """How many calls it takes to list so many users, status by status, at most."""
    return max(-(-total // PAGE_SIZE), 1) + len(STATUSES) - 1


def by_list(rows: int, total: int, *, status: bool) -> bool:
    """Whether so many rows about ``total`` users are compared with their list. ``status``: one needs it in any case."""
    return total <= Readings.IN_LISTS and (status or rows >= pages(total))


def reads_of(rows: int, by_status: int, total: int) -> Counter[str]:
    """The reads that rows of one sub-account may need; ``by_status`` is how many of them are about a status."""
    lists = pages(total) * (1 + rows // A_LIST)
    if by_list(rows, total, status=False):
        return Counter({LIST: lists})
    if by_status and by_list(rows, total, status=True):
        return +Counter({LIST: lists, ONE: rows - by_status})
    return +Counter({ONE: rows})


def look(readings: Readings, reader: Reader, item: Item, timing: Timing) -> tuple[Json, Json, Json] | None:
    """(What the row wants, what was there when it was planned, what is there now); None when the user is gone.

    What the portal or Zoom does not tell is in none of the last two.
    """
    found = _found(readings, reader, item, timing)
    if found is None or item.account is None:
        return None
    row, status = found
    user = records.user_row(item.account, row, status=status, seen_at=timezone.now())  # as the mirror would keep it
    now = {name: getattr(user, name) for name in (*NAMES, "email")} | {STATUS: status or None}
    now = {name: value for name, value in now.items() if value is not None}
    if item.endpoint in MEMBERS:
        group, there = str(item.path.get("groupId", "")), item.before.get(GROUPS) or []
        return {MEMBER: MEMBERS[item.endpoint]}, {MEMBER: group in there}, {MEMBER: group in user.group_ids}
    wanted = dict(item.body)
    if item.endpoint == "users.update_status":
        wanted = {STATUS: AFTER.get(str(item.body.get("action")), "")}
    return wanted, {name: value for name, value in item.before.items() if name in now}, now


def _found(readings: Readings, reader: Reader, item: Item, timing: Timing) -> tuple[Json, str] | None:
    """The user and their status, empty when it is not told. Who is in no list, which may shift between its pages, is
    asked for by name.
    """
    name, expected = user_named(item), item.before.get(STATUS)
    order = sorted(STATUSES, key=lambda status: status != expected)
    if _may_list(readings, item, order[0], timing):
        for status in order:
            users = _listed(readings, reader, item, status, timing)
            if users is None:
                break
            if row := _named(users, name):
                return row, status
    if found := readings.of(reader, item, spec.endpoint(ONE), {"userId": name}, timing.fresh):
        return found, str(found.get(STATUS) or "")
    row = _named(_listed(readings, reader, item, INVITED, timing) or {}, name)  # some answers show these there only
    return (row, INVITED) if row else None


def _named(users: dict[str, Json], name: str) -> Json | None:
    if name in users or "@" not in name:
        return users.get(name)
    return next((row for row in users.values() if str(row.get("email")).casefold() == name.casefold()), None)


def _may_list(readings: Readings, item: Item, status: str, timing: Timing) -> bool:
    if readings.kept(_key(item, status), timing.fresh):
        return True
    total = (item.account and item.account.user_total) or 0
    if not readings.has_room(total, timing.fresh):
        return False
    if by_list(0, total, status=STATUS in item.before):
        return True
    waiting = Item.objects.filter(ROWS, job=item.job_id, account=item.account_id, state=ItemState.PENDING)
    return by_list(waiting.order_by()[: pages(total)].count(), total, status=False)


def _key(item: Item, status: str) -> tuple[Any, ...]:
    return item.job_id, item.account_id, LIST, status


def _listed(readings: Readings, reader: Reader, item: Item, status: str, timing: Timing) -> dict[str, Json] | None:
    """The users of a status by id; None when their list cannot be had in time, for as long as a comparison counts."""
    key, patience = _key(item, status), min(timing.deadline, timing.lease - timing.deadline)
    with readings.turn(key, patience) as mine:
        if kept := readings.kept(key, timing.fresh):
            found: dict[str, Json] | None = kept.found
            return found
        if not mine:
            return None
        began = time.monotonic()
        users = _read(reader, status, began + max(timing.fresh / 2, patience))
        # A list that took so long would hardly count when it is there: for now, users are read alone.
        at = time.monotonic() if users is None else began
        readings.keep(key, Reading(at, users, len(users or ())), timing.fresh)
        return users


def _read(reader: Reader, status: str, until: float) -> dict[str, Json] | None:
    users: dict[str, Json] = {}
    try:
        for row in reader.rows(LIST, {}, {STATUS: status}):
            users[str(row.get("id"))] = row
            if time.monotonic() > until or len(users) > Readings.IN_LISTS:
                return None
    except errors.Refused as error:
        if not is_gone(error):
            raise
        return None
    return users
