"""The import of users: what each row means against the mirror."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.access.scope import Scope
from portal.bulk.files.accounts import Account, AccountIndex
from portal.bulk.files.addresses import canonical, mailbox, mixed, shown
from portal.bulk.files.characters import looks_like, visible
from portal.bulk.files.judging import Unknown, judging
from portal.bulk.files.plans import FOLLOWS, Call, Keys, RowPlan
from portal.bulk.files.refusal import Bad
from portal.bulk.files.rows import Checked
from portal.bulk.files.user_columns import ACCOUNT, GROUP, STATUS
from portal.directory.models import MirrorGroup, MirrorUser
from portal.gateway.models import Connection
from zoomapi import spec
from zoomapi.spec.base import leaves

KIND = "users_import"
EMAIL, PASSWORD = "user_info.email", "user_info.password"
LICENSED = frozenset({2, 3})
_MIRRORED = ("first_name", "last_name", "type", "pmi", "timezone", "dept")
_NEVER_EMPTY = ("pmi", "timezone")  # Zoom gives them to everybody: empty in the mirror means not read yet


@dataclass(frozen=True)
class Constants:
    """What the form says for the whole file. ``mode``: both, create or update. ``type`` is for new users."""

    action: str = "create"
    type: int = 1
    account: str = ""
    mode: str = "both"


class UsersImport:
    """Plans rows, chunk by chunk, against the mirror. One instance reads one file once."""

    def __init__(self, connection: Connection, scope: Scope, constants: Constants) -> None:
        self.connection, self.scope, self.constants = connection, scope, constants
        self.accounts = AccountIndex(connection, scope)
        self.default = self.accounts.find(constants.account) if constants.account else None
        self.keys = Keys()
        self._boxes: dict[str, int] = {}
        self._groups: dict[int, dict[str, str]] = {}
        change = spec.endpoint("users.update").body
        self._change = [name for name, _ in leaves(change())] if change else []

    def plan(self, rows: Sequence[Checked]) -> list[RowPlan]:
        """Decide about each row. Never raises for what a row says; its problems are in the row."""
        plans = [RowPlan(row, label=row.given(EMAIL)) for row in rows]
        users = self._known(plan.label for plan in plans if plan.label)
        for plan in plans:
            if not plan.checked.misshapen:  # else its cells may belong to other columns
                with judging:
                    self._judge(plan, users[plan.label])
            self.keys.settle(plan)
        return plans

    def _judge(self, plan: RowPlan, users: list[MirrorUser]) -> None:
        """Tell all that is wrong with a row; when that is nothing, say what is done. See ``RowPlanner.decide``."""
        self._duplicates(plan)
        account: Account | None = None
        with judging:
            account = self._account(plan, users)
            plan.account = account.pk
        if EMAIL in plan.checked.refused and account is not None:
            self._group(plan, account)
        elif EMAIL not in plan.checked.refused and (account is not None or not users):
            self._decide(plan, account, users)

    def _duplicates(self, plan: RowPlan) -> None:
        if not plan.label:
            return
        line = plan.checked.row.line
        first = self.keys.first_time(plan, plan.label, "The same address stands")
        if box := mailbox(plan.label):
            other = self._boxes.setdefault(box, line)
            if other not in (line, first):
                plan.checked.notes.append(f"Goes to the same mailbox as the address in line {other}.")

    def _known(self, labels: Iterable[str]) -> defaultdict[str, list[MirrorUser]]:
        """Users of the scope by address."""
        found: defaultdict[str, list[MirrorUser]] = defaultdict(list)
        users = MirrorUser.objects.for_scope(self.scope).filter(
            account__connection=self.connection, account__gone_since=None, email__in=set(labels)
        )
        for user in users:
            found[canonical(user.email)].append(user)
        return found

    def _account(self, plan: RowPlan, users: list[MirrorUser]) -> Account:
        """The row's own sub-account, the form's, or the one place where the user is. Raises Unknown."""
        values = plan.checked.values
        text = values.get(ACCOUNT, "")
        if text:
            try:
                return self.accounts.find(text)
            except Bad as bad:
                plan.checked.refuse("Sub-account", " ".join(bad.messages))
                raise Unknown(ACCOUNT) from bad
        if self.default is not None:
            return self.default
        if values[EMAIL] and len(users) == 1 and users[0].account_id in self.accounts.by_pk:
            return self.accounts.by_pk[users[0].account_id]
        plan.checked.refuse("", "No sub-account: the row names none and no general one was chosen.")
        raise Unknown(ACCOUNT)

    def _decide(self, plan: RowPlan, account: Account | None, users: list[MirrorUser]) -> None:
        """``account`` is None where it is not known, and nobody of any sub-account has that address."""
        here = next((user for user in users if account and user.account_id == account.pk), None)
        elsewhere = [user for user in users if user is not here]
        if here is None and elsewhere:
            place = self.accounts.by_pk.get(elsewhere[0].account_id)
            plan.conflict(f"The address belongs to a user of {place.name if place else 'another sub-account'}.")
        elif here is None or account is None:
            self._create(plan, account)
        elif self.constants.mode == "create":
            plan.action = "unchanged"
            plan.checked.notes.append("The user exists already; existing users are left as they are.")
        else:
            self._update(plan, account, here)

    def _create(self, plan: RowPlan, account: Account | None) -> None:
        values, notes = plan.checked.values, plan.checked.notes
        if self.constants.mode == "update":
            plan.conflict("There is no such user, and only existing ones are to be changed.")
            return
        if plan.checked.given(STATUS) == "inactive":
            plan.checked.refuse("", "A new user cannot start inactive. Leave the status empty, deactivate later.")
        group = ""
        if account is not None:
            with judging:
                group = self._group(plan, account)
        with judging:
            self._password(plan)
        if plan.checked.problems:
            return
        info = {name.partition(".")[2]: value for name, value in values.items() if name.startswith("user_info.")}
        info.setdefault("type", self.constants.type)
        if password := _real(info.pop("password", "")):
            if self.constants.action == "autoCreate":
                info["password"] = password
            else:
                notes.append("The password is not sent: only users created at once can have one.")
        body = {"action": self.constants.action, "user_info": info}
        plan.action, plan.seats = "create", int(info["type"] in LICENSED)
        plan.calls = [Call("users.create", body=body)]
        rest = {name: values[name] for name in self._change if name in values}
        if rest:
            plan.calls.append(_change_call(FOLLOWS, rest, {}, follows=True))
        if group:
            plan.calls.append(_group_call(group, {"email": plan.label}, {}, follows=True))
        self._look_alike(plan)

    def _password(self, plan: RowPlan) -> None:
        password = plan.checked.values.get(PASSWORD, "")
        if password and not _real(password):
            plan.checked.notes.append("The password is masked in the file (only asterisks) and counts as none.")
        if not _real(password) and self.constants.action == "autoCreate":
            plan.checked.refuse("", "A user who is created at once needs a password.")

    def _update(self, plan: RowPlan, account: Account, user: MirrorUser) -> None:
        values = plan.checked.values
        group = self._group(plan, account)
        if plan.checked.problems:
            return
        wanted = {name: values.get(name, values.get(f"user_info.{name}")) for name in self._change}
        given = {name: value for name, value in wanted.items() if value is not None}
        changed = {name: value for name, value in given.items() if _differs(user, name, value)}
        held = {name: getattr(user, name) for name in changed if name in _MIRRORED}
        before = {name: value for name, value in held.items() if value or name not in _NEVER_EMPTY}
        if changed:
            plan.calls.append(_change_call(user.zoom_id, changed, before))
        status = values.get(STATUS)
        if status in ("active", "inactive") and status != user.status:
            action = "activate" if status == "active" else "deactivate"
            path, old = {"userId": user.zoom_id}, {"status": user.status}
            plan.calls.append(Call("users.update_status", path=path, body={"action": action}, before=old))
        if group and group not in user.group_ids:
            plan.calls.append(_group_call(group, {"id": user.zoom_id}, {"group_ids": user.group_ids}))
        plan.action = "update" if plan.calls else "unchanged"
        if "type" in changed:
            plan.seats = int(changed["type"] in LICENSED) - int(user.type in LICENSED)

    def _group(self, plan: RowPlan, account: Account) -> str:
        name = plan.checked.values.get(GROUP, "")
        if not name:
            return ""
        if account.pk not in self._groups:
            rows = MirrorGroup.objects.filter(account_id=account.pk).values_list("name", "zoom_id")
            self._groups[account.pk] = {name.casefold(): zoom_id for name, zoom_id in rows}
        known = self._groups[account.pk]
        found = known.get(name.casefold()) or next((zoom_id for zoom_id in known.values() if zoom_id == name), "")
        if not found:
            plan.checked.refuse(
                "User group",
                f"{account.name} has no group “{visible(name)[:80]}”. Create it first, or leave the column out.",
            )
        return found

    def _look_alike(self, plan: RowPlan) -> None:
        if "xn--" not in plan.label:
            return
        twin = _skeleton(plan.label)
        known = MirrorUser.objects.for_scope(self.scope).filter(account__connection=self.connection, email=twin)
        if twin != plan.label and known.exists():
            plan.checked.notes.append(f"Looks like {twin}, who exists, but is another address.")
        elif strange := mixed(plan.label):
            plan.checked.notes.append(strange)


def _real(password: str) -> str:
    """The password, and nothing where it is masked."""
    return password if password.strip("*") else ""


def _skeleton(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{looks_like(shown(domain))}"


def _differs(user: MirrorUser, name: str, value: Any) -> bool:
    """Whether the mirror holds something else; what it does not hold counts as different."""
    return name not in _MIRRORED or getattr(user, name) != value


def _change_call(user_id: str, values: dict[str, Any], before: dict[str, Any], *, follows: bool = False) -> Call:
    return Call("users.update", {"userId": user_id}, body=values, before=before, follows=follows)


def _group_call(group: str, member: dict[str, str], before: dict[str, Any], *, follows: bool = False) -> Call:
    body = {"members": [member]}
    return Call("groups.add_members", {"groupId": group}, body=body, before=before, follows=follows)


def planner(connection: Connection, scope: Scope, constants: Mapping[str, Any]) -> UsersImport:
    return UsersImport(connection, scope, Constants(**constants))
