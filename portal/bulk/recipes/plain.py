"""Recipes that follow from the specification alone: absolute values, deletions, creations found in a list."""

from collections import Counter
from typing import Any

from portal.bulk.calls import without_secrets
from portal.bulk.models import Item
from portal.bulk.reading import Reader
from portal.bulk.recipes.base import WITHIN, Finding, Found, Look, dated, dotted, not_there, same, shown_by, twin
from portal.bulk.verdicts import is_gone
from zoomapi.client import errors
from zoomapi.spec.base import Endpoint

# Where a list names the key of a creation differently than the creation does.
LISTED_AS = {"accounts.create": "owner_email"}
# What a list must be asked for so that it leaves nothing out; without it, meetings that are not running are missing.
ASKED: dict[str, tuple[dict[str, str], ...]] = {
    "meetings.create": tuple({"type": kind} for kind in ("scheduled", "upcoming", "live")),
}


def set_value(look: Look) -> Finding:
    """Effect B: read it and compare what was sent. What cannot be read is sent again, which does no harm."""
    source = shown_by(look.request.endpoint)
    if source is None:
        return not_there(look, "Zoom does not show this value.")
    try:
        data = _shown(look, source)
    except errors.ZoomError as error:
        if not is_gone(error):
            raise
        data = None
    if data is None:
        return not_there(look)
    if same(look.request.body, data):
        return Finding(Found.APPLIED, "Zoom shows the values that were sent.", data=data)
    seen = wanted_of(look.request.body, without_secrets(source, data))
    return Finding(Found.ABSENT, "Zoom does not show the values that were sent.", data=seen)


def _shown(look: Look, source: Endpoint) -> dict[str, Any] | None:
    """The object as Zoom shows it, from its own address or from a list; None when it is not in the list."""
    if source.item_key:
        ids = {str(value) for value in look.request.path.values()}
        return next((row for row in look.reader.rows(source, look.request.path) if str(row.get("id")) in ids), None)
    data = look.reader.read(source, look.request.path)
    return data.get(WITHIN[look.request.endpoint.key]) or {} if look.request.endpoint.key in WITHIN else data


def wanted_of(sent: Any, there: Any) -> Any:
    """Of what was read only the members that were sent: a person compares these."""
    if not isinstance(sent, dict) or not isinstance(there, dict):
        return there
    return {name: wanted_of(value, there[name]) for name, value in sent.items() if name in there}


def deleted(look: Look) -> Finding:
    """Effect C: gone is done."""
    source = twin(look.request.endpoint)
    if source is None:
        return Finding(Found.ABSENT, "Zoom cannot be asked about this, so the removal is repeated.")
    try:
        if not source.item_key:
            data = look.reader.read(source, look.request.path)
        elif not (data := {source.item_key: list(look.reader.rows(source, look.request.path))})[source.item_key]:
            return Finding(Found.APPLIED, "None are left.")
    except errors.ZoomError as error:
        if not is_gone(error):
            raise
        return Finding(Found.APPLIED, "It is gone.")
    return Finding(Found.ABSENT, "It is still there.", data=without_secrets(source, data))


def key_of(look_item: Item, endpoint: Endpoint, body: dict[str, Any]) -> str:
    return str(dotted(body, endpoint.remote_key) or look_item.label).strip().casefold()


def matching(reader: Reader, endpoint: Endpoint, path: dict[str, Any], wanted: str) -> list[dict[str, Any]]:
    """Rows of the list beside a creation that carry its key; all of them when there is none to look for."""
    source = twin(endpoint)
    if source is None or not source.item_key or not endpoint.remote_key:
        return []
    name = LISTED_AS.get(endpoint.key, endpoint.remote_key.rpartition(".")[2])
    found: dict[str, dict[str, Any]] = {}
    for query in ASKED.get(endpoint.key, ({},)):
        for number, row in enumerate(reader.rows(source, path, query)):
            if not wanted or str(row.get(name) or "").strip().casefold() == wanted:
                found.setdefault(identity(row) or f"place {number}", row)
    return list(found.values())


def identity(row: dict[str, Any]) -> str:
    """The id of a row; empty for things that Zoom gives none."""
    return str(row.get("id") or row.get("webhook_id") or "")


def listed(look: Look) -> Finding:
    """Effect A, found in the list beside it."""
    endpoint = look.request.endpoint
    source = twin(endpoint)
    if source is None or not source.item_key or not endpoint.remote_key:
        return Finding(Found.ABSENT, "Zoom refuses doubles here, so it is sent once more.")
    rows = matching(look.reader, endpoint, look.request.path, key_of(look.item, endpoint, look.request.body))
    return dated(look, rows[0], "It") if rows else Finding(Found.ABSENT, "It is not there.")


def created(look: Look) -> Finding:
    """Effect D: exactly one thing of that name which was not there before, and which no other row made, is ours."""
    endpoint = look.request.endpoint
    if twin(endpoint) is None or not endpoint.remote_key or look.item.baseline is None:
        return Finding(Found.UNCLEAR, "Zoom cannot be asked whether this was created. Please look it up, then decide.")
    wanted = named(endpoint, look.request.body)
    new = new_ones(look, matching(look.reader, endpoint, look.request.path, wanted))
    if len(new) > 1:
        message = f"{len(new)} new ones of this name were found; at most one of them is this job's."
        return Finding(Found.UNCLEAR, message, data={"found": new})
    if new and not wanted:
        message = "A new one was found, but the row gives no name by which to tell whether it is this job's."
        return Finding(Found.UNCLEAR, message, data={"found": new})
    if new:
        message = "It was found: the request had been carried out."
        return Finding(Found.APPLIED, message, identity(new[0]), new[0])
    return Finding(Found.ABSENT, "It is not there.")


def new_ones(look: Look, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that were not there before the first send. Of things without an id only the number can be compared."""
    before = Counter(look.item.baseline.get("ids", [])) if look.item.baseline else Counter()
    ids = [identity(row) for row in rows]
    others = Item.objects.filter(endpoint=look.item.endpoint, remote_id__in=[one for one in ids if one])
    before.update(others.exclude(pk=look.item.pk).values_list("remote_id", flat=True))
    new = []
    for row, name in zip(rows, ids, strict=True):
        if before[name]:
            before[name] -= 1
        else:
            new.append(row)
    return new


def named(endpoint: Endpoint, body: dict[str, Any]) -> str:
    return str(dotted(body, endpoint.remote_key) or "").strip().casefold()


def names_before(reader: Reader, endpoint: Endpoint, path: dict[str, Any], body: dict[str, Any]) -> Any:
    """Baseline of effect D: the ids of all things that already have this name."""
    return {"ids": [identity(row) for row in matching(reader, endpoint, path, named(endpoint, body))]}
