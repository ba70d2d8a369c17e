"""Meeting ids, UUIDs and addresses."""

import base64
import hashlib
import random
import secrets

from zoomapi.sandbox.models import Meeting, Session, User

SITE = "https://sandbox.example"
_LEADING_SLASH, _DOUBLE_SLASH = 11, 13  # every so manieth UUID of a world


def world_uuid(source: random.Random, number: int) -> str:
    """Make the UUID of instance ``number`` of a world; some begin with "/" and some contain "//"."""
    raw = bytearray(source.randbytes(16))
    if number % _LEADING_SLASH == 0:
        raw[0] |= 0xFC  # the six bits of "/"
    if number % _DOUBLE_SLASH == 0:
        raw[6:9] = b"\xff\xff\xff"
    return base64.b64encode(bytes(raw)).decode()


def new_uuid() -> str:
    return base64.b64encode(secrets.token_bytes(16)).decode()


def new_meeting_id() -> int:
    """Return an unused number of nine to eleven digits."""
    while True:
        number = secrets.randbelow(10**11 - 10**8) + 10**8
        taken = Meeting.objects.filter(id=number).exists() or Session.objects.filter(meeting_id=number).exists()
        if not taken and not User.objects.filter(pmi=str(number)).exists():
            return number


def made_id(*parts: object) -> str:
    """Make an id in the form of a UUID, always the same from the same parts."""
    text = hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}"


def seed_of(uuid: str) -> int:
    return int.from_bytes(hashlib.sha256(uuid.encode()).digest()[:7])
