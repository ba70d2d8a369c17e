"""Registrants of meetings and webinars."""

import hashlib
from functools import cache
from typing import Any

from zoomapi.sandbox import events
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.errors import invalid
from zoomapi.sandbox.models import Meeting, Registrant
from zoomapi.sandbox.paging import Listed
from zoomapi.sandbox.past.numbers import SITE
from zoomapi.sandbox.scheduling import RECURRING, occurrence_id
from zoomapi.sandbox.store import new_id
from zoomapi.sandbox.validation import Json
from zoomapi.spec.registration import RegistrantDetails

BY_HAND = 1
CANCELLED = "cancelled"
AFTER = {"approve": "approved", "deny": "denied", "cancel": CANCELLED}


def listed(call: Call, meeting: Meeting) -> Json:
    """Answer one page by number, or by the token of the page before."""
    rows = Registrant.objects.filter(meeting_id=meeting.id, status=call.query["status"]).order_by("created_at", "id")
    occurrence = call.query.get("occurrence_id")
    found = [row for row in rows if occurrence is None or not row.occurrences or occurrence in row.occurrences]
    return call.page_both_ways(Listed(found), lambda part: [_described(row) for row in part])


def _described(registrant: Registrant) -> Json:
    return {
        **_nothing_told(),
        **registrant.data,
        "id": registrant.id,
        "email": registrant.email,
        "status": registrant.status,
        "create_time": registrant.created_at,
        "join_url": join_url(registrant) if registrant.status == "approved" else "",
    }


@cache
def _nothing_told() -> Json:
    return dict.fromkeys(RegistrantDetails().get_fields(), "") | {"custom_questions": []}


def join_url(registrant: Registrant) -> str:
    ticket = hashlib.sha256(f"{registrant.meeting_id}/{registrant.id}".encode()).hexdigest()[:24]
    return f"{SITE}/w/{registrant.meeting_id}?tk={ticket}"


def add(call: Call, meeting: Meeting) -> Json:
    """Register somebody; the same address again changes what is known of it, and keeps its id."""
    body = dict(call.body)
    email = body.pop("email").lower()
    occurrences = _occurrences(call, meeting)
    registrant = Registrant.objects.filter(meeting_id=meeting.id, email=email).exclude(status=CANCELLED).first()
    if registrant is None:
        registrant = Registrant(id=new_id(), meeting_id=meeting.id, email=email, created_at=call.now)
        by_hand = meeting.settings.get("approval_type") == BY_HAND
        registrant.status = "pending" if by_hand else "approved"
    registrant.data, registrant.occurrences = body, occurrences
    registrant.save()
    described = _described(registrant)
    events.registered(call.setup, meeting, {name: described[name] for name in ("id", "email", "status")})
    answer: Json = {"registrant_id": registrant.id, "id": meeting.id, "topic": meeting.topic}
    start = _first(meeting, occurrences)
    if start:
        answer["start_time"] = start
    return answer | {"join_url": join_url(registrant)}


def _first(meeting: Meeting, occurrences: list[int]) -> str:
    chosen = [start for start, _, _ in meeting.occurrences if occurrence_id(start) in occurrences]
    return chosen[0] if chosen else meeting.start_time


def _occurrences(call: Call, meeting: Meeting) -> list[int]:
    named = [part for part in (call.query.get("occurrence_ids") or "").split(",") if part]
    if not named or meeting.type not in RECURRING:
        return []
    known = {str(occurrence_id(start)): occurrence_id(start) for start, _, _ in meeting.occurrences}
    if not all(part in known for part in named):
        raise invalid("occurrence_ids")
    return [known[part] for part in named]


def change(call: Call, meeting: Meeting) -> None:
    """Approve, deny or cancel registrants; one that is unknown keeps all of them as they are."""
    chosen = [
        _named(meeting, ref, f"registrants[{place}]") for place, ref in enumerate(call.body.get("registrants", []))
    ]
    for registrant in chosen:
        registrant.status = AFTER[call.body["action"]]
        registrant.save(update_fields=["status"])


def _named(meeting: Meeting, ref: dict[str, Any], field: str) -> Registrant:
    mine = Registrant.objects.filter(meeting_id=meeting.id).exclude(status=CANCELLED)
    found = mine.filter(id=ref["id"]) if ref.get("id") else mine.filter(email=ref["email"].lower())
    registrant = found.first()
    if registrant is None:
        raise invalid(field, message="There is no such registrant.")
    return registrant
