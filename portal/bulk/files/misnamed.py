"""Columns of a file whose name fits one of ours and whose cells do not: Okta's ``userType`` is no licence.

Only columns with a list of possible values that a row may lack are looked at, and only where not one of several cells
is among them.
"""

from collections.abc import Iterable, Mapping

from rest_framework import serializers

from portal.bulk.files.characters import visible
from portal.bulk.files.checks import Check
from portal.bulk.files.columns import Column, plain
from portal.bulk.files.reader import Row
from portal.bulk.files.refusal import Bad
from portal.bulk.files.rows import typed

ENOUGH = 3  # cells


def misnamed(
    rows: Iterable[Row],
    header: list[str],
    columns: Iterable[Column],
    checks: Mapping[str, Check],
    mapping: dict[str, int],
) -> dict[str, str]:
    """Why each of these columns, by our name for it, is not taken as that."""
    looked_at = {
        column.name: column
        for column in columns
        if column.name in mapping
        and not column.required
        and isinstance(column.field, serializers.ChoiceField)
        and plain(column.name) != plain(header[mapping[column.name]])
    }
    cells: dict[str, list[str]] = {name: [] for name in looked_at}
    for row in rows:
        for name, found in cells.items():
            place = mapping[name]
            if place < len(row.cells) and (text := typed(row.cells[place])):
                found.append(text)
    return {
        name: f"“{header[mapping[name]]}” is not taken as “{looked_at[name].label}”: “{visible(found[0])[:40]}” and "
        "the others are none of its values. It is left out, unless you say what it means."
        for name, found in cells.items()
        if len(found) >= ENOUGH and not any(_passes(checks[name], text) for text in found)
    }


def _passes(check: Check, text: str) -> bool:
    try:
        check(text)
    except Bad:
        return False
    return True
