"""Groups of users and groups of chat contacts: alike but for their lists and what an IM group says of itself."""

from typing import Any

from django.db.models import QuerySet

from zoomapi.sandbox import errors
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.models import Group, Membership, User
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.store import new_id
from zoomapi.sandbox.validation import Json
from zoomapi.spec.groups import Groups
from zoomapi.spec.im_groups import ImGroups

MEMBER = ("id", "email", "first_name", "last_name", "type")


class Grouping:
    """The operations of one kind of groups. ``own`` are the members only this kind has, at rest."""

    def __init__(self, kind: str, **own: Any) -> None:
        self.kind = kind
        self.own = own

    def all(self, call: Call) -> QuerySet[Group]:
        return Group.objects.filter(account_id=call.account_id, kind=self.kind).order_by("name", "id")

    def described(self, group: Group) -> Json:
        total = Membership.objects.filter(group_id=group.id).count()
        own = {name: group.data.get(name, value) for name, value in self.own.items()}
        return {"id": group.id, "name": group.name, "total_members": total, **own}

    def named(self, call: Call) -> Group:
        group_id = call.params["groupId"]
        group = self.all(call).filter(id=group_id).first()
        if group is None:
            raise errors.no_group(group_id)
        return group

    def _apply(self, call: Call, group: Group) -> None:
        name = call.body.get("name") or group.name or f"Group {group.id[:8]}"  # the document leaves the name optional
        if self.all(call).filter(name=name).exclude(id=group.id).exists() and not call.setup.doubles:
            raise errors.group_name_used(name)
        group.name = name
        group.data = group.data | {key: value for key, value in call.body.items() if key in self.own}
        group.save()

    def create(self, call: Call) -> Json:
        group = Group(id=new_id(), account_id=call.account_id, kind=self.kind)
        self._apply(call, group)
        return self.described(group)

    def get(self, call: Call) -> Json:
        return self.described(self.named(call))

    def update(self, call: Call) -> None:
        self._apply(call, self.named(call))

    def delete(self, call: Call) -> None:
        group = self.named(call)
        Membership.objects.filter(group_id=group.id).delete()
        group.delete()

    def members(self, call: Call) -> Json:
        ids = Membership.objects.filter(group_id=self.named(call).id).values("user_id")
        users = User.objects.filter(id__in=ids).order_by("created_at", "id")
        return call.page(users, lambda page: [{name: getattr(user, name) for name in MEMBER} for user in page])

    def add_members(self, call: Call) -> Json:
        group = self.named(call)
        users = [call.person(ref) for ref in call.body.get("members", [])]
        for user in users:
            Membership.objects.get_or_create(group_id=group.id, user_id=user.id, defaults={"kind": self.kind})
        return {"ids": ",".join(user.id for user in users), "added_at": call.now}

    def delete_member(self, call: Call) -> None:
        group, user = self.named(call), call.user("memberId")
        deleted, _ = Membership.objects.filter(group_id=group.id, user_id=user.id).delete()
        if not deleted:
            raise errors.no_user(call.params["memberId"])


GROUPS = Grouping("group")
IM_GROUPS = Grouping("im", type="normal", search_by_domain=False, search_by_account=False, search_by_ma_account=False)

# One by one: the coverage table is read from these lines.
serves(Groups.create)(GROUPS.create)
serves(Groups.get)(GROUPS.get)
serves(Groups.update)(GROUPS.update)
serves(Groups.delete)(GROUPS.delete)
serves(Groups.members)(GROUPS.members)
serves(Groups.add_members)(GROUPS.add_members)
serves(Groups.delete_member)(GROUPS.delete_member)
serves(ImGroups.create)(IM_GROUPS.create)
serves(ImGroups.get)(IM_GROUPS.get)
serves(ImGroups.update)(IM_GROUPS.update)
serves(ImGroups.delete)(IM_GROUPS.delete)
serves(ImGroups.members)(IM_GROUPS.members)
serves(ImGroups.add_members)(IM_GROUPS.add_members)
serves(ImGroups.delete_member)(IM_GROUPS.delete_member)


@serves(Groups.list)
def list_groups(call: Call) -> Json:
    described = [GROUPS.described(group) for group in GROUPS.all(call)]
    return {"total_records": len(described), "groups": described}


@serves(ImGroups.list)
def list_im_groups(call: Call) -> Json:
    return call.page(IM_GROUPS.all(call), lambda rows: [IM_GROUPS.described(group) for group in rows])
