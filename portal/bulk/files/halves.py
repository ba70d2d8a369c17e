"""A moment in two columns of a file, as calendars write it: the day in one, the time of day in the other.

In a mapping the second has the name of our column with ``@time`` behind it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from portal.bulk.files import times
from portal.bulk.files.columns import Column
from portal.bulk.files.reader import Row
from portal.bulk.files.rows import typed
from portal.bulk.files.times import TIME_OF
from zoomapi.spec.times import LocalMoment

_WORDS = re.compile(r"\w+")


def is_timed(column: Column) -> bool:
    return isinstance(column.field, LocalMoment)


def choices(columns: Iterable[Column]) -> list[tuple[str, str]]:
    """What a column of a file may be besides: the time of day of a moment."""
    return [(column.name + TIME_OF, f"{column.label}: the time of day") for column in columns if is_timed(column)]


def lonely(taken: Mapping[str, int], columns: Iterable[Column]) -> Iterator[tuple[int, str]]:
    """Positions of times of day whose day no column holds, and what to do about it."""
    for column in columns:
        place = taken.get(column.name + TIME_OF)
        if place is not None and column.name not in taken:
            yield place, f"Choose a column for “{column.label}”, too: it holds the day."


def paired(
    rows: Iterable[Row], header: Sequence[str], columns: Iterable[Column], mapping: Mapping[str, int]
) -> tuple[dict[str, int], list[str]]:
    """Find moments that stand in two columns: what the mapping gains by it, and what a person must confirm."""
    days, clocks = _halves(rows, len(header))
    timed = [column for column in columns if is_timed(column)]
    gained: dict[str, int] = {}
    doubts = []
    for column in timed if days and clocks else ():
        place, taken = mapping.get(column.name), {*mapping.values(), *gained.values()}
        left, right = [n for n in days if n not in taken], [n for n in clocks if n not in taken]
        day: int | None
        clock: int | None
        if place in days:
            day, clock = place, _partner(place, right, header)
        elif place in clocks:
            day, clock = _partner(place, left, header), place
        elif place is None and column is timed[0] and len(left) == len(right) == 1:
            day, clock = left[0], right[0]
        else:
            continue
        if day is not None and clock is not None:
            gained |= {column.name: day, column.name + TIME_OF: clock}
            doubts.append(f"“{header[day]}” and “{header[clock]}” are read together as “{column.label}”.")
    return gained, doubts


def _halves(rows: Iterable[Row], width: int) -> tuple[list[int], list[int]]:
    """The positions of columns that hold nothing but days, and nothing but times of day."""
    kinds: dict[int, set[str]] = {}
    for row in rows:
        for position, cell in enumerate(row.cells[:width]):
            if text := typed(cell):
                kinds.setdefault(position, set()).add(times.half(text))
    days, clocks = ([n for n, found in kinds.items() if found == {half}] for half in ("day", "clock"))
    return days, clocks


def _partner(place: int, others: Sequence[int], header: Sequence[str]) -> int | None:
    """The other half: the one whose name shares most with this one's, else the one beside it; None where unclear."""
    mine = {*_WORDS.findall(header[place].casefold())}
    shared = {n: len(mine & {*_WORDS.findall(header[n].casefold())}) for n in others}
    best = [n for n in others if shared[n] == max(shared.values())]
    beside = best if len(best) == 1 else [n for n in best if abs(n - place) == 1]
    return beside[0] if len(beside) == 1 else None
