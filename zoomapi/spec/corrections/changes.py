"""What the service has renamed or withdrawn since the specification was published."""

from typing import NamedTuple


class Renamed(NamedTuple):
    """``path`` is today's; the arguments are the same."""

    path: str
    reason: str


RENAMED = {
    "im_chat.sessions": Renamed("/report/chat/sessions", "Chat sessions have become a report."),
    "im_chat.messages": Renamed("/report/chat/sessions/{sessionId}", "Chat sessions have become a report."),
    "dashboards.im": Renamed("/metrics/chat", "The dashboard calls it chat now."),
}
"""Endpoint key to where the operation is found today."""

_EVENTS = "Events are subscribed to in the settings of an app; there is no call for it any more."

RETIRED = {
    "users.check_zpk": "The old start tokens are gone; a zak needs no check.",
    "webhooks.switch_version": _EVENTS,
    "webhooks.list": _EVENTS,
    "webhooks.create": _EVENTS,
    "webhooks.get": _EVENTS,
    "webhooks.update": _EVENTS,
    "webhooks.delete": _EVENTS,
}
"""Endpoint key to why the operation exists no more."""
