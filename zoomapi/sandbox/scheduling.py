"""What meetings and webinars have in common: finding, scheduling, changing and describing one."""

import base64
import hashlib
import hmac
import json
import secrets
from functools import cache
from typing import Any

from zoomapi.sandbox import errors, life
from zoomapi.sandbox.calls import Call, Setup
from zoomapi.sandbox.clock import seconds, stamp
from zoomapi.sandbox.errors import invalid
from zoomapi.sandbox.models import Meeting, Record, Registrant, Session, User
from zoomapi.sandbox.past import recordings
from zoomapi.sandbox.past.numbers import SITE, new_meeting_id, new_uuid
from zoomapi.sandbox.past.sessions import WEBINAR
from zoomapi.sandbox.people import DEFAULT_TIMEZONE
from zoomapi.sandbox.recurrence import starts, utc_text
from zoomapi.sandbox.validation import Json, merged, tree_of_defaults
from zoomapi.spec.base import ShapeClass
from zoomapi.spec.corrections import zone

START_URL_SECONDS = 2 * 3600
RECURRING = (8, 9)
NO_FIXED_TIME = (1, 3, 6)
PANELIST = "panelist"
EARLIEST, LATEST = "1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
PLAIN = ("topic", "type", "duration", "timezone", "password", "agenda")


@cache
def default_settings(shape: ShapeClass) -> Json:
    return tree_of_defaults(shape)


def find(call: Call, param: str, kind: str) -> Meeting:
    """Return the meeting or webinar a path names; 404 with code 3001 when it is not one of this account."""
    number = call.params[param]
    if number.isascii() and number.isdigit() and len(number) < 19:
        found = Meeting.objects.filter(id=int(number), kind=kind, account_id=call.account_id).first()
        if found is not None:
            return found
    raise errors.no_meeting(number)


def schedule(call: Call, host: User, kind: str) -> Meeting:
    """Make and save what the body describes; an instant meeting runs from now on."""
    meeting = Meeting(
        id=new_meeting_id(),
        kind=kind,
        account_id=call.account_id,
        host_id=host.id,
        uuid=new_uuid(),
        timezone=known_zone(host.timezone),
        h323_password=f"{secrets.randbelow(10**6):06}",
        created_at=call.now,
    )
    apply(call, meeting, call.body)
    meeting.save(force_insert=True)
    if meeting.type == life.INSTANT:
        life.run_now(call.setup, meeting, people=1)
    return meeting


def known_zone(name: str) -> str:
    try:
        zone(name)
    except (KeyError, ValueError, OSError):
        return DEFAULT_TIMEZONE
    return name


def apply(call: Call, meeting: Meeting, body: Json) -> None:
    """Put given members into a meeting and work out when it takes place. Nothing is saved."""
    for name in PLAIN:
        if name in body:
            setattr(meeting, name, body[name])
    if "recurrence" in body:
        meeting.recurrence = _rule(meeting.recurrence, body["recurrence"])
    meeting.settings = merged(meeting.settings, body.get("settings", {}))
    if meeting.type in NO_FIXED_TIME:
        meeting.start_time = ""
    elif "start_time" in body:
        meeting.start_time = _start(body["start_time"], meeting.timezone)
    elif not meeting.start_time:
        meeting.start_time = call.now
    if not {"start_time", "recurrence", "type", "timezone", "duration"}.isdisjoint(body):
        _plan(meeting)
    meeting.next_at = life.next_start(meeting, call.now)
    call.setup.agenda.changed()


def _rule(before: Json, given: Json) -> Json:
    """A rule with a type stands alone, others change the one before; of the two ends only one is kept."""
    rule = dict(given) if "type" in given else before | given
    if "end_date_time" in given:
        rule.pop("end_times", None)
    elif "end_times" in given:
        rule.pop("end_date_time", None)
    return rule


def _start(text: str, timezone: str) -> str:
    try:
        start = utc_text(text, timezone)
    except (OverflowError, ValueError):
        raise invalid("start_time") from None
    if not EARLIEST <= start < LATEST:
        raise invalid("start_time")
    return start


def _plan(meeting: Meeting) -> None:
    """Work out the occurrences; those that were deleted and still exist stay deleted."""
    if meeting.type not in RECURRING:
        meeting.occurrences = []
        return
    deleted = {start for start, _, status in meeting.occurrences if status == life.DELETED}
    rule = meeting.recurrence or {"type": 1, "end_times": 1}
    meeting.occurrences = [
        [start, meeting.duration, life.DELETED if start in deleted else life.AVAILABLE]
        for start in starts(meeting.start_time, meeting.timezone, rule)
    ]


