"""Recipes of users: looked up by e-mail, pending ones included; helpers and members looked up in their list."""

from typing import Any

from portal.bulk.recipes.base import Finding, Found, Look, dated, dotted, twin
from portal.bulk.verdicts import is_gone
from zoomapi.client import errors


def user_created(look: Look) -> Finding:
    """Find the user by e-mail. Invited people are pending: some answers show them in the list only."""
    email = str(dotted(look.request.body, "user_info.email") or "").strip()
    row = _by_email(look, email)
    if row is not None:
        return dated(look, row, "The user")
    if look.item.http_status == 409:
        message = "The e-mail address is in use, but not in this sub-account. Nothing was changed."
        return Finding(Found.EXISTED, message)
    return Finding(Found.ABSENT, "There is no such user.")


def _by_email(look: Look, email: str) -> dict[str, Any] | None:
    try:
        row = look.reader.read("users.get", {"userId": email})
    except errors.ZoomError as error:
        if not is_gone(error):
            raise
        pending = look.reader.rows("users.list", {}, {"status": "pending"})
        return next((row for row in pending if str(row.get("email", "")).casefold() == email.casefold()), None)
    if row.get("created_at"):
        return row
    return _with_date(look, row)


def _with_date(look: Look, row: dict[str, Any]) -> dict[str, Any]:
    """Some answers about one user leave the date out that the list tells."""
    for status in ("active", "pending", "inactive"):
        for listed in look.reader.rows("users.list", {}, {"status": status}):
            if listed.get("id") == row.get("id"):
                return {**listed, **row, "created_at": listed.get("created_at")}
    return row


def all_members(look: Look) -> Finding:
    """Helpers or members were added: are all of them in the list?"""
    endpoint = look.request.endpoint
    source = twin(endpoint)
    wanted = next((value for value in look.request.body.values() if isinstance(value, list)), [])
    if source is None:
        return Finding(Found.ABSENT, "Zoom refuses doubles here, so it is sent once more.")
    there = [
        {str(row.get("id", "")).casefold(), str(row.get("email", "")).casefold()} - {""}
        for row in look.reader.rows(source, look.request.path)
    ]
    names = [{str(ref.get("id", "")).casefold(), str(ref.get("email", "")).casefold()} - {""} for ref in wanted]
    if names and all(any(name & row for row in there) for name in names):
        return Finding(Found.APPLIED, "All of them are in the list.")
    return Finding(Found.ABSENT, "Not all of them are in the list.")
