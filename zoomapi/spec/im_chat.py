"""Chat sessions and their messages (section "IM Chat")."""

from zoomapi.spec.base import Endpoint, Family, Paging, Shape
from zoomapi.spec.fields import moment, number, several, text
from zoomapi.spec.shapes import Period, PeriodTokenQuery


class Session(Shape):
    """One conversation."""

    session_id = text("Session id", "Names the conversation.")
    type = text("Type", "The kind of conversation.")
    name = text("Name", "As shown in the chat.", allow_blank=True)
    last_message_sent_time = moment("Last message", "When it was sent.")


class ChatPage(Period):
    """Paging members without counts."""

    page_size = number("Page size", "Records in one answer.")
    next_page_token = text("Page token", "Of the next page; empty on the last.", allow_blank=True)


class SessionPage(ChatPage):
    sessions = several(Session(), "Sessions")


class Message(Shape):
    """One message, or what was done to it."""

    message = text("Message", "What was written.", allow_blank=True)
    sender = text("Sender", "Who wrote it.")
    date_time = moment("Sent", "When it was sent.")
    action = text("Action", "What was done to it afterwards.", allow_blank=True)
    action_time = moment("Done", "When that was done.")


class MessagePage(ChatPage):
    session_id = text("Session id", "The conversation asked for.")
    messages = several(Message(), "Messages")


class ImChat(Family):
    label = "IM chat"

    sessions = Endpoint(
        "GET",
        "/im/chat/sessions",
        title="List chat sessions",
        query=PeriodTokenQuery,
        reply=SessionPage,
        paging=Paging.TOKEN,
        item_key="sessions",
    )
    messages = Endpoint(
        "GET",
        "/im/chat/sessions/{sessionId}",
        title="List the messages of a chat session",
        query=PeriodTokenQuery,
        reply=MessagePage,
        paging=Paging.TOKEN,
        item_key="messages",
    )
