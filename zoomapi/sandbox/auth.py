"""Who is calling: section "Authentication", and today's access tokens."""

import warnings
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.warnings import InsecureKeyLengthWarning

from zoomapi.sandbox.errors import bad_token
from zoomapi.sandbox.oauth import TokenDesk

# Short secrets are the choice of whoever started the sandbox; one warning per request would drown the log.
warnings.filterwarnings("ignore", category=InsecureKeyLengthWarning)

MILLISECONDS_ABOVE = 1e11  # an `exp` beyond the year 5138 is meant in milliseconds


@dataclass(frozen=True)
class Caller:
    """``credential`` names the rate budget. ``scopes``: what the app may do, None for everything."""

    credential: str
    scopes: tuple[str, ...] | None = None


class Gate:
    """Checks access tokens, and unless ``jwt_ended`` JWTs signed with the API secret this sandbox was started with."""

    def __init__(self, key: str, secret: str, desk: TokenDesk, *, jwt_ended: bool = False) -> None:
        self.key = key
        self._secret = secret
        self.desk = desk
        self._jwt_ended = jwt_ended

    def caller(self, authorization: str, access_token: str, now: float) -> Caller:
        """Return who is behind a request, or raise the 401 (code 124) it deserves."""
        scheme, _, token = authorization.strip().partition(" ")
        if not authorization:
            token = access_token
        elif scheme.lower() != "bearer":
            raise bad_token()
        token = token.strip()
        if not token:
            raise bad_token()
        if self.desk.holds(token):
            return Caller(self.key, self.desk.check(token, now))
        if self._jwt_ended:
            raise bad_token()
        return Caller(self._issuer(token, now))

    def _issuer(self, token: str, now: float) -> str:
        try:
            claims = _claims(token, self._secret)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise bad_token() from None
        if claims.get("iss") != self.key:
            raise bad_token("Invalid api key or secret.")
        if _expiry(claims.get("exp")) <= now:
            raise bad_token("Access token is expired.")
        return self.key


def _claims(token: str, secret: str) -> dict[str, Any]:
    """Return what a token says once its signature is right; time is checked by the sandbox's own clock."""
    return jwt.decode(
        token,
        secret,
        algorithms=["HS256"],
        options={
            "verify_exp": False,
            "verify_nbf": False,
            "verify_iat": False,
            "verify_aud": False,
            "verify_sub": False,
            "verify_jti": False,
        },
    )


def _expiry(exp: object) -> float:
    if isinstance(exp, bool) or not isinstance(exp, int | float) or not -1e18 < exp < 1e18:
        raise bad_token()
    return exp / 1000 if exp > MILLISECONDS_ABOVE else float(exp)
