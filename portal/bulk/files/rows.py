"""One row of a file against its columns: clean cells, values for the calls, every problem at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.bulk.files.characters import HIDDEN, JOINERS, is_formula, name_of, tidy, visible
from portal.bulk.files.checks import Bad, Check
from portal.bulk.files.columns import Column
from portal.bulk.files.reader import Row
from portal.ui.export import restored


@dataclass(slots=True)
class Checked:
    """A row after the checks. ``problems`` and ``notes``: name of the file's column (or "") -> sentences."""

    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def refuse(self, column: str, message: str) -> None:
        self.problems.setdefault(column, []).append(message)


class RowChecker:
    """Compiled once for a mapping, then called for every row.

    ``short_ok``: cells missing at the end count as empty. The apostrophe that exports put before formulas is taken off.
    ``fixed``: checked values that hold where a row says nothing.
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
    ) -> None:
        self.fixed = dict(fixed or {})
        self.header, self.width, self.short_ok = list(header), len(header), short_ok
        self.unnamed = [
            position for position, name in enumerate(header) if not name and position not in mapping.values()
        ]
        self.plan = [
            (column.name, mapping[column.name], checks[column.name], _keeps_blanks(column), column)
            for column in columns
            if column.name in mapping
        ]
        self.required = [
            (column.name, header[mapping[column.name]] if column.name in mapping else column.label)
            for column in columns
            if column.required
        ]

    def __call__(self, row: Row) -> Checked:
        found = Checked(row, dict(self.fixed))
        if row.problem:
            found.refuse("", row.problem)
            return found
        cells = row.cells
        if len(cells) != self.width:
            cells = self._even(found, cells)
        whole = "".join(cells)
        if "'" in whole:
            cells = [restored(cell) for cell in cells]
        if self.unnamed:
            self._below_nothing(found, cells)
        self._read(found, cells, suspicious=not whole.isprintable(), trim=str.strip if whole.isascii() else tidy)
        for name, label in self.required:
            if name not in found.values and label not in found.problems and "" not in found.problems:
                found.refuse(label, "Missing.")
        return found

    def _read(self, found: Checked, cells: list[str], *, suspicious: bool, trim: Callable[[str], str]) -> None:
        values, last = found.values, len(cells)
        for name, position, check, keeps_blanks, column in self.plan:
            cell = cells[position] if position < last else ""
            if not keeps_blanks:
                cell = trim(cell)
            if not cell or (suspicious and self._hidden(found, position, cell, column)):
                continue
            if is_formula(cell):
                found.notes.append(f"{self.header[position]}: looks like a formula; it is kept as text.")
            try:
                values[name] = check(cell)
            except Bad as bad:
                found.problems.setdefault(self.header[position], []).extend(bad.messages)

    def _below_nothing(self, found: Checked, cells: list[str]) -> None:
        for position in self.unnamed:
            cell = cells[position].strip() if position < len(cells) else ""
            if cell:
                found.refuse("", f"“{visible(cell)}” stands in a column that has no name.")

    def _even(self, found: Checked, cells: list[str]) -> list[str]:
        """Tell of cells missing or left over; blank ones left over do no harm."""
        extra = cells[self.width :]
        if any(cell.strip() for cell in extra):
            surplus = visible(", ".join(extra))
            found.refuse("", f"{_cells(cells)}, but there are {self.width} columns. Too many: {surplus}.")
        elif not extra and not self.short_ok:
            missing = ", ".join(name or f"column {n}" for n, name in enumerate(self.header, 1) if n > len(cells))
            found.refuse("", f"{_cells(cells)}, but there are {self.width} columns. Missing: {missing}.")
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
