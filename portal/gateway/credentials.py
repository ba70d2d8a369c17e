"""How a connection proves who it is, and the access token all processes share.

The token is a row. Fetching one is a call to Zoom, so no transaction may be open meanwhile: whoever fetches holds a
lease in the row, taken and given back by single statements.
"""

import uuid
from datetime import timedelta
from functools import lru_cache

from django.db.models import F
from django.utils import timezone

from portal.gateway.models import AccessToken, Connection
from zoomapi.client import Auth, JwtAuth, OAuthAuth
from zoomapi.client.oauth import oauth_base
from zoomapi.client.tokens import LEASE, Token
from zoomapi.spec.limits import Tier


@lru_cache(maxsize=32)
def _jwt(key: str, secret: str) -> JwtAuth:
    """One for all calls of a process: a token serves many of them."""
    return JwtAuth(key, secret)


def auth_of(connection: Connection) -> Auth:
    """Return the connection's way to authenticate."""
    if not connection.is_current:
        return _jwt(connection.api_key, connection.api_secret)
    return OAuthAuth(
        connection.account_id,
        connection.api_key,
        connection.api_secret,
        oauth_base(connection.base_url),
        RowTokens(connection),
        tier=Tier(connection.tier),
    )


def forget_token(connection: Connection) -> None:
    """Drop the token kept, so that the next call fetches one with the present credentials and scopes."""
    AccessToken.objects.filter(connection=connection).delete()


class RowTokens:
    """The token store of one connection: a sealed row."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows = AccessToken.objects.filter(connection=connection)

    def load(self) -> Token | None:
        row = self._rows.first()
        if row is None or not row.value:
            return None
        return Token(row.value, row.until, row.fresh_until, tuple(row.scopes.split()))

    def lease(self) -> str:
        name, now = uuid.uuid4().hex, timezone.now()
        until = now + timedelta(seconds=LEASE)
        free = self._rows.filter(lease="") | self._rows.filter(lease_until__lt=now)
        if free.update(lease=name, lease_until=until):
            return name
        # Nobody has a row yet, or somebody is fetching. Of two who make the row, one finds it made.
        fresh = AccessToken(connection=self._connection, lease=name, lease_until=until)
        AccessToken.objects.bulk_create([fresh], ignore_conflicts=True)
        return name if self._rows.filter(lease=name).exists() else ""

    def save(self, lease: str, token: Token) -> bool:
        changed = self._rows.filter(lease=lease).update(
            value=token.value,
            scopes=" ".join(token.scopes),
            until=token.until,
            fresh_until=token.fresh_until,
            serial=F("serial") + 1,
            lease="",
        )
        return bool(changed)

    def release(self, lease: str) -> None:
        self._rows.filter(lease=lease).update(lease="")

    def forget(self, value: str) -> None:
        row = self._rows.first()
        if row is not None and row.value == value:
            self._rows.filter(serial=row.serial).update(value="")
