"""Dates with slashes: which comes first, day or month? The dates themselves may prove it; else a person says so."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from rest_framework import serializers

from portal.bulk.files.checks import Check
from portal.bulk.files.columns import Column
from portal.bulk.files.reader import Row
from portal.bulk.files.refusal import Bad
from portal.bulk.files.rows import typed
from portal.bulk.files.times import SLASHED, YEARS, clock
from zoomapi.spec.times import LocalMoment

MONTH_FIRST, DAY_FIRST = "month", "day"
ORDERS = {MONTH_FIRST: "the month first: 12/24/2026", DAY_FIRST: "the day first: 24/12/2026"}
ANY, OTHER, POINTS = "any", "other", "points"  # a date with slashes; one as 2026-12-24; one as 12.24.2026
LONGEST = 60  # characters of a date, with single blanks
POINTED = re.compile(r"\s*([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})(?![0-9.])")


@dataclass
class Seen:
    """What columns show: of each kind (any, month, day, other, points) the first text and its line; 0 is that of all
    rows.
    """

    firsts: dict[str, tuple[str, int]] = field(default_factory=dict)

    def add(self, kind: str, text: str, line: int) -> None:
        if kind not in self.firsts or line < self.firsts[kind][1]:
            self.firsts[kind] = (text, line)

    @property
    def is_full(self) -> bool:
        """Whether later rows can show nothing new."""
        return self.firsts.keys() >= {ANY, MONTH_FIRST, DAY_FIRST}

    @property
    def order(self) -> str:
        """The only order in which these dates make sense; "" where there is none, or any."""
        proven = [order for order in ORDERS if order in self.firsts]
        return proven[0] if len(proven) == 1 else ""

    @property
    def doubt(self) -> str:
        """What to look at and confirm; "" where no date leaves one."""
        return " ".join(filter(None, [self._slashes, self._points]))

    @property
    def asks(self) -> bool:
        """Whether somebody must say which number comes first."""
        return ANY in self.firsts

    @property
    def _slashes(self) -> str:
        if ANY not in self.firsts:
            return ""
        if DAY_FIRST in self.firsts and MONTH_FIRST in self.firsts:
            told = (
                f"{self._cell(DAY_FIRST)} begins with the day and {self._cell(MONTH_FIRST)} with the month. Say which "
                "is meant; rows written the other way are errors, or are read wrongly where both numbers are below 13."
            )
        elif self.order:
            told = f"{self._cell(self.order)} has the {self.order} first, so all dates with slashes are read so."
        else:
            told = f"{self._cell(ANY)} may begin with the day or with the month: say which below."
        return f"{told} {self._mixed}" if OTHER in self.firsts else told

    @property
    def _points(self) -> str:
        if POINTS not in self.firsts:
            return ""
        return (
            f"{self._cell(POINTS)} has points and the month first. Where points stand between the numbers the day is "
            "read first: such rows are errors, or are read wrongly where both numbers are below 13."
        )

    @property
    def _mixed(self) -> str:
        return (
            f"{self._cell(OTHER)} is written in another way: if a spreadsheet made it of such a text, day and month "
            "may have changed places."
        )

    def _cell(self, kind: str) -> str:
        text, line = self.firsts[kind]
        return f"“{text}” in line {line:,}" if line else f"“{text}” for all rows"

    @property
    def mark(self) -> str:
        """Tells this doubt from another one; "" where there is none."""
        return hashlib.sha256(self.doubt.encode()).hexdigest()[:16] if self.doubt else ""


class Dates:
    """Looks at every row of a file, and keeps what each of its first ``width`` columns shows, by position."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.found: dict[int, Seen] = {}

    def add(self, row: Row) -> None:
        for position, cell in enumerate(row.cells[: self.width]):
            if "/" in cell or cell.count(".") > 1:
                judge(self.found.setdefault(position, Seen()), typed(cell), row.line)
            elif cell[4:5] == "-" and cell[:4].isdecimal():
                self.found.setdefault(position, Seen()).add(OTHER, cell[:LONGEST], row.line)

    def as_dict(self) -> dict[str, dict[str, list[Any]]]:
        """As it can be kept with the job."""
        shown = {position: seen.firsts for position, seen in self.found.items() if seen.doubt}
        return {str(position): {kind: [*first] for kind, first in firsts.items()} for position, firsts in shown.items()}


def judge(seen: Seen, text: str, line: int) -> None:
    """Add what a text shows, if it is a date with slashes, or with points. What cannot be read proves nothing."""
    if (points := POINTED.match(text)) and _is_day(int(points[3]), int(points[1]), int(points[2])):
        if int(points[2]) > 12:
            seen.add(POINTS, " ".join(text[:LONGEST].split()), line)
        return
    if seen.is_full or (match := _parsed(text)) is None:
        return
    seen.add(ANY, " ".join(text.split()), line)
    try:
        clock(match[4])
    except Bad:
        return
    if len(orders := _orders(match)) == 1 and orders[0] in ORDERS:
        seen.add(orders[0], " ".join(text.split()), line)


def _parsed(text: str) -> re.Match[str] | None:
    """The numbers of a date and what follows them, with single blanks."""
    return SLASHED.fullmatch(" ".join(text.split())) if len(text) <= LONGEST else None


def _orders(match: re.Match[str]) -> list[str]:
    """The orders in which there is such a day. With two digits the year might even come first."""
    first, second, year = int(match[1]), int(match[2]), _year(match[3])
    found = [MONTH_FIRST] if _is_day(year, first, second) else []
    found += [DAY_FIRST] if _is_day(year, second, first) else []
    return found + (["year"] if len(match[3]) == 2 and _is_day(2000 + first, second, int(match[3])) else [])


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        return date(year, month, day).year in YEARS
    except ValueError:
        return False


def _year(digits: str) -> int:
    return int(digits) + 2000 if len(digits) == 2 else int(digits)


def is_date(column: Column) -> bool:
    return isinstance(column.field, LocalMoment | serializers.DateField | serializers.DateTimeField)


def seen_in(
    dates: Mapping[str, Any],
    columns: Iterable[Column],
    mapping: Mapping[str, int],
    fixed: Mapping[str, str] | None = None,
) -> Seen:
    """What all columns together show that hold dates of ours. ``dates``: see ``Dates.as_dict``; ``fixed``: values for
    all rows.
    """
    whole = Seen()
    for column in filter(is_date, columns):
        judge(whole, (fixed or {}).get(column.name, ""), 0)
        for kind, (text, line) in dates.get(str(mapping.get(column.name, "")), {}).items():
            whole.add(kind, text, line)
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
    match = _parsed(text)
    if match is None:
        return text
    first, second, year = int(match[1]), int(match[2]), _year(match[3])
    month, day = (first, second) if order == MONTH_FIRST else (second, first)
    if month > 12:
        raise Bad(f"There is no month {month}: dates with slashes are read with {ORDERS[order].partition(':')[0]}.")
    if not _is_day(year, month, day):
        raise Bad("There is no such day." if year in YEARS else f"The year {match[3]} cannot be meant.")
    return f"{year}-{month:02}-{day:02}{clock(match[4])}"


def plainly(value: str) -> str:
    """``2026-03-04T09:00:00`` as ``4 Mar 2026, 09:00``, for who has to see which number was taken for the month."""
    moment = datetime.fromisoformat(value.removesuffix("Z"))  # its zone is elsewhere
    day = f"{moment.day} {moment:%b %Y}"
    return day if len(value) == len("2026-03-04") else f"{day}, {moment:%H:%M}{' UTC' if value.endswith('Z') else ''}"
