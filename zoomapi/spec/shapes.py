"""Shapes more than one family uses."""

from typing import Any

from rest_framework import serializers

from zoomapi.spec.base import Shape
from zoomapi.spec.fields import day, mail_address, number, text

BATCH = 30  # most people one call adds


class NumberedQuery(Shape):
    """Paging by page number."""

    page_size = number("Page size", "Records in one answer.", initial=30, min_value=1, max_value=300)
    page_number = number("Page", "Which page to return, from 1.", initial=1, min_value=1)


class PageNumber(Shape):
    """Which page an answer is, where a token leads to the next one."""

    page_number = number("Page", "Which page this is, from 1.")


class PageTokenQuery(Shape):
    """Paging by the token of the page before."""

    page_size = number("Page size", "Records in one answer.", initial=30, min_value=1, max_value=300)
    next_page_token = text(
        "Page token", "From the page before; lives 15 minutes and needs the same page size.", allow_blank=True
    )


class PeriodQuery(Shape):
    """A span of days, both included."""

    vars()["from"] = day("From", "First day.", required=True)  # a word Python keeps to itself
    to = day("To", "Last day, at most a month after the first.", required=True)


class Period(Shape):
    """The span of days an answer really covers: the service moves a first day that is too early."""

    vars()["from"] = day("From", "First day covered; later than asked for when the span was too long.")
    to = day("To", "Last day covered.")


class PeriodTokenQuery(PeriodQuery, PageTokenQuery):
    """A span of days, paged by token."""


class PeriodNumberedQuery(PeriodQuery, NumberedQuery):
    """A span of days, paged by number."""


class PersonRef(Shape):
    """A user, named by id, by e-mail, or by both."""

    id = text("User id", "Names the user, unless an e-mail address does.")
    email = mail_address("E-mail", "Names the user, unless an id does.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("id") and not attrs.get("email"):
            raise serializers.ValidationError("Give an id or an e-mail address.")
        return attrs
