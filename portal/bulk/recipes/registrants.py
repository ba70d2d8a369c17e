"""Recipes of registrants. Zoom lists them status by status, so all of these lists are looked into."""

from collections.abc import Iterator
from typing import Any

from portal.bulk.recipes.base import Finding, Found, Look, dated
from zoomapi import spec
from zoomapi.spec.registration import REGISTRANT_STATUSES

AFTER = {"approve": "approved", "deny": "denied"}  # who cancelled is in no list any more


def registrant_added(look: Look) -> Finding:
    """Effect A: somebody of that address who registered no earlier than we asked is ours."""
    email = str(look.request.body.get("email", "")).strip().casefold()
    for status in REGISTRANT_STATUSES:
        for row in _listed(look, status):
            if str(row.get("email", "")).casefold() == email:
                return dated(look, {**row, "created_at": row.get("create_time")}, "The registrant")
    return Finding(Found.ABSENT, "Nobody of this address is registered.")


def registrants_decided(look: Look) -> Finding:
    """Effect B: all of them are where the decision puts them."""
    wanted = [_names(ref) for ref in look.request.body.get("registrants", [])]
    status = AFTER.get(str(look.request.body.get("action", "")))
    there = [_names(row) for one in ([status] if status else REGISTRANT_STATUSES) for row in _listed(look, one)]
    found = [any(names & row for row in there) for names in wanted]
    if all(found) if status else not any(found):
        return Finding(Found.APPLIED, "All of them are as it was decided.")
    return Finding(Found.ABSENT, "Not all of them are as it was decided.")


def _listed(look: Look, status: str) -> Iterator[dict[str, Any]]:
    source = spec.endpoint(f"{look.request.endpoint.family}.registrants")
    return look.reader.rows(source, look.request.path, {"status": status})


def _names(row: dict[str, Any]) -> set[str]:
    return {str(row.get("id", "")).casefold(), str(row.get("email", "")).casefold()} - {""}
