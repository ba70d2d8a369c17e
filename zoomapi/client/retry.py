"""Which failed attempts are repeated, and after how long. One small class a reason.

A read may always be repeated. A write only when the failure proves that it was not applied: no connection was made,
or the service refused it with 401 or 429.
"""

import random
from collections.abc import Callable, Sequence
from typing import Protocol

from zoomapi.client import errors
from zoomapi.client.auth import Auth
from zoomapi.client.calls import Call

FIRST_PAUSE = 2.0  # seconds, after a 429 that names none; doubled each time
FIRST_BACKOFF = 0.2  # seconds, after a lost connection
LONGEST_PAUSE = 300.0


class Handler(Protocol):
    def wait(self, call: Call, failed: Sequence[errors.ZoomError]) -> float | None:
        """Seconds to wait before the next attempt, or None when this handler has nothing to say.

        ``failed``: how this call's attempts ended so far, the latest last.
        """


class RateLimitHandler:
    """429: after the pause the service asks for, else after 2, 4, 8 … s with jitter. Not when the day's cap is hit."""

    def __init__(self, most: int = 5, jitter: Callable[[], float] = random.random) -> None:
        self.most, self.jitter = most, jitter

    def pause(self, failed: Sequence[errors.ZoomError]) -> float:
        """How long everybody should keep off after the last of these, a RateLimited."""
        asked = failed[-1].retry_after
        if asked is not None:
            return asked
        return min(
            FIRST_PAUSE * 2.0 ** (_count(failed, errors.RateLimited) - 1) * (1 + self.jitter() / 2), LONGEST_PAUSE
        )

    def wait(self, call: Call, failed: Sequence[errors.ZoomError]) -> float | None:
        error = failed[-1]
        if not isinstance(error, errors.RateLimited) or error.daily:
            return None
        return self.pause(failed) if _count(failed, errors.RateLimited) <= self.most else None


class FreshTokenHandler:
    """401: once more with a new token (it may have expired on the way)."""

    def __init__(self, auth: Auth) -> None:
        self.auth = auth

    def wait(self, call: Call, failed: Sequence[errors.ZoomError]) -> float | None:
        error = failed[-1]
        if not isinstance(error, errors.Unauthorized) or isinstance(error, errors.BadClient):
            return None
        if _count(failed, errors.Unauthorized) > 1:
            return None
        self.auth.refresh()
        return 0.0


class ConnectionHandler:
    """No connection: again, whatever the method. A lost one, a cut answer or 5xx: again for reads only."""

    def __init__(self, most: int = 2, jitter: Callable[[], float] = random.random) -> None:
        self.most, self.jitter = most, jitter

    def wait(self, call: Call, failed: Sequence[errors.ZoomError]) -> float | None:
        error = failed[-1]
        unsent = isinstance(error, errors.Unreachable)
        lost = isinstance(error, errors.OutcomeUnknown) and not isinstance(error, errors.TimedOut)
        times = _count(failed, errors.Unreachable, errors.OutcomeUnknown)
        if times > self.most or not (unsent or (lost and call.idempotent)):
            return None
        return FIRST_BACKOFF * 2.0 ** (times - 1) * (0.5 + self.jitter())


def _count(failed: Sequence[errors.ZoomError], *kinds: type[errors.ZoomError]) -> int:
    return sum(isinstance(error, kinds) for error in failed)
