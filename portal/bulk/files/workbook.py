"""XLSX workbooks: one sheet becomes a CSV text beside the workbook, row by row, and is then read like any other file.

A workbook is a ZIP archive of XML, so what it says about itself is not believed: its size unpacked, its number of
parts and its width are limited, and a part with a document type (the way to XML bombs and foreign files) is refused.
"""

import csv
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from portal.bulk.files.refusal import FileRefused

SUFFIX = ".xlsx"
MOST_PARTS = 2000
MOST_BYTES = 300 * 1024 * 1024  # of all parts, unpacked
MOST_STRINGS = 64 * 1024 * 1024  # of the table of texts, which is held in memory
MOST_RATIO = 200  # of the unpacked size to the packed one, from which on it is a bomb
MOST_COLUMNS = 500
MOST_ROWS = 1_048_576
HEAD = 64 * 1024
NAMED = 5
ADVICE = "Nothing was stored. Save the sheet as CSV (best: “CSV UTF-8”) and send that."


@dataclass
class Taken:
    """What was taken from a workbook."""

    sheet: str
    sheets: tuple[str, ...]
    formulas: list[str] = field(default_factory=list)
    empty_formulas: list[str] = field(default_factory=list)
    counted: int = 0

    @property
    def doubts(self) -> list[str]:
        found = []
        if len(self.sheets) > 1:
            found.append(f"The workbook has {len(self.sheets)} sheets; “{self.sheet}” is read. Choose another below.")
        if self.counted:
            where = ", ".join(self.formulas[:NAMED]) + (" …" if self.counted > NAMED else "")
            found.append(f"{self.counted:,} cells are formulas ({where}). Their last saved results are taken.")
        if self.empty_formulas:
            where = ", ".join(self.empty_formulas[:NAMED])
            found.append(f"Formulas without a saved result count as empty cells: {where}. Open and save the workbook.")
        return found


def text_of(stored: Path) -> Path:
    """Where the text of a stored workbook lies."""
    return stored.with_name(f"{stored.name}.sheet")


def start_of(stored: Path) -> str:
    """The first rows of the text, enough to see how it begins."""
    with text_of(stored).open(encoding="utf-8", newline="") as file:
        return file.read(HEAD)


def take(stored: Path, sheet: str = "") -> Taken:
    """Write the text of a sheet; FileRefused when the workbook cannot be used. ``sheet`` "" means the first."""
    look_inside(stored)
    target = text_of(stored)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which do not matter here
            taken = _write(stored, target, sheet)
    except FileRefused:
        target.unlink(missing_ok=True)
        raise
    except Exception as error:  # a broken workbook breaks its reader in any way
        target.unlink(missing_ok=True)
        raise FileRefused(f"The workbook cannot be read: it is damaged or protected. {ADVICE}") from error
    target.chmod(0o600)
    return taken


def look_inside(stored: Path) -> None:
    """Refuse what is no workbook or could not be unpacked safely."""
    try:
        with zipfile.ZipFile(stored) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
                raise FileRefused(f"This is an archive, but no XLSX workbook, whatever its name says. {ADVICE}")
            _sizes(parts)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as file:
                        _plain_xml(file.read(HEAD))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise FileRefused(f"This is no XLSX workbook, or it is damaged or protected. {ADVICE}") from error


def _sizes(parts: list[zipfile.ZipInfo]) -> None:
    total, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    strings = max((part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml")), default=0)
    bomb = total > max(packed, 1) * MOST_RATIO and total > 10 * 1024 * 1024
    if len(parts) > MOST_PARTS or total > MOST_BYTES or strings > MOST_STRINGS or bomb:
        raise FileRefused(
            f"Unpacked, the workbook would take {total // 1024 // 1024:,} MB, which is more than it may. {ADVICE}"
        )


def _plain_xml(head: bytes) -> None:
    upper = head.upper()
    if b"<!DOCTYPE" in upper or b"<!ENTITY" in upper or b"\x00" in head:
        raise FileRefused(f"The workbook holds XML that workbooks do not have. {ADVICE}")


def _write(stored: Path, target: Path, sheet: str) -> Taken:
    with stored.open("rb") as first, stored.open("rb") as second:  # by their content; the name is ours
        values = openpyxl.load_workbook(first, read_only=True, data_only=True, keep_links=False)
        marks = openpyxl.load_workbook(second, read_only=True, data_only=False, keep_links=False)
        names = tuple(one.title for one in values.worksheets)
        if not names:
            raise FileRefused(f"The workbook has no sheet with cells. {ADVICE}")
        chosen = sheet if sheet in names else names[0]
        taken = Taken(chosen, names)
        with target.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(_rows(values[chosen], marks[chosen], taken))
    return taken


def _rows(values: Any, marks: Any, taken: Taken) -> Iterator[list[str]]:
    """Rows as texts, all as wide as the first one that has something in it (the header), or wider."""
    for one in (values, marks):
        one.reset_dimensions()  # what the sheet says about its size may be wrong
    width = 0
    limits = {"max_col": MOST_COLUMNS + 1, "max_row": MOST_ROWS}
    pairs = zip(values.iter_rows(**limits), marks.iter_rows(**limits), strict=True)
    for number, (cells, formulas) in enumerate(pairs, 1):
        row = [_text(cell) for cell in cells]
        _mark(number, row, formulas, taken)
        while row and not row[-1]:
            row.pop()
        if len(row) > MOST_COLUMNS:
            raise FileRefused(f"Row {number:,} has more than {MOST_COLUMNS} columns. {ADVICE}")
        width = width or len(row)
        yield row + [""] * (width - len(row))


def _mark(number: int, row: list[str], cells: Any, taken: Taken) -> None:
    for position, cell in enumerate(cells):
        if getattr(cell, "data_type", "") == "f":
            taken.counted += 1
            place = f"{get_column_letter(position + 1)}{number}"
            if len(taken.formulas) < NAMED:
                taken.formulas.append(place)
            if not row[position] and len(taken.empty_formulas) < NAMED:
                taken.empty_formulas.append(place)


def _text(cell: Any) -> str:
    """A cell as a person reads it: whole numbers without a point, padded ones with their zeros, dates as ISO 8601."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format or ""))
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.date().isoformat() if midnight else value.isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _number(value: float, number_format: str) -> str:
    whole = isinstance(value, int) or value.is_integer()
    if whole and abs(value) < 1e15:
        text = str(int(value))
        padded = number_format.strip('"') if set(number_format) == {"0"} else ""
        return text.zfill(len(padded))
    return repr(value)
