"""What the tests of reports and dashboards share: a world of their own, and whole lists page by page."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.support.sandbox import Sandbox
from zoomapi.sandbox.clock import moment
from zoomapi.spec import endpoint

Json = dict[str, Any]
TODAY = datetime.now(UTC).date()
SPAN = {"from": (TODAY - timedelta(days=28)).isoformat(), "to": TODAY.isoformat()}
# Members an answer has only at times: while something runs, or where a stream was in use.
AT_TIMES = {"end_time", "leave_time", "live_meeting", "video_input", "video_output", "as_input", "as_output"}


def got(sandbox: Sandbox, path: str, **query: Any) -> Json:
    answer = sandbox.call("GET", path, params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def refused(sandbox: Sandbox, path: str, **query: Any) -> tuple[int, int, list[str]]:
    """Return (status, code, fields) of a refusal."""
    answer = sandbox.call("GET", path, params=query)
    body = answer.json()
    return answer.status_code, body["code"], [error["field"] for error in body.get("errors", [])]


def whole(sandbox: Sandbox, path: str, key: str, **query: Any) -> list[Json]:
    """Return all rows of a list paged by token."""
    rows: list[Json] = []
    token = ""
    while True:
        page = got(sandbox, path, **{"page_size": 300, **query}, next_page_token=token)
        rows += page[key]
        token = page["next_page_token"]
        if not token:
            assert len(rows) == page["total_records"]
            return rows


def numbered(sandbox: Sandbox, path: str, key: str, **query: Any) -> list[Json]:
    """Return all rows of a list paged by number."""
    first = got(sandbox, path, **query)
    rows = list(first[key])
    for number in range(2, first["page_count"] + 1):
        rows += got(sandbox, path, **query, page_number=number)[key]
    assert len(rows) == first["total_records"]
    return rows


def once(uuid: str) -> str:
    return quote(uuid, safe="")


def twice(uuid: str) -> str:
    return once(once(uuid))


def slashed(uuids: list[str]) -> list[str]:
    """Return one UUID that begins with a slash, one with two in a row, and one with a single slash inside."""
    kinds = (
        lambda uuid: uuid.startswith("/"),
        lambda uuid: "//" in uuid,
        lambda uuid: "/" in uuid.strip("/") and "//" not in uuid,
    )
    return [next(uuid for uuid in uuids if kind(uuid)) for kind in kinds]


def last_month() -> tuple[date, date]:
    last = TODAY.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def seconds_between(row: Json, start: str, end: str) -> int:
    return int((moment(row[end]) - moment(row[start])).total_seconds())


def missing(key: str, data: Json) -> list[str]:
    """Return documented members an answer of the operation ``key`` lacks, in nested rows too."""
    reply = endpoint(key).reply
    assert reply is not None
    return list(_missing(reply(), data))


def _missing(shape: Any, data: Any) -> Iterator[str]:
    if hasattr(shape, "child") and hasattr(shape.child, "fields"):
        for row in data:
            yield from _missing(shape.child, row)
    elif hasattr(shape, "fields"):
        for name, inner in shape.fields.items():
            if name in data:
                yield from _missing(inner, data[name])
            elif name not in AT_TIMES:
                yield name
