"""How values are written for people: moments, days, numbers, status. All return text that is safe in HTML."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

import heroicons
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

ABSENT = mark_safe('<span class="soft" aria-label="none">–</span>')
TONES = {
    "good": "active online done succeeded success ok complete completed paid intact created applied approved yes",
    "info": "pending queued waiting running new scheduled trial invited verifying ready validating preparing uploaded "
    "sending",
    "warn": "warning partial stale unknown paused legacy expired cancelling needs_decision needs_review review "
    "done_with_errors impossible left_alone",
    "bad": "failed error refused broken blocked rejected declined conflict invalid",
}
TONE_OF = {word: tone for tone, words in TONES.items() for word in words.split()}
_DAY = 86400
_STEPS = (
    (60, "second", 1),
    (3600, "minute", 60),
    (_DAY, "hour", 3600),
    (_DAY * 60, "day", _DAY),
    (_DAY * 700, "month", _DAY * 30),
    (float("inf"), "year", _DAY * 365),
)


def ago(moment: datetime, now: datetime | None = None) -> str:
    """Say how far away a moment is: "3 hours ago", "in 2 days"."""
    seconds = ((now or timezone.now()) - moment).total_seconds()
    distance = abs(seconds)
    if distance < 5:
        return "just now"
    unit, size = next((unit, size) for limit, unit, size in _STEPS if distance < limit)
    count = int(distance // size)
    text = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{text} ago" if seconds > 0 else f"in {text}"


def zone_name(moment: datetime) -> str:
    """Name the zone of an aware moment: "CET", or "UTC+03" where the zone has no letters."""
    name = moment.tzname() or ""
    return name if name[:1].isalpha() else f"UTC{name}"


def moment_text(value: datetime) -> str:
    """Write an aware moment in the person's zone: "22 Nov 2026, 09:12 CET"."""
    local = timezone.localtime(value)
    return f"{local.day} {local:%b %Y, %H:%M} {zone_name(local)}"


def when(value: Any) -> SafeString:
    """Write a moment in the person's zone with the zone shown; a date stays the day it is."""
    if isinstance(value, datetime):
        if timezone.is_naive(value):
            # A local time without a zone must not be passed off as one of ours.
            return format_html('<time datetime="{}">{}</time>', value.isoformat(), f"{value.day} {value:%b %Y, %H:%M}")
        return format_html(
            '<time datetime="{}" title="{}">{}</time>', value.isoformat(), ago(value), moment_text(value)
        )
    if isinstance(value, date):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), f"{value.day} {value:%b %Y}")
    return ABSENT if value in (None, "") else conditional_escape(value)


def second(value: datetime) -> SafeString:
    """Write a moment of now, in the person's zone, so that one sees it move: "09:12:30 CET"."""
    local = timezone.localtime(value)
    return format_html('<time datetime="{}">{} {}</time>', value.isoformat(), f"{local:%H:%M:%S}", zone_name(local))


def day(value: datetime | None) -> SafeString:
    """Write only the day of a moment, in the person's zone; the full moment is its title."""
    if value is None:
        return ABSENT
    local = timezone.localtime(value)
    written = f"{local.day} {local:%b %Y}"
    title = f"{written}, {local:%H:%M} {zone_name(local)}"
    # Nothing in a moment needs escaping, and a list has a hundred of them.
    return mark_safe(f'<time class="nowrap" datetime="{value.isoformat()}" title="{title}">{written}</time>')  # noqa: S308


def clock(value: datetime | None) -> str:
    """Write the hour of today with its zone, the full moment of another day."""
    if value is None:
        return "never"
    local = timezone.localtime(value)
    return f"{local:%H:%M} {zone_name(local)}" if local.date() == timezone.localdate() else moment_text(value)


def number(value: Any) -> str:
    """Write a number with thousands separated: "1,234,567"; anything else unchanged, None as nothing."""
    if value is None or value == "":
        return ""
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def badge(text: str, tone: str = "") -> SafeString:
    """Status as text plus colour. Without a tone (good, info, warn, bad, muted) the word decides."""
    chosen = tone or TONE_OF.get(str(text).strip().lower().replace(" ", "_"), "muted")
    return format_html('<span class="badge {}">{}</span>', chosen, text)


def meter(used: int, of: int, label: str, *, scarce: bool = True) -> SafeString:
    """A small bar for a table cell, as for seats: "9 / 12". Drawn here, since a list has fifty of them.

    Not ``scarce``: a full bar is as good as an empty one.
    """
    tone = "" if not scarce else "bad" if used > of else "warn" if used * 10 >= of * 9 else ""
    return format_html(
        '<span class="meter progress {}"><progress value="{}" max="{}" aria-label="{}"></progress>'
        '<span class="num">{} / {}</span></span>',
        *(tone, used, of or 1, label, number(used), number(of)),
    )


def yes_no(value: Any) -> SafeString:
    if value is None or value == "":
        return ABSENT
    return mark_safe("Yes") if value else mark_safe("No")


def shown(value: Any) -> SafeString:
    """Write any value the way a table or a list of facts does."""
    if value is None or value == "":
        return ABSENT
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, int | float):
        return conditional_escape(number(value))
    if isinstance(value, date):
        return when(value)
    if isinstance(value, list | tuple | set | frozenset):
        return conditional_escape(", ".join(str(one) for one in value)) if value else ABSENT
    return conditional_escape(value)


@lru_cache(maxsize=256)
def icon(name: str) -> SafeString:
    """Draw an icon; it is decoration, the text beside it speaks."""
    # The package draws it from its own archive; ``name`` comes from our templates, never from a request.
    svg = heroicons._render_icon("mini", name, None, {"class": "icon", "aria_hidden": "true"})
    return mark_safe(svg)  # noqa: S308
