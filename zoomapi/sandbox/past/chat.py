"""Conversations and their messages, made day by day from a conversation's seed."""

import random
from dataclasses import dataclass
from datetime import date

from zoomapi.sandbox.models import Record, User
from zoomapi.sandbox.windows import Window

KIND = "chat"
ONE_TO_ONE, GROUP = "1:1", "Group"
LINES = (
    "Good morning", "Can you join at ten?", "The slides are ready.", "Thank you!", "On my way.", "Let us talk later.",
    "The numbers look fine.", "Who takes the notes?", "I will send it today.", "Done.", "Please have a look.", "👍",
)  # fmt: skip
FORMS = ("text",) * 14 + ("file", "image", "voice", "video", "emoji", "emoji", "call")


@dataclass(frozen=True)
class Message:
    """``form`` is text, file, image, voice, video, emoji or call; ``action`` is "" unless it was edited or deleted."""

    text: str
    sender_id: str
    at: str
    form: str
    action: str = ""
    action_at: str = ""


def conversations(account_id: str) -> list[Record]:
    """Return an account's conversations; ``data`` has type, name, members (user ids) and seed."""
    return list(Record.objects.filter(kind=KIND, account_id=account_id).order_by("created_at", "id"))


def messages(conversation: Record, within: Window, now: str) -> list[Message]:
    """Return what was written in a span of days up to ``now``, oldest first."""
    found = [message for day in within.days() for message in _written(conversation, day)]
    return [message for message in found if conversation.created_at <= message.at <= now]


def _written(conversation: Record, day: date) -> list[Message]:
    data = conversation.data
    source = random.Random(f"{data['seed']}/{day.toordinal()}")
    if source.random() > (0.35 if day.weekday() < 5 else 0.03):
        return []
    times = sorted(source.randrange(7 * 3600, 19 * 3600) for _ in range(source.randint(1, 9)))
    return [_message(source, data["members"], day, at) for at in times]


def _message(source: random.Random, members: list[str], day: date, at: int) -> Message:
    form = source.choice(FORMS)
    edited = form == "text" and source.random() < 0.04
    return Message(
        text=source.choice(LINES) if form == "text" else f"[{form}]",
        sender_id=source.choice(members),
        at=_clock(day, at),
        form=form,
        action=source.choice(("edit", "delete")) if edited else "",
        action_at=_clock(day, at + 120) if edited else "",
    )


def _clock(day: date, second: int) -> str:
    return f"{day.isoformat()}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


def names_of(messages_: list[Message]) -> dict[str, str]:
    """Return user id -> name of everybody who wrote; people who are gone are called so."""
    ids = {message.sender_id for message in messages_}
    known = {user.id: f"{user.first_name} {user.last_name}".strip() for user in User.objects.filter(id__in=ids)}
    return {user_id: known.get(user_id, "Former user") for user_id in ids}
