"""Objects of a list, made of cells that hold several entries: one column a member, one place an object."""

import re
from collections.abc import Iterable
from typing import Any

from portal.bulk.files.checks import Check, each
from portal.bulk.files.rows import Checked
from portal.ui.forms import nested

LIST = "[]"  # in the name of a column: a member of the objects in a list
UNEVEN = (
    "{here} here, and {there} in another column of the same list. Leave the place between two semicolons empty where "
    "there is nothing."
)
_ENDS = re.compile(r";[^\S\r\n]*(?:\r\n?|\n)?|\r\n?|\n")  # a semicolon and a line break after it are one end


def places(text: str) -> list[str]:
    """The entries of a cell, one a line or with semicolons between them; "" where a place is empty."""
    return [part.strip() for part in _ENDS.split(text)]


def each_place(check: Check) -> Check:
    """A check of every entry of a cell; None for an empty place."""
    return each(lambda entry: check(entry) if entry else None, split=places)


def body_of(checked: Checked, given: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The body of a call, from the values of columns; entries that do not match one another are told beside the row."""
    plain: list[tuple[str, Any]] = []
    boxes: dict[str, dict[str, list[Any]]] = {}
    for name, value in given:
        box, is_member, member = name.partition(f"{LIST}.")
        if is_member:
            boxes.setdefault(box, {})[member] = value
        else:
            plain.append((name, value))
    return nested([*plain, *((box, _objects(checked, box, columns)) for box, columns in boxes.items())])


def _objects(checked: Checked, box: str, columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    number = max(map(_filled, columns.values()))
    for member, entries in columns.items():
        if len(entries) < number:
            checked.refuse(f"{box}{LIST}.{member}", UNEVEN.format(here=_entries(len(entries)), there=number))
    rows = ([(member, entries[n]) for member, entries in columns.items() if n < len(entries)] for n in range(number))
    found = ([(member, entry) for member, entry in row if entry is not None] for row in rows)
    return [nested(row) for row in found if row]


def _filled(entries: list[Any]) -> int:
    """How many there are without the empty places at the end."""
    return max((n for n, entry in enumerate(entries, 1) if entry is not None), default=0)


def _entries(number: int) -> str:
    return "There is 1 entry" if number == 1 else f"There are {number} entries"
