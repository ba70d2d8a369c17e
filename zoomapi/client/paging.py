"""Reading a whole list, whichever way it is paged, while others change it.

A walk yields every object once, by id. It trusts no single number of the service: it ends when pages bring nothing
new, starts again when a page token expires or when the totals do not add up, and says how complete it was.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from zoomapi.client import errors
from zoomapi.spec.base import Endpoint, Paging

Item = dict[str, Any]

Fetch = Callable[[Mapping[str, Any]], Any]  # from a query to one page of the list, parsed

MOST_PASSES = 3
MOST_PAGES = 20_000  # of one pass
MOST_STALE = 2  # pages in a row that bring nothing new
_EVENTS = re.compile(r"(^|/)(report|metrics|past_meetings)/")  # rows there are events: one person, several rows


@dataclass(frozen=True)
class Page:
    """One page. ``total`` is the service's count of the whole list, None if it does not say."""

    items: list[Item]
    number: int | None
    total: int | None
    pages: int | None
    token: str
    raw: Mapping[str, Any] = field(repr=False)


def read_page(endpoint: Endpoint, data: Any) -> Page:
    """Read one page tolerantly; BadAnswer when there is no list in it."""
    if not isinstance(data, Mapping):
        raise errors.BadAnswer("Zoom's answer cannot be used: a list was expected.")
    rows = data.get(endpoint.item_key)
    if rows is None:
        lists = [value for value in data.values() if isinstance(value, list)]
        rows = lists[0] if len(lists) == 1 else [] if not lists and _whole(data.get("total_records")) == 0 else rows
    if rows is None and endpoint.item_key in data:
        rows = []
    if not isinstance(rows, list):
        raise errors.BadAnswer("Zoom's answer cannot be used: a list was expected.")
    token = data.get("next_page_token")
    return Page(
        items=[row for row in rows if isinstance(row, dict)],
        number=_whole(data.get("page_number")),
        total=_whole(data.get("total_records")),
        pages=_whole(data.get("page_count")),
        token=token if isinstance(token, str) else "",
        raw=data,
    )


def identity(endpoint: Endpoint, item: Item) -> object:
    """Return what tells an object of this list from the others."""
    if not _EVENTS.search(endpoint.path):
        if item.get("id") not in (None, ""):
            return str(item["id"]), str(item.get("uuid", ""))
        if item.get("email"):
            return "email", str(item["email"]).casefold()
    return json.dumps(item, sort_keys=True, default=str)


@dataclass
class _Pass:
    """What one reading from first page to last has shown."""

    seen: set[object] = field(default_factory=set)
    totals: set[int] = field(default_factory=set)
    last_total: int | None = None
    stale: int = 0
    tokens: set[str] = field(default_factory=set)
    cut: str = ""

    def add(self, page: Page, ids: list[object]) -> None:
        before = len(self.seen)
        self.seen.update(ids)
        self.stale = 0 if len(self.seen) > before else self.stale + 1
        if page.total is not None:
            self.totals.add(page.total)
            self.last_total = page.total

    def restart(self) -> None:
        self.seen.clear()
        self.totals.clear()
        self.tokens.clear()
        self.last_total, self.stale = None, 0

    @property
    def adds_up(self) -> bool:
        if self.cut:
            return False
        return self.last_total is None or (len(self.totals) == 1 and len(self.seen) == self.last_total)


class Walk(Iterator[Item]):
    """Iterator over a list's objects. After it has ended:

    ``complete``: the last pass read as many objects as the service counted. ``changed``: it did not, even in the
    third pass, so the list was changing while being read. ``gone``: identities met in an earlier pass and no longer
    in the last. ``total``: the service's count. ``seen``: objects yielded. ``passes``, ``restarts``, ``pages``.
    ``reason``: why it is incomplete, in words.
    """

    def __init__(self, endpoint: Endpoint, fetch: Fetch, query: Mapping[str, Any]) -> None:
        self.endpoint = endpoint
        self.complete = False
        self.changed = False
        self.reason = ""
        self.total: int | None = None
        self.seen = self.passes = self.restarts = self.pages = 0
        self.gone: set[object] = set()
        self._fetch = fetch
        self._query = {k: v for k, v in query.items() if k not in ("page_number", "next_page_token")}
        self._known: set[object] = set()
        self._items = self._run()

    def __next__(self) -> Item:
        return next(self._items)

    def _run(self) -> Iterator[Item]:
        for self.passes in range(1, MOST_PASSES + 1):
            current = _Pass()
            yield from self._read(current)
            self.total = current.last_total
            self.gone = self._known - current.seen
            self.complete = current.adds_up
            self.reason = current.cut
            if self.complete:
                return
        self.changed = not self.reason
        self.reason = self.reason or "The list changed while it was being read."

    def _read(self, current: _Pass) -> Iterator[Item]:
        where: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            page = self._get(where, current)
            if page is None:
                where = {}
                continue
            ids = [identity(self.endpoint, item) for item in page.items]
            current.add(page, ids)
            for key, item in zip(ids, page.items, strict=True):
                if key not in self._known:
                    self._known.add(key)
                    self.seen += 1
                    yield item
            following = self._next(where, page, current)
            if following is None:
                return
            where = following
        current.cut = "The list did not end."

    def _get(self, where: Mapping[str, Any], current: _Pass) -> Page | None:
        """Fetch a page; None when its token has expired and the walk must start again."""
        try:
            page = read_page(self.endpoint, self._fetch({**self._query, **where}))
        except errors.BadRequest:
            if "next_page_token" not in where or self.restarts >= MOST_PASSES:
                raise
            self.restarts += 1
            current.restart()
            return None
        self.pages += 1
        return page

    def _next(self, where: Mapping[str, Any], page: Page, current: _Pass) -> dict[str, Any] | None:
        """Return the next page's query, None at the end."""
        if page.token:
            if page.token in current.tokens or current.stale >= MOST_STALE:
                current.cut = "The service repeated a page without end."
                return None
            current.tokens.add(page.token)
            return {"next_page_token": page.token}
        if self.endpoint.paging is Paging.TOKEN and (page.number is None or "next_page_token" in where):
            return None
        number = int(where.get("page_number", 1))
        if not page.items or current.stale >= MOST_STALE:
            return None
        if number < (page.pages or 0) or (page.total is not None and len(current.seen) < page.total):
            return {"page_number": number + 1}
        # A full page may be followed by another one, unless the count of the whole list says that these are all.
        if self._is_full(page) and len(current.seen) != page.total:
            return {"page_number": number + 1}
        return None

    def _is_full(self, page: Page) -> bool:
        """Whether it holds as many objects as were asked for, or as the service says that it gives."""
        sizes = [_whole(self._query.get("page_size")), _whole(page.raw.get("page_size"))]
        return any(size and len(page.items) >= size for size in sizes)


def _whole(value: Any) -> int | None:
    """Return a count, however it is written."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
