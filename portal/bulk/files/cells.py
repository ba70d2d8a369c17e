"""The cells of one sheet, read as a stream. openpyxl makes an object of every cell, the empty ones that are only
formatted too, which takes minutes where a sheet is formatted to its last row; it is asked for the rest of a workbook.
"""

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import IO, Any
from xml.parsers import expat

from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import from_excel
from openpyxl.xml.constants import SHARED_STRINGS

from portal.bulk.files.merged import Merged
from portal.bulk.files.number_formats import NumberFormat

NAMED = 5
_CHUNK = 256 * 1024
_LETTERS = re.compile("[A-Z]+")
_YES = ("1", "true")
_FLAGS = {"1": "true", "0": "false", "true": "true", "false": "false"}
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")  # how a character is written that XML does not have
_SURROGATE = re.compile("[\ud800-\udfff]")
_LITERAL = re.compile(r'\[\$[^\]]*\]|"[^"]*"|[\\_*].')  # of a number format: languages, and what is shown as it is


class Workbook(ExcelReader):  # type: ignore[misc]  # openpyxl has no types
    """What a workbook says about itself: sheets and styles. Its table of texts is read here, when it is needed."""

    def __init__(self, file: IO[bytes]) -> None:
        self.strings_part = ""
        super().__init__(file, read_only=True, data_only=True, keep_links=False)
        self.read()
        self.sheets = {sheet.title: sheet for sheet in self.wb.worksheets}

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        self.strings_part = part.PartName[1:] if part is not None else ""

    @property
    def visible(self) -> list[str]:
        return [name for name, sheet in self.sheets.items() if sheet.sheet_state == "visible"]


@dataclass
class Seen:
    """What was met in a sheet besides its values."""

    formulas: list[str] = field(default_factory=list)
    empty_formulas: list[str] = field(default_factory=list)
    counted: int = 0
    hidden_rows: int = 0
    hidden_columns: set[int] = field(default_factory=set)
    merged: Merged = field(default_factory=Merged)
    unpadded: dict[str, str] = field(default_factory=dict)  # formats, each with the first number that lost its zeros


def rows_of(book: Workbook, sheet: str, seen: Seen) -> Iterator[tuple[int, dict[int, str]]]:
    """Rows with something in them: the number of the row, and its texts by the number of the column (from 0)."""
    archive: zipfile.ZipFile = book.archive
    strings: list[str] = []
    if book.strings_part:
        with archive.open(book.strings_part) as file:
            for batch in _parsed(file, texts := _Texts()):
                strings += batch
            strings += texts.taken()
    with archive.open(book.sheets[sheet]._worksheet_path) as file:
        for rows in _parsed(file, _Rows(strings, _Styles(book.wb, book.sheets[sheet], seen), seen)):
            yield from rows


def _parsed(file: IO[bytes], reader: "_Reader") -> Iterator[list[Any]]:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reader.text, _no_document_type
    while chunk := file.read(_CHUNK):
        parser.Parse(chunk)
        yield reader.taken()
    parser.Parse(b"", True)
    yield reader.taken()


def _no_document_type(*_: Any) -> None:
    raise ValueError("a document type")  # the way to XML bombs


