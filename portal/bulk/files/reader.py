"""Rows of a CSV file, one at a time in constant memory, each with its row and its line number."""

import csv
import io
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from portal.bulk.files.characters import visible
from portal.bulk.files.detect import ENCODINGS, Layout
from portal.bulk.files.refusal import FileRefused
from portal.ui.export import restored

CELL_LIMIT = 32_768
LINE_LIMIT = 1_048_576
MOST_COLUMNS = 500
MOST_LINES = 1_048_576  # blank ones too; no spreadsheet has more rows
# The csv module's limit is one for the process, and nothing else here reads CSV: 131,072 becomes what we promise.
csv.field_size_limit(CELL_LIMIT)


class Row(NamedTuple):
    """``number`` counts records after the header, blank ones too; ``line`` and ``last_line`` count lines of the file.

    ``problem`` says what is wrong with the row's form; its cells are then what could be made of it.
    ``doubt`` says what was wrong with it when it was sent in before.
    """

    number: int
    line: int
    last_line: int
    cells: list[str]
    problem: str = ""
    doubt: str = ""

    @property
    def blank(self) -> bool:
        text = "".join(self.cells)  # in one piece: files hold a million blank rows
        return not text or text.isspace()


def too_many(most: int, what: str) -> FileRefused:
    return FileRefused(
        f"The file has more than {most:,} {what}. Nothing was done. Split it and send the parts one after the other."
    )


class Table:
    """A file opened for reading: ``header`` (made up when the file has none) and, once, ``rows()``.

    ``first_row`` is the line below the column names, or the first one that is read where there are none.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path, self.layout = path, layout
        self._records = self._read()
        table = (row for row in self._records if not row.blank and row.line >= layout.begin)
        self._first: Row | None = next(table, None)
        if self._first is None:
            raise FileRefused("The file has no rows. Nothing was stored.")
        self.header = [visible(restored(cell.strip())) for cell in self._first.cells] if layout.header else []
        self.width = len(self._first.cells)
        self.first_row = self._first.last_line + 1 if layout.header else self._first.line
        self._offset = self._first.number - (not layout.header) if layout.header or layout.begin > 1 else 0

    def rows(self) -> Iterator[Row]:
        """Data rows, blank ones included. FileRefused when the file breaks or is too long on the way."""
        first = () if self.layout.header or self._first is None else (self._first,)
        offset, width, filled = self._offset, self.width if self.layout.sheet else 0, 0
        for row in chain(first, self._records):
            filled += not row.blank
            if filled > settings.UPLOAD_MAX_ROWS:
                raise too_many(settings.UPLOAD_MAX_ROWS, "rows")
            cells = row.cells
            if 0 < len(cells) < width:  # a sheet does not say how wide its rows are
                cells = cells + [""] * (width - len(cells))
            yield Row(row.number - offset, row.line, row.last_line, cells, row.problem)

    def _read(self) -> Iterator[Row]:
        with self.path.open("rb") as raw:
            encoding = {"utf-8": "utf-8-sig"}.get(self.layout.encoding, self.layout.encoding)
            stream = io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="")
            yield from _records(stream, self.layout)


class _Lines:
    """Feeds the csv module, and remembers the lines of the record it is in."""

    def __init__(self, stream: io.TextIOWrapper, layout: Layout) -> None:
        self.stream, self.layout = stream, layout
        # A sheet has so many rows, and its cells as many line breaks.
        self.most = MOST_LINES * 2 if layout.sheet else MOST_LINES
        self.count = 0
        self.pending: list[str] = []

    def __iter__(self) -> Iterator[str]:
        while line := self._next():
            self.count += 1
            if self.count > self.most:
                raise too_many(self.most, "lines, blank ones and line breaks in cells included")
            if self.count == 1:
                line = line.removeprefix("\ufeff")  # UTF-16 keeps its mark
                if self.layout.sep_line:
                    continue
            self.pending.append(line)
            if len(line) >= LINE_LIMIT and line[-1] not in "\r\n":
                raise csv.Error("line too long")
            yield line

    def _next(self) -> str:
        try:
            return self.stream.readline(LINE_LIMIT)
        except UnicodeDecodeError as error:
            name = ENCODINGS.get(self.layout.encoding, self.layout.encoding)
            raise FileRefused(
                f"After line {self.count} the file cannot be read as {name}. Nothing was done. Choose another encoding."
            ) from error


def _records(stream: io.TextIOWrapper, layout: Layout) -> Iterator[Row]:
    lines = _Lines(stream, layout)
    reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
    number = head = 0
    names: list[str] = []
    while True:
        lines.pending.clear()
        before = lines.count
        problem = ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            row = "The column names" if layout.header and not names else f"Row {number + 1 - head}"
            _refuse_if_hopeless(error, f"{row}, line {before + 1}", lines, layout, names)
            cells = next(csv.reader(lines.pending, delimiter=layout.delimiter), [])
            problem = "There is text after a closing quote. Double the quotes that belong to the text."
            if lines.count > before + 1:
                problem += f" Because of it lines {before + 1} to {lines.count} run together."
        number += 1
        line = before + 1 + (before == 0 and layout.sep_line)
        if layout.header and not names and any(cells) and (number if layout.sheet else line) >= layout.begin:
            names, head = [visible(cell.strip()) for cell in cells], number
        # A row of a sheet is one line to its reader, whatever line breaks its cells hold.
        yield Row(number, *((number, number) if layout.sheet else (line, lines.count)), cells, problem)


def _refuse_if_hopeless(error: csv.Error, where: str, lines: _Lines, layout: Layout, names: list[str]) -> None:
    """Refuse the file for what swallows it: a cell without end, a line without end."""
    what = str(error)
    if "field larger" in what or "too long" in what or "unexpected end" in what:
        column, length = _open_cell("".join(lines.pending), layout.delimiter)
        name = names[column - 1] if column <= len(names) else ""
        cell = f"{where}, column {name or column}"
        if "unexpected end" in what:
            raise FileRefused(f"{cell}: a quote is opened and never closed. Nothing was done. Close it, or remove it.")
        if length <= CELL_LIMIT and "too long" in what:
            raise FileRefused(f"{where}: longer than {LINE_LIMIT:,} characters. Nothing was done.")
        raise FileRefused(
            f"{cell}: longer than {CELL_LIMIT:,} characters. Nothing was done. Often a quote before it was not closed."
        )


def _open_cell(text: str, delimiter: str) -> tuple[int, int]:
    """Return the number of the cell in which the record breaks or ends (from 1), and that cell's length so far."""
    column, start, quoted = 1, 0, False
    for position, character in enumerate(text):
        if position - start > CELL_LIMIT:
            break
        if character == '"':
            quoted = not quoted
        elif character == delimiter and not quoted:
            column, start = column + 1, position + 1
    else:
        position = len(text)
    return column, position - start


def measure(path: Path, layout: Layout, note: Callable[[Row], None] = lambda row: None) -> tuple[int, int]:
    """Read the file once and return (filled rows, blank rows). FileRefused when it cannot be used.

    ``note`` is told every filled row.
    """
    filled = blank = 0
    for row in Table(path, layout).rows():
        if row.blank:
            blank += 1
        else:
            filled += 1
            note(row)
    if not filled:
        raise FileRefused("The file has a header and no rows below it. Nothing was stored.")
    return filled, blank
