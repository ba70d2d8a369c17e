"""What kind of text a file is: encoding, delimiter, header. Certain or a guess that a person must confirm."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from portal.bulk.files.characters import visible
from portal.bulk.files.refusal import FileRefused

ENCODINGS = {
    "utf-8": "Unicode (UTF-8)",
    "utf-16-le": "Unicode (UTF-16, little-endian)",
    "utf-16-be": "Unicode (UTF-16, big-endian)",
    "utf-32-le": "Unicode (UTF-32, little-endian)",
    "utf-32-be": "Unicode (UTF-32, big-endian)",
    "cp1252": "Western European (Windows-1252)",
    "latin-1": "Western European (ISO 8859-1)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "mac-roman": "Western European (Mac)",
    "cp932": "Japanese (Shift JIS)",
    "gb18030": "Chinese (GB 18030)",
}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as the mark of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = (
    (rb"PK(\x03\x04|\x05\x06|\x07\x08)", "an Excel workbook (XLSX) without its name ending, or a ZIP archive"),
    (rb"\xd0\xcf\x11\xe0", "an old Excel workbook (XLS) or another Office document"),
    (rb"%PDF", "a PDF document"),
    (rb"MZ[^,;\t|]{0,600}\x00", "a Windows program"),
    (rb"\x7fELF", "a program"),
    (rb"\x1f\x8b|BZh[1-9]|\xfd7zXZ|7z\xbc\xaf|Rar!|\x28\xb5\x2f\xfd", "a compressed archive"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP", "a picture"),
    (rb"SQLite format 3", "a database"),
    (rb"\{\\rtf", "a word processor's document"),
)
_MARKUP = re.compile(r"\s*<(!doctype|\?xml|html|head|body|meta|style|table|div|svg)\b", re.IGNORECASE)
_SEP_LINE = re.compile(r"sep=([^\r\n])\r?\n?", re.IGNORECASE)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
HEAD_ROWS = 50  # with something in them, among which the column names are looked for
ZEROS = 20  # one in so many characters makes it a program or a picture
_SAMPLE = 256 * 1024
_CHUNK = 1024 * 1024
_ACCENTED = re.compile(r"\b([a-zA-Z]{0,20})([\u00c2-\u00f4][\u0080-\uffff]{1,20})([a-zA-Z]{0,20})")


@dataclass(frozen=True)
class Layout:
    """How to read the file. ``sep_line``: the first line is ``sep=;`` and holds no data.

    With a ``sheet`` the lines are its rows. What stands above line ``begin`` is no part of the table.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    header: bool = True
    sep_line: bool = False
    sheet: str = ""  # of the workbook whose text this is
    begin: int = 1

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Detected:
    """A layout, and the parts of it that are guesses, in words."""

    layout: Layout
    doubts: tuple[str, ...] = ()


def refuse_by_magic(start: bytes) -> None:
    """Raise FileRefused when the first bytes are those of a well-known other kind of file. Nothing is unpacked."""
    found = [what for pattern, what in _MAGIC if re.match(pattern, start, re.IGNORECASE | re.DOTALL)]
    if _MARKUP.match(_roughly(start)):
        found.append("a web page or an XML document")
    if found:
        raise FileRefused(
            f"This is {found[0]}, whatever its name says. Nothing was read from it. Open it in the program it comes "
            "from, save the sheet as CSV (best: “CSV UTF-8”), and send that file."
        )


def _roughly(start: bytes) -> str:
    """The first bytes as a text of which the ASCII letters are right."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return start[len(mark) :].decode(encoding, "ignore")
    return start.decode(_utf16_without_mark(start) or "latin-1", "ignore")


def detect(path: Path, known: Callable[[str], bool]) -> Detected:
    """Find out how the file is written. ``known`` tells whether a header cell is one we recognise.

    Raises FileRefused for empty files and for anything that is not text.
    """
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"):
        raise FileRefused("The file is empty. Nothing was stored.")
    refuse_by_magic(start)
    encoding, doubts = detect_encoding(path)
    with path.open("rb") as file:
        text = file.read(_SAMPLE).decode(encoding, "ignore").lstrip("\ufeff")
    doubts += _garbled(text)
    if text[:4096].count("\x00") * ZEROS > len(text[:4096]):  # a few are errors of their rows
        raise FileRefused(
            "The file holds zero bytes, as programs and pictures do and text does not. Nothing was stored. Save the "
            "list as CSV and send that."
        )
    sep = _SEP_LINE.match(text)
    if sep:
        delimiter, text = sep.group(1), text[sep.end() :]
    else:
        delimiter, unsure = _delimiter(text, known)
        doubts += unsure
    begin, above = find_table(text, delimiter, known)
    header, unsure = (True, above) if begin > 1 else find_header(text, delimiter, known)
    begin += bool(sep and begin > 1)
    return Detected(Layout(encoding, delimiter, header, bool(sep), begin=begin), doubts + (unsure or above))


def detect_encoding(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the encoding and what is doubtful about it. The whole file is looked at, a piece at a time."""
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            if _reads_as(path, encoding):
                return encoding, ()
            return "cp1252", (f"The file says it is {ENCODINGS[encoding]}, but parts of it are not.",)
    if zeros := _utf16_without_mark(start):
        return zeros, (f"The file has no mark; it looks like {ENCODINGS[zeros]}.",)
    if _reads_as(path, "utf-8"):
        return "utf-8", ()
    if b"\r" in start and b"\n" not in start:
        guess = "mac-roman"  # the ends of lines that only old Macs write
    else:
        guess = "cp1252" if _reads_as(path, "cp1252") else "latin-1"
    told = f"The file is not Unicode. It was read as {ENCODINGS[guess]}: check the accented letters below."
    return guess, (f"{told} The first is in line {_first_strange(path):,}.",)


