"""Groups of users."""

from zoomapi.sandbox import errors
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.errors import no_user
from zoomapi.sandbox.models import Group, Membership, User
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.store import new_id
from zoomapi.sandbox.validation import Json
from zoomapi.spec.groups import Groups

KIND = "group"


def _group(call: Call) -> Group:
    group_id = call.params["groupId"]
    group = Group.objects.filter(id=group_id, account_id=call.account_id, kind=KIND).first()
    if group is None:
        raise errors.no_group(group_id)
    return group


def _described(group: Group) -> Json:
    return {"id": group.id, "name": group.name, "total_members": Membership.objects.filter(group_id=group.id).count()}


def _check_name(call: Call, name: str, but_for: str = "") -> None:
    others = Group.objects.filter(account_id=call.account_id, kind=KIND, name=name).exclude(id=but_for)
    if others.exists() and not call.setup.doubles:
        raise errors.group_name_used(name)


@serves(Groups.list)
def list_groups(call: Call) -> Json:
    groups = Group.objects.filter(account_id=call.account_id, kind=KIND).order_by("name", "id")
    described = [_described(group) for group in groups]
    return {"total_records": len(described), "groups": described}


@serves(Groups.create)
def create(call: Call) -> Json:
    group = Group(id=new_id(), account_id=call.account_id, kind=KIND)
    group.name = call.body.get("name") or f"Group {group.id[:8]}"  # the document leaves the name optional
    _check_name(call, group.name)
    group.save(force_insert=True)
    return _described(group)


@serves(Groups.get)
def get(call: Call) -> Json:
    return _described(_group(call))


@serves(Groups.update)
def update(call: Call) -> None:
    group = _group(call)
    if "name" in call.body:
        _check_name(call, call.body["name"], but_for=group.id)
        group.name = call.body["name"]
        group.save(update_fields=["name"])


@serves(Groups.delete)
def delete(call: Call) -> None:
    group = _group(call)
    Membership.objects.filter(group_id=group.id).delete()
    group.delete()


@serves(Groups.members)
def members(call: Call) -> Json:
    ids = Membership.objects.filter(group_id=_group(call).id).values("user_id")
    users = User.objects.filter(id__in=ids).order_by("created_at", "id")
    names = ("id", "email", "first_name", "last_name", "type")
    return call.page(users, lambda page: [{name: getattr(user, name) for name in names} for user in page])


@serves(Groups.add_members)
def add_members(call: Call) -> Json:
    group = _group(call)
    users = [call.person(ref) for ref in call.body.get("members", [])]
    for user in users:
        Membership.objects.get_or_create(group_id=group.id, user_id=user.id, defaults={"kind": KIND})
    return {"ids": ",".join(user.id for user in users), "added_at": call.now}


@serves(Groups.delete_member)
def delete_member(call: Call) -> None:
    group, user = _group(call), call.user("memberId")
    deleted, _ = Membership.objects.filter(group_id=group.id, user_id=user.id).delete()
    if not deleted:
        raise no_user(call.params["memberId"])
