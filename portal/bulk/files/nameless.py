"""Columns without a name, as other programs write for the number of a row: full ones are left out, and said so.

A few cells below no name are something else: what has slipped out of its column. Those are errors of their rows.
"""

from collections.abc import Sequence

from portal.bulk.files.characters import visible
from portal.bulk.files.reader import Row

MANY = 10  # rows


class Nameless:
    """Counts what stands in such columns."""

    def __init__(self, header: Sequence[str]) -> None:
        self.filled = {position: 0 for position, name in enumerate(header) if not name}
        self.firsts: dict[int, str] = {}
        self.rows = 0

    def add(self, row: Row) -> None:
        self.rows += 1
        for position in self.filled:
            cell = row.cells[position].strip() if position < len(row.cells) else ""
            if cell:
                self.filled[position] += 1
                self.firsts.setdefault(position, visible(cell)[:40])

    @property
    def full(self) -> list[int]:
        """The positions of those that hold something in most rows of a file, not in its only few."""
        return [position for position, number in self.filled.items() if number * 2 > self.rows and number >= MANY]

    @property
    def doubts(self) -> list[str]:
        return [
            f"Column {position + 1} has no name and holds something in {self.filled[position]:,} of {self.rows:,} "
            f"rows, “{self.firsts[position]}” first. It is left out, unless you say what it means."
            for position in self.full
        ]
