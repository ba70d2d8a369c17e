"""What a recipe gets and what it returns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from portal.bulk.calls import Request
from portal.bulk.models import Item
from portal.bulk.reading import Reader
from portal.bulk.undo.reasons import RESTORABLE
from zoomapi import spec
from zoomapi.spec.base import Endpoint

INTERNAL = 500  # from this status on Zoom has not refused, but failed
WITHIN = {"accounts.update_options": "options"}  # the member of the answer in which the values are
BAND = timedelta(seconds=2)  # clocks and rounding

CLOCK_SET = (
    "{what} exists, but Zoom's clock or this machine's was set since the request was sent, so it cannot be told whether"
    " it is older than this job."
)


class Found(StrEnum):
    APPLIED = "applied"  # our write is there
    EXISTED = "existed"  # something is there that is older than our first attempt
    ABSENT = "absent"  # our write is not there
    UNCLEAR = "unclear"  # a person must decide


@dataclass(frozen=True)
class Finding:
    """``data`` is what was read, for the directory or for the person who decides."""

    found: Found
    message: str = ""
    remote_id: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """One attempt to find out."""

    item: Item
    request: Request
    reader: Reader


Recipe = Callable[[Look], Finding]


def twin(endpoint: Endpoint) -> Endpoint | None:
    """The operation that reads what this one writes: a GET with the same path."""
    return next((other for other in spec.all_endpoints() if other.is_read and other.path == endpoint.path), None)


def shown_by(endpoint: Endpoint) -> Endpoint | None:
    """The operation that shows what this one sets, at its own address or in a list."""
    return twin(endpoint) or (spec.endpoint(RESTORABLE[endpoint.key]) if endpoint.key in RESTORABLE else None)


def not_there(look: Look, message: str = "The object is not there.") -> Finding:
    """What was to be changed is not as wanted. After a refusal that says so, too, it may have been so in between."""
    item = look.item
    if item.code is not None and item.http_status is not None and item.http_status < INTERNAL:
        told = f"{message} Zoom refused to do it again; whether an earlier attempt did it cannot be told. Please look."
        return Finding(Found.UNCLEAR, told)
    return Finding(Found.ABSENT, message)


def dotted(data: Any, name: str) -> Any:
    """The member of that dotted name, None when there is none."""
    for part in name.split("."):
        data = data.get(part) if isinstance(data, dict) else None
    return data


def same(wanted: Any, there: Any) -> bool:
    """Whether what was read holds what was sent. Numbers equal their texts; extra members do not matter."""
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(
            name in there and same(value, there[name]) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        alike = isinstance(there, list) and len(there) == len(wanted)
        return alike and all(same(a, b) for a, b in zip(wanted, there, strict=True))
    return bool(wanted == there) or str(wanted).strip().casefold() == str(there).strip().casefold()


def moment(text: Any) -> datetime | None:
    """A date-time as Zoom writes it, None when it is none. Without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def dated(look: Look, row: dict[str, Any], what: str) -> Finding:
    """Tell by its date of creation whether a thing that has our key is ours. The dates are in Zoom's clock.

    A clock that was set between the send and this look leaves two answers, and then a person must decide.
    """
    created, first = moment(row.get("created_at")), look.item.first_sent
    remote_id = str(row.get("id") or "")
    if created is None or first is None or look.reader.offset is None:
        message = f"{what} exists, but Zoom does not tell when it was created, so it may be older than this job."
        return Finding(Found.UNCLEAR, message, remote_id, row)
    offsets = [offset for offset in (look.reader.offset, look.item.clock_offset) if offset is not None]
    is_ours = {created >= first + timedelta(seconds=offset) - BAND for offset in offsets}
    if len(is_ours) > 1:
        return Finding(Found.UNCLEAR, CLOCK_SET.format(what=what), remote_id, row)
    if is_ours == {True}:
        return Finding(Found.APPLIED, f"{what} was found: the request had been carried out.", remote_id, row)
    return Finding(Found.EXISTED, f"{what} existed before. Nothing was changed.", remote_id, row)
