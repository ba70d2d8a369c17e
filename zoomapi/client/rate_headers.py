"""What an answer's headers say about limits: when to come back, and how much is left."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

LONGEST_PAUSE = 300.0  # seconds; a longer Retry-After is cut to this
A_DAY = 86_400.0
SHORTEST_DAY = 60.0  # seconds; who has used up a day and is told less waits so long


@dataclass(frozen=True)
class RateLimit:
    """The X-RateLimit headers. What is missing or cannot be read is "" or None.

    ``category``: the operation's label ("Light", "Heavy" …). ``kind``: "QPS" or "Daily-limit". ``reset``: when the
    count starts again, seconds since 1970.
    """

    category: str
    kind: str
    limit: int | None
    remaining: int | None
    reset: float | None


def rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """Return what the headers say; None when there is none of them. Names are in lower case."""
    names = ("category", "type", "limit", "remaining", "reset")
    category, kind, limit, remaining, reset = (headers.get(f"x-ratelimit-{name}", "").strip()[:64] for name in names)
    if not (category or kind or limit or remaining or reset):
        return None
    return RateLimit(category, kind, _count(limit), _count(remaining), _moment(reset))


def is_daily(headers: Mapping[str, str], said: str) -> bool:
    """Tell whether a 429 is about the cap of a day; ``said`` is its message."""
    return "daily" in headers.get("x-ratelimit-type", "").lower() or bool(
        re.search(r"\bdaily\b|\bper day\b", said, re.IGNORECASE)
    )


@lru_cache(maxsize=64)
def http_date(text: str) -> float | None:
    """Return a Date header as seconds since 1970, None when it is missing or no date."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def is_narrow(said: str) -> bool:
    """Whether a refusal of the day may be about one object (100 changes of one host's meetings, …), not a whole class.

    Where the words leave it open, waiting with one call too few costs more calls, and with all of them the day.
    """
    return bool(re.search(r"\b(particular|users?|hosts?|meetings?|webinars?|registrants?)\b", said, re.IGNORECASE))


def their_now(headers: Mapping[str, str]) -> float:
    """The service's clock by the answer's Date header, else ours; seconds since 1970."""
    return http_date(headers.get("date", "")) or datetime.now(UTC).timestamp()


def day_reset(headers: Mapping[str, str]) -> float:
    """Seconds until the count of a day begins anew: as Retry-After says, else until midnight UTC."""
    asked = retry_after(headers, A_DAY)
    return max(A_DAY - their_now(headers) % A_DAY if asked is None else asked, SHORTEST_DAY)


def retry_after(headers: Mapping[str, str], longest: float = LONGEST_PAUSE) -> float | None:
    """Return the seconds a Retry-After asks for, between 0 and ``longest``; None when it is missing or junk.

    It comes as seconds, as an HTTP date or as an ISO date-time. A date is compared with the answer's own Date header
    where there is one, so that a wrong clock on our side does not matter.
    """
    text = headers.get("retry-after", "").strip()[:64]
    if not text:
        return None
    seconds = _seconds(text)
    if seconds is None:
        moment = _moment(text)
        if moment is None:
            return None
        return min(max(moment - their_now(headers), 0.0), longest)
    return min(seconds, longest) if seconds >= 0 else None


def _seconds(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?[0-9]{1,64}(\.[0-9]{1,9})?", text) else None


def _iso(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _moment(text: str) -> float | None:
    if re.fullmatch(r"[0-9]{10}", text):
        return float(text)
    return http_date(text) if "," in text else _iso(text)


def _count(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text) else None
