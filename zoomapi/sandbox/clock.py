"""The server's clock: real time plus an offset that tests can set."""

import time
from datetime import UTC, datetime
from email.utils import formatdate


class Clock:
    """Seconds since 1970 as the sandbox sees them. ``offset`` is in seconds."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        return time.time() + self.offset

    def stamp(self) -> str:
        """Return this moment as the API writes it: ``2018-07-01T09:30:00Z``."""
        return stamp(self.now())

    def http_date(self) -> str:
        return formatdate(self.now(), usegmt=True)


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def written(at: datetime) -> str:
    """Write a moment that knows its zone as the API does."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """Read a moment as the API writes it."""
    return datetime.fromisoformat(text)


def seconds(text: str) -> float:
    """Read a moment as seconds since 1970."""
    return moment(text).timestamp()
