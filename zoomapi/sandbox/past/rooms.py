"""Zoom Rooms of an account and the meetings held in them."""

from django.db.models import QuerySet

from zoomapi.sandbox.models import Record, Session

KIND = "room"


def rooms(account_id: str) -> QuerySet[Record]:
    """Return an account's rooms. ``data`` has name, calendar, email, account_type, status, device_ip, camera,
    microphone and speaker."""
    return Record.objects.filter(kind=KIND, account_id=account_id).order_by("created_at", "id")


def held_in(room: Record) -> QuerySet[Session]:
    """Return every instance a room took part in, oldest first; the live one has no end."""
    return Session.objects.filter(account_id=room.account_id, room_id=room.id).order_by("start", "uuid")
