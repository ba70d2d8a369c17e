"""Half a year of meetings and webinars: what was held, what runs now, what is planned.

Only what lists and sums need is stored; see ``zoomapi.sandbox.past`` for the rest. Chance has a source of its own here,
so that people and accounts stay the same whatever is added.
"""

import random
from datetime import datetime, timedelta
from typing import Any

from zoomapi.sandbox import recurrence
from zoomapi.sandbox.clock import moment, seconds, stamp, written
from zoomapi.sandbox.models import Meeting, Session, User
from zoomapi.sandbox.past import sessions
from zoomapi.sandbox.past.numbers import world_uuid
from zoomapi.sandbox.past.recordings import files
from zoomapi.sandbox.past.sessions import MEETING, WEBINAR
from zoomapi.sandbox.scheduling import known_zone
from zoomapi.sandbox.world.make import DAY, Maker

DAYS = 182
TOPICS = (
    "Weekly sync", "Project review", "Customer call", "Budget round", "Interview", "Sales pipeline", "Design critique",
    "Stand-up", "Training", "Planning", "Steering committee", "One on one", "Support case", "Quarterly review",
)  # fmt: skip
SHOWS = ("Product news", "Customer day", "Onboarding class", "Open house", "Market outlook", "Town hall")
LENGTHS = (15, 30, 30, 45, 60, 60, 90)
COMMON = sessions.VOIP | sessions.VIDEO


class Activity:
    """Collects meetings and instances. ``now`` is cut to the minute."""

    def __init__(self, maker: Maker) -> None:
        self.random = random.Random(f"{maker.seed}/activity")
        self.now = maker.now // 60 * 60
        self.today = maker.today
        self.meetings: list[Meeting] = []
        self.sessions: list[Session] = []
        self.rooms: dict[str, list[str]] = {}
        self.idle_rooms: dict[str, str] = {}  # of each account one for a meeting that runs
        self._ids = {int(user.pmi) for user in maker.users}

    def meeting_id(self) -> int:
        while (number := self.random.randrange(10**8, 10**11)) in self._ids:
            pass
        self._ids.add(number)
        return number

    def plan(self, host: User, kind: str, number: int, **values: Any) -> Meeting:
        """Add a meeting that still stands."""
        meeting = Meeting(
            id=number,
            kind=kind,
            account_id=host.account_id,
            host_id=host.id,
            uuid=world_uuid(self.random, 1 + len(self.meetings)),
            timezone=known_zone(host.timezone),
            h323_password=f"{self.random.randrange(10**6):06}",
            **values,
        )
        self.meetings.append(meeting)
        return meeting

    def held(self, host: User, number: int, start: float, topic: str, colleagues: list[str], **values: Any) -> Session:
        """Add an instance that began at ``start`` (seconds), with its sums."""
        choose = self.random
        kind = values.setdefault("kind", MEETING)
        length = values.pop("length", 0) or choose.choice(LENGTHS) + choose.randint(-4, 9)
        guests = choose.randint(12, 90) if kind == WEBINAR else choose.choice((0, 1, 1, 2, 3, 5, 9))
        room = self._room(host.account_id) if kind == MEETING else ""
        with_host = choose.sample(colleagues, min(len(colleagues), choose.randint(0, 4)))
        people = 1 + len(with_host) + bool(room) + guests
        chance = choose.random()
        phones = min(guests, choose.randint(1, 3)) if chance < 0.2 else 0
        sips = min(guests - phones, choose.randint(1, 2)) if chance > 0.9 else 0
        session = Session(
            uuid=world_uuid(choose, 1 + len(self.sessions)),
            meeting_id=number,
            account_id=host.account_id,
            host_id=host.id,
            topic=topic,
            start=stamp(start),
            end=stamp(start + length * 60),
            duration=length,
            participants=people,
            missing=int((people - 1) * (length - 1) * choose.random() * 0.3),
            phones=phones,
            sips=sips,
            room_id=room,
            seed=choose.getrandbits(53),
            colleagues=",".join(with_host),
            **values,
        )
        session.features = self._features(session)
        session.kept = len(files(session)) if session.features & sessions.RECORDED else 0
        self.sessions.append(session)
        return session

    def _room(self, account_id: str) -> str:
        owned = self.rooms.get(account_id, [])
        return self.random.choice(owned) if owned and self.random.random() < 0.12 else ""

    def _features(self, session: Session) -> int:
        choose, found = self.random, COMMON
        found |= sessions.SHARE if choose.random() < 0.6 else 0
        found |= sessions.OTHER_AUDIO if choose.random() < 0.02 else 0
        found |= sessions.RECORDED if choose.random() < (0.7 if session.kind == WEBINAR else 0.12) else 0
        found |= sessions.POLLS if choose.random() < (0.5 if session.kind == WEBINAR else 0.05) else 0
        return found | (sessions.QUESTIONS if session.kind == WEBINAR else 0)


