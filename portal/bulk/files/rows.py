"""One row of a file against its columns: clean cells, values for the calls, every problem at once."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.bulk.files.characters import HIDDEN, JOINERS, is_formula, name_of, tidy, visible
from portal.bulk.files.checks import Check, several, spoilt
from portal.bulk.files.columns import Column
from portal.bulk.files.judging import Partial
from portal.bulk.files.reader import Row
from portal.bulk.files.refusal import Bad
from portal.bulk.files.secret_cells import secret_places
from portal.bulk.files.times import TIME_OF, clock, joined
from portal.ui.export import restored

SHOWN = 200  # characters of what is left over
_AS_TEXT = re.compile(r'="([^"=]*)"')  # how some programs keep a spreadsheet from taking zeros off


@dataclass(slots=True)
class Checked:
    """A row after the checks. ``problems`` and ``notes``: name of the file's column (or "") -> sentences.

    ``values`` are ``Partial`` where cells were refused.
    """

    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    misshapen: bool = False  # its cells cannot be told apart, or are too many or too few for the columns

    def misfit(self, why: str) -> None:
        self.misshapen = True
        self.refuse("", why)

    def refuse(self, column: str, message: str) -> None:
        self.problems.setdefault(column, []).append(message)

    @property
    def refused(self) -> frozenset[str]:
        """Names of our columns whose cells cannot be used, or are missing though they are needed."""
        return self.values.refused if isinstance(self.values, Partial) else frozenset()

    def given(self, name: str, default: Any = "") -> Any:
        """What a cell says, and the default where it was refused: for what is right whatever was meant there."""
        return dict.get(self.values, name, default)

    def says(self, name: str) -> bool:
        """Whether there is something in that cell, be it usable or not."""
        return name in self.refused or name in self.values

    def renamed(self, titles: Mapping[str, str]) -> None:
        """Put problems next to the file's own columns: planners know only ours."""
        if not self.problems.keys().isdisjoint(titles):
            before, self.problems = self.problems, {}
            for name, texts in before.items():
                self.problems.setdefault(titles.get(name, name), []).extend(texts)


def typed(cell: str) -> str:
    """A cell as a person has typed it: without what exports and other programs put around it."""
    text = restored(cell).strip()
    as_text = _AS_TEXT.fullmatch(text)
    return as_text[1].strip() if as_text else text


