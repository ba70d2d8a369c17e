"""Calls that carry several rows: one row has the call, the others are JOINED to it and name that row.

When Zoom refuses such a call, a single bad row may be the reason. Then its rows are divided into two calls of half the
size, and so on down to single rows: only what is refused alone has failed. The division is written in the transaction
of the refusal's outcome, by whoever holds the call, so a row is in one call at any time and in none twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import IntegerField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from portal.bulk.models import Item, ItemState
from portal.bulk.storage import now
from portal.bulk.verdicts import ACCOUNT_GONE, Verdict

LEADER = Cast(KeyTextTransform("with", "source"), IntegerField())  # the row in whose call a JOINED one travels
# The member of the body that lists the rows, in their order. In all other operations a row has a call of its own.
LISTED = {f"{family}.update_registrants_status": "registrants" for family in ("meetings", "webinars")}
BY_A_ROW = (200, 400, 404)  # Zoom also refuses with HTTP 200 and a code
NO_PERMISSION, NO_EVENT, NO_SCOPE = 200, 3001, 4711
WHOLE = (NO_PERMISSION, ACCOUNT_GONE, NO_EVENT, NO_SCOPE)  # codes that are about the call, whichever rows are in it
COMPARED = "compared"  # member of Item.source: when a row, and those in its call, were compared with what Zoom says
UNCOMPARED = "uncompared"  # ... or that it is still to be, and what else its file expects there: see ``first_look``


@dataclass(frozen=True)
class Division:
    """``verdict`` takes the place of the refusal; ``changes`` are the first half's, the rest gets a call of its own."""

    verdict: Verdict
    changes: dict[str, Any]
    rest: list[Item]

    def write(self) -> None:
        """Within the transaction that moves the item in hand."""
        fields = ("state", "source", "message", "endpoint", "path", "query", "body", "object_key")
        Item.objects.bulk_update(self.rest, [*fields, "first_sent", "clock_offset", "checks", "ended_at"])


def divide(item: Item, verdict: Verdict) -> Division | None:
    """How to go on after a refusal; None when it stands. Only the holder of the item's claim may ask."""
    listed = LISTED.get(item.endpoint, "")
    refs = item.body.get(listed, [])
    if len(refs) < 2 or not _may_be_one_row(verdict, listed):
        return None
    rows = rows_of(item)
    if rows is None:
        return None
    half = (len(refs) + 1) // 2
    second = rows[half:]
    _lead(second, item, {**item.body, listed: refs[half:]})
    message = f"{verdict.message} The {len(refs)} rows of this call are sent again in two smaller ones."
    again = replace(verdict, state=ItemState.PENDING, message=message, errors={}, counted=False)
    return Division(again, {"body": {**item.body, listed: refs[:half]}}, second)


def rows_of(item: Item) -> list[Item] | None:
    """The rows of a call in the order of its list, the one in hand first; None when one row names several people."""
    number = len(item.body.get(LISTED[item.endpoint], []))
    led = Item.objects.filter(job=item.job_id, state=ItemState.JOINED, row__gt=item.row)
    rows = [item, *led.annotate(leader=LEADER).filter(leader=item.row).order_by("row")[: max(number - 1, 0)]]
    return rows if len(rows) == number else None


def leave_out(item: Item, rows: list[Item], why: Mapping[int, str], compared: str) -> Division:
    """How to go on without the rows at some places of a call, for these reasons; nothing of it was sent.

    ``compared``: when this was found out. Where the row in hand is left out, the next one that stays has the call.
    """
    listed = LISTED[item.endpoint]
    stay = [place for place in range(len(rows)) if place not in why]
    body = {**item.body, listed: [item.body[listed][place] for place in stay]}
    source = {**item.source, COMPARED: compared}
    changed = [rows[place] for place in why if place]
    for row, text in zip(changed, (why[place] for place in why if place), strict=True):
        row.state, row.message, row.ended_at = ItemState.SKIPPED, text[:500], now()
    if 0 in why:
        if stay:
            changed += _lead([rows[place] for place in stay], item, body, compared)
        return Division(Verdict(ItemState.SKIPPED, "skipped", why[0]), {}, changed)
    told = f"Left out, since they changed after the check: rows {', '.join(str(row.row) for row in changed)}."
    return Division(Verdict(ItemState.PENDING, "shortened", told), {"body": body, "source": source}, changed)


def _may_be_one_row(verdict: Verdict, listed: str) -> bool:
    """Whether the refusal, which changed nothing, may be about some of the rows only."""
    if verdict.state != ItemState.FAILED or verdict.result != "refused":
        return False
    if verdict.status not in BY_A_ROW or verdict.code in WHOLE:
        return False
    return not verdict.errors or any(not field or field.startswith(listed) for field in verdict.errors)


def _lead(rows: list[Item], former: Item, body: dict[str, Any], compared: str = "") -> list[Item]:
    """Give joined rows a call, which the first has. An earlier attempt whose outcome was unclear was about it, too."""
    row, *others = rows
    row.state, row.message = ItemState.PENDING, ""
    row.source = {name: value for name, value in row.source.items() if name != "with"}
    if compared := compared or former.source.get(COMPARED, ""):
        row.source[COMPARED] = compared
    row.endpoint, row.path, row.query, row.body = former.endpoint, former.path, former.query, body
    row.object_key, row.checks = former.object_key, former.checks
    row.first_sent, row.clock_offset = former.first_sent, former.clock_offset
    for other in others:
        other.source = {**other.source, "with": row.row}
        other.message = f"Sent in the call of row {row.row}."
    return rows
