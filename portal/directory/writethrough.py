"""Bringing our own changes into the mirror at once, so that a list never contradicts what a person just did.

Called after a write to Zoom is known to be applied. It only repeats what Zoom confirmed; the next sync reads the
rest. A new kind of write needs one function here, or none: then the mirror shows it after the next sync.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from portal.access.models import Grant
from portal.access.rights import Role
from portal.directory import records, tasks
from portal.directory.models import MirrorGroup, MirrorUser, SubAccount
from portal.directory.sync import plan_fields, save_account

if TYPE_CHECKING:
    from portal.bulk.models import Item

Answer = dict[str, Any]
APPLY: dict[str, Callable[[Item, Answer], None]] = {}


def applied(item: Item, answer: Answer | None) -> None:
    """Write one applied change through; an operation without an entry leaves the mirror as it is."""
    apply = APPLY.get(item.endpoint)
    if apply:
        with nullcontext() if connection.in_atomic_block else transaction.atomic():
            apply(item, answer or {})


def on(*endpoints: str) -> Callable[[Callable[[Item, Answer], None]], Callable[[Item, Answer], None]]:
    def register(function: Callable[[Item, Answer], None]) -> Callable[[Item, Answer], None]:
        APPLY.update(dict.fromkeys(endpoints, function))
        return function

    return register


def user_of(item: Item) -> MirrorUser | None:
    """The mirrored user an operation names, by id or by e-mail; a step after a creation names what that made."""
    wanted = str(item.path.get("userId", ""))
    if item.after is not None and wanted.startswith("{"):
        wanted = item.after.remote_id
        if item.after.endpoint == "users.create":
            # Another thread may have sent this step before the creation reached the mirror.
            user_created(item.after, {**item.after.answer, "id": wanted})
    users = MirrorUser.objects.filter(account=item.account)
    return users.filter(zoom_id=wanted).first() or users.filter(email__iexact=wanted).first()


@on("accounts.create")
def account_created(item: Item, answer: Answer) -> None:
    """A reseller's new sub-account is theirs: the grant comes with it. Its users are read as soon as a worker can."""
    name = answer.get("account_name") or item.body.get("account_name") or answer.get("owner_email")
    account = save_account(item.job.connection, {**answer, "account_name": name}, seen_at=timezone.now())
    options = item.body.get("options") or {}
    account.pay_mode = records.text(options.get("pay_mode") or "master", 20)
    account.owner_id = records.text(answer.get("owner_id"), 64)
    account.save(update_fields=["pay_mode", "owner_id"])
    if item.job.owner.role == Role.RESELLER:
        Grant.objects.get_or_create(staff=item.job.owner, account=account)
    transaction.on_commit(lambda: tasks.ring(tasks.refresh_account, account.pk))


@on("accounts.update_options")
def options_updated(item: Item, _answer: Answer) -> None:
    if "pay_mode" in item.body and item.account:
        SubAccount.objects.filter(pk=item.account.pk).update(pay_mode=records.text(item.body["pay_mode"], 20))


@on("accounts.delete")
def account_left(item: Item, _answer: Answer) -> None:
    if item.account:
        SubAccount.objects.filter(pk=item.account.pk).update(gone_since=timezone.now())


@on("billing.subscribe")
def plan_subscribed(item: Item, _answer: Answer) -> None:
    if item.account:
        plans = {key: value for key, value in item.body.items() if key.startswith("plan_")}
        SubAccount.objects.filter(pk=item.account.pk).update(**plan_fields(plans))


@on("billing.update_base")
def base_plan_updated(item: Item, _answer: Answer) -> None:
    if item.account:
        account = SubAccount.objects.get(pk=item.account.pk)
        SubAccount.objects.filter(pk=account.pk).update(**plan_fields({**account.plans, "plan_base": dict(item.body)}))


@on("users.create")
def user_created(item: Item, answer: Answer) -> None:
    zoom_id = str(answer.get("id") or "")
    if not item.account or not zoom_id:
        return
    status = "pending" if item.body.get("action") == "create" else "active"
    data = {**(item.body.get("user_info") or {}), **answer, "created_at": timezone.now().isoformat()}
    # Where there is one already, a step after the creation was quicker, and knows more.
    records.add_user(records.user_row(item.account, data, status=status, seen_at=timezone.now()))


@on("users.update")
def user_updated(item: Item, _answer: Answer) -> None:
    user = user_of(item)
    if not user:
        return
    for name in ("first_name", "last_name", "timezone", "dept", "pmi"):
        if name in item.body:
            setattr(user, name, str(item.body[name]))
    if "type" in item.body:
        user.type = records.number(item.body["type"])
    user.search_text = records.search_text(user)
    user.seen_at = timezone.now()
    user.save()
    if "type" in item.body:
        records.recount(user.account)


@on("users.update_status")
def status_updated(item: Item, _answer: Answer) -> None:
    user = user_of(item)
    if user:
        user.status = "active" if item.body.get("action") == "activate" else "inactive"
        user.seen_at = timezone.now()
        user.save(update_fields=["status", "seen_at"])
        records.recount(user.account)


@on("users.delete")
def user_deleted(item: Item, _answer: Answer) -> None:
    user = user_of(item)
    if user:
        user.delete()
        records.recount(user.account)


@on("groups.create", "groups.update")
def group_saved(item: Item, answer: Answer) -> None:
    zoom_id = answer.get("id") or item.path.get("groupId")
    if zoom_id and item.account:
        name = records.text(answer.get("name") or item.body.get("name"), 200)
        MirrorGroup.objects.update_or_create(
            account=item.account, zoom_id=str(zoom_id), defaults={"name": name} if name else {}
        )


@on("groups.delete")
def group_deleted(item: Item, _answer: Answer) -> None:
    MirrorGroup.objects.filter(account=item.account, zoom_id=str(item.path.get("groupId"))).delete()


@on("groups.add_members")
def members_added(item: Item, _answer: Answer) -> None:
    group = str(item.path.get("groupId"))
    for member in item.body.get("members") or []:
        users = MirrorUser.objects.filter(account=item.account)
        user = users.filter(zoom_id=member.get("id") or "").first() or users.filter(email=member.get("email")).first()
        if user and group not in user.group_ids:
            user.group_ids = [*user.group_ids, group]
            user.save(update_fields=["group_ids"])


@on("groups.delete_member")
def member_removed(item: Item, _answer: Answer) -> None:
    user = MirrorUser.objects.filter(account=item.account, zoom_id=str(item.path.get("memberId"))).first()
    if user:
        user.group_ids = [group for group in user.group_ids if group != str(item.path.get("groupId"))]
        user.save(update_fields=["group_ids"])
