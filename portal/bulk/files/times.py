"""Dates, moments and durations as people and spreadsheets write them, in the form that fields take."""

import re

_CLOCK = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
_TIME = rf"(?:,?[ T]\s*{_CLOCK}(?P<utc>Z?))?"
_POINTS = re.compile(rf"(?P<day>[0-9]{{1,2}})\.\s?(?P<month>[0-9]{{1,2}})\.\s?(?P<year>[0-9]{{4}}){_TIME}")
SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})(?![0-9/])(.*)", re.DOTALL)
_DAY_ALONE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T.*)?")
_FULL = re.compile(rf"[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}[ T]{_CLOCK}Z?")
_ALONE = re.compile(r"[0-9]{1,2}(?::[0-9]{2}){1,2}\s*(?:[ap]\.?\s?m\.?)?|[0-9]{1,2}\s*[ap]\.?\s?m\.?", re.IGNORECASE)
_SERIAL = re.compile(r"[2-7][0-9]{4}(?:\.[0-9]+)?")  # days since 1900: from 1954 to 2119
_SPAN = re.compile(r"(?P<hours>[0-9]{1,4}):(?P<minutes>[0-5][0-9])(?::(?P<seconds>[0-5][0-9]))?")
EITHER = (
    "With slashes, day and month are easily mistaken for each other. Say above the columns which comes first, or write "
    "2026-12-24T10:30:00 or 24.12.2026 10:30."
)
TIMELESS = "The time of day is missing. Write it after the date: 24.12.2026 10:30."
TIMELESS_UTC = "The time of day is missing, and it must be UTC: 2026-12-24T10:30:00Z."
DATELESS = "This is a time of day without a date. Both must stand in one cell: 24.12.2026 10:30."
NO_SUCH = "There is no such day, or no such time of day."
SERIAL = "This is a spreadsheet's number for a date. Format the column as date and save again."


def in_order(text: str) -> str:
    """``24.12.2026 10:30`` as ``2026-12-24T10:30:00``: points are written where the day comes first only."""
    found = _POINTS.fullmatch(text)
    if found is None:
        return text
    date = f"{found['year']}-{found['month']:0>2}-{found['day']:0>2}"
    if found["hour"] is None:
        return date
    return f"{date}T{found['hour']:0>2}:{found['minute']}:{found['second'] or '00'}{found['utc']}"


def doubt(text: str, *, timed: bool, utc: bool = False) -> str:
    """Why a date cannot be taken that somebody wrote in good faith. ``timed``: a time of day is needed."""
    if SLASHED.fullmatch(text):
        return EITHER
    if _ALONE.fullmatch(text):
        return DATELESS if timed else "This is a time of day, not a date."
    if _SERIAL.fullmatch(text):
        return SERIAL
    if timed and _DAY_ALONE.fullmatch(text):
        return TIMELESS_UTC if utc else TIMELESS
    return ""


def refusal(text: str) -> str:
    """What is wrong with a date that is written rightly and was refused all the same; "" when it is written wrongly."""
    return NO_SUCH if _FULL.fullmatch(text) or _DAY_ALONE.fullmatch(text) else ""


def whole_minutes(text: str) -> str:
    """``00:45:00``, as a spreadsheet shows a duration, as ``45``."""
    found = _SPAN.fullmatch(text)
    if found is None or int(found["seconds"] or 0):
        return text
    return str(int(found["hours"]) * 60 + int(found["minutes"]))


def no_number(text: str) -> str:
    """What stands in a cell instead of a number, where a spreadsheet made it; empty when it is nothing of that."""
    what = "a time" if _SPAN.fullmatch(text) else "a date" if _DAY.fullmatch(text) else ""
    return f"This is {what}, and a number is wanted. Format the column as number and type it again." if what else ""
