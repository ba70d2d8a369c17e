"""When a recurring meeting takes place (section "Recurrence Object").

The rule is applied to the clock on the wall: nine o'clock stays nine o'clock when daylight saving begins or ends, and
so the moments in UTC move by an hour.
"""

from datetime import UTC, datetime
from itertools import islice
from typing import Any, Literal

from dateutil.rrule import DAILY, FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, rrule, weekday

from zoomapi.sandbox.clock import moment, written
from zoomapi.spec.corrections import zone

WEEKDAYS = {1: SU, 2: MO, 3: TU, 4: WE, 5: TH, 6: FR, 7: SA}
FREQUENCIES: dict[int, Literal[1, 2, 3]] = {1: DAILY, 2: WEEKLY, 3: MONTHLY}
MOST_BY_DATE = 1100  # three years of days: nobody means more


def in_utc(local: datetime, timezone: str) -> datetime:
    """Turn the time on a wall of ``timezone`` into UTC. A time that is skipped counts from before the change."""
    return local.replace(tzinfo=zone(timezone)).astimezone(UTC)


def utc_text(text: str, timezone: str) -> str:
    """Turn a start as a caller gives it (with Z, or local to ``timezone``) into the text of a moment in UTC."""
    if text.endswith("Z"):
        return text
    return written(in_utc(datetime.fromisoformat(text), timezone))


def starts(start: str, timezone: str, rule: dict[str, Any]) -> list[str]:
    """Return the moments (UTC) at which a recurrence takes place, the first not before ``start`` (UTC)."""
    first = moment(start).astimezone(zone(timezone)).replace(tzinfo=None)
    until = _until(rule)
    repeats = rrule(
        FREQUENCIES[rule.get("type", 1)],
        dtstart=first,
        interval=rule.get("repeat_interval", 1),
        wkst=SU,
        **_days(rule),
    )
    found: list[str] = []
    # Some rules never match (the 31st, every twelve months from a June): rrule ends by itself then.
    for local in islice(repeats, MOST_BY_DATE if until else rule.get("end_times", 1)):
        text = written(in_utc(local, timezone))
        if until and text > until:
            break
        found.append(text)
    return found


def _until(rule: dict[str, Any]) -> str:
    last: str = rule.get("end_date_time") or ""
    return last


def _days(rule: dict[str, Any]) -> dict[str, Any]:
    """What the rule says of days; without a word the day of the first start is meant."""
    kind = rule.get("type", 1)
    if kind == 2 and rule.get("weekly_days"):
        return {"byweekday": [WEEKDAYS[int(day)] for day in str(rule["weekly_days"]).split(",")]}
    if kind == 3 and rule.get("monthly_week") and rule.get("monthly_week_day"):
        day: weekday = WEEKDAYS[rule["monthly_week_day"]](rule["monthly_week"])
        return {"byweekday": day}
    if kind == 3 and rule.get("monthly_day"):
        return {"bymonthday": rule["monthly_day"]}
    return {}
