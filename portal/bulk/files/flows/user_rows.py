"""Files with one user a row: status, removal, membership of groups, settings."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from portal.access.rights import Right
from portal.access.scope import Scope
from portal.bulk.files.accounts import Account
from portal.bulk.files.addresses import canonical
from portal.bulk.files.checks import Check
from portal.bulk.files.columns import EMAIL_HEADERS, Column, columns_of, plain, told_apart
from portal.bulk.files.flows.base import Flow, RowPlanner, account_column, refuse_empty
from portal.bulk.files.flows.generic import checks_for
from portal.bulk.files.ids import person
from portal.bulk.files.judging import Unknown, judging
from portal.bulk.files.plans import Call, RowPlan
from portal.bulk.files.refusal import Bad
from portal.bulk.files.rows import Checked
from portal.bulk.files.user_columns import ACCOUNT, STATUS
from portal.bulk.models import ItemState
from portal.bulk.selection import Builder, Change, Kind
from portal.directory.models import MirrorUser
from portal.gateway.models import Connection
from portal.ui.forms import nested
from zoomapi import spec

USER = "user"
_USER_HEADERS = (
    *("email", "emailaddress", "useremail", "userid", "user", "id", "memberemail"),
    *map(plain, EMAIL_HEADERS),
    "zoomid",
)
_STATUS_WORDS = {
    **dict.fromkeys(("active", "activate", "activated", "enabled", "enable", "on"), Kind.ACTIVATE),
    **dict.fromkeys(("inactive", "deactivate", "deactivated", "disabled", "disable", "off"), Kind.DEACTIVATE),
}
_REMOVAL_WORDS = {
    **dict.fromkeys(("disassociate", "leave", "unlink"), Kind.DISASSOCIATE),
    **dict.fromkeys(("delete", "deleteforever"), Kind.DELETE),
}
_TRANSFERS = ("transfer_meeting", "transfer_webinar", "transfer_recording")
WHO = (((USER,), "the users' e-mail addresses or ids"),)


def user_column() -> Column:
    return Column(USER, "User", "E-mail address or user id.", None, _USER_HEADERS, required=True)


def worded(words: Mapping[str, str], advice: str) -> Check:
    """A check that knows a few words, however they are written."""

    def check(text: str) -> str:
        if found := words.get("".join(text.casefold().split())):
            return found
        raise Bad(advice)

    return check


def who(text: str) -> str:
    if "@" not in text:
        return person(text)
    if text[0] in "=@":
        raise Bad("This is a formula, not an address.")
    return canonical(text)


class UserRows(RowPlanner):
    """Finds the user of each row in the mirror. ``twice``: what a row says whose key another row has."""

    twice = "The same user stands"

    def __init__(self, connection: Connection, scope: Scope, constants: Mapping[str, Any]) -> None:
        super().__init__(connection, scope, constants)
        self.found: defaultdict[str, list[MirrorUser]] = defaultdict(list)

    def label_of(self, values: Mapping[str, Any]) -> str:
        return str(values.get(USER, ""))

    def prepare(self, plans: Sequence[RowPlan]) -> None:
        names = {plan.label for plan in plans}
        users = MirrorUser.objects.for_scope(self.scope).select_related("account")
        users = users.filter(account__connection=self.connection, account__gone_since=None)
        self.found.clear()
        for user in users.filter(email__in=names):
            self.found[canonical(user.email)].append(user)
        for user in users.filter(zoom_id__in=names):
            self.found[user.zoom_id].append(user)

    def decide(self, plan: RowPlan) -> None:
        with judging:
            self.by_itself(plan)
        user = self._user(plan)
        plan.account, plan.label = user.account_id, user.email
        with judging:
            self.first_time(plan, self.key_of(plan, user), self.twice)
        self.change(plan, user)

    def key_of(self, plan: RowPlan, user: MirrorUser) -> Any:
        return user.pk

    def by_itself(self, plan: RowPlan) -> None:
        """Tell what is wrong with a row whoever its user is."""

    def change(self, plan: RowPlan, user: MirrorUser) -> None:
        """Tell what is wrong with it for that user; when nothing is wrong at all, set action and calls."""
        raise NotImplementedError

    def _user(self, plan: RowPlan) -> MirrorUser:
        """Who is meant. Raises Unknown, and the row says why."""
        values = plan.checked.values
        candidates = self.found[values[USER][:254]]
        named = bool(values.get("account")) or self.default is not None
        if not named and len(candidates) == 1:
            return candidates[0]
        if not named and not candidates:
            plan.checked.refuse("", "There is no such user in any sub-account that you see.")
            raise Unknown(USER)
        account: Account = self.account_of(plan)
        user = next((one for one in candidates if one.account_id == account.pk), None)
        if user is None:
            hint = "" if account.mirrored else " Its users have not been read from Zoom yet."
            plan.checked.refuse("", f"{account.name} has no such user.{hint}")
            raise Unknown(USER)
        return user


class ChangeRows(UserRows):
    """One of the changes that can also be made to ticked users; what it means for a user is judged there.

    ``change_of`` makes the change of a row's values. For cells that were refused it takes what Zoom allows most users,
    so that what is wrong with that is wrong with whatever was meant.
    """

    def __init__(
        self,
        change_of: Callable[[Checked], Change],
        connection: Connection,
        scope: Scope,
        constants: Mapping[str, Any],
    ) -> None:
        super().__init__(connection, scope, constants)
        self.change_of = change_of
        self.builder = lru_cache(maxsize=2000)(Builder)

    def by_itself(self, plan: RowPlan) -> None:
        values, transfers = plan.checked.values, bool(_transfers(plan.checked))
        if transfers and not values.get("transfer_email"):
            plan.checked.refuse("transfer_email", "Say who takes over, or leave the transfer columns empty.")
        elif not transfers and plan.checked.given("transfer_email") and not any(values.get(one) for one in _TRANSFERS):
            plan.checked.refuse("", "Say what is handed over: meetings, webinars or recordings.")

    def change(self, plan: RowPlan, user: MirrorUser) -> None:
        change = self.change_of(plan.checked)
        step = self.builder(change)(plan.checked.row.number, user)
        if step.state == ItemState.INVALID:
            plan.checked.refuse("", step.message)
        if plan.checked.problems:
            return
        if step.state == ItemState.SKIPPED:
            plan.action = "unchanged"
        else:
            plan.action = step.action
            plan.calls = [Call(step.endpoint, step.path, step.query, step.body, step.before)]
            plan.seats = _seats(change, user)


def _seats(change: Change, user: MirrorUser) -> int:
    licensed = user.type in (2, 3) and user.status != "pending"
    if change.removes or change.kind == Kind.DEACTIVATE:
        return -int(licensed)
    return int(licensed and change.kind == Kind.ACTIVATE)


class SettingsRows(UserRows):
    """Settings of users; what is set now is compared afterwards."""

    def by_itself(self, plan: RowPlan) -> None:
        refuse_empty(plan, self._body(plan), (USER, ACCOUNT))

    def change(self, plan: RowPlan, user: MirrorUser) -> None:
        if user.status == "pending":
            plan.checked.refuse("", "The user is invited and has not accepted yet. Settings come with acceptance.")
        if plan.checked.problems:
            return
        body = self._body(plan)
        plan.action = "update"
        plan.calls = [Call("users.update_settings", {"userId": user.zoom_id}, {}, body, uncompared={})]

    @staticmethod
    def _body(plan: RowPlan) -> dict[str, Any]:
        return nested((n, v) for n, v in plan.checked.values.items() if n not in (USER, ACCOUNT))


def status_change(row: Checked) -> Change:
    return Change(row.given(STATUS, Kind.ACTIVATE))


def removal(row: Checked) -> Change:
    email = str(row.given("transfer_email"))
    return Change(row.given("action", Kind.DISASSOCIATE), transfer_email=email, transfers=_transfers(row))


def _transfers(row: Checked) -> tuple[str, ...]:
    return tuple(name.removeprefix("transfer_") for name in _TRANSFERS if row.given(name))


def _rows(change_of: Callable[[Checked], Change]) -> Callable[..., ChangeRows]:
    return lambda connection, scope, constants: ChangeRows(change_of, connection, scope, constants)


def _own(*columns: Column) -> Callable[[], tuple[Column, ...]]:
    return lambda: (user_column(), *columns, account_column())


def _plain(**checks: Check) -> Callable[[], dict[str, Check]]:
    return lambda: {USER: who, "account": str, **checks}


STATUS_COLUMN = Column(
    STATUS, "Status", "Active or inactive.", None, ("status", "userstatus", "accountstatus", "action"), required=True
)
HOW = Column(
    "action", "How", "Disassociate (also when empty) or delete.", None, ("action", "how", "removal", "leavingas")
)


def removal_columns() -> tuple[Column, ...]:
    given = [c for c in columns_of(spec.endpoint("users.delete")) if c.name.startswith("transfer")]
    return (user_column(), HOW, *given, account_column())


def removal_checks() -> dict[str, Check]:
    words = worded(_REMOVAL_WORDS, "Write disassociate or delete.")
    given = [c for c in removal_columns() if c.name.startswith("transfer")]
    return {**checks_for(given), USER: who, "account": str, "action": words}


def settings_columns() -> tuple[Column, ...]:
    given = [c for c in columns_of(spec.endpoint("users.update_settings")) if c.name != "userId"]
    return told_apart((user_column(), *given, account_column()))


def settings_checks() -> dict[str, Check]:
    return {**checks_for([c for c in settings_columns() if c.field is not None]), USER: who, "account": str}


FLOWS = (
    Flow(
        "users_status", "Activate and deactivate users", "One user a row; those who are so already are left alone.",
        Right.WRITE, _own(STATUS_COLUMN),
        _plain(**{STATUS: worded(_STATUS_WORDS, "Write active or inactive.")}), _rows(status_change),
        needed=(*WHO, ((STATUS,), "the status")), object_id=USER,
        sample=(("Email", "Status", "Sub-account"), ("ana@example.com", "Inactive", "")),
    ),
    Flow(
        "users_remove", "Remove users",
        "Users leave their sub-account or are deleted for ever, with what is handed over.",
        Right.WRITE, removal_columns, removal_checks, _rows(removal), needed=WHO, removes="users",
        object_id=USER,
        sample=(
            ("Email", "How", "transfer_email", "transfer_meeting", "transfer_recording", "Sub-account"),
            ("ana@example.com", "disassociate", "boss@example.com", "yes", "yes", ""),
        ),
    ),
    Flow(
        "user_settings", "Settings of users", "Only the settings that the file names are changed.",
        Right.WRITE, settings_columns, settings_checks, SettingsRows, needed=WHO, object_id=USER,
        sample=(("Email", "scheduled_meeting.host_video", "Sub-account"), ("ana@example.com", "no", "")),
    ),
)  # fmt: skip
