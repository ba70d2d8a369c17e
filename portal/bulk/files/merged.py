"""Merged cells of a sheet: only the first one of a range has its value, so rows of the table may lack theirs."""

import heapq
import re
from collections.abc import Mapping
from typing import Any

KEPT = 20
NAMED = 2
_RANGE = re.compile("[A-Z]+([0-9]+):[A-Z]+([0-9]+)")


class Merged:
    """Counts the ranges, and keeps those that reach lowest: wherever the table is said to begin, they tell whether any
    reaches into its rows.
    """

    def __init__(self) -> None:
        self.count = 0
        self.lowest: list[tuple[int, int, str]] = []  # last row, first row, name

    def add(self, reference: str) -> None:
        """Take a range, like B2:B4. ValueError when it is none."""
        first, _, last = reference.partition(":")
        if last in ("", first):
            return  # a cell alone hides nothing
        rows = _RANGE.fullmatch(reference)
        if not rows:
            raise ValueError("no range of cells")
        self.count += 1
        top, bottom = sorted(map(int, rows.groups()))
        keep = heapq.heappush if len(self.lowest) < KEPT else heapq.heappushpop
        keep(self.lowest, (bottom, top, reference))

    def as_dict(self) -> dict[str, Any]:
        return {"count": self.count, "lowest": sorted(self.lowest)}


def doubts(merged: Mapping[str, Any], first_row: int) -> list[str]:
    """What is to be looked at when the first row of data is ``first_row`` of the sheet."""
    lowest = merged.get("lowest", [])
    found = [name for _, name in sorted((top, name) for bottom, top, name in lowest if bottom >= first_row)]
    if not found:
        return []
    if len(found) == len(lowest) < merged["count"]:  # nobody counted how many of the others are below as well
        where = f"{', '.join(found[:NAMED])} and many more"
    elif len(found) > NAMED:
        where = f"{', '.join(found[:NAMED])} and {len(found) - NAMED} more"
    else:
        where = " and ".join(found)
    return [
        (
            f"{where} are merged cells: only the first of them has the value, the others count as empty. Split them in "
            "the workbook and fill each cell, or go on if it is meant so."
        )
    ]
