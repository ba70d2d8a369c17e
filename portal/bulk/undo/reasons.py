"""Which operations can be taken back, and why the others cannot; told by the operation alone."""

from zoomapi import spec
from zoomapi.spec.base import Effect

# Operations whose former values can be written back, with the one that reads what is there now.
RESTORABLE = {
    "users.update": "users.get",
    "users.update_settings": "users.settings",
    "accounts.update_settings": "accounts.settings",
    "accounts.update_options": "accounts.get",
    "billing.update": "billing.get",
    "groups.update": "groups.get",
    "meetings.update": "meetings.get",
    "webinars.update": "webinars.get",
    "devices.update": "devices.list",
}
# Creations whose object can be removed as long as it is as it was made: with what, and what shows it.
REMOVABLE = {
    "meetings.create": ("meetings.delete", "meetings.get"),
    "webinars.create": ("webinars.delete", "webinars.get"),
    "devices.create": ("devices.delete", "devices.list"),
    "groups.create": ("groups.delete", "groups.get"),
    "im_groups.create": ("im_groups.delete", "im_groups.get"),
}
REVERSIBLE = frozenset(
    {*RESTORABLE, *REMOVABLE, "users.update_status", "users.create", "groups.add_members", "groups.delete_member"}
)
_WHY = {
    "users.delete": "Users who left or were deleted cannot be brought back; they can only be invited again.",
    "users.update_password": "The old password is known to nobody here.",
    "users.revoke_token": "A revoked token cannot be made valid again; the person signs in anew.",
    "users.upload_picture": "The old picture was not kept.",
    "tsp.create": "Zoom gives it no id of its own. Remove it with a file of TSP accounts, by its conference code.",
    "tsp.update": "The old PIN was not kept, and Zoom takes a TSP account only as a whole.",
    "accounts.create": "A sub-account belongs to its owner now. It can be disassociated on its own page.",
    "accounts.delete": "A sub-account that left can only be taken in again by Zoom.",
}
_WHY |= dict.fromkeys(
    ("meetings.update_registrants_status", "webinars.update_registrants_status"),
    "Nobody can be put back to waiting. Decide anew on the page of registrants.",
)
_WHY |= dict.fromkeys(
    ("meetings.update_status", "webinars.update_status"),
    "What was ended has ended for everybody in it. Only its host can start it again.",
)
NO_BEFORE = "It is not known what was there before."


def why_not(operation: str) -> str:
    """Why an operation cannot be taken back; empty when it can, as far as its rows know what was there before."""
    if operation in REVERSIBLE:
        return ""
    if operation in _WHY:
        return _WHY[operation]
    endpoint = spec.endpoint(operation)
    if endpoint.effect is Effect.MONEY:
        return "Plans cost money from the moment they are changed. Change them on the page of plans, where it is shown."
    if endpoint.method == "DELETE" or endpoint.effect is Effect.DELETE:
        return "What was removed is gone at Zoom."
    if endpoint.effect is Effect.PEOPLE:
        return "People have noticed it already."
    if endpoint.effect in (Effect.CREATE, Effect.CREATE_KEYED):
        return "What was created may be in use by now. Remove it where it is listed, after a look at it."
    return NO_BEFORE
