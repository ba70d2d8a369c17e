"""What can go wrong with a call, told by what happened to the request at the other side.

Three branches, because a caller that writes must act differently on each: ``NotSent`` (nothing reached the service),
``Refused`` (it answered no; nothing was applied) and ``OutcomeUnknown`` (a write may or may not have been applied; a
read simply failed). Messages are for people and never carry a secret.
"""

from enum import StrEnum

FieldErrors = dict[str, list[str]]


class Outcome(StrEnum):
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class ZoomError(Exception):
    """Base of all. ``code`` is the service's own number, ``field_errors`` maps dotted field names to messages."""

    outcome: Outcome = Outcome.UNKNOWN

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: int | None = None,
        field_errors: FieldErrors | None = None,
        retry_after: float | None = None,
        tracking_id: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.field_errors = field_errors or {}
        self.retry_after = retry_after
        self.tracking_id = tracking_id

    def __str__(self) -> str:
        return self.message


class NotSent(ZoomError):
    """Nothing was sent, so nothing changed."""

    outcome = Outcome.NOT_SENT


class InvalidArguments(NotSent, TypeError):
    """The arguments do not fit the specification; see ``field_errors``."""


class Unreachable(NotSent):
    """No connection could be made: address, refusal, certificate."""


class NoToken(Unreachable):
    """The server that issues access tokens could not be reached, or gave no usable answer: the call was not sent."""


class NoPermit(NotSent):
    """The rate limit leaves no room in the time given. ``wait``: seconds until there may be; ``daily``: a day cap."""

    def __init__(self, message: str, *, wait: float, daily: bool = False) -> None:
        super().__init__(message, retry_after=wait)
        self.wait = wait
        self.daily = daily


class Stopped(NotSent):
    """A hook said no, right before the send."""


class Refused(ZoomError):
    """The service answered that it did not do it."""

    outcome = Outcome.REFUSED


class BadRequest(Refused):
    """400."""


class ValidationFailed(BadRequest):
    """Code 300: the service dislikes the values; see ``field_errors`` where it names them."""


class Unauthorized(Refused):
    """401 or code 124: the credential is wrong, revoked, or the clocks differ."""


class BadClient(Unauthorized):
    """No access token is issued for these credentials. ``field``: "client" or "account_id", as far as known."""

    field: str = ""


class Forbidden(Refused):
    """403 or code 200: the credential is good, the permission is missing.

    Code 4711: the app lacks one of ``scopes``.
    """

    scopes: tuple[str, ...] = ()


class NotFound(Refused):
    """404."""


class Conflict(Refused):
    """409: it exists already."""


class RateLimited(Refused):
    """429. ``daily``: the cap of the day is used up, so waiting a little does not help; ``retry_after`` is its end.

    ``narrow``: that cap may be one object's (a host, a registrant), others of the class may go on.
    ``locked``: nothing is wrong with the rate; another call is at the same object.
    """

    daily: bool = False
    narrow: bool = False
    locked: bool = False


class Rejected(Refused):
    """Any other 3xx or 4xx."""


class OutcomeUnknown(ZoomError):
    """The request went out and no trustworthy answer came back."""

    outcome = Outcome.UNKNOWN


class TimedOut(OutcomeUnknown):
    """No complete answer within the deadline."""


class ConnectionLost(OutcomeUnknown):
    """The connection broke after the request had begun to leave."""


class ServerError(OutcomeUnknown):
    """5xx."""


class BadAnswer(OutcomeUnknown):
    """An answer that cannot be trusted: cut, empty, not JSON, of a wrong shape, or too large."""
