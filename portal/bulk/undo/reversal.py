"""What takes one item back: the call, or why there is none, and the state in which the job left the object."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rest_framework.fields import empty

from portal.bulk.files.plans import Call
from portal.bulk.first_look import START, ZONE, in_utc
from portal.bulk.models import Item
from portal.bulk.recipes.base import dotted
from portal.bulk.undo.reasons import NO_BEFORE, REMOVABLE, RESTORABLE, why_not
from portal.ui.forms import flat, nested
from portal.ui.wire import emptied
from zoomapi import spec
from zoomapi.spec.base import leaves

Json = dict[str, Any]


@dataclass(frozen=True)
class Reversal:
    """``left`` is what the job left behind (flat): when it is not so any more, the row is a conflict.

    ``user`` names the user that the mirror can be asked about, ``reads`` the operation that shows the state at Zoom.
    """

    call: Call | None = None
    why: str = ""
    action: str = "update"
    left: Json = field(default_factory=dict)
    user: str = ""
    reads: str = ""
    notes: tuple[str, ...] = ()


def impossible(why: str) -> Reversal:
    return Reversal(why=why, action="impossible")


def reversal_of(item: Item, followers: list[Item]) -> Reversal:
    """How to take back an item that is DONE; ``followers`` are the later items of its row that are DONE, too."""
    if why := why_not(item.endpoint):
        return impossible(why)
    if item.endpoint == "users.create":
        return _uncreate(item, followers)
    if item.endpoint in REMOVABLE:
        return _unmake(item)
    if item.endpoint == "users.update_status":
        return _status(item)
    if item.endpoint in ("groups.add_members", "groups.delete_member"):
        return _membership(item)
    return _restore(item)


def user_of(item: Item) -> str:
    """The id of the user an item is about, also when an earlier step of its row created them."""
    named = str(item.path.get("userId", ""))
    return item.after.remote_id if named.startswith("{") and item.after is not None else named


def _uncreate(item: Item, followers: list[Item]) -> Reversal:
    if not item.remote_id:
        return Reversal(
            why="Zoom did not tell which user was created. Look for the address in the list.", action="impossible"
        )
    # What the creation does not say is empty in a new user; what is not any more, somebody has put there.
    left = {"first_name": "", "last_name": "", "dept": "", **(item.body.get("user_info") or {})}
    for follower in followers:
        if follower.endpoint == "users.update":
            left |= follower.body
    note = ("The invitation that was mailed cannot be called back.",) if item.body.get("action") == "create" else ()
    call = Call("users.delete", {"userId": item.remote_id}, {"action": "delete"})
    return Reversal(call, action="delete", left=left, user=item.remote_id, notes=note)


def _unmake(item: Item) -> Reversal:
    """Remove what was made, if it is still so and nobody uses it."""
    removal, reads = REMOVABLE[item.endpoint]
    if not item.remote_id:
        return impossible("Zoom did not tell the id of what was created. Look for it where it is listed.")
    endpoint = spec.endpoint(item.endpoint)
    fields = [name for name, _ in leaves(endpoint.body()) if "[]" not in name] if endpoint.body else []
    left = {name: _as_told(item, name, value) for name, value in flat(item.body, fields)}
    if item.endpoint.endswith("groups.create"):
        left["total_members"] = 0
    call = Call(removal, {spec.endpoint(removal).params[-1]: item.remote_id}, before=nested(left.items()))
    return Reversal(call, action="delete", left=left, reads=reads)


def _as_told(item: Item, name: str, sent: Any) -> Any:
    """A value as Zoom told it after the creation: moments come back in UTC, for instance."""
    told_then = dotted(item.answer, name)
    if told_then is None and name == START:  # an adoption did not always keep what it had found
        return in_utc(sent, item.body.get(ZONE)) or sent
    return sent if told_then is None else told_then


def _status(item: Item) -> Reversal:
    before, activated = item.before.get("status"), item.body.get("action") == "activate"
    if before not in ("active", "inactive"):
        return impossible(NO_BEFORE)
    left = {"status": "active" if activated else "inactive"}
    if left["status"] == before:
        return Reversal(why="It was so before.", action="unchanged")
    user = user_of(item)
    body = {"action": "activate" if before == "active" else "deactivate"}
    return Reversal(Call("users.update_status", {"userId": user}, {}, body, left), left=left, user=user)


def _membership(item: Item) -> Reversal:
    group = str(item.path.get("groupId", ""))
    if item.endpoint == "groups.delete_member":
        member = str(item.path.get("memberId", ""))
        call = Call("groups.add_members", {"groupId": group}, {}, {"members": [{"id": member}]}, {"group_ids": []})
        return Reversal(call, left={"group": group, "member": False}, user=member)
    members = item.body.get("members") or []
    if len(members) != 1:
        return Reversal(
            why="Several people were added in one call. Take them out on the group's page.", action="impossible"
        )
    member = str(members[0].get("id") or members[0].get("email", ""))
    call = Call("groups.delete_member", {"groupId": group, "memberId": member}, {}, {}, {"group_ids": [group]})
    return Reversal(call, left={"group": group, "member": True}, user=member)


def _restore(item: Item) -> Reversal:
    """Write the former values back, those that are known and that can be written."""
    endpoint = spec.endpoint(item.endpoint)
    fields = {name: found for name, found in leaves(endpoint.body()) if "[]" not in name} if endpoint.body else {}
    sent = dict(flat(item.body, fields))
    back, lost = {}, []
    for name in sent:
        value = dotted(item.before, name)
        if value in (None, "", []) and _is_known(item.before, name):
            value = emptied(fields[name])
        if value is empty or not _is_known(item.before, name):
            lost.append(str(fields[name].label or name))
        else:
            back[name] = value
    lost += ["a secret value"] if item.secret_erased or item.secret else []
    if not back:
        return impossible(NO_BEFORE)
    path = {**item.path, **({"userId": user_of(item)} if "userId" in item.path else {})}
    left = {name: sent[name] for name in back}
    note = (f"Not restored, since it is not known or cannot be emptied: {', '.join(lost)}.",) if lost else ()
    call = Call(item.endpoint, path, {}, nested(back.items()), nested(left.items()))
    user = path.get("userId", "") if item.endpoint == "users.update" else ""
    reads = "" if user else RESTORABLE[item.endpoint]
    return Reversal(call, left=left, user=user, reads=reads, notes=note)


def _is_known(before: Json, name: str) -> bool:
    place: Any = before
    for part in name.split("."):
        if not isinstance(place, dict) or part not in place:
            return False
        place = place[part]
    return True


def told(reversal: Reversal) -> Iterator[str]:
    """What the dry run says about a row."""
    if reversal.why:
        yield reversal.why
    yield from reversal.notes
