"""Looking for instances of meetings and webinars."""

from datetime import timedelta

from django.db.models import QuerySet

from zoomapi.sandbox import errors
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.clock import Clock, moment, seconds, stamp, written
from zoomapi.sandbox.models import Session
from zoomapi.sandbox.windows import Window

MEETING, WEBINAR = "meeting", "webinar"

# Bits of Session.features: what took place in it.
VOIP, OTHER_AUDIO, VIDEO, SHARE, RECORDED, POLLS, QUESTIONS = (1 << bit for bit in range(7))


def over(account_id: str, within: Window, kind: str = "") -> QuerySet[Session]:
    """Return an account's ended instances that began in a span of days, oldest first; no kind means both kinds.

    ``.filter(host_id=…)`` narrows it to a host. Reports of a day, of hosts and of meetings all begin here.
    """
    found = Session.objects.filter(account_id=account_id, start__gte=within.begin, start__lt=within.end).exclude(end="")
    return (found.filter(kind=kind) if kind else found).order_by("start", "uuid")


def live(account_id: str, kind: str) -> QuerySet[Session]:
    """Return an account's running instances, oldest first."""
    return Session.objects.filter(account_id=account_id, kind=kind, end="").order_by("start", "uuid")


def one(call: Call, reference: str, *, kind: str = "", running: bool | None = False) -> Session:
    """Return the instance a path names by UUID, or a meeting's last one by its number; 404 with code 3001.

    ``running`` True takes live ones only, False ended ones, None both.
    """
    found = Session.objects.filter(account_id=call.account_id)
    if kind:
        found = found.filter(kind=kind)
    if running is not None:
        found = found.filter(end="") if running else found.exclude(end="")
    if reference.isascii() and reference.isdigit() and len(reference) < 19:
        found = found.filter(meeting_id=int(reference))
    else:
        found = found.filter(uuid=reference)
    session = found.order_by("-start", "-uuid").first()
    if session is None:
        raise errors.no_meeting(reference)
    return session


def minutes(session: Session, clock: Clock) -> int:
    """Return how long an instance took, or has taken so far."""
    return session.duration if session.end else max(0, int(clock.now() - seconds(session.start)) // 60)


def until(session: Session, clock: Clock) -> str:
    """Return the end of an instance, or this moment when it still runs."""
    return session.end or stamp(clock.now())


def later(start: str, more_minutes: int) -> str:
    return written(moment(start) + timedelta(minutes=more_minutes))