class _Reader:
    """Collects the text of ``t`` elements that is no reading aid, and what its heirs make of it."""

    def __init__(self) -> None:
        self.found: list[Any] = []
        self.parts: list[str] = []
        self.open = False
        self.aside = 0  # depth of phonetic readings, which are no part of the text

    def taken(self) -> list[Any]:
        found, self.found = self.found, []
        return found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name in ("t", "v"):
            self.open = not self.aside
        elif name == "rPh":
            self.aside += 1
        else:
            self.begin(name, attributes)

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name in ("t", "v"):
            self.open = False
        elif name == "rPh":
            self.aside -= 1
        else:
            self.finish(name)

    def text(self, text: str) -> None:
        if self.open:
            self.parts.append(text)

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Another element begins."""

    def finish(self, name: str) -> None:
        """Another element ends."""


class _Texts(_Reader):
    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self.parts = []

    def finish(self, name: str) -> None:
        if name == "si":
            self.found.append(_unescaped("".join(self.parts)))


class _Rows(_Reader):
    def __init__(self, strings: list[str], styles: "_Styles", seen: Seen) -> None:
        super().__init__()
        self.strings, self.styles, self.seen = strings, styles, seen
        self.columns: dict[str, int] = {}
        self.hidden: list[range] = []
        self.number = self.place = 0
        self.row_hidden = self.formula = False
        self.cells: dict[int, str] = {}
        self.kind = self.style = ""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            reference = _LETTERS.match(attributes.get("r", ""))
            self.place = self._column(reference.group()) if reference else self.place + 1
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "0")
            self.parts, self.formula = [], False
        elif name == "f":
            self.formula = True
        elif name == "row":
            number = int(attributes.get("r", self.number + 1))
            if number <= self.number:
                raise ValueError("rows out of order")
            self.number, self.place, self.cells = number, -1, {}
            self.row_hidden = attributes.get("hidden") in _YES
        elif name == "col" and attributes.get("hidden") in _YES:
            self.hidden.append(range(int(attributes["min"]) - 1, int(attributes["max"])))
        elif name == "mergeCell":
            self.seen.merged.add(attributes["ref"])

    def finish(self, name: str) -> None:
        if name == "c" and (self.parts or self.formula):
            text = self._value("".join(self.parts))
            if self.formula:
                self._mark(text)
            if text:
                self.cells[self.place] = text
        elif name == "row" and self.cells:
            self.seen.hidden_rows += self.row_hidden
            if self.hidden:
                self.seen.hidden_columns |= {n for n in self.cells if any(n in one for one in self.hidden)}
            self.found.append((self.number, self.cells))

    def _column(self, letters: str) -> int:
        if letters not in self.columns:
            self.columns[letters] = column_index_from_string(letters) - 1
        return self.columns[letters]

    def _mark(self, text: str) -> None:
        self.seen.counted += 1
        name = f"{get_column_letter(self.place + 1)}{self.number}"
        if len(self.seen.formulas) < NAMED:
            self.seen.formulas.append(name)
        if not text and len(self.seen.empty_formulas) < NAMED:
            self.seen.empty_formulas.append(name)

    def _value(self, text: str) -> str:
        """A cell as a person reads it."""
        if self.kind == "s":
            return self.strings[int(text)] if text else ""
        if self.kind == "b":
            return _FLAGS.get(text.strip().casefold(), text)
        if self.kind == "d":
            return _moment(datetime.fromisoformat(text))
        return self.styles.read(self.style)(text) if self.kind == "n" and text else _unescaped(text)


class _Styles:
    """How the numbers of each style are read: as moments, with their leading zeros, or as they are."""

    def __init__(self, book: Any, sheet: Any, seen: Seen) -> None:
        self.book, self.sheet, self.seen = book, sheet, seen
        self.known: dict[str, Callable[[str], str]] = {}

    def read(self, style: str) -> Callable[[str], str]:
        if style not in self.known:
            self.known[style] = self._reader(int(style))
        return self.known[style]

    def _reader(self, style: int) -> Callable[[str], str]:
        spans = style in self.book._timedelta_formats
        if spans or style in self.book._date_formats:
            timed = "h" in _LITERAL.sub("", self._format(style)).casefold()
            return lambda text: self._date(text, spans=spans, timed=timed)
        shown = NumberFormat(self._format(style))
        return _number if shown.plain else lambda text: self._padded(text, shown)

    def _padded(self, text: str, shown: NumberFormat) -> str:
        plain = _number(text)
        found = shown.show(int(plain)) if plain.lstrip("-").isdecimal() else plain
        if found is None:
            self.seen.unpadded.setdefault(shown.code, plain)
        return plain if found is None else found

    def _format(self, style: int) -> str:
        return str(ReadOnlyCell(self.sheet, 1, 1, None, "n", style).number_format or "")

    def _date(self, text: str, *, spans: bool, timed: bool) -> str:
        try:
            return _moment(from_excel(float(text), self.book.epoch, timedelta=spans), timed=timed)
        except (ValueError, OverflowError):
            return _number(text)  # no day that there is


def _moment(value: Any, *, timed: bool = False) -> str:
    """ISO 8601; a day alone where there is no time of day, and none is shown."""
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0) and not timed
        return value.date().isoformat() if midnight else value.isoformat(timespec="seconds")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}" if value >= timedelta(0) else str(value)
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _number(text: str) -> str:
    """Whole numbers without a point."""
    value = float(text)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return text if text.lstrip("-").isdecimal() else repr(value)


def _unescaped(text: str) -> str:
    """Characters that are written as ``_x000D_``. Half a pair of them stands for no character and becomes U+FFFD."""
    if "_x" not in text:
        return text
    text = _ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _SURROGATE.search(text) else text
