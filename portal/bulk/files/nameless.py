"""Columns without a name, as other programs write for the number of a row: full ones are left out, and said so.

They are full: most of many rows have something there, or every row a number greater than that of the row before. A few
cells below no name are something else: what has slipped out of its column. Those are errors of their rows.
"""

import math
from collections.abc import Sequence

from portal.bulk.files.characters import visible
from portal.bulk.files.reader import Row

MANY = 10  # rows
LONGEST = 12  # digits


class Nameless:
    """Counts what stands in such columns."""

    def __init__(self, header: Sequence[str]) -> None:
        self.filled = {position: 0 for position, name in enumerate(header) if not name}
        self.firsts: dict[int, str] = {}
        # The latest one, as long as they rise; infinity afterwards.
        self.numbers: dict[int, float] = dict.fromkeys(self.filled, -1)
        self.rows = 0

    def add(self, row: Row) -> None:
        self.rows += 1
        for position in self.filled:
            cell = row.cells[position].strip() if position < len(row.cells) else ""
            if cell:
                self.filled[position] += 1
                self.firsts.setdefault(position, visible(cell)[:40])
            number = int(cell) if cell.isascii() and cell.isdigit() and len(cell) < LONGEST else -1
            self.numbers[position] = number if number > self.numbers[position] else math.inf

    @property
    def full(self) -> list[int]:
        """The positions of those that are full."""
        return [position for position, number in self.filled.items() if self._is_full(position, number)]

    def _is_full(self, position: int, filled: int) -> bool:
        many = filled * 2 > self.rows and filled >= MANY
        return many or (filled > 0 and self.numbers[position] < math.inf)

    @property
    def doubts(self) -> list[str]:
        return [
            f"Column {position + 1} has no name and holds something in {self.filled[position]:,} of {self.rows:,} "
            f"rows, “{self.firsts[position]}” first. It is left out, unless you say what it means."
            for position in self.full
        ]