def occurrence_id(start: str) -> int:
    """An occurrence is called by its start in milliseconds."""
    return int(seconds(start)) * 1000


def hand_over(setup: Setup, user: User, receiver: User | None, query: Json) -> None:
    """Give a leaving user's meetings, webinars and recordings to the receiver where that is asked for.

    Other meetings and webinars are deleted, other recordings stay.
    """
    if receiver is not None and query.get("transfer_recording"):
        recordings.hand_over(user.id, receiver.id)
    for meeting in Meeting.objects.filter(host_id=user.id):
        if receiver is not None and query.get(f"transfer_{meeting.kind}"):
            meeting.host_id = receiver.id
            meeting.save(update_fields=["host_id"])
        else:
            erase(setup, meeting)


def erase(setup: Setup, meeting: Meeting) -> None:
    """Delete a meeting and who registered; one that runs ends. What was held before stays known."""
    _end_running(setup, meeting)
    Registrant.objects.filter(meeting_id=meeting.id).delete()
    Record.objects.filter(kind=PANELIST, owner_id=str(meeting.id)).delete()
    Meeting.objects.filter(id=meeting.id).delete()


def remove(call: Call, meeting: Meeting) -> None:
    """Delete a meeting, or the one occurrence the query names."""
    wanted = call.query.get("occurrence_id")
    if wanted is None:
        erase(call.setup, meeting)
        return
    for occurrence in meeting.occurrences:
        if occurrence_id(occurrence[0]) == wanted and occurrence[2] == life.AVAILABLE:
            occurrence[2] = life.DELETED
            meeting.next_at = life.next_start(meeting, call.now)
            meeting.save(update_fields=["occurrences", "next_at"])
            call.setup.agenda.changed()
            return
    raise errors.no_meeting(f"{meeting.id}, occurrence {wanted}")


def _end_running(setup: Setup, meeting: Meeting) -> None:
    session = Session.objects.filter(meeting_id=meeting.id, end="").first()
    if session is not None:
        life.end(setup, session, setup.clock.stamp())


def end_now(call: Call, meeting: Meeting, action: str | None) -> None:
    """End what runs. Ending what does not run is no error: it is over, as wanted."""
    if action == "end":
        _end_running(call.setup, meeting)


def row(meeting: Meeting) -> Json:
    """Describe a meeting as lists do."""
    answer: Json = {
        "uuid": meeting.uuid,
        "id": meeting.id,
        "host_id": meeting.host_id,
        "topic": meeting.topic,
        "type": meeting.type,
    }
    if meeting.start_time and meeting.kind != WEBINAR:
        answer["start_time"] = meeting.start_time
    return answer | {
        "duration": meeting.duration,
        "timezone": meeting.timezone,
        "created_at": meeting.created_at,
        "join_url": join_url(meeting),
    }


def described(call: Call, meeting: Meeting, settings: ShapeClass) -> Json:
    """Describe a meeting with everything both kinds tell."""
    answer = row(meeting) | {"agenda": meeting.agenda, "start_url": start_url(call.setup, meeting)}
    if meeting.start_time:
        answer["start_time"] = meeting.start_time
    if meeting.type in RECURRING:
        answer["occurrences"] = [
            {"occurrence_id": occurrence_id(start), "start_time": start, "duration": minutes, "status": status}
            for start, minutes, status in meeting.occurrences
        ]
    answer["settings"] = merged(default_settings(settings), meeting.settings)
    return answer


def join_url(meeting: Meeting) -> str:
    """Where participants join; with the host's own number if the meeting uses that."""
    if meeting.settings.get("use_pmi"):
        pmi = User.objects.filter(id=meeting.host_id).values_list("pmi", flat=True).first()
        return f"{SITE}/j/{pmi or meeting.id}"
    return f"{SITE}/j/{meeting.id}"


def start_url(setup: Setup, meeting: Meeting) -> str:
    """Make an address that names its host and its end of life, two hours from now, and is signed."""
    claims: list[Any] = [meeting.host_id, meeting.id, stamp(setup.clock.now() + START_URL_SECONDS)]
    body = json.dumps(claims).encode()
    signature = hmac.digest(setup.secret.encode(), b"start url\0" + body, hashlib.sha256)
    token = base64.urlsafe_b64encode(signature + body).decode().rstrip("=")
    return f"{SITE}/s/{meeting.id}?zak={token}"
