"""Chat sessions and their messages."""

from zoomapi.sandbox import errors
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.paging import Listed
from zoomapi.sandbox.past.chat import Message, conversations, messages, names_of
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.validation import Json
from zoomapi.sandbox.windows import window
from zoomapi.spec.im_chat import ImChat

COUNTS = ("page_count", "total_records")  # this family's answers have none


@serves(ImChat.sessions)
def sessions(call: Call) -> Json:
    days = window(call.query)
    found = [
        {
            "session_id": conversation.id,
            "type": conversation.data["type"],
            "name": conversation.data["name"],
            "last_message_sent_time": written[-1].at,
        }
        for conversation in conversations(call.account_id)
        if (written := messages(conversation, days, call.now))
    ]
    return days.echo() | _without_counts(call.page(Listed(found), lambda rows: rows))


@serves(ImChat.messages)
def session_messages(call: Call) -> Json:
    days, session_id = window(call.query), call.params["sessionId"]
    conversation = next((each for each in conversations(call.account_id) if each.id == session_id), None)
    if conversation is None:
        raise errors.nothing_such("The chat session", session_id)
    written = messages(conversation, days, call.now)
    page = call.page(Listed(written), _described)
    return {"session_id": session_id, **days.echo(), **_without_counts(page)}


def _described(rows: list[Message]) -> list[Json]:
    names = names_of(rows)
    return [_message(row, names[row.sender_id]) for row in rows]


def _message(row: Message, sender: str) -> Json:
    answer = {"message": row.text, "sender": sender, "date_time": row.at}
    return answer | ({"action": row.action, "action_time": row.action_at} if row.action else {})


def _without_counts(page: Json) -> Json:
    return {name: value for name, value in page.items() if name not in COUNTS}
