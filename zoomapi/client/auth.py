"""Who we are to the service. Any object with these four members will do (see ``Auth``)."""

import hashlib
import logging
import threading
from typing import Protocol

import jwt

from zoomapi.spec.profiles import CLASSIC, Profile

logger = logging.getLogger(__name__)

ALGORITHM = "HS256"
SHORTEST_SECRET = 32  # bytes; RFC 7518 section 3.2 asks for a key as long as the hash


class Auth(Protocol):
    """``identity`` names the credential for rate limits; it is no secret and tells none.

    ``profile``: the Zoom that takes such credentials, with its paths and limits.
    """

    @property
    def identity(self) -> str: ...

    @property
    def profile(self) -> Profile: ...

    def header(self, now: float) -> str:
        """The Authorization header's value at ``now`` (seconds since 1970). Raises a ZoomError when there is none."""

    def refresh(self) -> None:
        """Forget the token in use: the service has just refused it."""


class JwtAuth:
    """A JWT app's key and secret (specification, section "Authentication").

    A token lives ``life`` seconds and is used for the first three quarters of that, so that one is never near its
    end when it arrives. ``exp`` is in seconds, as RFC 7519 has it.
    """

    profile = CLASSIC

    def __init__(self, key: str, secret: str, life: float = 60.0) -> None:
        if not key or not secret:
            raise ValueError("The API key and the API secret must both be given.")
        self._key, self._secret, self._life = key, secret, life
        self._lock = threading.Lock()
        self._minted: tuple[str, float, float] = ("", 0.0, 0.0)
        self.identity = "jwt-" + hashlib.sha256(key.encode()).hexdigest()[:16]
        if len(secret.encode()) < SHORTEST_SECRET:
            logger.warning("The API secret is shorter than %d bytes; HS256 asks for at least that.", SHORTEST_SECRET)

    def header(self, now: float) -> str:
        value, since, until = self._minted
        if since <= now < until:
            return value
        with self._lock:
            value, since, until = self._minted
            if not since <= now < until:
                value = f"Bearer {self._mint(now)}"
                self._minted = (value, now, now + self._life * 0.75)
            return value

    def refresh(self) -> None:
        self._minted = ("", 0.0, 0.0)

    def _mint(self, now: float) -> str:
        return jwt.encode({"iss": self._key, "exp": int(now + self._life)}, self._secret, algorithm=ALGORITHM)

    def __repr__(self) -> str:
        return f"<JwtAuth {self.identity}>"
