"""Who sent and received how many chat messages, by kind."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from zoomapi.sandbox.past.chat import GROUP, conversations, messages
from zoomapi.sandbox.windows import Window

KINDS = {"call": "calls", "file": "files", "image": "images", "voice": "voice", "video": "videos", "emoji": "emoji"}
"""Form of a message to what the dashboard calls it; plain text is in the total alone."""
COUNTED = ("total", "group", *KINDS.values())


@dataclass
class Traffic:
    sent: Counter[str] = field(default_factory=Counter)
    received: Counter[str] = field(default_factory=Counter)

    def as_members(self) -> dict[str, int]:
        sent = {f"{kind}_send": self.sent[kind] for kind in COUNTED}
        return sent | {f"{kind}_receive": self.received[kind] for kind in COUNTED}


def traffic(account_id: str, within: Window, now: str) -> dict[str, Traffic]:
    """Return user id -> counts of everybody who sent or received something. A message to a group is received by all
    its other members."""
    found: defaultdict[str, Traffic] = defaultdict(Traffic)
    for conversation in conversations(account_id):
        members, in_group = conversation.data["members"], conversation.data["type"] == GROUP
        for message in messages(conversation, within, now):
            kinds = ["total", *(["group"] if in_group else []), *filter(None, [KINDS.get(message.form)])]
            for member in members:
                counts = found[member].sent if member == message.sender_id else found[member].received
                counts.update(kinds)
    return found
