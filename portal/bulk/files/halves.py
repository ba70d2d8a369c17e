"""A moment in two columns of a file, as calendars write it: the day in one, the time of day in the other.

In a mapping the second has the name of our column with ``@time`` behind it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from portal.bulk.files import times
from portal.bulk.files.columns import Column
from portal.bulk.files.reader import Row
from portal.bulk.files.rows import typed
from portal.bulk.files.times import TIME_OF
from zoomapi.spec.times import LocalMoment, UtcMoment

MOST = 0.9  # of the filled cells; the others are errors of their rows
_WORDS = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BEGIN = frozenset({"start", "starts", "begin", "begins", "from", "beginn", "anfang", "von", "début", "inicio"})
_END = frozenset({"end", "ends", "until", "to", "finish", "ende", "bis", "fin", "due"})
_LENGTH = frozenset({"length", "duration", "minutes", "hours", "dauer", "länge", "durée", "duración"})
_DAY = frozenset({"date", "day", "when", "datum", "tag", "termin", "fecha", "día", "jour"}) | _BEGIN
_ALL_DAY = re.compile(r"all[- _]?day|ganzt|toute la journée|todo el día", re.IGNORECASE)


def is_timed(column: Column) -> bool:
    """Whether it holds a moment of whose halves files speak; in UTC nobody's calendar does."""
    return isinstance(column.field, LocalMoment) and not isinstance(column.field, UtcMoment)


def choices(columns: Iterable[Column]) -> list[tuple[str, str]]:
    """What a column of a file may be besides: the time of day of a moment."""
    return [(column.name + TIME_OF, f"{column.label}: time of day") for column in columns if is_timed(column)]


def lonely(taken: Mapping[str, int], columns: Iterable[Column]) -> Iterator[tuple[int, str]]:
    """Positions of times of day whose day no column holds, and what to do about it."""
    for column in columns:
        place = taken.get(column.name + TIME_OF)
        if place is not None and column.name not in taken:
            yield place, f"Choose a column for “{column.label}”, too: it holds the day."


def doubts(taken: Mapping[str, int], columns: Iterable[Column], header: Sequence[str]) -> list[str]:
    """What a person must confirm of the columns that are read together in a mapping."""
    pairs = [(column, taken[column.name + TIME_OF]) for column in columns if column.name + TIME_OF in taken]
    told = [
        f"“{header[taken[column.name]]}” and “{header[clock]}” are read together as “{column.label}”."
        for column, clock in pairs
        if column.name in taken
    ]
    whole = next((name for name in header if _ALL_DAY.search(name)), "") if told else ""
    return [*told, f"“{whole}” is not looked at: what lasts all day begins when its time says."] if whole else told


def paired(
    rows: Iterable[Row], header: Sequence[str], columns: Iterable[Column], mapping: Mapping[str, int]
) -> dict[str, int]:
    """What the mapping gains where moments stand in two columns."""
    timed = [column for column in columns if is_timed(column)]
    gained = {
        column.name + TIME_OF: header.index(column.name + TIME_OF)
        for column in timed
        if column.name + TIME_OF in header and column.name in mapping
    }
    days, clocks = _halves(rows, header) if timed else ([], [])
    for column in timed if days and clocks else ():
        if column.name + TIME_OF in gained:
            continue
        place, taken = mapping.get(column.name), {*mapping.values(), *gained.values()}
        left, right = [n for n in days if n not in taken], [n for n in clocks if n not in taken]
        day: int | None = None
        clock: int | None = None
        if place in days:
            day, clock = place, _partner(place, right, header)
        elif place in clocks:
            day, clock = _partner(place, left, header), place
        elif place is None and column is timed[0] and len(left) == 1 and _may_begin(header[left[0]]):
            day, clock = left[0], _partner(left[0], right, header)
        if day is not None and clock is not None:
            gained |= {column.name: day, column.name + TIME_OF: clock}
    return gained


def _halves(rows: Iterable[Row], header: Sequence[str]) -> tuple[list[int], list[int]]:
    """The positions of columns that hold days alone, and times of day alone; lengths look like these."""
    kinds: dict[int, Counter[str]] = {}
    for row in rows:
        for position, cell in enumerate(row.cells[: len(header)]):
            if text := typed(cell):
                kinds.setdefault(position, Counter())[times.half(text)] += 1
    days, clocks = (
        [n for n, found in kinds.items() if found[half] >= MOST * found.total()] for half in ("day", "clock")
    )
    return days, [n for n in clocks if not _words(header[n]) & _LENGTH]


def _partner(place: int, others: Sequence[int], header: Sequence[str]) -> int | None:
    """The other half: the one whose name shares most with this one's, else the one beside it; None where unclear."""
    mine = _words(header[place])
    shared = {n: len(mine & _words(header[n])) for n in others if not _opposed(mine, _words(header[n]))}
    best = [n for n, number in shared.items() if number == max(shared.values())]
    beside = best if len(best) == 1 and shared[best[0]] else [n for n in best if abs(n - place) == 1]
    return beside[0] if len(beside) == 1 else None


def _opposed(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether one is the beginning of something and the other its end."""
    return bool((one & _BEGIN and other & _END) or (one & _END and other & _BEGIN))


def _may_begin(name: str) -> bool:
    words = _words(name)
    return bool(words & _DAY) and not words & _END


def _words(name: str) -> frozenset[str]:
    return frozenset(_WORDS.findall(_HUMP.sub(" ", name).casefold()))
