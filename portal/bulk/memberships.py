"""Many groups removed, or many members of one group taken out or moved to another: jobs with a row for each."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.access.models import Staff
from portal.access.scope import Scope
from portal.bulk.models import Job
from portal.bulk.operations import Step, plan
from portal.directory.models import MirrorGroup, SubAccount

ADD, LEAVE, DELETE = "groups.add_members", "groups.delete_member", "groups.delete"
TAKE_OUT, MOVE = "take_out", "move"
Person = Mapping[str, Any]  # a member as Zoom lists them


def plan_group_removal(
    scope: Scope, actor: Staff, groups: Sequence[MirrorGroup], *, key: str | None = None, reason: str = ""
) -> Job:
    """Write down a READY job that deletes groups of one master account. The same ``key`` gives the same job."""
    return plan(
        scope=scope,
        actor=actor,
        connection=groups[0].account.connection,
        kind="groups_delete",
        title=f"Delete {len(groups):,} group{'' if len(groups) == 1 else 's'}",
        steps=_removals(groups),
        key=key,
        reason=reason,
    )


def _removals(groups: Sequence[MirrorGroup]) -> Iterator[Step]:
    for row, group in enumerate(groups, 1):
        before = {"name": group.name, "total_members": group.total_members}
        yield Step(
            row=row, account=group.account, endpoint=DELETE, path={"groupId": group.zoom_id}, label=group.name,
            action="delete", before=before,
        )  # fmt: skip


@dataclass(frozen=True)
class MembersChange:
    """``group`` is the id of the group they are in, ``name`` what it is called; ``to`` the one a move leads to."""

    account: SubAccount
    group: str
    name: str
    to: str = ""
    to_name: str = ""

    def title(self, number: int) -> str:
        members = f"{number:,} member{'' if number == 1 else 's'}"
        if self.to:
            return f"Move {members} of {self.name} to {self.to_name}"
        return f"Take {members} out of {self.name}"


def plan_members(
    scope: Scope,
    actor: Staff,
    change: MembersChange,
    people: Sequence[Person],
    *,
    there: Collection[str] = (),
    key: str | None = None,
    reason: str = "",
) -> Job:
    """Write down a READY job, one row a member. ``there``: ids of those who are in the other group already."""
    return plan(
        scope=scope,
        actor=actor,
        connection=change.account.connection,
        kind="members_move" if change.to else "members_take_out",
        title=change.title(len(people)),
        steps=member_steps(change, people, there),
        key=key,
        reason=reason,
    )


def member_steps(change: MembersChange, people: Sequence[Person], there: Collection[str]) -> Iterator[Step]:
    """A move is two calls: who cannot join the other group does not leave this one."""
    place = 0
    for row, person in enumerate(people, 1):
        user = str(person["id"])
        base: dict[str, Any] = {"row": row, "account": change.account, "label": str(person.get("email") or user)}
        joins = bool(change.to) and user not in there
        if joins:
            body = {"members": [{"id": user}]}
            yield Step(**base, endpoint=ADD, path={"groupId": change.to}, body=body, action="update")
        path = {"groupId": change.group, "memberId": user}
        step = Step(**base, step=int(joins), endpoint=LEAVE, path=path, action="update")
        step.after = place if joins else None
        yield step
        place += 1 + joins
