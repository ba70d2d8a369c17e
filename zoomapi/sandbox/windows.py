"""Spans of days: a month at most, and the service moves a first day that is too early without a word."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from zoomapi.sandbox.errors import invalid


@dataclass(frozen=True)
class Window:
    """Days from ``first`` to ``last``, both included, in UTC."""

    first: date
    last: date

    @property
    def begin(self) -> str:
        """The first moment that belongs to it."""
        return f"{self.first.isoformat()}T00:00:00Z"

    @property
    def end(self) -> str:
        """The first moment after it."""
        return f"{(self.last + timedelta(days=1)).isoformat()}T00:00:00Z" if self.last < date.max else "9999-12-31T24"

    def echo(self) -> dict[str, str]:
        """The days really covered, as an answer tells them."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}

    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


def window(query: dict[str, Any]) -> Window:
    """Return the span a query's ``from`` and ``to`` mean. Refuses (300) one that ends before it begins."""
    first, last = query["from"], query["to"]
    if last < first:
        raise invalid("to", message="The last day is before the first.")
    return Window(max(first, month_before(last)), last)


def month_before(day: date) -> date:
    try:
        earlier: date = day - relativedelta(months=1)
    except ValueError:  # before the year 1
        return date.min
    return earlier
