"""One change for many chosen users: from the rows somebody ticked to a job that the engine runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import Scope
from portal.bulk.models import ItemState, Job
from portal.bulk.operations import Step, plan
from portal.directory.models import MirrorGroup, MirrorUser
from portal.gateway.models import Connection
from zoomapi.spec.catalogue import USER_TYPES


class Kind(StrEnum):
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    TYPE = "type"
    DEPARTMENT = "department"
    GROUP = "group"
    LEAVE = "leave"
    DISASSOCIATE = "disassociate"
    DELETE = "delete"


ORDER = ("account_id", "email", "pk")  # of the rows
# An invited user's profile and groups can be set; there is no sign-in yet to switch off, and nothing to delete.
NOT_WHILE_PENDING = (Kind.ACTIVATE, Kind.DEACTIVATE, Kind.DELETE)


@dataclass(frozen=True)
class Change:
    """What to do. ``value``: a type's number, a department, or a group's name; the rest is for removals only.

    ``transfers`` are of "meeting", "webinar", "recording": what ``transfer_email``, an active user of the same
    sub-account, takes over.
    """

    kind: Kind
    value: int | str = ""
    transfer_email: str = ""
    transfers: tuple[str, ...] = field(default=())

    @property
    def title(self) -> str:
        kind_of = USER_TYPES.get(self.value, self.value) if isinstance(self.value, int) else self.value
        titles = {
            Kind.TYPE: f"Change users to {kind_of}",
            Kind.DEPARTMENT: f"Move users to the department “{self.value}”",
            Kind.GROUP: f"Add users to the group “{self.value}”",
            Kind.LEAVE: f"Take users out of the group “{self.value}”",
        }
        return titles.get(self.kind, f"{self.kind.capitalize()} users")

    @property
    def removes(self) -> bool:
        return self.kind in (Kind.DISASSOCIATE, Kind.DELETE)


class SelectionRefused(Exception):
    """The choice cannot be worked on as it is; ``str()`` says why. Nothing was done."""


def plan_users(
    scope: Scope,
    actor: Staff,
    users: QuerySet[MirrorUser] | Iterable[int],
    change: Change,
    *,
    key: str | None = None,
    reason: str = "",
) -> Job:
    """Write down a READY job, one row a user; ``operations.start`` runs it.

    ``users`` are the mirror's primary keys, or a queryset of it when everything that matches a filter is meant. Users
    that need nothing, or for whom it cannot be done, are rows that say so and are never sent. The same ``key`` gives
    the same job. Raises SelectionRefused, OutOfScope, NoRight.
    """
    chosen, connection = meant(scope, users)
    return plan(
        scope=scope,
        actor=actor,
        connection=connection,
        kind=f"users_{change.kind}",
        title=change.title,
        steps=steps(chosen, change),
        key=key,
        reason=reason,
        right=Right.WRITE,
    )


def meant(scope: Scope, users: QuerySet[MirrorUser] | Iterable[int]) -> tuple[QuerySet[MirrorUser], Connection]:
    """The users as far as the scope covers them, and the one connection they belong to. Raises SelectionRefused."""
    chosen = _chosen(scope, users)
    connections = list(chosen.order_by().values_list("account__connection", flat=True).distinct()[:2])
    if not connections:
        raise SelectionRefused("No user was chosen. Nothing was done.")
    if len(connections) > 1:
        raise SelectionRefused("The users belong to several master accounts. Choose those of one. Nothing was done.")
    return chosen, Connection.objects.get(pk=connections[0])


def _chosen(scope: Scope, users: QuerySet[MirrorUser] | Iterable[int]) -> QuerySet[MirrorUser]:
    if isinstance(users, QuerySet):
        return users.filter(scope.where("account"))
    wanted = set(users)
    found = MirrorUser.objects.for_scope(scope).filter(pk__in=wanted)
    if (missing := len(wanted) - found.count()) > 0:
        raise SelectionRefused(
            f"{missing:,} of the chosen users are not there any more. Nothing was done. Open the list anew."
        )
    return found


def steps(users: QuerySet[MirrorUser], change: Change) -> Iterator[Step]:
    """One step a user: the call, or why there is none."""
    build = Builder(change)
    ordered = users.select_related("account").order_by(*ORDER)
    for row, user in enumerate(ordered.iterator(500), 1):
        yield build(row, user)


class Builder:
    """Makes the step of one user; knows, per sub-account, the group or the receiver that a change names."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self._groups: dict[int, str] = {}
        self._receivers: dict[int, str] = {}

    def __call__(self, row: int, user: MirrorUser) -> Step:
        base: dict[str, Any] = {"row": row, "account": user.account, "label": user.email}
        obstacle = self._obstacle(user)
        if obstacle:
            return Step(**base, action="error", state=ItemState.INVALID, message=obstacle)
        before = self._before(user)
        if before is None:
            return Step(**base, action="unchanged", state=ItemState.SKIPPED, message="Already so.")
        return Step(**base, action="delete" if self.change.removes else "update", before=before, **self._call(user))

    def _obstacle(self, user: MirrorUser) -> str:
        """Why it cannot be done for this user, or nothing."""
        kind, owner = self.change.kind, user.zoom_id == user.account.owner_id
        if owner and (self.change.removes or kind == Kind.DEACTIVATE):
            return "The owner of a sub-account can neither be removed nor deactivated."
        if user.status == "pending" and kind in NOT_WHILE_PENDING:
            return "The user is invited and has not accepted yet. Until then this is not possible."
        if kind in (Kind.GROUP, Kind.LEAVE) and not self._group(user.account_id):
            return f"{user.account} has no group named “{self.change.value}”."
        if self.change.removes and self.change.transfer_email:
            receiver = self._receiver(user.account_id)
            if not receiver:
                return (
                    f"{self.change.transfer_email} is no active user of {user.account} and cannot take anything over."
                )
            if receiver == user.zoom_id:
                return "Nobody can take over their own meetings and recordings."
        return ""

    def _before(self, user: MirrorUser) -> dict[str, Any] | None:
        """What changes, as it is now; None when it is so already."""
        kind, value = self.change.kind, self.change.value
        if kind in (Kind.ACTIVATE, Kind.DEACTIVATE):
            wanted = "active" if kind == Kind.ACTIVATE else "inactive"
            return None if user.status == wanted else {"status": user.status}
        if kind == Kind.TYPE:
            return None if user.type == value else {"type": user.type}
        if kind == Kind.DEPARTMENT:
            return None if user.dept == value else {"dept": user.dept}
        if kind in (Kind.GROUP, Kind.LEAVE):
            is_member = self._group(user.account_id) in user.group_ids
            return None if is_member is (kind == Kind.GROUP) else {"group_ids": user.group_ids}
        return {"email": user.email, "type": user.type, "status": user.status}

    def _call(self, user: MirrorUser) -> dict[str, Any]:
        kind, value = self.change.kind, self.change.value
        path = {"userId": user.zoom_id}
        if kind in (Kind.ACTIVATE, Kind.DEACTIVATE):
            return {"endpoint": "users.update_status", "path": path, "body": {"action": str(kind)}}
        if kind == Kind.GROUP:
            group = {"groupId": self._group(user.account_id)}
            return {"endpoint": "groups.add_members", "path": group, "body": {"members": [{"id": user.zoom_id}]}}
        if kind == Kind.LEAVE:
            member = {"groupId": self._group(user.account_id), "memberId": user.zoom_id}
            return {"endpoint": "groups.delete_member", "path": member}
        if not self.change.removes:
            name = "type" if kind == Kind.TYPE else "dept"
            return {"endpoint": "users.update", "path": path, "body": {name: value}}
        query: dict[str, Any] = {"action": str(kind)}
        if self.change.transfer_email:
            query["transfer_email"] = self.change.transfer_email
            query |= {f"transfer_{what}": True for what in self.change.transfers}
        return {"endpoint": "users.delete", "path": path, "query": query}

    def _group(self, account: int) -> str:
        if account not in self._groups:
            named = MirrorGroup.objects.filter(account_id=account, name__iexact=str(self.change.value).strip())
            self._groups[account] = next(iter(named.values_list("zoom_id", flat=True)), "")
        return self._groups[account]

    def _receiver(self, account: int) -> str:
        if account not in self._receivers:
            email = self.change.transfer_email.strip()
            users = MirrorUser.objects.filter(account_id=account, email__iexact=email, status="active")
            self._receivers[account] = next(iter(users.values_list("zoom_id", flat=True)), "")
        return self._receivers[account]
