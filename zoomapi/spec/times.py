"""Fields for dates and times as the wire writes them.

A start time without a Z is local to the time zone beside it. To put a Z there moves a meeting by hours, so these
fields hand texts on as texts and never add or drop one.
"""

import datetime as dt
import re
from typing import Any

from rest_framework import serializers

_MOMENT = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"[T ](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})(\.[0-9]{1,6})?)?(?P<utc>Z?)"
)
_OFFSET = re.compile(r"[+ -][0-9]{2}:?[0-9]{2}\Z")  # a plus that was not encoded in a query arrives as a space
_PARTS = ("year", "month", "day", "hour", "minute", "second")


class LocalMoment(serializers.CharField):
    """A date-time: UTC when it ends in Z, else local to the time zone of the same object.

    The value is the text in its full form, ``2018-07-01T09:00:00`` or ``2018-07-01T09:00:00Z``. A ``datetime`` is
    taken too: one without a zone is local, one with a zone is turned into UTC.
    """

    needs_utc = False
    default_error_messages = {
        "form": "Write 2018-07-01T09:00:00Z for UTC, or the same without Z for local time.",
        "utc": "This must be UTC, written like 2018-07-01T09:00:00Z.",
    }

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, dt.datetime):
            data = self._written(data)
        match = _MOMENT.fullmatch(data.strip()) if isinstance(data, str) else None
        if match is None or (self.needs_utc and not match["utc"]):
            self.fail("utc" if self.needs_utc else "form")
        year, month, day, hour, minute, second = (int(match[part] or 0) for part in _PARTS)
        try:
            moment = dt.datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - its zone is elsewhere
        except ValueError:
            self.fail("form")
        return moment.isoformat() + match["utc"]

    def _written(self, moment: dt.datetime) -> str:
        try:
            return as_text(moment)
        except OverflowError:  # in UTC it is before the first year, or after the last
            self.fail("form")

    def to_representation(self, value: Any) -> str:
        return as_text(value) if isinstance(value, dt.datetime) else str(value)


class UtcMoment(LocalMoment):
    """A date-time that must be UTC."""

    needs_utc = True


class Day(serializers.DateField):
    """A date. A date-time is understood as its day."""

    def to_internal_value(self, data: Any) -> dt.date:
        if isinstance(data, dt.datetime):
            return data.date()
        if isinstance(data, str):
            text = data.strip()
            match = _MOMENT.fullmatch(text) or _MOMENT.fullmatch(_OFFSET.sub("", text))
            data = text[: match.end("day")] if match else data
        value: dt.date = super().to_internal_value(data)
        return value


def as_text(moment: dt.datetime) -> str:
    """Write a date-time for the wire: UTC with a Z when its zone is known, else as it is."""
    if moment.tzinfo is None:
        return moment.replace(microsecond=0).isoformat()
    return moment.astimezone(dt.UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
