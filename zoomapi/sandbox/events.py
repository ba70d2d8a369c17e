"""Events: what happened, written for webhooks and queued in the transaction of what happened."""

import json
from typing import Any

from zoomapi.sandbox.calls import Setup
from zoomapi.sandbox.happenings import Happening
from zoomapi.sandbox.models import Account, Delivery, Meeting, Record, Session
from zoomapi.sandbox.past.people import Participant, participants
from zoomapi.sandbox.past.recordings import TRANSCRIPT, address, files
from zoomapi.sandbox.past.sessions import later

WEBHOOK, OPTIONS, SUBSCRIPTION = "webhook", "webhook_options", "event_subscription"
Json = dict[str, Any]


def listeners(setup: Setup, happening: Happening) -> list[Record]:
    """Return who wants to be told: listeners of the account and of its master account.

    They are webhooks on the classic profile, event subscriptions on today's; each keeps the names it asked for.
    """
    today = setup.profile.is_current
    name = happening.name(today=today)
    account = Account.objects.filter(id=happening.account_id).first()
    owners = [account.id, account.master_id] if account and account.master_id else [happening.account_id]
    rows = Record.objects.filter(kind=SUBSCRIPTION if today else WEBHOOK, account_id__in=owners)
    found = [row for row in rows if name in row.data["events"]]
    if today or not found:
        return found
    silent = {row.account_id for row in Record.objects.filter(kind=OPTIONS) if row.data.get("version") == "v1"}
    return [row for row in found if row.account_id not in silent]


def emit(setup: Setup, event: str, of: Session | Meeting, about: Json) -> None:
    """Queue one event for everybody who listens. What is queued never changes, so a repeat can be told from news."""
    now, today = setup.clock.now(), setup.profile.is_current
    happening = Happening(event, of.kind, of.account_id, now, about)
    for listener in listeners(setup, happening):
        Delivery.objects.create(
            webhook_id=listener.id,
            account_id=of.account_id,
            event=happening.name(today=today),
            at=now,
            next_at=now,
            body=json.dumps(happening.written(today=today)),
        )
        setup.agenda.posted.set()


def meeting(setup: Setup, event: str, session: Session, at: str) -> None:
    about = _about(session)
    if event == "meeting_ended":
        about |= {"end_time": at, "duration": session.duration}
    emit(setup, event, session, about)


def _of(session: Session, event: str) -> Happening:
    return Happening(event, session.kind, session.account_id, 0.0, {})


def _about(session: Session) -> Json:
    planned = Meeting.objects.filter(id=session.meeting_id).first()
    return {
        "uuid": session.uuid,
        "id": session.meeting_id,
        "host_id": session.host_id,
        "topic": session.topic,
        "type": session.type,
        "start_time": session.start,
        "duration": planned.duration if planned else session.duration,
        "timezone": planned.timezone if planned else "UTC",
    }


def joined(setup: Setup, session: Session) -> None:
    if listeners(setup, _of(session, "participant_joined")):
        for person in participants(session):
            about = _about(session) | {"participant": _person(person) | {"join_time": person.joined}}
            emit(setup, "participant_joined", session, about)


def left(setup: Setup, session: Session) -> None:
    if listeners(setup, _of(session, "participant_left")):
        for person in participants(session):
            about = _about(session) | {"participant": _person(person) | {"leave_time": person.left}}
            emit(setup, "participant_left", session, about)


def _person(person: Participant) -> Json:
    return {"id": person.id, "user_id": person.user_id, "user_name": person.name, "email": person.email}


def waiting(setup: Setup, planned: Meeting, name: str, email: str) -> None:
    """Somebody came while the meeting does not run: they go in before the host, or wait."""
    event = "meeting_jbh" if planned.settings.get("join_before_host") else "meeting_join"
    about = {
        "uuid": planned.uuid,
        "id": planned.id,
        "host_id": planned.host_id,
        "topic": planned.topic,
        "type": planned.type,
        "participant": {"user_name": name, "email": email, "join_time": setup.clock.stamp()},
    }
    emit(setup, event, planned, about)


def registered(setup: Setup, planned: Meeting, registrant: Json) -> None:
    about = {
        "uuid": planned.uuid,
        "id": planned.id,
        "host_id": planned.host_id,
        "topic": planned.topic,
        "type": planned.type,
        "start_time": planned.start_time,
        "timezone": planned.timezone,
        "registrant": registrant,
    }
    emit(setup, "meeting_registered", planned, about)


def recorded(setup: Setup, session: Session) -> None:
    """Tell of a meeting's recordings, and of its transcript if there is one. They are ready at once."""
    made = files(session)
    for event, chosen in (
        ("recording_completed", made),
        ("recording_transcript_completed", [file for file in made if file.type == TRANSCRIPT]),
    ):
        if chosen:
            described = [
                {
                    "id": file.id,
                    "meeting_id": session.uuid,
                    "recording_start": session.start,
                    "recording_end": later(session.start, session.duration),
                    "file_type": file.type,
                    "file_size": file.size,
                    "play_url": address(file, "play"),
                    "download_url": address(file, "download"),
                    "status": "completed",
                }
                for file in chosen
            ]
            emit(setup, event, session, _about(session) | {"recording_files": described})
