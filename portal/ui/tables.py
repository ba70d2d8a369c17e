"""Tables as data: which columns there are, how each cell is drawn, by what the rows can be sorted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.utils.cache import patch_vary_headers
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from portal.ui.formats import clock, shown
from portal.ui.numbered import NumberedPage
from portal.ui.paging import KeysetPage


@dataclass(frozen=True)
class Column:
    """One column.

    The cell is, in this order: ``render(row)`` (safe HTML or plain text), ``template`` drawn with ``row``, or the value
    at ``key`` (dotted: attributes, mapping keys, methods without arguments). ``link(row)`` wraps it in a link.
    ``sort`` is the word in the address, ``sort_fields`` the model fields it stands for (default: the word itself).
    ``priority`` 2 leaves on a phone, 3 already on a small window. ``head`` makes the cell the row's heading.
    ``css`` may hold "tight" (as narrow as can be) and "below" (on a phone it has a line of its own, under the others).
    """

    label: str
    key: str = ""
    render: Callable[[Any], Any] | None = None
    template: str = ""
    link: Callable[[Any], str] | None = None
    numeric: bool = False
    sort: str = ""
    sort_fields: tuple[str, ...] = ()
    priority: int = 1
    head: bool = False
    css: str = ""

    @property
    def classes(self) -> str:
        names = ("num" if self.numeric else "", {2: "less", 3: "least"}.get(self.priority, ""), self.css)
        return " ".join(name for name in names if name)

    @cached_property
    def frame(self) -> tuple[str, str]:
        """What stands before and after a cell's content."""
        opening = 'th scope="row"' if self.head else "td"
        classes = f' class="{escape(self.classes)}"' if self.classes else ""
        return f"<{opening}{classes}>", "</th>" if self.head else "</td>"

    def cell(self, row: Any) -> SafeString:
        if self.render is not None:
            content = shown(self.render(row))
        elif self.template:
            content = mark_safe(get_template(self.template).render({"row": row}).strip())  # noqa: S308  # escaped by the template
        else:
            content = shown(lookup(row, self.key))
        url = self.link(row) if self.link is not None else ""
        return format_html('<a href="{}">{}</a>', url, content) if url else content


@dataclass(frozen=True)
class BulkAction:
    """A button for the chosen rows. It posts ``action=value`` with the choice to the table's ``action_url``."""

    label: str
    value: str
    icon: str = ""
    danger: bool = False


@dataclass(frozen=True)
class Empty:
    """What a table says when it has no rows: what is so, and what to do. ``actions`` are (label, address)."""

    title: str = "Nothing here yet"
    text: str = ""
    actions: tuple[tuple[str, str], ...] = ()
    icon: str = "inbox"


@dataclass(frozen=True)
class Freshness:
    """How old and how complete the rows are: "41 of 42 sub-accounts, as of 09:12 CET"."""

    as_of: datetime | None
    complete: int = 0
    total: int = 0
    noun: str = "sub-accounts"
    stale: bool = False

    @classmethod
    def of(cls, found: Any) -> "Freshness":
        """Take it from anything with ``as_of``, ``complete``, ``total`` and ``is_stale``."""
        return found if isinstance(found, cls) else cls(found.as_of, found.complete, found.total, stale=found.is_stale)

    @property
    def text(self) -> str:
        if self.as_of is None:
            return "Never read from Zoom yet"
        parts = f"{self.complete:,} of {self.total:,} {self.noun}, " if self.total else ""
        return f"{parts}as of {clock(self.as_of)}"

    @property
    def is_partial(self) -> bool:
        return self.stale or self.as_of is None or self.complete < self.total


@dataclass(frozen=True)
class Head:
    label: str
    classes: str
    url: str = ""
    direction: str = ""


PICK = (
    '<td class="pick"><label><input type="checkbox" name="selected" value="{}" data-pick aria-label="Select {}" '
    'autocomplete="off"></label></td>'
)


