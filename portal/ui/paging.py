"""Pages by key: the next page starts after the last row seen, so page 4,000 costs what page 1 costs.

No full count of a large table is made; rows that come or go between two pages neither repeat nor hide others.
Blank values sort last in both directions, on SQLite and on PostgreSQL alike.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

from portal.ui.order import RowBeyond, SortKey, sort_keys

SIZES = (50, 100, 300)
COUNT_LIMIT = 10_000
END = "end"


class BadCursor(ValueError):
    """The text in the address is no place in this list."""


def encode(keys: Sequence[SortKey], row: Model) -> str:
    """Write a row's place in this order as one opaque word."""
    content = [[f"{'-' if key.descending else ''}{key.name}" for key in keys], [_plain(key.read(row)) for key in keys]]
    packed = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode(keys: Sequence[SortKey], cursor: str) -> list[Any]:
    """Read a place back, value by value through the field's own checks.

    Raises: BadCursor when it is damaged or was made for another order.
    """
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        names, values = json.loads(packed)
        if names != [f"{'-' if key.descending else ''}{key.name}" for key in keys] or len(values) != len(keys):
            raise BadCursor("made for another order")
        return [_checked(key, value) for key, value in zip(keys, values, strict=True)]
    except (binascii.Error, ValueError, TypeError, ValidationError, OverflowError, RecursionError) as error:
        raise BadCursor("not a place in this list") from error


def _plain(value: Any) -> Any:
    if isinstance(value, date | time):
        return value.isoformat()  # to the microsecond: a rounded moment would skip or repeat rows
    return str(value) if isinstance(value, Decimal | UUID) else value


def _checked(key: SortKey, value: Any) -> Any:
    if value is None:
        if not key.nullable:
            raise BadCursor("blank where no blank can be")
        return None
    if isinstance(value, list | dict) or (isinstance(value, str) and "\x00" in value):
        raise BadCursor("not a single value")
    clean = key.field.to_python(value)
    if isinstance(clean, int) and not isinstance(clean, bool) and abs(clean) >= 2**63:
        raise BadCursor("too large a number")
    return clean


