"""Files with one sub-account a row: creating them with their plan and billing contact, and their settings."""

import secrets
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from portal.access.rights import Right
from portal.bulk.files.addresses import canonical
from portal.bulk.files.checks import Check, compiled
from portal.bulk.files.columns import Column, columns_of, plain, told_apart
from portal.bulk.files.flows.base import Flow, RowPlanner, account_column, refuse_empty
from portal.bulk.files.flows.generic import MASTER, checks_for
from portal.bulk.files.plans import Call, RowPlan
from portal.bulk.files.user_columns import ACCOUNT, address_of
from portal.bulk.files.wholes import refuse_wrong
from portal.directory.models import MirrorUser, SubAccount
from portal.ui.forms import nested
from zoomapi import spec

_PLAN = ("plan_base.type", "plan_base.hosts")
_CONTACT = "contact."
NAME, REFERENCE = "account_name", "reference"  # Zoom takes neither; they say which row is which
RANDOM = (
    "No password given: a random one is set that nobody learns. The owner chooses one by “Forgot password” at Zoom."
)
_HEADERS = {
    "email": ("owner email", "owner", "email address"),
    "first_name": ("owner first name", "given name"),
    "last_name": ("owner last name", "surname", "family name"),
    "options.pay_mode": ("paid by",),
    "plan_base.type": ("plan type", "plan", "base plan"),
    "plan_base.hosts": ("plan hosts", "hosts", "seats"),
    "contact.phone_number": ("contact phone",),
    "contact.zip": ("contact postal code", "contact postcode"),
}


@lru_cache(maxsize=1)
def columns() -> tuple[Column, ...]:
    """The owner and the options, a base plan, the billing contact, and two columns of which a label is made."""
    owner = [_optional(column) for column in columns_of(spec.endpoint("accounts.create"), _HEADERS)]
    bought = columns_of(spec.endpoint("billing.subscribe"), _HEADERS)
    plan = [_inner(column, "plan") for column in bought if column.name in _PLAN]
    contact = [_inner(column, "contact") for column in bought if column.name.startswith(_CONTACT)]
    kept = [
        Column(NAME, "Label: name", "Zoom takes no name here; kept beside the row.", None, ("accountname",)),
        Column(REFERENCE, "Label: reference", "Kept beside the row, not sent.", None, ("reference", "crmid")),
    ]
    return (*owner, *plan, *contact, *kept)


def _optional(column: Column) -> Column:
    required = column.required and not column.secret
    return Column(column.name, column.label, column.help_text, column.field, column.aliases, required, column.secret)


def _inner(column: Column, prefix: str) -> Column:
    """A column known by its full name only: "first name" alone means the owner's."""
    last = column.name.rpartition(".")[2].replace("_", "")
    own = [alias for alias in column.aliases if alias.startswith(prefix)]
    own += [plain(text) for text in _HEADERS.get(column.name, ())]
    aliases = tuple(dict.fromkeys((*own, f"{prefix}{last}", f"billing{last}")))
    label = f"{'Billing contact' if prefix == 'contact' else 'Base plan'}: {column.label}"
    return Column(column.name, label, column.help_text, column.field, aliases)


def checks() -> dict[str, Check]:
    found = checks_for([column for column in columns() if column.field is not None])
    known = {column.name: column for column in columns()}
    address = found["email"]
    found["email"] = lambda text: address_of(text, address)
    if field := known["contact.country"].field:
        found["contact.country"] = _code(compiled(field))
    return {**found, **dict.fromkeys((NAME, REFERENCE), _label)}


def _code(check: Check) -> Check:
    return lambda text: check(text.upper() if len(text) == 2 else text)


def _label(text: str) -> str:
    return " ".join(text.split())


