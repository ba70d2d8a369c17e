"""Ids in cells: the right ones pass, and what is wrong is called by its name."""

import pytest

from portal.bulk.files.checks import Check
from portal.bulk.files.flows import flow_named
from portal.bulk.files.refusal import Bad

NUMBER = "Write the number of a meeting or webinar: 9 to 11 digits, also with blanks or hyphens between them."
NOBODY = "This is neither an e-mail address nor an id."


def told(check: Check, text: str) -> list[str]:
    try:
        check(text)
    except Bad as bad:
        return list(bad.messages)
    return []


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("meetings_update", "meetingId"),
        ("meetings_delete", "meetingId"),
        ("webinar_registrants", "webinarId"),
        ("meetings.update_status", "meetingId"),
    ],
)
def test_the_number_of_an_event_has_nine_to_eleven_digits(kind: str, column: str) -> None:
    check = flow_named(kind).checks()[column]
    texts = ("12", "12345678", "123 456 789", "123-4567-8901", "123456789012")
    assert [told(check, text) for text in texts] == [[NUMBER], [NUMBER], [], [], [NUMBER]]


@pytest.mark.parametrize(
    ("kind", "column"),
    [("users_status", "user"), ("users.update", "userId"), ("meeting_registrants_status", "registrant")],
)
def test_what_is_neither_an_address_nor_an_id_is_called_so(kind: str, column: str) -> None:
    check = flow_named(kind).checks()[column]
    assert [told(check, text) for text in ("ana(at)x.example", "ana@x.example", "Ab3_-x==")] == [[NOBODY], [], []]
