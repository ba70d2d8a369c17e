"""Polls of meetings and webinars, questions and answers of webinars."""

import random

from zoomapi.sandbox.models import Session
from zoomapi.sandbox.past.people import PHONE, ROOM, SIP, Participant, participants
from zoomapi.sandbox.past.sessions import POLLS, QUESTIONS

POLL = (
    ("How useful was this session?", ("Very useful", "Useful", "Not useful")),
    ("How often should we meet?", ("Weekly", "Every two weeks", "Monthly")),
    ("Which topic shall come next?", ("Roadmap", "Budget", "Training", "Customers")),
    ("Would you recommend it to a colleague?", ("Yes", "No", "Not sure")),
)
ASKED = (
    ("Will the slides be shared?", "Yes, with the recording."),
    ("Is there a trial?", "Yes, for thirty days."),
    ("When is the next session?", "In four weeks."),
    ("Does it work on a tablet?", "It does, on every system we support."),
    ("Who can see the report?", "Everybody in the account with the right to."),
)
Asked = tuple[Participant, list[tuple[str, str]]]


def polls(session: Session) -> list[Asked]:
    """Return (participant, [(question, answer)]) of everybody who answered; nothing when there was no poll."""
    if not session.features & POLLS:
        return []
    source = random.Random(f"{session.seed}/polls")
    asked = source.sample(POLL, source.randint(1, 3))
    return [
        (person, [(question, source.choice(answers)) for question, answers in asked])
        for person in _listeners(session)
        if source.random() < 0.7
    ]


def questions(session: Session) -> list[Asked]:
    """Return (participant, [(question, answer)]) of everybody who asked something in a webinar."""
    if not session.features & QUESTIONS:
        return []
    source = random.Random(f"{session.seed}/questions")
    return [
        (person, source.sample(ASKED, source.randint(1, 2))) for person in _listeners(session) if source.random() < 0.12
    ]


def _listeners(session: Session) -> list[Participant]:
    return [person for person in participants(session)[1:] if person.device not in (ROOM, PHONE, SIP)]
