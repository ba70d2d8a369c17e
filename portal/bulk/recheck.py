"""Looking at the rows of a waiting job again before it begins: what changed since the check is left out, with why."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from portal.bulk import storage
from portal.bulk.batches import COMPARED
from portal.bulk.models import Item, ItemState, Job
from portal.bulk.outcomes import ERASED, cancel_followers
from portal.directory.models import MirrorUser

CHUNK = 500
GROUPS = "group_ids"
NAMES = {
    "first_name": "first name", "last_name": "last name", "type": "type", "status": "status", "dept": "department",
    "pmi": "personal meeting id", "timezone": "time zone", "last_login_time": "last sign-in",
}  # fmt: skip
UserKey = tuple[int, str]


def recheck(job: Job) -> int:
    """Compare waiting rows with the mirror; those that changed are SKIPPED. Returns how many."""
    fresh = Item.objects.filter(job=job, state=ItemState.PENDING, first_sent=None).exclude(endpoint="")
    keys = list(fresh.order_by("pk").values_list("pk", flat=True))
    return sum(_chunk(keys[start : start + CHUNK]) for start in range(0, len(keys), CHUNK))


def _chunk(keys: Iterable[int]) -> int:
    items = list(Item.objects.filter(pk__in=keys).select_related("account"))
    users = _users(items)
    number = 0
    for item in items:
        why = changed(item, users)
        if not why:
            continue
        with storage.write():
            left_out = Item.objects.filter(pk=item.pk, state=ItemState.PENDING, lease_until=None).update(
                state=ItemState.SKIPPED,
                message=f"{why} Nothing was sent."[:500],
                ended_at=storage.now(),
                secret_erased=ERASED,
                secret="",
            )
            if left_out:
                number += 1
                _leave_followers(item)
    return number


def _leave_followers(item: Item) -> None:
    cancel_followers([item.pk], item.step)
    Item.objects.filter(after=item, state=ItemState.CANCELLED).update(
        message="Not done: the step before it was left out."
    )


def _users(items: list[Item]) -> dict[UserKey, MirrorUser]:
    """Users by account and id, and by account and address."""
    names = {name for item in items if (name := user_named(item))}
    accounts = {item.account_id for item in items}
    rows = MirrorUser.objects.filter(account__in=accounts)
    found = {(user.account_id, user.zoom_id): user for user in rows.filter(zoom_id__in=names)}
    return found | {(user.account_id, user.email.casefold()): user for user in rows.filter(email__in=names)}


def user_named(item: Item) -> str:
    """The id or the address of the user an item is about; empty when it is about none."""
    if item.endpoint == "users.create":
        return str((item.body.get("user_info") or {}).get("email", "")).casefold()
    if item.endpoint == "groups.add_members":
        member = (item.body.get("members") or [{}])[0]
        return str(member.get("id") or member.get("email", ""))
    return str(item.path.get("userId") or item.path.get("memberId") or "")


def changed(item: Item, users: dict[UserKey, MirrorUser]) -> str:
    """Why the row is not as it was when it was checked; empty when it is, or when nothing is known of it."""
    if item.account is None:
        return ""
    if item.account.gone_since:
        return f"{item.account} has left the master account."
    name = user_named(item)
    if not name or name.startswith("{"):
        return ""
    user = users.get((item.account.pk, name)) or users.get((item.account.pk, name.casefold()))
    if item.endpoint == "users.create":
        return f"{user.email} is a user of {item.account} by now." if user else ""
    if not item.before:
        return ""
    if user is None:
        return f"The user is not in {item.account} any more."
    # What was compared with Zoom is compared with it again right before the write; the mirror may be older.
    return "" if COMPARED in item.source else differences(item, user)


def differences(item: Item, user: MirrorUser) -> str:
    found = []
    for name, before in item.before.items():
        if name == GROUPS:
            group = str(item.path.get("groupId", ""))
            if (group in before) is not (group in user.group_ids):
                found.append("the membership of the group")
        elif name in NAMES and not _same(before, getattr(user, name)):
            found.append(f"{NAMES[name]} is “{_text(getattr(user, name))}”, was “{_text(before)}”")
    return f"Changed since it was checked: {', '.join(found)}." if found else ""


def _same(before: Any, now: Any) -> bool:
    return _text(before) == _text(now)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)
