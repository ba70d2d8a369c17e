"""Dates, moments and durations as people and spreadsheets write them, in the form that fields take."""

import re
from datetime import date

from portal.bulk.files.refusal import Bad

_MONTHS = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "sept": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
    "january": 1,
    "february": 2,
    "march": 3,
    "april": 4,
    "june": 6,
    "july": 7,
    "august": 8,
    "september": 9,
    "october": 10,
    "november": 11,
    "december": 12,
}
_NAMES = "|".join(_MONTHS)
_NAME = rf"(?P<name>{_NAMES})\.?"
_WEEKDAY = r"(?:(?P<weekday>mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?[.,]? ?,? ?)?"
_DAY_NUMBER = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|\.)?"
_YEAR = r"(?P<year>[0-9]{4})(?![0-9])"
# Nobody takes the day for the month in these: points follow the day, the year comes first, or the month has its name.
_CLEAR = tuple(
    re.compile(rf"{pattern}(?P<rest>.*)", re.IGNORECASE | re.DOTALL | re.ASCII)
    for pattern in (
        rf"(?P<day>[0-9]{{1,2}})\. ?(?P<month>[0-9]{{1,2}})\. ?{_YEAR}",
        r"(?P<year>[0-9]{4})(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)(?P<day>[0-9]{1,2})(?![0-9])",
        rf"{_WEEKDAY}{_NAME} {_DAY_NUMBER},? {_YEAR}",
        rf"{_WEEKDAY}{_DAY_NUMBER}(?: of)?[- ]{_NAME}[-, ] ?{_YEAR}",
    )
)
_TIME = re.compile(
    r"(?: ?,? ?(?:at |T ?|[-–] )| ?, ?| )([0-9]{1,2})(?:([:.])([0-9]{2}))?(?:[:.]([0-9]{2}))?"
    r" ?(?:([ap])\.? ?m\.?|(uhr)|(Z))?",
    re.IGNORECASE | re.ASCII,
)
_SHORT = re.compile(
    rf"(?:[0-9]{{1,2}}[- ](?:{_NAMES})[-, ] ?|(?:{_NAMES}) [0-9]{{1,2}}, ?|[0-9]{{1,2}}\. ?[0-9]{{1,2}}\. ?)"
    r"'?[0-9]{2}(?![0-9]).*",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
YEARS = range(1900, 2200)
SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})(?![0-9/])(.*)", re.DOTALL)
_DAY_ALONE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T.*)?")
_FULL = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?Z?")
_ALONE = re.compile(r"[0-9]{1,2}(?::[0-9]{2}){1,2}\s*(?:[ap]\.?\s?m\.?)?|[0-9]{1,2}\s*[ap]\.?\s?m\.?", re.IGNORECASE)
_SERIAL = re.compile(r"[2-7][0-9]{4}(?:\.[0-9]+)?(?: .*)?", re.DOTALL)  # days since 1900: from 1954 to 2119
_FRACTION = re.compile(r"0?\.[0-9]+")
_SPAN = re.compile(r"(?P<hours>[0-9]{1,4}):(?P<minutes>[0-5][0-9])(?::(?P<seconds>[0-5][0-9]))?")
_MIDNIGHT = re.compile(r"(?:[T ]0?0:00(?::00)?| 12:00(?::00)? AM)$", re.IGNORECASE)
TIME_OF = "@time"  # behind the name of a moment: the column that holds its time of day
EITHER = (
    "With slashes, day and month are easily mistaken for each other. Say above the columns which comes first, or write "
    "2026-12-24T10:30:00 or 24.12.2026 10:30."
)
TIMELESS = "The time of day is missing. Write it after the date: 24.12.2026 10:30."
TIMELESS_UTC = "The time of day is missing, and it must be UTC: 2026-12-24T10:30:00Z."
DATELESS = (
    "This is a time of day without a date. Write both in one cell (24.12.2026 10:30), or say which column holds the "
    "day and which the time of day."
)
NO_SUCH = "There is no such day, or no such time of day."
TIME_UNCLEAR = "The time of day is not understood. Write it like 10:30 or 2:30 PM."
FRACTION = "This may be a spreadsheet's number for a time of day. Format the column as time, or write 0:25."
SHORT_YEAR = "Write the year with four digits: 24.12.2026 10:30."
POINTS = (
    "Where points stand between the numbers the day comes first, but AM and PM are seldom written so. Write "
    "2026-12-24T10:30:00 or 24.12.2026 10:30."
)
SERIAL = "This is a spreadsheet's number for a date. Format the column as date and save again."


