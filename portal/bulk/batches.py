"""Calls that carry several rows: one row has the call, the others are JOINED to it and name that row.

When Zoom refuses such a call, a single bad row may be the reason. Then its rows are divided into two calls of half the
size, and so on down to single rows: only what is refused alone has failed. The division is written in the transaction
of the refusal's outcome, by whoever holds the call, so a row is in one call at any time and in none twice.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import IntegerField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from portal.bulk.models import Item, ItemState
from portal.bulk.verdicts import ACCOUNT_GONE, Verdict

LEADER = Cast(KeyTextTransform("with", "source"), IntegerField())  # the row in whose call a JOINED one travels
# The member of the body that lists the rows, in their order. In all other operations a row has a call of its own.
LISTED = {f"{family}.update_registrants_status": "registrants" for family in ("meetings", "webinars")}
BY_A_ROW = (200, 400, 404)  # Zoom also refuses with HTTP 200 and a code
NO_PERMISSION, NO_EVENT, NO_SCOPE = 200, 3001, 4711
WHOLE = (NO_PERMISSION, ACCOUNT_GONE, NO_EVENT, NO_SCOPE)  # codes that are about the call, whichever rows are in it


@dataclass(frozen=True)
class Division:
    """``verdict`` takes the place of the refusal; ``changes`` are the first half's, the rest gets a call of its own."""

    verdict: Verdict
    changes: dict[str, Any]
    rest: list[Item]

    def write(self) -> None:
        """Within the transaction that moves the item in hand."""
        fields = ("state", "source", "message", "endpoint", "path", "query", "body", "object_key")
        Item.objects.bulk_update(self.rest, [*fields, "first_sent", "clock_offset", "checks"])


def divide(item: Item, verdict: Verdict) -> Division | None:
    """How to go on after a refusal; None when it stands. Only the holder of the item's claim may ask."""
    listed = LISTED.get(item.endpoint, "")
    refs = item.body.get(listed, [])
    if len(refs) < 2 or not _may_be_one_row(verdict, listed):
        return None
    led = Item.objects.filter(job=item.job_id, state=ItemState.JOINED, row__gt=item.row)
    others = list(led.annotate(leader=LEADER).filter(leader=item.row).order_by("row")[: len(refs) - 1])
    if len(others) != len(refs) - 1:
        return None  # one row names several people
    half = (len(refs) + 1) // 2
    first, *led_again = others[half - 1 :]
    _lead(first, item, {**item.body, listed: refs[half:]})
    for other in led_again:
        other.source = {**other.source, "with": first.row}
        other.message = f"Sent in the call of row {first.row}."
    message = f"{verdict.message} The {len(refs)} rows of this call are sent again in two smaller ones."
    again = replace(verdict, state=ItemState.PENDING, message=message, errors={}, counted=False)
    return Division(again, {"body": {**item.body, listed: refs[:half]}}, [first, *led_again])


def _may_be_one_row(verdict: Verdict, listed: str) -> bool:
    """Whether the refusal, which changed nothing, may be about some of the rows only."""
    if verdict.state != ItemState.FAILED or verdict.result != "refused":
        return False
    if verdict.status not in BY_A_ROW or verdict.code in WHOLE:
        return False
    return not verdict.errors or any(not field or field.startswith(listed) for field in verdict.errors)


def _lead(row: Item, former: Item, body: dict[str, Any]) -> None:
    """Give a joined row a call. An earlier attempt whose outcome was unclear was about this row, too."""
    row.state, row.message = ItemState.PENDING, ""
    row.source = {name: value for name, value in row.source.items() if name != "with"}
    row.endpoint, row.path, row.query, row.body = former.endpoint, former.path, former.query, body
    row.object_key, row.checks = former.object_key, former.checks
    row.first_sent, row.clock_offset = former.first_sent, former.clock_offset
