"""Recipes of what has no id but a place in a list. When one is removed the others move up, so a place tells nothing."""

from typing import Any

from portal.bulk.reading import Reader
from portal.bulk.recipes.base import Finding, Found, Look
from portal.bulk.verdicts import is_gone
from zoomapi.client import errors
from zoomapi.spec.base import Endpoint

PLACE = "tspId"  # from 1
LIST, CODE = "tsp.list", "conference_code"  # what shows all of them, and tells one from another
MOVED = (
    "What was to be removed is not at its place any more, where another one may be now. It was sent before, and that"
    " had not been carried out when it was checked. Not sent again."
)


def by_place(endpoint: Endpoint) -> bool:
    """Whether the call removes what is at a place."""
    return endpoint.method == "DELETE" and PLACE in endpoint.params


def held(reader: Reader, path: dict[str, Any]) -> dict[str, Any]:
    """Baseline: the code of what is at a place, and how many have it. Without a code when nothing is there."""
    codes = _codes(reader, path)
    code = _at_place(codes, path)
    return {"code": code, "count": codes.count(code)}


def removed(look: Look) -> Finding:
    """Is there one less of that code? Only what is still at its place may be removed once more."""
    before = look.item.baseline or {}
    try:
        codes = _codes(look.reader, look.request.path)
    except errors.ZoomError as error:
        if not is_gone(error):
            raise
        return Finding(Found.APPLIED, "It is gone.")
    code, data = before.get("code"), {CODE: codes}
    if not code:
        message = "It is not known what was at this place before, so it cannot be told whether it was removed."
        return Finding(Found.UNCLEAR, message, data=data)
    missing = before["count"] - codes.count(code)
    if missing == 1:
        return Finding(Found.APPLIED, "It is gone.")
    if missing == 0 and _at_place(codes, look.request.path) == code:
        return Finding(Found.ABSENT, "It is still there.", data=data)
    return Finding(Found.UNCLEAR, "The list is another one by now. Please look whether it is still there.", data=data)


def _codes(reader: Reader, path: dict[str, Any]) -> list[str]:
    return [str(row.get(CODE) or "") for row in reader.rows(LIST, path)]


def _at_place(codes: list[str], path: dict[str, Any]) -> str:
    place = str(path[PLACE])
    return codes[int(place) - 1] if place.isdecimal() and 1 <= int(place) <= len(codes) else ""
