"""Pages by number, of a list that somebody else keeps: one page has been read there, and its place is in the address.

Has the members that tables and pagers use of a ``KeysetPage``.
"""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

from django.http import QueryDict
from django.utils.http import urlencode

from portal.ui.paging import SIZES

NUMBER = "page"
MOST = 100_000  # pages: what is larger is no place in a list


def place(params: QueryDict) -> tuple[int, int]:
    """(page, rows per page) that an address names; what it names wrongly is the first page of the smallest size."""
    number, size = params.get(NUMBER, ""), params.get("size", "")
    usable = number.isascii() and number.isdigit() and len(number) < 7 and 0 < int(number) <= MOST
    return int(number) if usable else 1, int(size) if size in {str(one) for one in SIZES} else SIZES[0]


class NumberedPage:
    """``rows`` of the page that ``place(params)`` names, out of ``total`` (None when nobody said)."""

    lost = False

    def __init__(self, rows: Sequence[Any], *, total: int | None, params: QueryDict) -> None:
        self.rows = list(rows)
        self.params = params
        self.number, self.size = place(params)
        self.counted = total
        self.has_previous = self.number > 1
        self.has_next = len(self.rows) >= self.size if total is None else self.number * self.size < total

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def total_text(self) -> str:
        """ "50 of 1,204", or "50 rows" when that is all, or all that is known."""
        here = f"{len(self.rows):,}"
        if self.counted is not None and self.counted != len(self.rows):
            return f"{here} of {self.counted:,}"
        return f"{here} row{'' if len(self.rows) == 1 else 's'}{', more follow' if self.has_next else ''}"

    def link(self, **changes: str) -> str:
        """The address of another place in the same list."""
        kept = [
            (name, value) for name, values in self.params.lists() for value in values if name not in (NUMBER, *changes)
        ]
        return "?" + urlencode([*kept, *changes.items()])

    @property
    def first_url(self) -> str:
        return self.link() if self.has_previous else ""

    @property
    def previous_url(self) -> str:
        return self.link(page=str(self.number - 1)) if self.has_previous else ""

    @property
    def next_url(self) -> str:
        return self.link(page=str(self.number + 1)) if self.has_next else ""

    @property
    def last_url(self) -> str:
        known = self.counted is not None and self.has_next
        return self.link(page=str(ceil((self.counted or 0) / self.size))) if known else ""

    @property
    def size_links(self) -> list[tuple[int, str]]:
        """(size, address); the present size has no address."""
        return [(size, "" if size == self.size else self.link(size=str(size))) for size in SIZES]
