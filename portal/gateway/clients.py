"""The one way to Zoom: ``client_for`` and ``master_client``. No scope, no client; no trail, no write.

A client checks the scope and the right before it exists, and again before each call; it refuses to send while a
database transaction is open; and after each call it notes how the connection fares (``health.py``).
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection as database
from django.http import Http404

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import Scope
from portal.audit import log
from portal.audit.verbs import Verb
from portal.directory.models import SubAccount
from portal.gateway import health
from portal.gateway.credentials import auth_of
from portal.gateway.models import Connection
from portal.gateway.permits import permits
from portal.gateway.trails import AuditTrail, Trail
from portal.gateway.usage import Caller, tally
from zoomapi import spec
from zoomapi.client import Answer, Call, ZoomClient, errors
from zoomapi.spec.base import Effect, Endpoint

__all__ = [
    "AccountClient",
    "AuditTrail",
    "MasterClient",
    "NoRight",
    "OutOfScope",
    "Trail",
    "client_for",
    "master_client",
]

DEADLINE = 20.0  # seconds for a write, repeats included


class OutOfScope(Http404):
    """The person may not know of this account: the same answer as for one that does not exist."""


class NoRight(PermissionDenied):
    """The person may see it, but not do this."""


NOT_IN_THIS_ACCOUNT = 1010
NO_SUCH_USER = 1001


def discreet(error: errors.ZoomError) -> errors.ZoomError:
    """The error as people may see it: a user of another account and a user who does not exist are told alike.

    Zoom tells the two apart (codes 1010 and 1001), which would let a reseller find out whose ids exist elsewhere.
    """
    if error.code not in (NOT_IN_THIS_ACCOUNT, NO_SUCH_USER) or not isinstance(error, errors.Refused):
        return error
    return errors.NotFound(
        "There is no such user in this account. Nothing was changed.",
        status=404,
        code=NO_SUCH_USER,
        tracking_id=error.tracking_id,
    )


class Discreet:
    """A trail that learns of errors as people may see them."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail

    def before(self, call: Call) -> None:
        self._trail.before(call)

    def after(self, call: Call, answer: Answer | None, error: errors.ZoomError | None) -> None:
        self._trail.after(call, answer, discreet(error) if error is not None else None)


