"""Server-to-Server OAuth: today's way to authenticate, with one access token for all processes."""

import base64
import hashlib
import json
import logging
import re
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from zoomapi.client import errors
from zoomapi.client.rate_headers import retry_after
from zoomapi.client.tokens import LEASE, MemoryTokens, Token, TokenStore, issued
from zoomapi.client.transport import Reply, Transport, shared
from zoomapi.spec.limits import Tier
from zoomapi.spec.profiles import current

logger = logging.getLogger(__name__)

PATH = "/oauth/token"
DEADLINE = 10.0  # seconds for fetching a token
REREAD = 30.0  # seconds after which another process's newer token is looked for
NAP = 0.05  # seconds between two looks while another process fetches
LONGEST_LIFE = 24 * 3600.0


def oauth_base(base_url: str) -> str:
    """Return where an API at ``base_url`` issues its tokens: the same host without a leading "api."."""
    parts = urlsplit(base_url)
    return urlunsplit((parts.scheme, parts.netloc.removeprefix("api."), "", "", ""))


class OAuthAuth:
    """An account's app, named by account id, client id and client secret.

    The token is kept in ``store``, which all processes should share, and replaced a few minutes before its end. Only
    one of them fetches; the others go on with the old one, or wait when there is none. ``oauth_base`` is scheme and
    host of the server that issues tokens; the client's id and secret go nowhere else. Failures to get a token are
    ``errors.BadClient`` (refused) or ``errors.NoToken``: either way the call itself was not sent.
    """

    def __init__(
        self,
        account_id: str,
        client_id: str,
        client_secret: str,
        oauth_base: str = "https://zoom.us",
        store: TokenStore | None = None,
        *,
        tier: Tier = Tier.PRO,
        transport: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not (account_id and client_id and client_secret):
            raise ValueError("The account id, the client id and the client secret must all be given.")
        self.profile = current(tier)
        self.identity = "oauth-" + hashlib.sha256(account_id.encode()).hexdigest()[:16]
        self.store = store if store is not None else MemoryTokens()
        self._account_id = account_id
        pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._basic = f"Basic {pair}"
        self._transport = transport or shared(oauth_base.rstrip("/"))
        self._sleep = sleep
        self._known: tuple[Token | None, float] = (None, 0.0)
        self._here = threading.local()

    def header(self, now: float) -> str:
        token = self.token(now)
        self._here.used = token.value
        return f"Bearer {token.value}"

    def refresh(self) -> None:
        """Forget the token this thread has used. If another process has replaced it already, that one stays."""
        self._known = (None, 0.0)
        used = getattr(self._here, "used", "")
        if used:
            self.store.forget(used)

    def token(self, now: float) -> Token:
        """Return the valid token, fetching it if need be."""
        token, read_at = self._known
        if token is None or now >= token.fresh_until or not 0 <= time.monotonic() - read_at < REREAD:
            token = self._shared(now)
            self._known = (token, time.monotonic())
        return token

    def _shared(self, now: float) -> Token:
        """Return the store's token, or fetch one as the only one who does."""
        began = time.monotonic()
        while True:
            token, late = self.store.load(), now + time.monotonic() - began
            if token is not None and late < token.fresh_until:
                return token
            lease = self.store.lease()
            if lease:
                return self._fetch_leased(lease, token, late)
            if token is not None and late < token.until:
                return token
            if time.monotonic() - began > LEASE:
                raise errors.NoToken("No access token came in time. Nothing was sent. Try again in a moment.")
            self._sleep(NAP)

    def _fetch_leased(self, lease: str, seen: Token | None, now: float) -> Token:
        try:
            token = self.store.load()  # somebody may have saved one between our look and our lease
            if token is not None and token != seen and now < token.fresh_until:
                return token
            token = self._fetch(now)
            self.store.save(lease, token)
        except errors.NoToken:
            if seen is None or now >= seen.until:
                raise
            logger.info("The access token could not be replaced early; it is good for a while yet.")
            return seen
        else:
            return token
        finally:
            self.store.release(lease)

    def _fetch(self, now: float) -> Token:
        body = urlencode({"grant_type": "account_credentials", "account_id": self._account_id}).encode()
        headers = {
            "Accept": "application/json",
            "Authorization": self._basic,
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "zoomapi",
        }
        try:
            reply = self._transport.send("POST", PATH, headers, body, time.monotonic() + DEADLINE)
        except errors.Unreachable as problem:
            raise errors.NoToken(str(problem)) from problem
        except errors.OutcomeUnknown as problem:
            raise errors.NoToken(
                "Zoom issued no access token in time. Nothing was sent. Try again in a moment."
            ) from problem
        token = _read(reply, now)
        logger.info("A new access token was issued, for %.0f s.", token.until - now)
        return token

    def __repr__(self) -> str:
        return f"<OAuthAuth {self.identity}>"


def _read(reply: Reply, now: float) -> Token:
    data = _json(reply)
    if reply.status in (400, 401, 403):
        raise _refusal(reply.status, data)
    value, life = data.get("access_token"), data.get("expires_in")
    usable = isinstance(value, str) and re.fullmatch(r"[\x21-\x7e]{1,8192}", value)
    if reply.status != 200 or not usable or isinstance(life, bool) or not isinstance(life, (int, float)) or life <= 0:
        raise errors.NoToken(
            f"Zoom issued no access token (HTTP {reply.status}). Nothing was sent. Try again in a moment.",
            status=reply.status,
            retry_after=retry_after(reply.headers),
        )
    scopes = tuple(str(data.get("scope") or "").replace(",", " ").split())
    return issued(str(value), now, min(float(life), LONGEST_LIFE), scopes)


def _json(reply: Reply) -> dict[str, Any]:
    try:
        data = json.loads(reply.body) if reply.flaw is None else None
    except (ValueError, RecursionError):
        data = None
    return data if isinstance(data, dict) else {}


def _refusal(status: int, data: dict[str, Any]) -> errors.BadClient:
    """Say which of the three is wrong, as far as the answer tells."""
    kind, reason = str(data.get("error", "")), str(data.get("reason", ""))
    if kind == "invalid_client" or "client" in reason.lower():
        what, field = "the client id or the client secret", "client"
    elif kind in ("invalid_request", "invalid_grant"):
        what, field = "the account id: the app does not belong to that account, or is not activated", "account_id"
    else:
        what, field = "the app: it is not activated, or is of another kind than Server-to-Server OAuth", ""
    error = errors.BadClient(f"Zoom does not accept {what}. Nothing was sent.", status=status)
    error.field = field
    return error
