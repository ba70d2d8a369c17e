"""What reports and dashboards both ask: which instance is meant, and who held it."""

from collections.abc import Iterable
from dataclasses import dataclass

from zoomapi.sandbox import errors
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.errors import Refusal
from zoomapi.sandbox.models import Meeting, Session, User
from zoomapi.sandbox.past import sessions

BASIC = 1


@dataclass(frozen=True)
class Host:
    name: str
    email: str = ""
    type: int = BASIC
    dept: str = ""


def hosts(ids: Iterable[str]) -> dict[str, Host]:
    """Return user id -> host for all of them, in one query; people who are gone have no address."""
    wanted = set(ids)
    known = {
        user.id: Host(f"{user.first_name} {user.last_name}".strip() or user.email, user.email, user.type, user.dept)
        for user in User.objects.filter(id__in=wanted)
    }
    return {user_id: known.get(user_id, Host("Former user")) for user_id in wanted}


def reported(call: Call, param: str, kind: str) -> Session:
    """Return the ended instance a path names.

    One that is still to come or still runs has no report yet (404, code 5010); of anything else nothing is known
    (404, code 3001).
    """
    reference = call.params[param]
    try:
        return sessions.one(call, reference, kind=kind)
    except Refusal:
        if _planned(call.account_id, reference, kind):
            raise errors.no_report(reference) from None
        raise


def _planned(account_id: str, reference: str, kind: str) -> bool:
    standing = Meeting.objects.filter(account_id=account_id, kind=kind)
    if reference.isascii() and reference.isdigit() and len(reference) < 19:
        return standing.filter(id=int(reference)).exists()
    return standing.filter(uuid=reference).exists()
