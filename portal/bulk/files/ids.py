"""Ids of things at Zoom as they stand in cells, fit for the path of a call."""

import re

from portal.bulk.files.checks import ungrouped
from portal.bulk.files.refusal import Bad

LONGEST_ID = 254
_ID = re.compile(r"[A-Za-z0-9_\-]{1,128}={0,2}")
_UUID = re.compile(r"[A-Za-z0-9+/_\-]{1,128}={0,2}")
_NUMBER = re.compile(r"[0-9]{9,11}")


def identifier(text: str) -> str:
    """An id for a path, or an address in its place: nothing that could lead elsewhere."""
    if "@" in text and len(text) <= LONGEST_ID and not any(sign in text for sign in "/?#\\\r\n\t "):
        return text
    if not _ID.fullmatch(text):
        raise Bad("This is no id.")
    return text


def person(text: str) -> str:
    """An e-mail address, or the id of a user or registrant."""
    if "@" not in text and not _ID.fullmatch(text):
        raise Bad("This is neither an e-mail address nor an id.")
    return identifier(text)


def number(text: str) -> str:
    """The number of a meeting or webinar, however it is grouped."""
    digits = ungrouped(text)
    if not _NUMBER.fullmatch(digits):
        raise Bad("Write the number of a meeting or webinar: 9 to 11 digits, also with blanks or hyphens between them.")
    return digits


def number_or_uuid(text: str) -> str:
    """Of a meeting that has taken place."""
    if _NUMBER.fullmatch(digits := ungrouped(text)):
        return digits
    if not _UUID.fullmatch(text):
        raise Bad("This is no id.")
    return text
