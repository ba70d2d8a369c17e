"""The first comparison of a row with what Zoom says: what is so already is left out, what was there is kept.

A row that waits for it says so in ``Item.source``, with what else its file expects. A worker makes it while the person
looks at the check (``files/comparing.py``); for rows that nobody came to, the engine makes it right before the write.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from portal.bulk.batches import COMPARED, UNCOMPARED
from portal.bulk.calls import Request, split_secrets
from portal.bulk.models import Item, ItemState
from portal.bulk.recipes.base import dotted, same
from portal.bulk.verdicts import Verdict
from portal.ui.forms import flat, nested
from zoomapi import spec
from zoomapi.spec.base import leaves
from zoomapi.spec.corrections import zone

TOPIC, START, ZONE = "topic", "start_time", "timezone"
ALREADY = "Already as the file says."
GONE = "It is not there any more."
UNKNOWN = "Zoom does not know it."
NAMED = ("meetings", "webinars")  # families whose rows name an object by its number; people know it by its topic
Json = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """``changes``: of the item that is to be sent. ``action``: of one that is not, and ``why``."""

    action: str = ""
    why: str = ""
    changes: Json = field(default_factory=dict)

    def verdict(self) -> Verdict | None:
        """The end of the row where it was about to be sent; None when it may be."""
        if not self.action:
            return None
        text = f"{self.why} Nothing was sent."
        if self.action == "unchanged":
            return Verdict(ItemState.SKIPPED, "skipped", text)
        return Verdict(ItemState.FAILED, "not_sent", text)


def seen(item: Item, request: Request, now: Json | None, at: str) -> Seen:
    """What a row comes to when ``now`` is there, read at the moment ``at``; None is there when nothing is."""
    removes = request.endpoint.method == "DELETE"
    if now is None:
        return Seen("unchanged", GONE) if removes else Seen("error", UNKNOWN)
    source = {name: value for name, value in item.source.items() if name != UNCOMPARED}
    changes: Json = {"source": {**source, COMPARED: at}}
    if request.endpoint.family in NAMED:
        changes["label"] = f"{now.get(TOPIC) or 'No topic'} ({item.label})"[:254]
    if removes:
        return _removal(item, now, changes)
    body = request.body
    if START in body:  # as Zoom tells it, so that the two can be compared, now and before an undo
        body = {**body, START: in_utc(body[START], body.get(ZONE) or now.get(ZONE)) or body[START]}
    body, changes["before"] = difference(item.endpoint, body, now)
    if not body:
        return Seen("unchanged", ALREADY, {"label": changes.get("label", item.label)})
    _, changes["body"], changes["secret"] = split_secrets(request.endpoint, request.query, body)
    return Seen(changes=changes)


def _removal(item: Item, now: Json, changes: Json) -> Seen:
    expected, topic = str(item.source[UNCOMPARED].get(TOPIC, "")), str(now.get(TOPIC, ""))
    if expected and " ".join(expected.split()).casefold() != " ".join(topic.split()).casefold():
        return Seen("conflict", f"Zoom calls it “{topic}”, the file “{expected}”.", {"label": changes["label"]})
    if not expected:  # only the id counts
        del changes["source"][COMPARED]
    return Seen(changes={**changes, "before": {name: now[name] for name in (TOPIC, START) if name in now}})


def difference(operation: str, body: Json, now: Json) -> tuple[Json, Json]:
    """(what of a body is not so ``now``, what is there instead as far as it is no secret)."""
    endpoint = spec.endpoint(operation)
    sent = list(flat(body, [name for name, _ in leaves(endpoint.body())])) if endpoint.body else []
    differing = [(name, value) for name, value in sent if not same(value, dotted(now, name))]
    shown = [name for name, _ in differing if name not in endpoint.secrets and dotted(now, name) is not None]
    return nested(differing), nested((name, dotted(now, name)) for name in shown)


def in_utc(text: Any, timezone: Any) -> str:
    """A start as Zoom tells it; empty when it cannot be told, since it is local to a zone that is not known."""
    if not isinstance(text, str) or not text or text.endswith("Z"):
        return str(text or "")
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=zone(str(timezone or "")))
        return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (KeyError, ValueError, OverflowError, OSError):
        return ""