@dataclass
class Table:
    """Columns and rows, ready for ``{% table … %}``.

    ``rows`` is any iterable, or a KeysetPage or NumberedPage (which bring their pager). ``sort`` is the present sort
    word ("-seats"), as ``sorting`` returned it. ``actions`` with ``action_url`` give row selection: a POST of
    ``selected`` (primary keys), or ``everything=1`` with ``filters`` (the query text) when all matching rows are meant.
    ``freshness`` is a Freshness, or anything ``Freshness.of`` can read.
    """

    columns: Sequence[Column]
    rows: Iterable[Any]
    request: HttpRequest
    caption: str = ""
    sort: str = ""
    empty: Empty = field(default_factory=Empty)
    freshness: Any = None
    actions: Sequence[BulkAction] = ()
    action_url: str = ""
    row_key: Callable[[Any], str] = lambda row: str(row.pk)
    row_label: Callable[[Any], str] = str
    everything: bool = True
    target: str = "results"

    @property
    def page(self) -> KeysetPage | NumberedPage | None:
        return self.rows if isinstance(self.rows, KeysetPage | NumberedPage) else None

    @cached_property
    def drawn(self) -> list[SafeString]:
        """The rows as HTML. Joined here: a template loop over rows and cells took most of a list page's time."""
        frames = [(column, *column.frame) for column in self.columns]
        rows = []
        for row in self.rows:
            # ``cell`` escapes, and so does ``format_html``.
            pick = format_html(PICK, self.row_key(row), self.row_label(row)) if self.actions else ""
            cells = "".join([f"{before}{column.cell(row)}{after}" for column, before, after in frames])
            rows.append(mark_safe(f"<tr>{pick}{cells}</tr>"))  # noqa: S308
        return rows

    @property
    def width(self) -> int:
        return len(self.columns) + bool(self.actions)

    @property
    def can_take_everything(self) -> bool:
        return self.everything and self.page is not None and (self.page.has_next or self.page.has_previous)

    @property
    def filters_text(self) -> str:
        kept = self.request.GET.copy()
        for name in ("after", "before", "page", "size"):
            kept.pop(name, None)
        return kept.urlencode()

    def heads(self) -> list[Head]:
        return [self._head(column) for column in self.columns]

    def _head(self, column: Column) -> Head:
        if not column.sort:
            return Head(column.label, column.classes)
        ascending, descending = self.sort == column.sort, self.sort == f"-{column.sort}"
        query = self.request.GET.copy()
        for name in ("after", "before"):
            query.pop(name, None)
        query["sort"] = f"-{column.sort}" if ascending else column.sort
        direction = "ascending" if ascending else "descending" if descending else ""
        return Head(column.label, column.classes, f"?{query.urlencode()}", direction)


def sorting(columns: Sequence[Column], request: HttpRequest, default: str) -> tuple[str, tuple[str, ...]]:
    """Return (the sort word for the table, the model fields for the page); an unknown word gives the default."""
    known = {column.sort: column.sort_fields or (column.sort,) for column in columns if column.sort}
    asked = request.GET.get("sort", "")
    word = asked if asked.removeprefix("-") in known else default
    fields = known.get(word.removeprefix("-"), (word.removeprefix("-"),))
    return word, tuple(_turned(name) for name in fields) if word.startswith("-") else tuple(fields)


def _turned(name: str) -> str:
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"


def lookup(row: Any, key: str) -> Any:
    """Follow a dotted key through attributes and mappings; a missing link gives None."""
    value = row
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else getattr(value, part, None)
        if callable(value):
            value = value()
    return value


def wants_part(request: HttpRequest) -> bool:
    """True when htmx asks for a piece of the page, and not for the whole page by a boost or the back button."""
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page_or_part(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, part: str = "results", status: int = 200
) -> HttpResponse:
    """Render the page, or for htmx only its ``{% partialdef results inline %}``: one view, one address."""
    name = f"{template}#{part}" if wants_part(request) else template
    response = render(request, name, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"])
    return response
