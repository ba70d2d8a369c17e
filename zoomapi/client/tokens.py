"""Access tokens, and where all processes of one connection share the one that is valid.

The service may void a token the moment it issues the next, so processes must not each fetch their own: whoever wants
to fetch takes the store's *lease* first. A lease ends by itself, so that a process that dies holding it stops nobody.
"""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

LEASE = 30.0  # seconds; more than a fetch may take
EARLY = 300.0  # seconds before its end at which a token is replaced …
EARLY_SHARE = 0.25  # … but not before this share of its life is left


@dataclass(frozen=True)
class Token:
    """``value`` is the secret. ``until``: its end; ``fresh_until``: when to fetch the next (seconds since 1970)."""

    value: str = field(repr=False)
    until: float
    fresh_until: float
    scopes: tuple[str, ...] = ()


def issued(value: str, now: float, life: float, scopes: tuple[str, ...]) -> Token:
    """Return a token that was issued at ``now`` for ``life`` seconds."""
    return Token(value, now + life, now + life - min(EARLY, life * EARLY_SHARE), scopes)


class TokenStore(Protocol):
    """Where the one token is kept. Each method is atomic for all who share the store."""

    def load(self) -> Token | None:
        """Return the token kept, whether it is still good or not."""

    def lease(self) -> str:
        """Take the right to fetch for ``LEASE`` seconds and return its name; empty when somebody else has it."""

    def save(self, lease: str, token: Token) -> bool:
        """Keep a fetched token and end the lease; False, unsaved, when the lease was no longer ours."""

    def release(self, lease: str) -> None:
        """End the lease without a token."""

    def forget(self, value: str) -> None:
        """Drop the token of this value: the service refuses it. Another one stays."""


class MemoryTokens:
    """A store of one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._lease = ""
        self._lease_until = 0.0

    def load(self) -> Token | None:
        return self._token

    def lease(self) -> str:
        with self._lock:
            if self._lease and self._clock() < self._lease_until:
                return ""
            self._lease, self._lease_until = uuid.uuid4().hex, self._clock() + LEASE
            return self._lease

    def save(self, lease: str, token: Token) -> bool:
        with self._lock:
            if lease != self._lease:
                return False
            self._token, self._lease = token, ""
            return True

    def release(self, lease: str) -> None:
        with self._lock:
            if lease == self._lease:
                self._lease = ""

    def forget(self, value: str) -> None:
        with self._lock:
            if self._token is not None and self._token.value == value:
                self._token = None