def _garbled(text: str) -> tuple[str, ...]:
    """Whether letters were spoilt before the file came here: UTF-8 that some program took for Windows-1252."""
    for found in _ACCENTED.finditer(text):
        before, letters, after = found.groups()
        try:
            meant = letters.encode("cp1252").decode()
        except UnicodeError:
            continue
        doubt = (
            f"Letters were spoilt before the file came here: “{found.group()}” was probably “{before}{meant}{after}”. "
            "No other encoding mends that. Export the list again, or go on if it is meant so."
        )
        return (doubt,)
    return ()


def _reads_as(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _first_strange(path: Path) -> int:
    """The line, from 1, in which the file stops being UTF-8."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return number + line[: error.start].count(b"\r")  # old Macs end lines so
    return 1


def _utf16_without_mark(start: bytes) -> str:
    half = len(start) // 2
    if half < 2:
        return ""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    few, many = sorted((even, odd))
    if many > half * 0.6 and few < half * 0.1:
        return encoding
    # Of other letters than Latin ones few have a zero byte: separators, ends of lines and addresses have, on one side.
    return encoding if few * 10 < many and many * ZEROS > len(start) and _is_text(start, encoding) else ""


def _is_text(start: bytes, encoding: str) -> bool:
    """Whether these bytes have ends of lines and no other controls, as single bytes taken for pairs hardly ever do."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeDecodeError:
        return False
    controls = {sign for sign in text if sign < " "}
    return not controls.isdisjoint("\r\n") and controls <= set("\t\r\n")


def find_table(text: str, delimiter: str, known: Callable[[str], bool]) -> tuple[int, tuple[str, ...]]:
    """Return the line in which the table begins, and what is doubtful about it: titles above it, a second table."""
    rows = list(_numbered_rows(text, delimiter))
    head = _head([row for _, row in rows], known)
    doubts = []
    if head:
        above = visible(", ".join(cell.strip() for _, row in rows[:head] for cell in row if cell.strip()))[:200]
        doubts.append(f"The column names seem to stand in line {rows[head][0]}. What is above is left out: {above}.")
    names = {cell.strip() for cell in rows[head][1] if known(cell)} if rows else set()
    again = [line for line, row in rows[head + 1 :] if _repeats(row, names, known)]
    if again:
        doubts.append(
            f"Line {again[0]} looks like column names again: the file may hold several tables. Only the columns of the "
            "first are used, and rows that do not fit them are errors."
        )
    return (rows[head][0] if head else 1), tuple(doubts)


def _head(rows: list[list[str]], known: Callable[[str], bool]) -> int:
    """The place of the row that holds the column names: the first one, unless a later one is clearly it."""
    counts = [0 if _has_address(row) else sum(map(known, row)) for row in rows]
    if not counts or _has_address(rows[0]):
        return 0
    best = max(counts)
    place = counts.index(best)
    if counts[0]:  # a report's own columns may have one such name: "Topic, Meeting ID"
        return place if best >= max(3, counts[0] * 3) else 0
    return place if best >= 2 or (best == 1 and len(rows[place]) == 1) else 0


def _repeats(row: list[str], names: set[str], known: Callable[[str], bool]) -> bool:
    """Whether a row below the column names is such a row itself: one of them again, or several others."""
    found = [cell for cell in row if known(cell)]
    return not _has_address(row) and bool(names) and (len(found) > 1 or any(cell.strip() in names for cell in found))


def _has_address(row: list[str]) -> bool:
    return any(_ADDRESS.fullmatch(cell.strip()) for cell in row)


def _sample_rows(text: str, delimiter: str) -> list[list[str]]:
    return [row for _, row in _numbered_rows(text, delimiter)]


def _numbered_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The first rows with something in them, each with the number of its first line."""
    lines = list(io.StringIO(text, newline=""))
    if len(text) >= _SAMPLE // 4:
        lines = lines[:-1] or lines  # the last one may be cut
    reader, found, line = csv.reader(lines, delimiter=delimiter), 0, 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                found += 1
                yield line, row
            line = reader.line_num + 1
            if found == HEAD_ROWS:
                return
    except csv.Error:
        return  # the reader says precisely what is wrong; what came before is sample enough


def _delimiter(text: str, known: Callable[[str], bool]) -> tuple[str, tuple[str, ...]]:
    scores: dict[str, tuple[int, float, int]] = {}
    for delimiter in DELIMITERS:
        rows = _sample_rows(text, delimiter)
        rows = rows[_head(rows, known) :]
        width = len(rows[0]) if rows else 0
        if width > 1:
            same = sum(len(row) == width for row in rows) / len(rows)
            scores[delimiter] = (sum(known(cell) for cell in rows[0]), round(same, 2), width)
    if not scores:
        return ",", ()
    best = max(scores, key=lambda delimiter: scores[delimiter])
    rivals = [d for d, score in scores.items() if d != best and score[:2] == scores[best][:2]]
    if rivals:
        names = " or ".join(DELIMITERS[d] for d in (best, *rivals))
        return best, (f"The cells may be separated by {names}: check the columns below.",)
    return best, ()


def find_header(text: str, delimiter: str, known: Callable[[str], bool]) -> tuple[bool, tuple[str, ...]]:
    """Return whether the first row holds column names, and what is doubtful about that."""
    rows = _sample_rows(text, delimiter)
    first = rows[0] if rows else []
    if _has_address(first):  # whatever its other cells say: "Status" may be somebody's department
        return False, ("The first row looks like data, so the file seems to have no header.",)
    if any(known(cell) for cell in first):
        return True, ()
    return True, ("None of the column names in the first row is known: check whether it is a header.",)
