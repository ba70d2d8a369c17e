"""Columns that files of users may have, and the checks of their cells."""

from functools import lru_cache

from portal.bulk.files.addresses import canonical, strange_letter
from portal.bulk.files.checks import Check, compiled, ungrouped
from portal.bulk.files.columns import EMAIL_HEADERS, FIRST_NAME_HEADERS, LAST_NAME_HEADERS, Column, columns_of
from portal.bulk.files.refusal import Bad
from zoomapi import spec
from zoomapi.spec.profiles import CLASSIC, Profile

# Header texts of real exports that differ from the field's own name, the surest first.
_HEADERS = {
    "user_info.email": EMAIL_HEADERS,
    "user_info.first_name": FIRST_NAME_HEADERS,
    "user_info.last_name": LAST_NAME_HEADERS,
    "user_info.password": ("initial password", "temporary password"),
    "user_info.type": ("user type", "license type", "licence type", "license", "licence"),
    "pmi": ("personal meeting id", "personal id"),
    "dept": ("department", "department name", "abteilung", "département", "departamento"),
    "timezone": ("time zone",),
}
_TYPE_WORDS = {"licensed": 2, "pro": 2, "paid": 2, "on-prem": 3, "on-premise": 3, "corp": 3, "free": 1, "none": 99}
_STATUS_WORDS = {
    **dict.fromkeys(("active", "activated", "activate", "enabled"), "active"),
    **dict.fromkeys(("inactive", "deactivated", "deactivate", "disabled", "suspended", "deprovisioned"), "inactive"),
    **dict.fromkeys(("pending", "invited", "invite pending", "staged", "provisioned"), "pending"),
}
ACCOUNT, GROUP, STATUS = "account", "group", "status"


@lru_cache(maxsize=4)
def columns(zoom: Profile = CLASSIC) -> tuple[Column, ...]:
    """What creating and changing a user take in that Zoom, each thing once, and three columns of our own."""
    create, change = (columns_of(zoom.view(spec.endpoint(f"users.{name}")), _HEADERS) for name in ("create", "update"))
    create = [column for column in create if column.name != "action"]
    named = {column.name.rpartition(".")[2] for column in create}
    own = (
        Column(
            ACCOUNT,
            "Sub-account",
            "Its name, its account id, or the e-mail of its owner.",
            None,
            plain_account_headers(),
        ),
        Column(GROUP, "User group", "Name of a group of the sub-account.", None, ("usergroup", "usergroups", "group")),
        Column(STATUS, "User status", "Active or inactive.", None, ("userstatus", "accountstatus", "status")),
    )
    merged = [_only_email_required(column) for column in create]
    merged += [column for column in change if column.name not in named and column.name != "userId"]
    return (*merged, *own)


def plain_account_headers() -> tuple[str, ...]:
    return (
        *("subaccount", "subaccountid", "accountid", "subaccountname", "account", "accountname"),
        *("accountowner", "accountowneremail", "subaccountowner", "subaccountowneremail"),
    )


def _only_email_required(column: Column) -> Column:
    # A row about a user who exists needs no type; a new one may take the form's.
    required = column.name == "user_info.email"
    return Column(column.name, column.label, column.help_text, column.field, column.aliases, required, column.secret)


def checks(zoom: Profile = CLASSIC) -> dict[str, Check]:
    """Compiled checks by column name; values come out as the calls need them."""
    found: dict[str, Check] = {}
    for column in columns(zoom):
        if column.field is not None:
            found[column.name] = compiled(column.field, _TYPE_WORDS if column.name.endswith("type") else None)
    address = found["user_info.email"]
    found |= {"user_info.email": lambda text: address_of(text, address), STATUS: _status}
    found |= {name: _digits(found[name]) for name in ("pmi",)}
    found |= {ACCOUNT: str, GROUP: str}
    return found


def address_of(text: str, check: Check) -> str:
    """The canonical form of an address that ``check`` allows; Bad for formulas and for letters that mislead."""
    if text[0] in "=@":
        raise Bad("This is a formula, not an address.")
    if "@" not in text:
        raise Bad("This is not an e-mail address.")
    if not text.isascii() and (strange := strange_letter(text)):
        raise Bad(strange)
    value: str = check(canonical(text))
    return value


def _status(text: str) -> str:
    if word := _STATUS_WORDS.get(text.casefold()):
        return word
    raise Bad("Write Active or Inactive.")


def _digits(check: Check) -> Check:
    return lambda text: check(ungrouped(text))
