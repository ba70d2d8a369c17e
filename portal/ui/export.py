"""CSV for people: streamed, and harmless in a spreadsheet.

A cell that a spreadsheet could take for a formula gets an apostrophe in front. ``restored`` takes it away again, so a
file that left here comes back unchanged.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

BOM = "\ufeff"
# After any apostrophes and blanks: a sign that starts a formula (also in its full-width form), or a control character.
_RISKY = re.compile("^'*(?:[ \u00a0\u3000]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")


def neutralised(text: str) -> str:
    """Put an apostrophe before what could be read as a formula."""
    return f"'{text}" if _RISKY.match(text) else text


def restored(text: str) -> str:
    """Undo ``neutralised``; any other text stays as it is."""
    return text[1:] if text.startswith("'") and _RISKY.match(text) else text


def cell(value: Any) -> str:
    """Write one value: numbers plain, moments as ISO 8601 with their offset, text neutralised."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, datetime):
        moment = timezone.localtime(value) if timezone.is_aware(value) else value
        return moment.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return neutralised(", ".join(str(one) for one in value))
    return neutralised(str(value))


class _Echo:
    def write(self, text: str) -> str:
        return text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield the lines of the file, a byte-order mark first so that spreadsheets read it as UTF-8."""
    writer = csv.writer(_Echo())
    yield BOM
    yield writer.writerow([neutralised(name) for name in header])
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Stream rows as a download. ``rows`` may be a generator; it is read while the file travels."""
    response = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv; charset=utf-8")
    safe = re.sub(r"[^\w.\-]+", "-", filename, flags=re.ASCII).strip("-.") or "export"
    response["Content-Disposition"] = f'attachment; filename="{safe}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
