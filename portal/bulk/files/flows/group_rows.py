"""Files of memberships: users join groups of their sub-account, leave them, or move from one to another."""

from collections.abc import Mapping
from typing import Any

from portal.access.rights import Right
from portal.access.scope import Scope
from portal.bulk.files.checks import Check
from portal.bulk.files.columns import Column
from portal.bulk.files.flows.base import Flow, account_column
from portal.bulk.files.flows.user_rows import USER, WHO, ChangeRows, user_column, who, worded
from portal.bulk.files.judging import judging
from portal.bulk.files.plans import Call, RowPlan
from portal.bulk.files.rows import Checked
from portal.bulk.files.user_columns import ACCOUNT, GROUP
from portal.bulk.models import ItemState
from portal.bulk.operations import Step
from portal.bulk.selection import Builder, Change, Kind
from portal.directory.models import MirrorGroup, MirrorUser
from portal.gateway.models import Connection

MEMBERSHIP, FROM, MOVE = "membership", "from_group", "move"
_WORDS = {
    **dict.fromkeys(("add", "join", "member", "yes", "in"), Kind.GROUP),
    **dict.fromkeys(("remove", "leave", "no", "out", "delete"), Kind.LEAVE),
    **dict.fromkeys(("move", "transfer", "change"), MOVE),
}
_COLUMNS = (
    user_column(),
    Column(
        GROUP, "Group", "Name of a group of the sub-account.", None, ("group", "usergroup", "groupname", "togroup"),
        required=True,
    ),
    Column(
        MEMBERSHIP, "Add, remove or move", "Add (also when empty), remove or move.", None,
        ("membership", "action", "addorremove", "addremoveormove"),
    ),
    Column(
        FROM, "From group", "Which group a user leaves who is moved; empty: the only other one.", None,
        ("fromgroup", "oldgroup", "previousgroup"),
    ),
    account_column(),
)  # fmt: skip


def membership(row: Checked) -> Change:
    return Change(row.given(MEMBERSHIP, Kind.GROUP), value=row.values[GROUP])


class MemberRows(ChangeRows):
    """A move is two calls: who cannot join the new group does not leave the old one."""

    def __init__(self, connection: Connection, scope: Scope, constants: Mapping[str, Any]) -> None:
        super().__init__(membership, connection, scope, constants)

    def key_of(self, plan: RowPlan, user: MirrorUser) -> Any:
        values = plan.checked.values
        return (user.pk, MOVE) if values.get(MEMBERSHIP) == MOVE else (user.pk, values[GROUP])

    def by_itself(self, plan: RowPlan) -> None:
        values = plan.checked.values
        if values.get(MEMBERSHIP) != MOVE and plan.checked.says(FROM):
            plan.checked.refuse("", "“From group” is for moves only. Write move, or leave it empty.")

    def change(self, plan: RowPlan, user: MirrorUser) -> None:
        if plan.checked.given(MEMBERSHIP) == MOVE:
            self._move(plan, user)
        else:
            super().change(plan, user)

    def _move(self, plan: RowPlan, user: MirrorUser) -> None:
        values = plan.checked.values
        leave: Step | None = None
        with judging:
            if left := values.get(FROM):
                leave = self._step(plan, user, Change(Kind.LEAVE, value=left))
        join = self._step(plan, user, Change(Kind.GROUP, value=values[GROUP]))
        if not values.get(FROM) and (left := self._only_other(plan, user, str(values[GROUP]), joined=join.state)):
            leave = self._step(plan, user, Change(Kind.LEAVE, value=left))
        if plan.checked.problems or leave is None:
            return
        if leave.state == ItemState.SKIPPED and join.state != ItemState.SKIPPED:
            plan.checked.refuse("", f"The user is not in the group “{left}”.")
        if leave.path.get("groupId", "") == join.path.get("groupId", "-"):
            plan.checked.refuse("", "Both groups are the same.")
        calls = [
            Call(step.endpoint, step.path, step.query, step.body, step.before)
            for step in (join, leave)
            if step.state == ItemState.PENDING
        ]
        for follower in calls[1:]:
            follower.follows = True
        plan.action, plan.calls = ("update" if calls else "unchanged"), calls

    def _step(self, plan: RowPlan, user: MirrorUser, change: Change) -> Step:
        builder: Builder = self.builder(change)
        step = builder(plan.checked.row.number, user)
        if step.state == ItemState.INVALID:
            plan.checked.refuse("", step.message)
        return step

    def _only_other(self, plan: RowPlan, user: MirrorUser, target: str, *, joined: str) -> str:
        """The group to leave when the row names none; empty, and the row says why, when that is not clear."""
        groups = MirrorGroup.objects.filter(account_id=user.account_id, zoom_id__in=user.group_ids)
        others = sorted(name for name in groups.values_list("name", flat=True) if name.casefold() != target.casefold())
        if len(others) == 1:
            return others[0]
        if others:
            plan.checked.refuse("", f"The user is in several groups ({', '.join(others)}). Say which one to leave.")
        elif joined == ItemState.SKIPPED:
            plan.action = "unchanged"
        else:
            plan.checked.refuse("", "The user is in no group that could be left. Write add instead of move.")
        return ""


def _name(text: str) -> Any:
    return " ".join(text.split())


def _checks() -> dict[str, Check]:
    words = worded(_WORDS, "Write add, remove or move.")
    return {USER: who, ACCOUNT: str, GROUP: _name, FROM: _name, MEMBERSHIP: words}


FLOWS = (
    Flow(
        "group_members", "Members of groups",
        "Put users into groups of their sub-account, take them out, or move them from one to another.",
        Right.WRITE, lambda: _COLUMNS, _checks, MemberRows, needed=(*WHO, ((GROUP,), "the groups")),
        sample=(("Email", "Group", "Add, remove or move", "From group", "Sub-account"),
                ("ana@example.com", "Sales", "add", "", "")),
    ),
)  # fmt: skip
