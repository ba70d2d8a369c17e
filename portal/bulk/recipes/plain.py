"""Recipes that follow from the specification alone: absolute values, deletions, creations found in a list."""

from typing import Any

from portal.bulk.models import Item
from portal.bulk.reading import Reader
from portal.bulk.recipes.base import Finding, Found, Look, dated, dotted, same, twin
from portal.bulk.verdicts import is_gone
from zoomapi.client import errors
from zoomapi.spec.base import Endpoint

# Where a list names the key of a creation differently than the creation does.
LISTED_AS = {"accounts.create": "owner_email"}


def set_value(look: Look) -> Finding:
    """Effect B: read it and compare what was sent. What cannot be read is sent again, which does no harm."""
    source = twin(look.request.endpoint)
    if source is None:
        return Finding(Found.ABSENT, "Zoom does not show this value, so it is set once more.")
    try:
        data = look.reader.read(source, look.request.path)
    except errors.ZoomError as error:
        if not is_gone(error):
            raise
        return Finding(Found.ABSENT, "The object is not there.")
    if same(look.request.body, data):
        return Finding(Found.APPLIED, "Zoom shows the values that were sent.", data=data)
    return Finding(Found.ABSENT, "Zoom does not show the values that were sent.")


def deleted(look: Look) -> Finding:
    """Effect C: gone is done."""
    source = twin(look.request.endpoint)
    if source is None:
        return Finding(Found.ABSENT, "Zoom cannot be asked about this, so the removal is repeated.")
    try:
        data = look.reader.read(source, look.request.path)
    except errors.ZoomError as error:
        if not is_gone(error):
            raise
        return Finding(Found.APPLIED, "It is gone.")
    if source.item_key and not data.get(source.item_key):
        return Finding(Found.APPLIED, "None are left.")
    return Finding(Found.ABSENT, "It is still there.")


def key_of(look_item: Item, endpoint: Endpoint, body: dict[str, Any]) -> str:
    return str(dotted(body, endpoint.remote_key) or look_item.label).strip().casefold()


def matching(reader: Reader, endpoint: Endpoint, path: dict[str, Any], wanted: str) -> list[dict[str, Any]]:
    """Rows of the list beside a creation that carry its key."""
    source = twin(endpoint)
    if source is None or not source.item_key or not endpoint.remote_key:
        return []
    name = LISTED_AS.get(endpoint.key, endpoint.remote_key.rpartition(".")[2])
    return [row for row in reader.rows(source, path) if str(row.get(name) or "").strip().casefold() == wanted]


def listed(look: Look) -> Finding:
    """Effect A, found in the list beside it."""
    endpoint = look.request.endpoint
    source = twin(endpoint)
    if source is None or not source.item_key or not endpoint.remote_key:
        return Finding(Found.ABSENT, "Zoom refuses doubles here, so it is sent once more.")
    rows = matching(look.reader, endpoint, look.request.path, key_of(look.item, endpoint, look.request.body))
    return dated(look, rows[0], "It") if rows else Finding(Found.ABSENT, "It is not there.")


def created(look: Look) -> Finding:
    """Effect D: exactly one thing of that name which was not there before is ours."""
    endpoint = look.request.endpoint
    if twin(endpoint) is None or not endpoint.remote_key or look.item.baseline is None:
        return Finding(Found.UNCLEAR, "Zoom cannot be asked whether this was created. Please look it up, then decide.")
    known = set(look.item.baseline.get("ids", []))
    rows = matching(look.reader, endpoint, look.request.path, key_of(look.item, endpoint, look.request.body))
    new = [row for row in rows if str(row.get("id")) not in known]
    if len(new) > 1:
        message = f"{len(new)} new ones of this name were found; at most one of them is this job's."
        return Finding(Found.UNCLEAR, message, data={"found": new})
    if new:
        message = "It was found: the request had been carried out."
        return Finding(Found.APPLIED, message, str(new[0].get("id") or ""), new[0])
    return Finding(Found.ABSENT, "It is not there.")


def names_before(reader: Reader, item: Item, endpoint: Endpoint, path: dict[str, Any], body: dict[str, Any]) -> Any:
    """Baseline of effect D: the ids of all things that already have this name."""
    rows = matching(reader, endpoint, path, key_of(item, endpoint, body))
    return {"ids": [str(row.get("id")) for row in rows]}