class GuardedClient(ZoomClient):
    """A client that asks before each call and notes the connection's health after it."""

    def __init__(self, connection: Connection, right: Right, trail: Trail, lane: str, deadline: float) -> None:
        super().__init__(
            connection.base_url,
            auth_of(connection),
            permits=permits(),
            lane=lane,
            deadline=deadline,
            hooks=Discreet(trail),
        )
        self.connection = connection
        self.right = right
        self.caller = Caller(connection.pk, "", lane)

    def call(  # the shape of the client's own method
        self,
        endpoint: Endpoint | str,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        account: str | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> Answer:
        found = spec.endpoint(endpoint) if isinstance(endpoint, str) else endpoint
        self._guard(found)
        try:
            answer = self._counted(found, path, query, body, account, files)
        except errors.Unauthorized:
            self._refused()
            raise
        except errors.Unreachable:
            health.unreachable(self.connection)
            raise
        except errors.Refused as error:
            health.answered(self.connection, self.offset)
            raise discreet(error) from None
        health.answered(self.connection, self.offset)
        return answer

    def _counted(self, endpoint: Endpoint, *parts: Any) -> Answer:
        """One call, counted unless nothing was sent."""
        caller = self.caller._replace(rate=self.connection.zoom.view(endpoint).rate.name)
        try:
            answer = super().call(endpoint, *parts)
        except errors.NotSent:
            raise
        except errors.ZoomError:
            tally.note(caller)
            raise
        tally.note(caller)
        return answer

    def _guard(self, endpoint: Endpoint) -> None:
        if not endpoint.is_read and self.right is Right.VIEW:
            raise NoRight(f"{endpoint.key} changes something; this client was asked for to look only.")
        if endpoint.effect is Effect.MONEY and self.right not in (Right.BILLING, Right.CREATE_ACCOUNT):
            raise NoRight(f"{endpoint.key} costs money and needs the right 'billing'.")
        if database.in_atomic_block and not getattr(settings, "GATEWAY_IN_TRANSACTION", False):
            raise RuntimeError(f"{endpoint.key} was about to be sent inside a database transaction.")

    def _refused(self) -> None:
        if health.refused(self.connection):
            message = "Zoom refuses the credentials; jobs of this connection wait."
            log.record(
                Verb.CREDENTIALS_REFUSED,
                actor=None,
                connection=self.connection,
                target=self.connection.name,
                result="refused",
                status=401,
                message=message,
            )


class AccountClient:
    """One account's operations: ``zoom.users.get("id")``, ``zoom.users.list.each()``, ``zoom.billing.plans()``.

    The account is filled in: below ``/accounts/{accountId}`` for mirrored operations, as the path parameter for those
    that name one. Nobody can name another account through it.
    """

    def __init__(self, zoom: GuardedClient, account: SubAccount) -> None:
        self.zoom = zoom
        self.account = account

    def call(
        self,
        endpoint: Endpoint | str,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Perform one operation in this account. Raises a ``ZoomError``; NoRight for a write without the right."""
        found = spec.endpoint(endpoint) if isinstance(endpoint, str) else endpoint
        path = dict(path or {})
        if self._names_account(found):
            path["accountId"] = self.account.zoom_id
            return self.zoom.call(found, path, query, body, None, files)
        return self.zoom.call(found, path, query, body, self._below(found), files)

    def __getattr__(self, family: str) -> "_AccountFamily":
        if family.startswith("_") or family not in spec.Family.registry:
            raise AttributeError(f"There is no family {family}.")
        return _AccountFamily(self, family)

    def _names_account(self, endpoint: Endpoint) -> bool:
        if "accountId" not in endpoint.params:
            return False
        if self.account.is_master:
            raise errors.InvalidArguments(f"{endpoint.key} is for sub-accounts only. Nothing was sent.")
        return True

    def _below(self, endpoint: Endpoint) -> str | None:
        if self.account.is_master:
            return None
        if not endpoint.mirror:
            raise errors.InvalidArguments(f"{endpoint.key} does not exist for a sub-account. Nothing was sent.")
        return self.account.zoom_id

    def bound(self, endpoint: Endpoint) -> Any:
        """The client's own callable for an operation, with the account filled in."""
        if self._names_account(endpoint):
            return partial(getattr(getattr(self.zoom, endpoint.family), endpoint.name), self.account.zoom_id)
        below = self._below(endpoint)
        base = self.zoom if below is None else self.zoom.account(below)
        return getattr(getattr(base, endpoint.family), endpoint.name)


class _AccountFamily:
    def __init__(self, client: AccountClient, family: str) -> None:
        self._client, self._family = client, family

    def __getattr__(self, name: str) -> Any:
        try:
            endpoint = spec.endpoint(f"{self._family}.{name}")
        except KeyError:
            raise AttributeError(f"{self._family} has no operation {name}.") from None
        return self._client.bound(endpoint)


class MasterClient(GuardedClient):
    """The master account's own operations; ``only_creates`` narrows it to the creation of sub-accounts."""

    def __init__(self, connection: Connection, right: Right, trail: Trail, lane: str, deadline: float) -> None:
        super().__init__(connection, right, trail, lane, deadline)
        self.only_creates = False

    def _guard(self, endpoint: Endpoint) -> None:
        if self.only_creates and (endpoint.method, endpoint.path) != ("POST", "/accounts"):
            raise OutOfScope
        super()._guard(endpoint)


def client_for(
    scope: Scope,
    account: SubAccount,
    *,
    right: Right = Right.VIEW,
    actor: Staff | None = None,
    reason: str = "",
    lane: str = "interactive",
    trail: Trail | None = None,
    deadline: float = DEADLINE,
) -> AccountClient:
    """A client bound to one sub-account. Raises OutOfScope (404), NoRight (403), ``errors.Stopped`` when switched off.

    Writes leave an intent and an outcome in the audit log under ``actor`` and ``reason``, unless another trail is
    given, which then has that duty.
    """
    if not scope.covers(account.pk):
        raise OutOfScope
    connection = _usable(account.connection, scope, right)
    trail = trail or AuditTrail(actor=actor, connection=connection, account=account, reason=reason)
    client = GuardedClient(connection, right, trail, lane, deadline)
    client.caller = client.caller._replace(actor=actor.pk if actor else 0, account=account.pk)
    return AccountClient(client, account)


def master_client(
    scope: Scope,
    connection: Connection,
    *,
    right: Right = Right.VIEW,
    actor: Staff | None = None,
    reason: str = "",
    lane: str = "interactive",
    trail: Trail | None = None,
    deadline: float = DEADLINE,
) -> MasterClient:
    """A client of the master account itself: the list of sub-accounts, and their creation.

    Whoever does not see every account gets one that can create sub-accounts and nothing else.
    """
    if not scope.everywhere and right is not Right.CREATE_ACCOUNT:
        raise OutOfScope
    connection = _usable(connection, scope, right)
    trail = trail or AuditTrail(actor=actor, connection=connection, reason=reason)
    client = MasterClient(connection, right, trail, lane, deadline)
    client.caller = client.caller._replace(actor=actor.pk if actor else 0)
    client.only_creates = not scope.everywhere
    return client


def _usable(connection: Connection, scope: Scope, right: Right) -> Connection:
    if not scope.may(right):
        raise NoRight(f"The role {scope.role or 'of a disabled person'} has no right '{right}'.")
    if not connection.is_active:
        raise errors.Stopped(f"The connection {connection.name} is switched off. Nothing was sent.")
    return connection
