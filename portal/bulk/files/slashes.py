"""Dates with slashes: which comes first, day or month? The dates themselves may prove it; else a person says so."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from rest_framework import serializers

from portal.bulk.files.checks import Bad, Check
from portal.bulk.files.columns import Column
from portal.bulk.files.reader import Row
from zoomapi.spec.times import LocalMoment

MONTH_FIRST, DAY_FIRST = "month", "day"
ORDERS = {MONTH_FIRST: "the month first: 12/24/2026", DAY_FIRST: "the day first: 24/12/2026"}
SEARCHED = 3000  # rows
_DATE = r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})"
_CLOCK = r"(?:,?[ T]\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\s*(?:([ap])\.?m\.?)?)?"
_SLASHES = re.compile(_DATE + _CLOCK, re.IGNORECASE)


@dataclass
class Seen:
    """What the dates of one column show: one of them, and one for each order that only makes sense in that one."""

    example: str = ""
    month: str = ""
    day: str = ""

    def add(self, text: str) -> None:
        found = _SLASHES.fullmatch(text)
        if found is None:
            return
        self.example = self.example or text
        if int(found[1]) > 12:
            self.day = self.day or text
        elif int(found[2]) > 12:
            self.month = self.month or text

    @property
    def order(self) -> str:
        """The only order in which these dates make sense; "" where there is none, or any."""
        if bool(self.day) == bool(self.month):
            return ""
        return DAY_FIRST if self.day else MONTH_FIRST

    @property
    def doubt(self) -> str:
        """What to confirm; "" where no date has slashes."""
        if self.day and self.month:
            return (
                f"“{self.day}” begins with the day and “{self.month}” with the month. Say which is meant; rows written "
                "the other way are errors, or are read wrongly where both numbers are below 13."
            )
        if self.order:
            shown = self.day or self.month
            return f"“{shown}” has the {self.order} first, so all dates with slashes are read in that way."
        return f"“{self.example}” may begin with the day or with the month: say which." if self.example else ""


def is_date(column: Column) -> bool:
    return isinstance(column.field, LocalMoment | serializers.DateField | serializers.DateTimeField)


def dates_of(rows: Iterable[Row]) -> dict[str, dict[str, str]]:
    """What the first rows show, by the position of the column; as it can be kept with the job."""
    found: dict[int, Seen] = {}
    for row in islice(rows, SEARCHED):
        for position, cell in enumerate(row.cells):
            if "/" in cell:
                found.setdefault(position, Seen()).add(cell.strip())
    return {str(position): asdict(seen) for position, seen in found.items() if seen.example}


def seen_in(dates: Mapping[str, Any], columns: Iterable[Column], mapping: Mapping[str, int]) -> Seen:
    """What all columns together show that hold dates of ours."""
    whole = Seen()
    for column in filter(is_date, columns):
        seen = Seen(**dates.get(str(mapping.get(column.name, "")), {}))
        for text in filter(None, (seen.example, seen.month, seen.day)):
            whole.add(text)
    return whole


def reading(checks: Mapping[str, Check], columns: Sequence[Column], order: str) -> dict[str, Check]:
    """The same checks; those of dates read slashes in this order. Without one they refuse them."""
    dated = {column.name for column in columns if order and is_date(column)}
    return {name: _read_so(check, order) if name in dated else check for name, check in checks.items()}


def _read_so(check: Check, order: str) -> Check:
    def checked(text: str) -> Any:
        return check(in_order(text, order))

    return checked


def in_order(text: str, order: str) -> str:
    """``12/24/2026 2:30 PM`` as ``2026-12-24T14:30:00``; what is no date with slashes stays. Raises Bad."""
    found = _SLASHES.fullmatch(text)
    if found is None:
        return text
    month, day = (int(found[1]), int(found[2])) if order == MONTH_FIRST else (int(found[2]), int(found[1]))
    if month > 12:
        raise Bad(f"There is no month {month}: dates with slashes are read with {ORDERS[order].partition(':')[0]}.")
    date = f"{int(found[3]) % 100 + 2000 if len(found[3]) == 2 else found[3]}-{month:02}-{day:02}"
    if found[4] is None:
        return date
    hour, half = int(found[4]), (found[7] or "").casefold()
    if half and not 1 <= hour <= 12:
        raise Bad(f"There is no {found[4]} o'clock with AM or PM.")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{date}T{hour:02}:{found[5]}:{found[6] or '00'}"
