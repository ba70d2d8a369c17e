"""Access tokens of today's Zoom: ``POST /oauth/token``, and who holds the one that is valid."""

import base64
import binascii
import hmac
import json
import secrets
import threading
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from zoomapi.sandbox.clock import Clock
from zoomapi.sandbox.errors import Refusal, bad_token
from zoomapi.sandbox.http import Request, Response

PATH = "/oauth/token"
LIFE = 3600


@dataclass(frozen=True)
class App:
    """The one Server-to-Server app: its credentials, its account, and what it may do."""

    client_id: str
    client_secret: str
    account_id: str
    scopes: tuple[str, ...]


class TokenDesk:
    """Issues tokens. Only the last one is valid: each new token ends the one before."""

    def __init__(self, app: App, clock: Clock) -> None:
        self.app = app
        self.issued = 0
        self._clock = clock
        self._lock = threading.Lock()
        self._token, self._until = "", 0.0

    def __call__(self, request: Request) -> Response:
        """Answer ``POST /oauth/token``; the arguments may stand in the form or in the query."""
        try:
            return Response(200, json.dumps(self._answer(request)).encode())
        except _Denied as denied:
            told = {"reason": denied.reason, "error": denied.error}
            return Response(denied.status, json.dumps(told).encode())

    def holds(self, token: str) -> bool:
        """Tell whether it looks like one of ours: the valid one, or an older one."""
        return token.startswith(_MARK)

    def check(self, token: str, now: float) -> tuple[str, ...]:
        """Return the scopes of a token; 401 with code 124 when it is not the valid one."""
        with self._lock:
            good = hmac.compare_digest(token.encode(), self._token.encode())
            until = self._until
        if not good:
            raise bad_token()
        if until <= now:
            raise bad_token("Access token is expired.")
        return self.app.scopes

    def _answer(self, request: Request) -> dict[str, object]:
        if request.method != "POST":
            raise _Denied("Use POST.", "invalid_request", status=405)
        self._authenticate(request.headers.get("authorization", ""))
        form = {**parse_qs(urlsplit(request.target).query), **parse_qs(request.body.decode("utf-8", "replace"))}
        if form.get("grant_type") != ["account_credentials"]:
            raise _Denied("Unsupported grant type", "unsupported_grant_type")
        if form.get("account_id") != [self.app.account_id]:
            raise _Denied("Bad Request", "invalid_request")
        return self._issue(request.headers.get("host", ""))

    def _authenticate(self, authorization: str) -> None:
        scheme, _, pair = authorization.partition(" ")
        try:
            given = base64.b64decode(pair.strip(), validate=True)
        except (binascii.Error, ValueError):
            given = b""
        wanted = f"{self.app.client_id}:{self.app.client_secret}".encode()
        if scheme.lower() != "basic" or not hmac.compare_digest(given, wanted):
            raise _Denied("Invalid client_id or client_secret", "invalid_client")

    def _issue(self, host: str) -> dict[str, object]:
        with self._lock:
            self._token, self._until = _MARK + secrets.token_urlsafe(48), self._clock.now() + LIFE
            self.issued += 1
            return {
                "access_token": self._token,
                "token_type": "bearer",
                "expires_in": LIFE,
                "scope": " ".join(self.app.scopes),
                "api_url": f"http://{host}",
            }


_MARK = "sandbox_"  # an access token is opaque; this tells ours from a JWT


class _Denied(Exception):
    def __init__(self, reason: str, error: str, *, status: int = 400) -> None:
        super().__init__(reason)
        self.reason, self.error, self.status = reason, error, status


def must_hold(scopes: tuple[str, ...] | None, needed: str) -> None:
    """Refuse a caller whose app lacks a scope; None stands for a caller who may do everything."""
    if scopes is not None and needed and needed not in scopes:
        raise Refusal(400, 4711, f"Invalid access token, does not contain scopes:[{needed}].")
