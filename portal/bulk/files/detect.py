"""What kind of text a file is: encoding, delimiter, header. Certain or a guess that a person must confirm."""

import codecs
import csv
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from portal.bulk.files.refusal import FileRefused

ENCODINGS = {
    "utf-8": "Unicode (UTF-8)",
    "utf-16-le": "Unicode (UTF-16, little-endian)",
    "utf-16-be": "Unicode (UTF-16, big-endian)",
    "cp1252": "Western European (Windows-1252)",
    "latin-1": "Western European (ISO 8859-1)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "mac-roman": "Western European (Mac)",
    "cp932": "Japanese (Shift JIS)",
    "gb18030": "Chinese (GB 18030)",
}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
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
    (rb"\s*(<!doctype|<html|<\?xml|<svg)", "a web page or an XML document"),
)
_SEP_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SAMPLE = 256 * 1024
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Layout:
    """How to read the file. ``sep_line``: the first line is ``sep=;`` and holds no data.

    With a ``sheet`` the lines are its rows.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    header: bool = True
    sep_line: bool = False
    sheet: str = ""  # of the workbook whose text this is

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Detected:
    """A layout, and the parts of it that are guesses, in words."""

    layout: Layout
    doubts: tuple[str, ...] = ()


def refuse_by_magic(start: bytes) -> None:
    """Raise FileRefused when the first bytes are those of a well-known other kind of file. Nothing is unpacked."""
    for pattern, what in _MAGIC:
        if re.match(pattern, start, re.IGNORECASE | re.DOTALL):
            raise FileRefused(
                f"This is {what}, whatever its name says. Nothing was read from it. Open it in the program it comes "
                "from, save the sheet as CSV (best: “CSV UTF-8”), and send that file."
            )


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
    if encoding not in ("utf-16-le", "utf-16-be") and "\x00" in text[:4096]:
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
    header, unsure = _header(text, delimiter, known)
    return Detected(Layout(encoding, delimiter, header, bool(sep)), doubts + unsure)


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
    guess = "cp1252" if _reads_as(path, "cp1252") else "latin-1"
    return guess, (f"The file is not Unicode. It was read as {ENCODINGS[guess]}: check the accented letters below.",)


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


def _utf16_without_mark(start: bytes) -> str:
    half = len(start) // 2
    if half < 2:
        return ""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if odd > half * 0.6 and even < half * 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.6 and odd < half * 0.1 else ""


def _sample_rows(text: str, delimiter: str) -> list[list[str]]:
    lines = text.splitlines(keepends=True)
    if len(text) >= _SAMPLE // 4:
        lines = lines[:-1] or lines  # the last one may be cut
    rows: list[list[str]] = []
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) == 50:
                break
    except csv.Error:
        pass  # the reader says precisely what is wrong; what came before is sample enough
    return rows


def _delimiter(text: str, known: Callable[[str], bool]) -> tuple[str, tuple[str, ...]]:
    scores: dict[str, tuple[int, float, int]] = {}
    for delimiter in DELIMITERS:
        rows = _sample_rows(text, delimiter)
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


def _header(text: str, delimiter: str, known: Callable[[str], bool]) -> tuple[bool, tuple[str, ...]]:
    rows = _sample_rows(text, delimiter)
    first = rows[0] if rows else []
    if any(known(cell) for cell in first):
        return True, ()
    if any(_ADDRESS.fullmatch(cell.strip()) for cell in first):
        return False, ("The first row looks like data, so the file seems to have no header.",)
    return True, ("None of the column names in the first row is known: check whether it is a header.",)