def office_hour(activity: Activity, user: User, days_ago: int) -> float:
    """Return a moment in seconds within the user's own office hours."""
    day = datetime.fromisoformat(stamp(activity.today - days_ago * DAY)[:10])
    local = day + timedelta(hours=activity.random.randint(8, 17), minutes=activity.random.choice((0, 0, 15, 30)))
    return recurrence.in_utc(local, known_zone(user.timezone)).timestamp()


def singles(activity: Activity, host: User, colleagues: list[str], count: int) -> None:
    """Add meetings that took place once; those of the last weeks can still be looked up by number."""
    for _ in range(count):
        days_ago = activity.random.randint(0, DAYS)
        start, topic = office_hour(activity, host, days_ago), activity.random.choice(TOPICS)
        if start + 110 * 60 > activity.now or stamp(start) < host.created_at:
            continue
        number, kind = activity.meeting_id(), activity.random.choice((1, 2, 2))
        session = activity.held(host, number, start, topic, colleagues, type=kind)
        if kind == 2 and days_ago < 30:
            made = stamp(max(start - 3 * DAY, seconds(host.created_at)))
            values = {"topic": topic, "start_time": session.start, "duration": session.duration, "created_at": made}
            activity.plan(host, MEETING, number, type=2, **values)


def series(activity: Activity, host: User, colleagues: list[str], weeks: int = 20) -> None:
    """Add a weekly meeting that began weeks ago and goes on: what was held, and what is to come."""
    choose = activity.random
    first = office_hour(activity, host, choose.randint(weeks * 7 - 20, weeks * 7))
    first = max(first, seconds(host.created_at) // DAY * DAY + DAY + first % DAY)
    fixed, minutes, topic = choose.random() < 0.5, choose.choice(LENGTHS), choose.choice(TOPICS)
    start = stamp(first)
    rule = {"type": 2, "repeat_interval": 1, "end_times": 50}
    meeting = activity.plan(
        host,
        MEETING,
        activity.meeting_id(),
        type=8 if fixed else 3,
        topic=topic,
        duration=minutes,
        start_time=start if fixed else "",
        created_at=stamp(first - DAY),
        recurrence=rule if fixed else {},
    )
    moments = recurrence.starts(start, meeting.timezone, rule)
    if fixed:
        meeting.occurrences = [[at, minutes, "available"] for at in moments]
        meeting.next_at = next((at for at in moments if at > stamp(activity.now)), "")
    for at in moments:
        if seconds(at) + 110 * 60 < activity.now and choose.random() < 0.85:
            activity.held(host, meeting.id, seconds(at), topic, colleagues, type=meeting.type)


def webinars(activity: Activity, host: User, colleagues: list[str]) -> None:
    """Add a monthly webinar: some held, some to come."""
    choose, topic = activity.random, activity.random.choice(SHOWS)
    start = stamp(max(office_hour(activity, host, choose.randint(130, 170)), seconds(host.created_at) + DAY))
    rule = {"type": 3, "repeat_interval": 1, "end_times": 12, "monthly_day": min(28, moment(start).day)}
    webinar = activity.plan(
        host,
        WEBINAR,
        activity.meeting_id(),
        type=9,
        topic=topic,
        duration=60,
        start_time=start,
        created_at=written(moment(start) - timedelta(days=9)),
        recurrence=rule,
        settings={"approval_type": choose.choice((0, 1, 2)), "auto_recording": "cloud"},
    )
    moments = recurrence.starts(start, webinar.timezone, rule)
    webinar.occurrences = [[at, 60, "available"] for at in moments]
    webinar.next_at = next((at for at in moments if at > stamp(activity.now)), "")
    for at in moments:
        if seconds(at) + 110 * 60 < activity.now:
            activity.held(host, webinar.id, seconds(at), topic, colleagues, type=9, kind=WEBINAR)


def ahead(activity: Activity, host: User) -> None:
    """Add a meeting within the next weeks."""
    start = office_hour(activity, host, -activity.random.randint(1, 30))
    values = {"start_time": stamp(start), "next_at": stamp(start), "created_at": stamp(activity.now - DAY)}
    topic, minutes = activity.random.choice(TOPICS), activity.random.choice(LENGTHS)
    activity.plan(host, MEETING, activity.meeting_id(), type=2, topic=topic, duration=minutes, **values)


def running(activity: Activity, host: User, colleagues: list[str], kind: str = MEETING) -> None:
    """Add one that runs now and for some hours to come."""
    choose = activity.random
    start = activity.now - choose.randint(5, 50) * 60
    minutes, topic = choose.randint(2, 11) * 60, choose.choice(TOPICS if kind == MEETING else SHOWS)
    values = {"start_time": stamp(start), "duration": minutes, "created_at": stamp(start - DAY)}
    sort = 2 if kind == MEETING else 5
    planned = activity.plan(host, kind, activity.meeting_id(), type=sort, topic=topic, **values)
    session = activity.held(host, planned.id, start, topic, colleagues, type=sort, kind=kind, length=minutes)
    session.uuid, session.end, session.due = planned.uuid, "", session.end
    session.missing = session.kept = 0
    if kind == MEETING and not session.room_id and host.account_id in activity.idle_rooms:
        session.room_id, session.participants = activity.idle_rooms.pop(host.account_id), session.participants + 1
