"""Groups of chat contacts."""

from zoomapi.sandbox import errors
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.errors import no_user
from zoomapi.sandbox.models import Group, Membership, User
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.store import new_id
from zoomapi.sandbox.validation import Json
from zoomapi.spec.im_groups import ImGroups

KIND = "im"
SEARCHES = ("search_by_domain", "search_by_account", "search_by_ma_account")


def _group(call: Call) -> Group:
    group_id = call.params["groupId"]
    group = Group.objects.filter(id=group_id, account_id=call.account_id, kind=KIND).first()
    if group is None:
        raise errors.no_group(group_id)
    return group


def _described(group: Group) -> Json:
    return {
        "id": group.id,
        "name": group.name,
        "total_members": Membership.objects.filter(group_id=group.id).count(),
        "type": group.data.get("type", "normal"),
        **{name: group.data.get(name, False) for name in SEARCHES},
    }


def _apply(call: Call, group: Group) -> None:
    name = call.body.get("name") or group.name or f"Group {group.id[:8]}"  # the document leaves the name optional
    others = Group.objects.filter(account_id=call.account_id, kind=KIND, name=name).exclude(id=group.id)
    if others.exists() and not call.setup.doubles:
        raise errors.group_name_used(name)
    group.name = name
    group.data = group.data | {key: value for key, value in call.body.items() if key != "name"}
    group.save()


@serves(ImGroups.list)
def list_groups(call: Call) -> Json:
    groups = Group.objects.filter(account_id=call.account_id, kind=KIND).order_by("name", "id")
    return call.page(groups, lambda rows: [_described(group) for group in rows])


@serves(ImGroups.create)
def create(call: Call) -> Json:
    group = Group(id=new_id(), account_id=call.account_id, kind=KIND)
    _apply(call, group)
    return _described(group)


@serves(ImGroups.get)
def get(call: Call) -> Json:
    return _described(_group(call))


@serves(ImGroups.update)
def update(call: Call) -> None:
    _apply(call, _group(call))


@serves(ImGroups.delete)
def delete(call: Call) -> None:
    group = _group(call)
    Membership.objects.filter(group_id=group.id).delete()
    group.delete()


@serves(ImGroups.members)
def members(call: Call) -> Json:
    ids = Membership.objects.filter(group_id=_group(call).id).values("user_id")
    users = User.objects.filter(id__in=ids).order_by("created_at", "id")
    names = ("id", "email", "first_name", "last_name", "type")
    return call.page(users, lambda rows: [{name: getattr(user, name) for name in names} for user in rows])


@serves(ImGroups.add_members)
def add_members(call: Call) -> Json:
    group = _group(call)
    users = [call.person(ref) for ref in call.body.get("members", [])]
    for user in users:
        Membership.objects.get_or_create(group_id=group.id, user_id=user.id, defaults={"kind": KIND})
    return {"ids": ",".join(user.id for user in users), "added_at": call.now}


@serves(ImGroups.delete_member)
def delete_member(call: Call) -> None:
    group, user = _group(call), call.user("memberId")
    if not Membership.objects.filter(group_id=group.id, user_id=user.id).delete()[0]:
        raise no_user(call.params["memberId"])
