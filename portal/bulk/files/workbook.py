"""XLSX workbooks: one sheet becomes a CSV text beside the workbook, row by row, and is then read like any other file.

A workbook is a ZIP archive of XML, so what it says about itself is not believed: its size unpacked, its number of
parts and its width are limited, and a part with a document type (the way to XML bombs and foreign files) is refused.
"""

import csv
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.conf import settings

from portal.bulk.files.cells import NAMED, Seen, Workbook, rows_of
from portal.bulk.files.detect import HEAD_ROWS
from portal.bulk.files.reader import MOST_COLUMNS, MOST_LINES, too_many
from portal.bulk.files.refusal import FileRefused

SUFFIX = ".xlsx"
MOST_PARTS = 2000
MOST_BYTES = 300 * 1024 * 1024  # of all parts, unpacked
MOST_STRINGS = 64 * 1024 * 1024  # of the table of texts, which is held in memory
MOST_RATIO = 200  # of the unpacked size to the packed one, from which on it is a bomb
MOST_TRIED = 5
HEAD = 64 * 1024
ADVICE = "Nothing was stored. Save the sheet as CSV (best: “CSV UTF-8”) and send that."


@dataclass
class Taken:
    """What was taken from a workbook."""

    sheet: str
    sheets: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    seen: Seen = field(default_factory=Seen)

    @property
    def others(self) -> list[str]:
        """Further sheets in sight, for when this one is of no use: a cover, or a page of instructions."""
        return [name for name in self.sheets if name != self.sheet and name not in self.hidden][:MOST_TRIED]

    @property
    def doubts(self) -> list[str]:
        found, seen = [], self.seen
        if len(self.sheets) > 1:
            hidden = f" (hidden: {', '.join(self.hidden)})" if self.hidden else ""
            found.append(
                f"The workbook has {len(self.sheets)} sheets{hidden}; “{self.sheet}” is read. Choose another below."
            )
        if seen.hidden_rows or seen.hidden_columns:
            hides = [_count(seen.hidden_rows, "row"), _count(len(seen.hidden_columns), "column")]
            found.append(
                f"Hidden in the sheet: {' and '.join(text for text in hides if text)}. What is hidden or filtered out "
                "is read like the rest: delete in the workbook what is not meant."
            )
        if seen.counted:
            where = ", ".join(seen.formulas) + (" …" if seen.counted > NAMED else "")
            what = "1 cell is a formula" if seen.counted == 1 else f"{seen.counted:,} cells are formulas"
            found.append(f"{what} ({where}). The last saved results are taken.")
        if seen.empty_formulas:
            where = ", ".join(seen.empty_formulas)
            found.append(f"Formulas without a saved result count as empty cells: {where}. Open and save the workbook.")
        if seen.unpadded:
            formats = [f"{code} ({number} in the first)" for code, number in seen.unpadded.items()][:NAMED]
            found.append(
                f"Numbers with these formats are read without their leading zeros: {', '.join(formats)}. Write them as "
                "texts in the workbook if the zeros matter."
            )
        return found


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}" if number else ""


def text_of(stored: Path) -> Path:
    """Where the text of a stored workbook lies."""
    return stored.with_name(f"{stored.name}.sheet")


def remove(stored: Path) -> None:
    """Remove a stored file, and the text that was taken from it."""
    for path in (stored, text_of(stored)):
        path.unlink(missing_ok=True)


def start_of(text: Path) -> str:
    """The first rows of the text, enough to see how it begins."""
    with text.open(encoding="utf-8", newline="") as file:
        return file.read(HEAD)


def take(stored: Path, sheet: str = "", target: Path | None = None) -> Taken:
    """Write the text of a sheet; FileRefused when the workbook cannot be used. ``sheet`` "": the first in sight."""
    look_inside(stored)
    target = target or text_of(stored)
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
    with stored.open("rb") as file:  # by its content; the name is ours
        book = Workbook(file)
        names = tuple(book.sheets)
        if not names:
            raise FileRefused(f"The workbook has no sheet with cells. {ADVICE}")
        chosen = sheet if sheet in names else [*book.visible, *names][0]
        hidden = tuple(name for name in names if name not in book.visible)
        taken = Taken(chosen, names, hidden)
        with target.open("wb") as text:
            csv.writer(_Limited(text)).writerows(_rows(rows_of(book, chosen, taken.seen)))
    return taken


class _Limited:
    """Writes no more than an upload may hold: a text that many cells share takes little room in a workbook."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.left = file, settings.UPLOAD_MAX_BYTES

    def write(self, text: str) -> int:
        line = text.encode()
        self.left -= len(line)
        if self.left < 0:
            limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
            raise FileRefused(
                f"Written as text, the sheet is larger than {limit} MB. Nothing was stored. Split it and send the "
                "parts."
            )
        return self.file.write(line)


def _rows(found: Iterable[tuple[int, dict[int, str]]]) -> Iterator[list[str]]:
    """Rows as texts, each as wide as it is filled. The reader counts exactly, when it is known where they begin."""
    last = filled = 0
    for number, cells in found:
        if number > MOST_LINES:
            raise too_many(MOST_LINES, "rows, blank ones included")
        if max(cells) >= MOST_COLUMNS:
            raise FileRefused(f"Row {number:,} has more than {MOST_COLUMNS} columns. {ADVICE}")
        filled += not all(text.isspace() for text in cells.values())
        if filled > settings.UPLOAD_MAX_ROWS + HEAD_ROWS:
            raise too_many(settings.UPLOAD_MAX_ROWS, "rows")
        yield from ([] for _ in range(last + 1, number))
        last = number
        yield [cells.get(place, "") for place in range(max(cells) + 1)]
