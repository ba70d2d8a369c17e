"""What an answer or an error means for the item that was sent."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from portal.bulk.calls import without_secrets
from portal.bulk.models import Item, ItemState
from zoomapi.client import errors
from zoomapi.spec.base import Effect, Endpoint

CREATIONS = (Effect.CREATE_KEYED, Effect.CREATE)
GONE = (1001, 1010, 2001)  # no such user, user not in this account, no such account
ACCOUNT_GONE = 2001
TWICE = "It was sent more than once, so a mail may have gone out twice."
LONGEST_WAIT = 86_400.0  # a day; the client cuts all pauses but those until the end of a day at five minutes


class Answer(Protocol):
    """The part of the client's answer that is looked at here."""

    @property
    def status(self) -> int: ...
    @property
    def data(self) -> Any: ...
    @property
    def tracking_id(self) -> str: ...


@dataclass(frozen=True)
class Verdict:
    """The next state and what to remember. ``result`` is the audit's word; ``wait`` delays the next try."""

    state: ItemState
    result: str
    message: str = ""
    counted: bool = True  # whether it used up one of the item's tries
    wait: float | None = None
    remote_id: str = ""
    answer: dict[str, Any] = field(default_factory=dict)
    status: int | None = None
    code: int | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)
    trace_id: str = ""
    baseline: dict[str, Any] | None = None  # replaces the item's, if given
    unsent: dict[str, Any] = field(
        default_factory=dict
    )  # columns of an intent that nothing came of, as they were before
    pause: str = ""  # pauses every job of the connection, with this reason

    @property
    def ends(self) -> bool:
        return self.state not in (ItemState.PENDING, ItemState.SENDING, ItemState.UNKNOWN, ItemState.REVIEW)


def judge(item: Item, endpoint: Endpoint, answer: Answer | None, error: errors.ZoomError | None) -> Verdict:
    """Decide about an attempt that reached the wire; ``item.checks`` tells whether an earlier one stayed unclear."""
    if error is not None:
        return _of_error(item, endpoint, error)
    if answer is None:
        return Verdict(ItemState.UNKNOWN, "unknown", "The call ended without an answer.")
    data = answer.data if isinstance(answer.data, dict) else {}
    remote_id = id_in(data)
    if endpoint.effect in CREATIONS and not remote_id and names_id(endpoint):
        message = "Zoom's answer does not name what it created, so it is being looked up."
        return Verdict(ItemState.UNKNOWN, "unknown", message, status=answer.status, trace_id=answer.tracking_id)
    return Verdict(
        ItemState.DONE,
        "done",
        sent_twice(item, endpoint.effect),
        remote_id=remote_id,
        answer=without_secrets(endpoint, answer.data),
        status=answer.status,
        trace_id=answer.tracking_id,
    )


def sent_twice(item: Item, effect: Effect | None) -> str:
    """What to tell of a call by which people get a mail when it was sent again after an unclear outcome; else ""."""
    invites = item.endpoint == "users.create" and item.body.get("action") == "create"
    return TWICE if (invites or effect is Effect.PEOPLE) and item.checks and item.sends > 1 else ""


IDS = ("registrant_id", "webhook_id", "id")  # beside that of a registrant stands "id", which is its meeting's


def id_in(answer: dict[str, Any]) -> str:
    """The id of what Zoom's answer shows; registrants and webhooks have theirs under names of their own."""
    return str(next((answer[name] for name in IDS if answer.get(name)), ""))


@cache
def names_id(endpoint: Endpoint) -> bool:
    """Whether the answer is documented to name the object by its id."""
    return endpoint.reply is not None and not endpoint.reply().fields.keys().isdisjoint(IDS)


def _of_error(item: Item, endpoint: Endpoint, error: errors.ZoomError) -> Verdict:
    common: dict[str, Any] = {"status": error.status, "code": error.code, "trace_id": error.tracking_id}
    if isinstance(error, errors.RateLimited):
        wait = min(error.retry_after if error.retry_after is not None else 2.0, LONGEST_WAIT)
        return Verdict(ItemState.PENDING, "refused", str(error), counted=False, wait=wait, **common)
    if isinstance(error, errors.Unauthorized):
        reason = "Zoom does not accept the credentials of this connection. Correct them, then resume."
        return Verdict(ItemState.PENDING, "refused", str(error), counted=False, pause=reason, **common)
    if error.outcome is errors.Outcome.NOT_SENT:
        return Verdict(ItemState.PENDING, "not_sent", str(error), counted=False, wait=backoff(error), **common)
    if error.outcome is errors.Outcome.UNKNOWN:
        message = f"{error} Whether the change was made is being checked."
        return Verdict(ItemState.UNKNOWN, "unknown", message, **common)
    if is_a_strangers(error):
        message = "The answer was a 404 that is not Zoom's own. Whether the change was made is being checked."
        return Verdict(ItemState.UNKNOWN, "unknown", message, **common)
    return _of_refusal(item, endpoint, error, common)


def _of_refusal(item: Item, endpoint: Endpoint, error: errors.ZoomError, common: dict[str, Any]) -> Verdict:
    """A plain no. After an unclear attempt it may well say that the earlier one was applied."""
    if item.checks and isinstance(error, errors.Conflict):
        message = "It exists already, perhaps by our earlier attempt; this is being checked."
        return Verdict(ItemState.UNKNOWN, "unknown", message, **common)
    if item.checks and isinstance(error, errors.ValidationFailed) and _cancels_one(item):
        message = "Zoom does not know the registrant, perhaps by our earlier cancellation; this is being checked."
        return Verdict(ItemState.UNKNOWN, "unknown", message, **common)
    if item.checks and endpoint.method == "DELETE" and is_gone(error):
        return Verdict(ItemState.DONE, "done", "It is gone: an earlier attempt had removed it.", **common)
    if item.checks and _changes_one(item, endpoint) and is_gone(error):
        message = "Zoom does not know it any more, perhaps by our earlier attempt; this is being checked."
        return Verdict(ItemState.UNKNOWN, "unknown", message, **common)
    return Verdict(ItemState.FAILED, "refused", str(error), errors=error.field_errors, **common)


def _changes_one(item: Item, endpoint: Endpoint) -> bool:
    """Whether it changes one object, which an earlier attempt may have brought to its end: a meeting, a recording."""
    return (
        endpoint.method in ("PUT", "PATCH") and endpoint.effect is not Effect.MONEY and "registrants" not in item.body
    )


def _cancels_one(item: Item) -> bool:
    """Whether it takes one registrant off, who is in no list afterwards. Calls about more are divided first."""
    return item.body.get("action") == "cancel" and len(item.body.get("registrants", [])) == 1


def is_gone(error: errors.ZoomError) -> bool:
    return error.code in GONE or (isinstance(error, errors.NotFound) and not is_a_strangers(error))


def is_a_strangers(error: errors.ZoomError) -> bool:
    """Whether it is a 404 that Zoom has not written, but a proxy, say: Zoom gives each of its own a code."""
    return isinstance(error, errors.NotFound) and error.code is None


def is_final(error: errors.ZoomError) -> bool:
    """Whether Zoom has refused a call in a way that another try will not change."""
    return isinstance(error, errors.Refused) and not isinstance(error, errors.Unauthorized | errors.RateLimited)


def backoff(error: errors.ZoomError) -> float:
    if isinstance(error, errors.Unreachable):
        return 5.0
    return min(error.retry_after or 0.0, LONGEST_WAIT)