def in_order(text: str) -> str:
    """``24.12.2026 10:30`` and ``Dec 24, 2026 10:30 AM`` as ``2026-12-24T10:30:00``; another text as it is.

    Bad says what is wrong with it.
    """
    line = " ".join(text.split())
    found = next((match for pattern in _CLEAR if (match := pattern.fullmatch(line))), None)
    if found is None:
        return text
    parts = found.groupdict()
    if parts.get("sign") == "-" and not _TIME.fullmatch(parts["rest"]):
        return text  # fields know more forms of their own, with fractions and zones
    year, month, day = int(parts["year"]), int(parts.get("month") or _MONTHS[parts["name"].casefold()]), parts["day"]
    if year not in YEARS:
        raise Bad(f"The year {parts['year']} cannot be meant.")
    _refuse_contradiction(line, year, month, int(day), parts)
    return f"{year}-{month:02}-{day:0>2}{clock(parts['rest'])}"


def _refuse_contradiction(line: str, year: int, month: int, day: int, parts: dict[str, str | None]) -> None:
    """Raise Bad where another part of the text speaks against the day."""
    points = not parts.get("name") and not parts.get("sign")
    if points and day <= 12 and day != month and re.search(r"[ap]\.? ?m\.?$", line, re.IGNORECASE):
        raise Bad(POINTS)
    try:
        meant = date(year, month, day)
    except ValueError:
        raise Bad(NO_SUCH) from None
    weekday = (parts.get("weekday") or "").casefold()
    if weekday and weekday[:3] != f"{meant:%a}".casefold():
        raise Bad(f"{meant.day} {meant:%b %Y} is a {meant:%A}.")


def clock(text: str) -> str:
    """``T14:30:00`` of `` 2:30 PM``, which follows a day; nothing of nothing. Bad says what is wrong."""
    if not text.strip():
        return ""
    match = _TIME.fullmatch(text)
    if match is None or (match[3] is None and match[5] is None):
        raise Bad(FRACTION if _FRACTION.fullmatch(text.strip()) else TIME_UNCLEAR)
    hour, half = int(match[1]), (match[5] or "").casefold()
    if match[2] == "." and match[1] == "0" and not half and not match[6]:
        raise Bad(FRACTION)
    if hour > 23 or int(match[3] or 0) > 59 or int(match[4] or 0) > 59:
        raise Bad(TIME_UNCLEAR)
    if half and hour > 12:
        raise Bad(f"There is no {match[1]} o'clock with AM or PM.")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"T{hour:02}:{match[3] or '00'}:{match[4] or '00'}{'Z' if match[7] else ''}"


def half(text: str) -> str:
    """``day`` or ``clock`` where a text is one without the other, else nothing."""
    line = _MIDNIGHT.sub("", " ".join(text.split()))
    if _ALONE.fullmatch(line):
        return "clock"
    slashed = SLASHED.fullmatch(line)
    if slashed is not None:
        return "" if slashed[4] else "day"
    return "day" if any((match := pattern.fullmatch(line)) and not match["rest"] for pattern in _CLEAR) else ""


def joined(day: str, time: str) -> str:
    """A moment of its halves. A spreadsheet writes a day as its midnight."""
    return f"{_MIDNIGHT.sub('', ' '.join(day.split()))} {time}".strip()


def doubt(text: str, *, timed: bool, utc: bool = False) -> str:
    """Why a date cannot be taken that somebody wrote in good faith. ``timed``: a time of day is needed."""
    if SLASHED.fullmatch(text):
        return EITHER
    if _ALONE.fullmatch(text):
        return DATELESS if timed else "This is a time of day, not a date."
    if _SERIAL.fullmatch(text):
        return SERIAL
    if _SHORT.fullmatch(" ".join(text.split())):
        return SHORT_YEAR
    if timed and _DAY_ALONE.fullmatch(text):
        return TIMELESS_UTC if utc else TIMELESS
    return ""


def refusal(text: str) -> str:
    """What is wrong with a date that is written rightly and was refused all the same; "" when it is written wrongly."""
    return NO_SUCH if _FULL.fullmatch(text) or _DAY_ALONE.fullmatch(text) else ""


def whole_minutes(text: str) -> str:
    """``00:45:00``, as a spreadsheet shows a duration, as ``45``. Bad where 45:00 may be minutes and seconds."""
    found = _SPAN.fullmatch(text)
    if found is None or int(found["seconds"] or 0):
        return text
    if found["seconds"] is None and int(found["hours"]) >= 24:
        raise Bad(f"{text} may be hours or minutes. Write the minutes alone, or 0:25 for 25 minutes.")
    return str(int(found["hours"]) * 60 + int(found["minutes"]))


def minutes_told(value: int) -> str:
    """How a duration was read."""
    return "1 minute" if value == 1 else f"{value:,} minutes"


def no_number(text: str) -> str:
    """What stands in a cell instead of a number, where a spreadsheet made it; empty when it is nothing of that."""
    what = "a time" if _SPAN.fullmatch(text) else "a date" if _DAY.fullmatch(text) else ""
    return f"This is {what}, and a number is wanted. Format the column as number and type it again." if what else ""
