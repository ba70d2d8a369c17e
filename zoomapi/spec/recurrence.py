"""When a recurring meeting or webinar takes place (section "Recurrence Object")."""

from typing import Any

from rest_framework import serializers

from zoomapi.spec.base import Shape
from zoomapi.spec.fields import choice, codes, number, utc_moment

DAILY, WEEKLY, MONTHLY = 1, 2, 3
RECURRENCE_TYPES = {DAILY: "Daily", WEEKLY: "Weekly", MONTHLY: "Monthly"}
LONGEST_INTERVAL = {DAILY: (90, "days"), WEEKLY: (12, "weeks"), MONTHLY: (3, "months")}
MOST_TIMES = 50
WEEKDAYS = {1: "Sunday", 2: "Monday", 3: "Tuesday", 4: "Wednesday", 5: "Thursday", 6: "Friday", 7: "Saturday"}
WEEKS = {-1: "Last", 1: "First", 2: "Second", 3: "Third", 4: "Fourth"}


class Recurrence(Shape):
    """By days, by weekdays, by a day of the month, or by a weekday of a week of the month; with one end or the other.

    What belongs to another type is left alone, as the service does.
    """

    type = choice("Repeats", "What is counted.", RECURRENCE_TYPES)
    repeat_interval = number(
        "Every", "Every so many days (up to 90), weeks (12) or months (3).", initial=1, min_value=1, max_value=90
    )
    weekly_days = codes(
        "Weekdays", "For weekly: numbers separated by commas.", {str(d): n for d, n in WEEKDAYS.items()}
    )
    monthly_day = number("Day of the month", "For monthly: 1 to 31.", min_value=1, max_value=31)
    monthly_week = choice("Week of the month", "For monthly, together with a weekday.", WEEKS)
    monthly_week_day = choice("Weekday in that week", "For monthly, together with a week.", WEEKDAYS)
    end_times = number(
        "Number of times",
        "Ends after so many, unless an end date is given.",
        initial=1,
        min_value=1,
        max_value=MOST_TIMES,
    )
    end_date_time = utc_moment("Last date", "Ends at this moment in UTC, unless a number of times is given.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        problems = dict(_problems(attrs, whole=not getattr(self.root, "partial", False)))
        if problems:
            raise serializers.ValidationError(problems)
        return attrs


def _problems(given: dict[str, Any], *, whole: bool) -> list[tuple[str, str]]:
    found = []
    kind = given.get("type")
    if kind is None and given and whole:
        found.append(("type", "Say whether it repeats daily, weekly or monthly."))
    most, unit = LONGEST_INTERVAL.get(kind or DAILY, (90, "days"))
    if kind and given.get("repeat_interval", 1) > most:
        found.append(("repeat_interval", f"{RECURRENCE_TYPES[kind]} allows at most {most} {unit}."))
    if "end_times" in given and "end_date_time" in given:
        found.append(("end_date_time", "Give a number of times or a last date, not both."))
    if kind == MONTHLY:
        found += _monthly_problems(given, whole=whole)
    return found


def _monthly_problems(given: dict[str, Any], *, whole: bool) -> list[tuple[str, str]]:
    week, weekday = "monthly_week" in given, "monthly_week_day" in given
    if "monthly_day" in given and (week or weekday):
        return [("monthly_day", "Give a day of the month, or a week and a weekday, not both.")]
    if whole and week != weekday:
        missing = "monthly_week_day" if week else "monthly_week"
        return [(missing, "A week of the month needs its weekday, and a weekday its week.")]
    return []
