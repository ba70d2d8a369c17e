"""Meetings, their registrants, and past ones."""

from typing import Any

from zoomapi.sandbox import registering, scheduling
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.models import Meeting, Session, User
from zoomapi.sandbox.paging import Listed
from zoomapi.sandbox.past import sessions
from zoomapi.sandbox.past.people import participants
from zoomapi.sandbox.past.sessions import MEETING
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.validation import Json
from zoomapi.spec.meetings import Meetings, MeetingSettings

INSTANT = 1


def _meeting(call: Call) -> Meeting:
    return scheduling.find(call, "meetingId", MEETING)


def _described(call: Call, meeting: Meeting) -> Json:
    return scheduling.described(call, meeting, MeetingSettings) | {
        "password": meeting.password,
        "h323_password": meeting.h323_password,
    }


@serves(Meetings.list)
def list_meetings(call: Call) -> Json:
    mine = Meeting.objects.filter(host_id=call.user().id, kind=MEETING).order_by("created_at", "id")
    wanted = call.query["type"]
    if wanted == "live":
        mine = mine.filter(id__in=Session.objects.filter(host_id=call.user().id, end="").values("meeting_id"))
    else:
        mine = mine.exclude(type=INSTANT)
    if wanted == "upcoming":
        mine = mine.exclude(next_at="").order_by("next_at", "id")
    return call.page(mine, lambda rows: [scheduling.row(meeting) for meeting in rows])


@serves(Meetings.create)
def create(call: Call) -> Json:
    return _described(call, scheduling.schedule(call, call.user(), MEETING))


@serves(Meetings.get)
def get(call: Call) -> Json:
    return _described(call, _meeting(call))


@serves(Meetings.update)
def update(call: Call) -> None:
    meeting = _meeting(call)
    scheduling.apply(call, meeting, call.body)
    meeting.save()


@serves(Meetings.delete)
def delete(call: Call) -> None:
    scheduling.remove(call, _meeting(call))


@serves(Meetings.update_status)
def update_status(call: Call) -> None:
    scheduling.end_now(call, _meeting(call), call.body.get("action"))


@serves(Meetings.registrants)
def registrants(call: Call) -> Json:
    return registering.listed(call, _meeting(call))


@serves(Meetings.add_registrant)
def add_registrant(call: Call) -> Json:
    return registering.add(call, _meeting(call))


@serves(Meetings.update_registrants_status)
def update_registrants_status(call: Call) -> None:
    registering.change(call, _meeting(call))


@serves(Meetings.past)
def past(call: Call) -> Json:
    session = sessions.one(call, call.params["meetingUUID"])
    return ended(session) | {"host_id": session.host_id}


def ended(session: Session, host: User | None = None) -> dict[str, Any]:
    """Describe an instance that is over, as past meetings and reports do; the host is looked up unless given."""
    host = host or User.objects.filter(id=session.host_id).first()
    return {
        "uuid": session.uuid,
        "id": session.meeting_id,
        "type": session.type,
        "topic": session.topic,
        "user_name": f"{host.first_name} {host.last_name}".strip() if host else "Former user",
        "user_email": host.email if host else "",
        "start_time": session.start,
        "end_time": session.end,
        "duration": session.duration,
        "total_minutes": session.total_minutes,
        "participants_count": session.participants,
    }


@serves(Meetings.past_participants)
def past_participants(call: Call) -> Json:
    session = sessions.one(call, call.params["meetingUUID"])
    people = Listed(participants(session))
    return call.page(people, lambda part: [{"id": person.id, "name": person.name} for person in part])