class RowChecker:
    """Compiled once for a mapping, then called for every row.

    ``short_ok``: cells missing at the end count as empty. The apostrophe that exports put before formulas is taken off.
    ``fixed``: checked values that hold where a row says nothing. ``told``: of these columns a note says how a cell
    with that sign in it was read. ``ignored``: columns without a name that are left out whatever they hold.
    ``secret``: where cells stand that are not told; of a row whose cells have moved none is, since each of them may be
    one of these.
    """

    def __init__(
        self,
        columns: Iterable[Column],
        checks: Mapping[str, Check],
        mapping: Mapping[str, int],
        header: Sequence[str],
        *,
        short_ok: bool = False,
        fixed: Mapping[str, Any] | None = None,
        told: Mapping[str, tuple[str, Callable[[Any], str]]] | None = None,
        ignored: Collection[int] = (),
    ) -> None:
        columns = list(columns)
        self.secret = secret_places(columns, mapping, header)
        self.told = told or {}
        self.fixed = dict(fixed or {})
        self.header, self.width, self.short_ok = list(header), len(header), short_ok
        used = {*mapping.values(), *ignored}
        self.unnamed = [n for n, name in enumerate(header) if not name and n not in used]
        # A separator at the end of the first line alone makes a column that no row needs to have.
        needless = {*self.unnamed, *ignored}
        self.last_named = max((n for n in range(1, self.width + 1) if n - 1 not in needless), default=0)
        self.plan = [
            (column.name, mapping[column.name], checks[column.name], _keeps_blanks(column), column)
            for column in columns
            if column.name in mapping
        ]
        self.clocks = {name: mapping[name + TIME_OF] for name in mapping if name + TIME_OF in mapping}
        self.required = [
            (column.name, header[mapping[column.name]] if column.name in mapping else column.label)
            for column in columns
            if column.required
        ]
        self.needed = frozenset(name for name, _ in self.required)

    def __call__(self, row: Row) -> Checked:
        found = Checked(row, dict(self.fixed))
        if row.problem:
            found.misfit(row.problem)
            return found
        cells = self._fitting(found, row)
        if found.misshapen and self.secret:
            return found
        whole = "".join(cells)
        if '="' in whole:
            cells = self._as_text(found, cells)
        if "'" in whole:
            cells = [restored(cell) for cell in cells]
        if self.unnamed:
            self._below_nothing(found, cells)
        if "#" in whole or "E+" in whole or "e+" in whole:
            cells = self._spoilt(found, cells)
        self._read(found, cells, suspicious=not whole.isprintable(), trim=str.strip if whole.isascii() else tidy)
        if found.problems or not self.needed <= found.values.keys():
            self._withhold(found)
        return found

    def _withhold(self, found: Checked) -> None:
        """Tell what is missing. That, and the cells about which something was told, are values nobody can rely on."""
        for name, label in self.required:
            if name not in found.values and label not in found.problems and "" not in found.problems:
                found.refuse(label, "Missing.")
        refused = {name for name, position, *_ in self.plan if self.header[position] in found.problems}
        refused |= {name for name, position in self.clocks.items() if self.header[position] in found.problems}
        found.values = Partial(found.values, refused | (self.needed - found.values.keys()))

    def _read(self, found: Checked, cells: list[str], *, suspicious: bool, trim: Callable[[str], str]) -> None:
        values, last = found.values, len(cells)
        for name, position, check, keeps_blanks, column in self.plan:
            cell = cells[position] if position < last else ""
            if not keeps_blanks:
                cell = trim(cell)
            if name in self.clocks:
                cell = self._whole(found, cell, self.header[position], self.clocks[name], cells, trim)
            if not cell or (suspicious and self._hidden(found, position, cell, column)):
                continue
            if any(map(is_formula, several(cell) if "[]" in name else (cell,))):
                found.notes.append(f"{self.header[position]}: looks like a formula; it is kept as text.")
            try:
                values[name] = check(cell)
                if name in self.told and self.told[name][0] in cell:
                    read = self.told[name][1](values[name])
                    found.notes.append(f"{self.header[position]}: “{cell}” is read as {read}.")
            except Bad as bad:
                found.problems.setdefault(self.header[position], []).extend(bad.messages)

    def _whole(
        self, found: Checked, day: str, named: str, place: int, cells: list[str], trim: Callable[[str], str]
    ) -> str:
        """The moment whose day is given; nothing where one of its halves cannot be used, which is told beside it."""
        time = trim(cells[place]) if place < len(cells) else ""
        if time:
            try:
                clock(f" {' '.join(time.split())}")
            except Bad as bad:
                found.refuse(self.header[place], str(bad))
        told = found.problems.keys() & {named, self.header[place]}
        return "" if told else joined(day, time)

    def _as_text(self, found: Checked, cells: list[str]) -> list[str]:
        """Take ``="0123"`` for the text it stands for. Our own exports hide such a cell behind an apostrophe."""
        plain = [match[1] if (match := _AS_TEXT.fullmatch(cell.strip())) else cell for cell in cells]
        for name, before, after in zip(self.header, cells, plain, strict=False):
            if before is not after:
                found.notes.append(f"{name}: written as a formula for a text; the text is taken.")
        return plain

    def _spoilt(self, found: Checked, cells: list[str]) -> list[str]:
        """Tell of cells that a spreadsheet spoilt, and take them out: nothing else can be said about them."""
        cells = list(cells)
        for position in (*(position for _, position, _, _, _ in self.plan), *self.clocks.values()):
            if position < len(cells) and (why := spoilt(cells[position].strip())):
                found.refuse(self.header[position], why)
                cells[position] = ""
        return cells

    def _below_nothing(self, found: Checked, cells: list[str]) -> None:
        for position in self.unnamed:
            cell = cells[position].strip() if position < len(cells) else ""
            if cell:
                found.refuse("", f"“{visible(cell)}” stands in a column that has no name. Name it, or delete it.")

    def _fitting(self, found: Checked, row: Row) -> list[str]:
        """As many cells as there are columns. Tells of what does not fit them."""
        if row.doubt:
            found.misfit(row.doubt)
        return row.cells if len(row.cells) == self.width else self._even(found, row.cells)

    def _even(self, found: Checked, cells: list[str]) -> list[str]:
        """Tell of cells missing or left over; blank ones left over do no harm."""
        extra = cells[self.width :]
        if any(cell.strip() for cell in extra):
            surplus = visible(", ".join(cell for cell in extra if cell.strip())[:SHOWN])
            named = "" if self.secret else f" Too many: {surplus}."
            found.misfit(f"{_cells(cells)}, but there are {self.width} columns.{named}")
        elif not extra and not self.short_ok and len(cells) < self.last_named:
            wanted = enumerate(self.header[: self.last_named], 1)
            missing = ", ".join(name or f"column {n}" for n, name in wanted if n > len(cells))
            found.misfit(f"{_cells(cells)}, but there are {self.width} columns. Missing: {missing}.")
        return cells[: self.width]

    def _hidden(self, found: Checked, position: int, cell: str, column: Column) -> bool:
        header = self.header[position]
        hidden = HIDDEN.search(cell)
        if hidden:
            found.refuse(header, f"Contains a hidden character: {name_of(hidden.group())}. Delete it.")
            return True
        if JOINERS.search(cell) and column.name.endswith("email"):
            found.refuse(header, "Contains a hidden character that joins letters. Delete it.")
            return True
        if "\n" in cell or "\r" in cell or "\t" in cell:
            found.notes.append(f"{header}: contains a line break or a tab, which is kept.")
        return False


def _cells(cells: list[str]) -> str:
    return "1 cell" if len(cells) == 1 else f"{len(cells)} cells"


def _keeps_blanks(column: Column) -> bool:
    return not getattr(column.field, "trim_whitespace", True)
