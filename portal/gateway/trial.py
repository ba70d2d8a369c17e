"""Testing a connection: one harmless call, and in words what came of it."""

from dataclasses import dataclass

from django.utils import timezone

from portal.access.models import Staff
from portal.access.rights import Right
from portal.audit import log
from portal.audit.verbs import Verb
from portal.gateway import credentials, health
from portal.gateway.clients import GuardedClient
from portal.gateway.forms import address_problem
from portal.gateway.models import Connection
from portal.gateway.trails import AuditTrail
from zoomapi.client import errors
from zoomapi.client.oauth import oauth_base
from zoomapi.spec import scopes

DEADLINE = 6.0  # seconds; a person waits
SKEW = 30.0  # seconds of difference from which a refused token may be the clock's fault

_NO_TOKEN = {
    "client": "Zoom refuses the client ID or the client secret. Compare both with those of the app in Zoom, and enter "
    "them again.",
    "account_id": "Zoom takes the client ID and secret, but not with this account ID. Copy the account ID from the "
    "app's page in Zoom, and make sure that the app is activated.",
    "": "Zoom issues no access token to this app: it is not activated, or is not of the kind Server-to-Server OAuth.",
}


@dataclass(frozen=True)
class Verdict:
    ok: bool
    text: str


def test(actor: Staff, connection: Connection) -> Verdict:
    """Ask for the list of sub-accounts, keep the verdict with the connection, and write it to the audit log."""
    verdict = _verdict(connection)
    Connection.objects.filter(pk=connection.pk).update(tested_at=timezone.now(), test_result=verdict.text[:300])
    log.record(
        Verb.CONNECTION_TESTED,
        actor=actor,
        connection=connection,
        target=connection.name,
        result="done" if verdict.ok else "refused",
        message=verdict.text,
    )
    return verdict


def _verdict(connection: Connection) -> Verdict:
    if not connection.api_key or not connection.api_secret:
        return Verdict(
            False,
            "The stored credentials cannot be read: the key that sealed them is no longer in FIELD_KEYS. "
            "Enter them again, or put that key back.",
        )
    problem = address_problem(connection.base_url)
    if problem:
        return Verdict(False, problem)
    credentials.forget_token(connection)  # a new one shows whether the secret is right, and has today's scopes
    trail = AuditTrail(actor=None, connection=connection)
    zoom = GuardedClient(connection, Right.VIEW, trail, "interactive", DEADLINE)
    zoom.corrects_clock = False  # a clock that is wrong is to be told, not helped over
    try:
        answer = zoom.call("accounts.list")
    except errors.ZoomError as error:
        return Verdict(False, _explained(connection, error, zoom.offset))
    total = answer.data.get("total_records") if isinstance(answer.data, dict) else None
    if not isinstance(total, int):
        return Verdict(False, "Something answers there, but not with a list of sub-accounts. Check the address.")
    works = f"Works: a master account with {total:,} sub-accounts."
    return Verdict(True, f"{works}{_lacking(connection)}{_clock(zoom.offset)}")


def _lacking(connection: Connection) -> str:
    """Name the scopes the app does not have, as far as its token tells."""
    token = credentials.RowTokens(connection).load() if connection.is_current else None
    lacking = scopes.missing(token.scopes) if token is not None else []
    if not lacking:
        return ""
    return f" The app lacks {', '.join(lacking)}: what needs these scopes is refused until they are added to it."


def _explained(connection: Connection, error: errors.ZoomError, offset: float | None) -> str:
    host = connection.base_url
    if isinstance(error, errors.Unreachable):
        return f"{oauth_base(host) if isinstance(error, errors.NoToken) else host}: {error}"
    if isinstance(error, errors.Unauthorized):
        return _refused(connection, error, offset)
    if isinstance(error, errors.NoPermit | errors.RateLimited):
        return f"Zoom's rate limit leaves no room at the moment, so nothing can be said. Test again later. ({error})"
    if isinstance(error, errors.Forbidden) and error.scopes:
        lacking = " or ".join(error.scopes)
        return f"The credentials are good, but the app lacks the scope {lacking}. Add it to the app, then test again."
    if isinstance(error, errors.Forbidden | errors.NotFound | errors.BadRequest):
        return "The key is good, but this is not a master account: Zoom does not let it list sub-accounts."
    if isinstance(error, errors.TimedOut):
        return f"{host} takes connections but did not answer within {DEADLINE:.0f} s. Test again later."
    return f"{host} answers, but not as Zoom does: {error}"


def _refused(connection: Connection, error: errors.Unauthorized, offset: float | None) -> str:
    if isinstance(error, errors.BadClient):
        return _NO_TOKEN[error.field]
    if connection.is_current:
        return "Zoom issues an access token, but then refuses it. Make sure the app is activated, then test again."
    if offset is not None and abs(offset) > SKEW:
        return f"Zoom refuses the token. {health.clock_text(offset)} Set the clock right, then test again."
    return "Zoom refuses the API key or secret. Compare both with those of the app in Zoom, and enter them again."


def _clock(offset: float | None) -> str:
    return f" {health.clock_text(offset)}" if offset is not None and abs(offset) > SKEW else ""
