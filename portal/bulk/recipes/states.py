"""Recipes of calls that bring an object into a state which no GET of the same path shows."""

from typing import Any

from portal.bulk.recipes.base import Finding, Found, Look, not_there
from portal.bulk.verdicts import is_gone
from zoomapi.client import errors

SWITCHED = {"activate": "active", "deactivate": "inactive"}
STARTED, OVER = "started", "over"


def ended(look: Look) -> Finding:
    """Effect B: does the meeting or webinar still run? One that was held at once is gone when it is over."""
    family, path = look.request.endpoint.family, look.request.path
    try:
        event = look.reader.read(f"{family}.get", path)
    except errors.ZoomError as error:
        if not is_gone(error):
            raise
        return Finding(Found.APPLIED, "It is over: Zoom does not know it any more.")
    status = event.get("status")
    if status is None and family == "meetings" and event.get("host_id"):
        live = look.reader.rows("meetings.list", {"userId": event["host_id"]}, {"type": "live"})
        status = STARTED if any(str(row.get("id")) == str(event.get("id")) for row in live) else OVER
    if status in (None, STARTED):
        return not_there(look, "Zoom does not show that it is over.")
    return Finding(Found.APPLIED, "It does not run any more.")


def switched(look: Look) -> Finding:
    """Effect B: is the user in the list of those who are in that status?"""
    status, who = SWITCHED.get(str(look.request.body.get("action"))), str(look.request.path["userId"]).casefold()
    users = look.reader.rows("users.list", {}, {"status": status}) if status else iter(())
    if any(who in (str(row.get("id", "")).casefold(), str(row.get("email", "")).casefold()) for row in users):
        return Finding(Found.APPLIED, f"The user is {status}.")
    return not_there(look, f"The user is not among those who are {status}.")


def recovered(look: Look) -> Finding:
    """Effect B: is the file shown again, or is nothing of the meeting in the trash any more?"""
    try:
        shown = look.reader.read("recordings.get", look.request.path)
        is_back = _file_is_back(look, shown) if "recordingId" in look.request.path else _none_in_trash(look, shown)
    except errors.ZoomError as error:
        if not is_gone(error):
            raise
        return not_there(look)
    if is_back:
        return Finding(Found.APPLIED, "Zoom shows that it is back.")
    return not_there(look, "Zoom does not show that it is back.")


def _file_is_back(look: Look, shown: dict[str, Any]) -> bool:
    files = shown.get("recording_files") or []
    return any(isinstance(one, dict) and one.get("id") == look.request.path["recordingId"] for one in files)


def _none_in_trash(look: Look, shown: dict[str, Any]) -> bool:
    host, day, uuid = shown.get("host_id"), str(shown.get("start_time") or "")[:10], shown.get("uuid")
    if not (host and day and uuid):
        return False
    trash = look.reader.rows("recordings.list", {"userId": host}, {"from": day, "to": day, "trash": True})
    return all(row.get("uuid") != uuid for row in trash)
