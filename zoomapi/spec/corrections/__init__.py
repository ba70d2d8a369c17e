"""Where the specification contradicts itself, leaves something out or misspells it: what we do instead, and why.

All of them are in this package and nowhere else. A correction that renames members carries its ``aliases``; the
sandbox accepts them on input, and the client reads them in answers. Wire names keep the specification's spelling
everywhere. ``changes`` lists what has been renamed or withdrawn since.
"""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from zoomapi.spec.corrections.base import Correction
from zoomapi.spec.corrections.changes import RENAMED, RETIRED
from zoomapi.spec.corrections.events import EVENTS
from zoomapi.spec.corrections.people import PEOPLE

__all__ = [
    "CORRECTIONS",
    "INPUT_ALIASES",
    "LEGACY_PLANS",
    "RENAMED",
    "RETIRED",
    "Correction",
    "corrections_of",
    "expiry_seconds",
    "renamed",
    "zone",
]

MILLISECONDS_ABOVE = 1e11  # as seconds this is the year 5138
ZONES = {"SST": "Pacific/Guadalcanal"}
LEGACY_PLANS = ("business_yearly_c50",)

CORRECTIONS = PEOPLE + EVENTS


def _aliases() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for correction in CORRECTIONS:
        for key in correction.operations if correction.aliases else ():
            found.setdefault(key, {}).update(correction.aliases)
    return found


INPUT_ALIASES = _aliases()
"""Endpoint key to other spellings of body members: dotted name understood, dotted name meant."""


def renamed(key: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return ``data`` of the operation ``key`` with every alias replaced; a right name that is there wins."""
    result = _copy(data)
    for wrong, right in INPUT_ALIASES.get(key, {}).items():
        *path, name = wrong.split(".")
        *_, right_name = right.split(".")
        place = result
        for step in path:
            inner = place.get(step)
            place = inner if isinstance(inner, dict) else {}
        if name in place:
            value = place.pop(name)
            place.setdefault(right_name, value)
    return result


def _copy(data: dict[str, Any]) -> dict[str, Any]:
    return {name: _copy(value) if isinstance(value, dict) else value for name, value in data.items()}


def zone(name: str) -> ZoneInfo:
    """Return the zone of an id from the time zone list. Raises ZoneInfoNotFoundError for anything else unknown."""
    return ZoneInfo(ZONES.get(name, name))


def expiry_seconds(value: float) -> float:
    """Return a token's ``exp`` in seconds, whichever unit it came in."""
    return value / 1000 if value > MILLISECONDS_ABOVE else value


def corrections_of(key: str) -> Iterator[Correction]:
    """Every correction that concerns the operation ``key``."""
    return (correction for correction in CORRECTIONS if key in correction.operations)
