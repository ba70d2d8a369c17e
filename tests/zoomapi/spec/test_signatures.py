"""Today's webhooks: signing, checking, and the challenge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoomapi.spec import signatures

SECRET = "a-webhook-secret"
NOW = 1_700_000_000.0
BODY = b'{"event":"meeting.started"}'
GOOD = signatures.headers(SECRET, NOW, BODY)


def genuine(**changes: object) -> bool:
    given = {
        "secret": SECRET,
        "signature": GOOD[signatures.SIGNATURE],
        "timestamp": GOOD[signatures.TIMESTAMP],
        "body": BODY,
        "now": NOW,
    } | changes
    return signatures.is_genuine(**given)


def test_a_signature_is_the_documented_digest() -> None:
    assert GOOD == {
        "x-zm-request-timestamp": "1700000000",
        "x-zm-signature": "v0=7a2cae8c905fda7452c8883597a355e08429a27f80bec43665cccec96c3f44ad",
    }


def test_what_was_signed_is_genuine() -> None:
    assert genuine()


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "another"},
        {"secret": ""},
        {"body": BODY + b" "},
        {"body": b""},
        {"signature": ""},
        {"signature": "v0="},
        {"signature": GOOD["x-zm-signature"][3:]},
        {"signature": GOOD["x-zm-signature"].upper()},
        {"signature": GOOD["x-zm-signature"].replace("v0=", "v1=")},
        {"signature": "v0=\ud800é"},
        {"timestamp": ""},
        {"timestamp": "1700000001"},
        {"timestamp": "1700000000 "},
        {"timestamp": "-1"},
        {"timestamp": "1e9"},
        {"timestamp": "\u0661\u0667\u0660\u0660"},
    ],
)
def test_fault_A13_anything_changed_is_not_genuine(changes: dict[str, object]) -> None:
    assert not genuine(**changes)


@pytest.mark.parametrize(("late", "taken"), [(299, True), (301, False), (-299, True), (-301, False), (10**9, False)])
def test_fault_A14_old_and_future_deliveries_are_not_genuine(late: float, taken: bool) -> None:
    assert genuine(now=NOW + late) is taken


@given(st.binary(max_size=200), st.text(max_size=80), st.text(max_size=20))
def test_fault_A13_nothing_made_up_is_genuine(body: bytes, signature: str, timestamp: str) -> None:
    assert not genuine(body=body, signature=signature, timestamp=timestamp)


def test_a_challenge_is_answered_and_the_answer_recognised() -> None:
    answer = signatures.answer_challenge(SECRET, "qgg8vlvZRS6UYooatFL8Aw")
    assert answer["plainToken"] == "qgg8vlvZRS6UYooatFL8Aw"
    assert signatures.is_answer(SECRET, "qgg8vlvZRS6UYooatFL8Aw", answer)
    assert not signatures.is_answer("another", "qgg8vlvZRS6UYooatFL8Aw", answer)
    assert not signatures.is_answer(SECRET, "other", answer)
    assert not signatures.is_answer(SECRET, "x", ["x"])
    assert not signatures.is_answer(SECRET, "x", {})


@pytest.mark.parametrize("plain", ["v0:1700000000:{}", "", "a" * 65, "a b", "a\n", "{}", "é"])
def test_fault_A16_no_text_that_could_be_an_event_is_ever_signed(plain: str) -> None:
    with pytest.raises(ValueError, match="no plain token"):
        signatures.answer_challenge(SECRET, plain)