class KeysetPage:
    """One page of ``queryset`` in the order ``sort``, at the place that ``params`` name.

    ``params`` is the request's GET: ``after``/``before`` (a cursor, or ``before=end`` for the last page) and ``size``.
    A damaged or outdated cursor shows the first page and sets ``lost``. Give a queryset that is already filtered and
    has ``select_related`` for every relation named in ``sort``. ``count=False`` skips the count, which stops
    at ``count_limit``.
    """

    def __init__(
        self,
        queryset: QuerySet[Any],
        *,
        sort: Sequence[str] = (),
        params: Mapping[str, str] | QueryDict | None = None,
        sizes: Sequence[int] = SIZES,
        count: bool = True,
        count_limit: int = COUNT_LIMIT,
    ) -> None:
        self.params = params if params is not None else {}
        self.sizes = tuple(sizes)
        self.size = self._size()
        self.keys = sort_keys(queryset, sort)
        self.queryset = queryset.order_by()
        self.counting, self.count_limit = count, count_limit
        self.lost = False
        self.has_next = self.has_previous = False
        self.rows: list[Any] = []
        self._load()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def _size(self) -> int:
        asked = self.params.get("size", "")
        return int(asked) if asked in {str(size) for size in self.sizes} else self.sizes[0]

    def _load(self) -> None:
        after, before = self.params.get("after", ""), self.params.get("before", "")
        if before == END:
            self._from_the_end()
            return
        try:
            if before:
                self._take(decode(self.keys, before), backwards=True)
            elif after:
                self._take(decode(self.keys, after), backwards=False)
        except BadCursor:
            self.lost, before, after = True, "", ""
        if after and not self.rows:
            self._from_the_end()  # the rows that stood there are gone
        elif not after and (not before or not self.has_previous):
            self._take(None, backwards=False)  # a short page before the second one is the first one

    def _from_the_end(self) -> None:
        self._take(None, backwards=True)

    def _take(self, values: list[Any] | None, *, backwards: bool) -> None:
        found: list[Any] = []
        for part in self._parts(values, backwards):
            if len(found) <= self.size:
                found += part[: self.size + 1 - len(found)]
        more = len(found) > self.size
        self.rows = found[: self.size]
        if backwards:
            self.rows.reverse()
        self.has_previous, self.has_next = (more, values is not None) if backwards else (values is not None, more)

    def _parts(self, values: list[Any] | None, backwards: bool) -> list[QuerySet[Any]]:
        """The rows beyond a place, as querysets to be read one after the other.

        Where the first column may be blank, its blanks are a part of their own: in one condition with the others
        they would make the database read the list from its beginning.
        """
        first, rest = self.keys[0], self.keys[1:]
        if not first.nullable or any(key.nullable for key in rest):
            return [self._part(self.queryset, self.keys, values, backwards)]
        blank = self.queryset.filter(**{f"{first.name}__isnull": True})
        filled = self.queryset.filter(**{f"{first.name}__isnull": False})
        keys = (replace(first, nullable=False), *rest)
        on_blank = values is not None and values[0] is None
        at_blank = self._part(blank, rest, values[1:] if values is not None and on_blank else None, backwards)
        at_filled = self._part(filled, keys, None if on_blank else values, backwards)
        if backwards:
            return [at_filled] if values is not None and not on_blank else [at_blank, at_filled]
        return [at_blank] if on_blank else [at_filled, at_blank]

    def _part(
        self, rows: QuerySet[Any], keys: Sequence[SortKey], values: list[Any] | None, backwards: bool
    ) -> QuerySet[Any]:
        rows = rows.order_by(*(key.order(backwards) for key in keys))
        return rows if values is None else rows.filter(self._beyond(keys, values, backwards))

    def _beyond(self, keys: Sequence[SortKey], values: list[Any], backwards: bool) -> Q | RowBeyond:
        directions = {key.descending for key in keys}
        if len(directions) == 1 and not any(key.nullable for key in keys):
            return RowBeyond(keys, values, "<" if directions.pop() != backwards else ">")
        found, equal = Q(pk__in=[]), Q()
        for key, value in zip(keys, values, strict=True):
            beyond = key.beyond(value, backwards)
            if beyond is not None:
                found |= equal & beyond
            equal &= key.equal(value)
        return found

    @cached_property
    def counted(self) -> int | None:
        """How many rows match, None above the limit (or when not counted)."""
        if not self.counting:
            return None
        if not self.has_next and not self.has_previous:
            return len(self.rows)
        found = self.queryset[: self.count_limit + 1].count()
        return found if found <= self.count_limit else None

    @property
    def total_text(self) -> str:
        """ "50 of 1,204", "50 of more than 10,000"; when nothing was counted "50 rows" or "50 rows, more follow"."""
        here = f"{len(self.rows):,}"
        if not self.counting and self.has_next:
            return f"{here} rows, more follow"
        if not self.counting:
            return f"{here} row{'' if len(self.rows) == 1 else 's'}"
        if self.counted is None:
            return f"{here} of more than {self.count_limit:,}"
        if self.counted == len(self.rows):
            return f"{here} row{'' if self.counted == 1 else 's'}"
        return f"{here} of {self.counted:,}"

    def link(self, **changes: str) -> str:
        """The address of another place in the same list: filters, order and size are kept."""
        kept = [(name, value) for name, value in _pairs(self.params) if name not in ("after", "before", *changes)]
        return "?" + urlencode([*kept, *((name, value) for name, value in changes.items() if value)])

    @property
    def next_url(self) -> str:
        return self.link(after=encode(self.keys, self.rows[-1])) if self.has_next and self.rows else ""

    @property
    def previous_url(self) -> str:
        return self.link(before=encode(self.keys, self.rows[0])) if self.has_previous and self.rows else ""

    @property
    def first_url(self) -> str:
        return self.link() if self.has_previous else ""

    @property
    def last_url(self) -> str:
        return self.link(before=END) if self.has_next else ""

    @property
    def size_links(self) -> list[tuple[int, str]]:
        """(size, address); the present size has no address."""
        return [(size, "" if size == self.size else self.link(size=str(size))) for size in self.sizes]


def _pairs(params: Mapping[str, str] | QueryDict) -> Iterator[tuple[str, str]]:
    if isinstance(params, QueryDict):
        for name, values in params.lists():
            yield from ((name, str(value)) for value in values)
    else:
        yield from params.items()
