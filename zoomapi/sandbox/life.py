"""Meetings run: they start when the clock passes their time (or when told to), last as long as planned, and end."""

import random
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Min

from zoomapi.sandbox import events
from zoomapi.sandbox.calls import Setup
from zoomapi.sandbox.clock import seconds, stamp
from zoomapi.sandbox.models import Meeting, Registrant, Session, User
from zoomapi.sandbox.past.numbers import new_uuid, seed_of
from zoomapi.sandbox.past.recordings import files
from zoomapi.sandbox.past.sessions import QUESTIONS, RECORDED, SHARE, VIDEO, VOIP, WEBINAR, later
from zoomapi.sandbox.store import writing

INSTANT = 1
DEFAULT_MINUTES = 60
DELETED, AVAILABLE = "deleted", "available"
NEVER = float("inf")
FOLLOWED_SECONDS = 6 * 3600  # what was missed for longer is told to no webhook


@dataclass
class Company:
    """Active users of accounts, looked up once while many meetings are worked off."""

    known: dict[str, list[str]] = field(default_factory=dict)

    def of(self, account_id: str) -> list[str]:
        if account_id not in self.known:
            active = User.objects.filter(account_id=account_id, status="active").order_by("id")
            self.known[account_id] = list(active.values_list("id", flat=True)[:200])
        return self.known[account_id]


def catch_up(setup: Setup) -> None:
    """Do what the clock says is due. Cheap when nothing is."""
    if setup.clock.now() < setup.agenda.due:
        return
    with writing():
        now = setup.clock.stamp()
        for session in Session.objects.exclude(due="").filter(due__lte=now).order_by("due"):
            end(setup, session, session.due)
        company = Company()
        for meeting in Meeting.objects.exclude(next_at="").filter(next_at__lte=now).order_by("next_at"):
            _work_off(setup, meeting, now, company)
        setup.agenda.due = _next_due()


def _next_due() -> float:
    found = [
        Session.objects.exclude(due="").aggregate(at=Min("due"))["at"],
        Meeting.objects.exclude(next_at="").aggregate(at=Min("next_at"))["at"],
    ]
    return min((seconds(at) for at in found if at), default=NEVER)


def _work_off(setup: Setup, meeting: Meeting, now: str, company: Company) -> None:
    """Start every occurrence whose time has come, and end those whose end has come too."""
    for at, minutes in list(_due(meeting, now)):
        if Session.objects.filter(meeting_id=meeting.id, end="").exists():
            continue  # the one before still runs
        session = begin(setup, meeting, at, minutes=minutes, company=company)
        if session.due <= now:
            end(setup, session, session.due)
            meeting.refresh_from_db(fields=["uuid"])
    meeting.next_at = next_start(meeting, now)
    meeting.save(update_fields=["next_at"])


def _due(meeting: Meeting, now: str) -> Iterator[tuple[str, int]]:
    if not meeting.occurrences:
        yield meeting.next_at, meeting.duration
    for start, minutes, status in meeting.occurrences:
        if status == AVAILABLE and meeting.next_at <= start <= now:
            yield start, minutes


def next_start(meeting: Meeting, after: str) -> str:
    """Return when the clock has to start a meeting next, "" when never."""
    if meeting.occurrences:
        starts = [start for start, _, status in meeting.occurrences if status == AVAILABLE and start > after]
        return min(starts, default="")
    return meeting.start_time if meeting.type in (2, 5) and meeting.start_time > after else ""


def begin(
    setup: Setup,
    meeting: Meeting,
    at: str,
    *,
    minutes: int | None = None,
    people: int | None = None,
    company: Company | None = None,
) -> Session:
    """Start an instance of a meeting at a moment; ``people`` is how many come, else the meeting's seed says it."""
    session = Session(
        uuid=meeting.uuid,
        meeting_id=meeting.id,
        kind=meeting.kind,
        account_id=meeting.account_id,
        host_id=meeting.host_id,
        type=meeting.type,
        topic=meeting.topic,
        start=at,
        due=later(at, minutes or meeting.duration or DEFAULT_MINUTES),
        seed=seed_of(f"{meeting.id}/{at}"),
        features=VOIP | VIDEO | SHARE,
    )
    _invite(session, meeting, people, (company or Company()).of(meeting.account_id))
    if meeting.settings.get("auto_recording") == "cloud":
        session.features |= RECORDED
    session.save(force_insert=True)
    setup.agenda.changed()
    if _recent(setup, at):
        events.meeting(setup, "meeting_started", session, at)
        events.joined(setup, session)
    return session


def _invite(session: Session, meeting: Meeting, people: int | None, colleagues: list[str]) -> None:
    source = random.Random(session.seed)
    registered = Registrant.objects.filter(meeting_id=meeting.id, status="approved").count()
    if session.kind == WEBINAR:
        session.features |= QUESTIONS
    wanted = people if people is not None else registered + source.randint(2, 5)
    session.participants = max(1, wanted)
    others = [user_id for user_id in colleagues if user_id != session.host_id]
    most = min(3, len(others), session.participants - 1)
    session.colleagues = ",".join(source.sample(others, most))


def end(setup: Setup, session: Session, at: str) -> None:
    """End a running instance: its minutes are counted, what was recorded is there, an instant meeting is gone."""
    session.end = max(at, session.start)
    session.due = ""
    session.duration = max(1, -(-int(seconds(session.end) - seconds(session.start)) // 60))
    session.kept = len(files(session))
    session.save()
    if session.type == INSTANT:
        Meeting.objects.filter(id=session.meeting_id).delete()
    else:
        Meeting.objects.filter(id=session.meeting_id).update(uuid=new_uuid())
    setup.agenda.changed()
    if _recent(setup, session.end):
        events.left(setup, session)
        events.meeting(setup, "meeting_ended", session, session.end)
        events.recorded(setup, session)


def _recent(setup: Setup, at: str) -> bool:
    return setup.clock.now() - seconds(at) < FOLLOWED_SECONDS


class Ticker(threading.Thread):
    """Lets meetings start and end although nobody calls."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(name="life", daemon=True)
        self._setup = setup

    def run(self) -> None:
        while True:
            time.sleep(1.0)
            try:
                catch_up(self._setup)
            except Exception:  # noqa: BLE001  # a bug must not stop the clock; the next request shows it, too
                traceback.print_exc(file=sys.stderr)


def run_now(setup: Setup, meeting: Meeting, people: int | None = None) -> Session:
    """Start a meeting at once, unless it runs already."""
    running = Session.objects.filter(meeting_id=meeting.id, end="").first()
    return running or begin(setup, meeting, stamp(setup.clock.now()), people=people)