class NewAccounts(RowPlanner):
    """One sub-account a row, and its subscription where a plan is named; none of those that are there twice."""

    def label_of(self, values: Mapping[str, Any]) -> str:
        parts = [str(values[name]) for name in (NAME, "email", REFERENCE) if values.get(name)]
        return " · ".join(parts)

    def prepare(self, plans: Sequence[RowPlan]) -> None:
        owners = {plan.checked.given("email") for plan in plans} - {""}
        accounts = SubAccount.objects.filter(connection=self.connection, gone_since=None, owner_email__in=owners)
        self.seen = {canonical(one.owner_email): one for one in accounts if self.scope.covers(one.pk)}
        users = MirrorUser.objects.filter(account__connection=self.connection, email__in=owners)
        self.owned = {canonical(email) for email in accounts.values_list("owner_email", flat=True)}
        self.used = {canonical(email) for email in users.values_list("email", flat=True)}

    def decide(self, plan: RowPlan) -> None:
        values, email = plan.checked.values, str(plan.checked.given("email"))
        if email:
            self.first_time(plan, email, "The same owner stands")
        if email in self.seen:
            self._existing(plan, self.seen[email])
            return
        if email in self.owned or email in self.used:
            # The same words for both: whoever sees some sub-accounts must not learn about the others.
            plan.conflict("The owner's address is in use already; Zoom needs one that is not.")
        subscription = self._subscription(plan)
        if plan.checked.problems:
            return
        account = nested((n, v) for n, v in values.items() if n in _owner_names())
        if "password" not in account:
            account["password"] = f"Aa1{secrets.token_urlsafe(18)}"
            plan.checked.notes.append(RANDOM)
        plan.action = "create"
        plan.calls = [Call("accounts.create", body=account, remote_key=email)]
        if subscription:
            plan.calls.append(Call("billing.subscribe", body=subscription, follows=True))

    def _existing(self, plan: RowPlan, account: SubAccount) -> None:
        """The file is sent again: what is missing is the plan, where the row names one and the account has none."""
        plan.account, plan.action = account.pk, "unchanged"
        wanted = None if account.plan_type or account.plans else self._subscription(plan)
        if plan.checked.problems:
            return
        if wanted and account.detail_at is None:
            plan.conflict("The sub-account is there, but its plan is not read yet. Check the file again later.")
        elif wanted:
            plan.action, plan.calls = "update", [Call("billing.subscribe", body=wanted)]
            plan.checked.notes.append("The sub-account is there already and has no plan: only the plan is subscribed.")
        else:
            plan.checked.notes.append("The sub-account is there already. Its options and plan are left as they are.")

    def _subscription(self, plan: RowPlan) -> dict[str, Any] | None:
        values = plan.checked.values
        if not any(plan.checked.says(name) for name in _PLAN):
            if any(name.startswith(_CONTACT) for name in values):
                plan.checked.notes.append("No plan is named, so the billing contact is not sent.")
            return None
        if plan.checked.given("options.pay_mode") == "sub":
            plan.checked.refuse(
                "", "The sub-account pays itself, so no plan can be subscribed. Empty the plan, or let the master pay."
            )
            return None
        wanted = nested((n, v) for n, v in values.items() if n in _PLAN or n.startswith(_CONTACT))
        shape = spec.endpoint("billing.subscribe").body
        if shape is not None:
            refuse_wrong(plan, shape(), wanted)
        return wanted


@lru_cache(maxsize=1)
def _owner_names() -> frozenset[str]:
    return frozenset(column.name for column in columns_of(spec.endpoint("accounts.create")))


@lru_cache(maxsize=1)
def settings_columns() -> tuple[Column, ...]:
    given = [c for c in columns_of(spec.endpoint("accounts.update_settings")) if c.name != "accountId"]
    return told_apart((account_column(required=True), *given))


def settings_checks() -> dict[str, Check]:
    return {**checks_for([c for c in settings_columns() if c.field is not None]), ACCOUNT: str}


class AccountSettings(RowPlanner):
    """Settings of sub-accounts; what is set now is compared afterwards."""

    def label_of(self, values: Mapping[str, Any]) -> str:
        return str(values.get(ACCOUNT, ""))

    def decide(self, plan: RowPlan) -> None:
        body = nested((n, v) for n, v in plan.checked.values.items() if n != ACCOUNT)
        refuse_empty(plan, body, (ACCOUNT,))
        account = self.account_of(plan)
        plan.account, plan.label = account.pk, account.name
        if account.zoom_id == MASTER:
            plan.checked.refuse("", "This is the master account itself; its settings are not changed here.")
        self.first_time(plan, account.pk, "The same sub-account stands")
        if not plan.checked.problems:
            plan.action, plan.calls = "update", [Call("accounts.update_settings", body=body, uncompared={})]


FLOWS = (
    Flow(
        "sub_accounts", "Create sub-accounts",
        "One sub-account a row, with its owner, options, base plan and billing contact.",
        Right.CREATE_ACCOUNT, columns, checks, NewAccounts,
        needed=((("email",), "the owners' e-mail addresses"), (("first_name",), "their first names"),
                (("last_name",), "their last names")),
        general=False,
        hints=("A file can be sent again: of a sub-account that is there already, only a missing plan is subscribed.",
               "For an empty password a random one is set; the owner uses “Forgot password” at Zoom.",
               "A plan costs money. It is subscribed once for each new sub-account, and never sent again on a guess."),
        sample=(
            ("first_name", "last_name", "email", "password", "pay_mode", "plan_type", "plan_hosts",
             "contact_first_name", "contact_last_name", "contact_email", "contact_phone", "contact_address",
             "contact_city", "contact_state",
             "contact_zip", "contact_country", "reference"),
            ("Ida", "Owner", "ida@customer.example", "", "master", "monthly", "5", "Ida", "Owner",
             "billing@customer.example", "+1 555 0100", "1 Main St", "San Jose", "CA", "95113", "US", "C-0001"),
        ),
    ),
    Flow(
        "account_settings", "Settings of sub-accounts", "Only the settings that the file names are changed.",
        Right.WRITE, settings_columns, settings_checks, AccountSettings,
        needed=(((ACCOUNT,), "the sub-accounts"),), general=False, object_id=ACCOUNT,
        sample=(("Sub-account", "in_meeting.chat"), ("Example Ltd", "yes")),
    ),
)  # fmt: skip
