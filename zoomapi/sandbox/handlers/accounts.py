"""Sub-accounts of the master account."""

from functools import cache
from typing import Any

from zoomapi.sandbox import errors
from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.models import Account, User
from zoomapi.sandbox.people import email_taken, new_user
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.seats import seats
from zoomapi.sandbox.store import new_id
from zoomapi.sandbox.validation import Json, merged, tree_of_defaults
from zoomapi.spec.account_settings import AccountSettings
from zoomapi.spec.accounts import AccountOptions, Accounts
from zoomapi.spec.catalogue import BASE_PLANS, PLAN_GROUPS

FREE = "Free"


@cache
def default_options() -> Json:
    return tree_of_defaults(AccountOptions)


@cache
def default_settings() -> Json:
    return tree_of_defaults(AccountSettings)


def account_type(account: Account) -> str:
    """Return the kind of plan in a word: "Free", "Pro", "Business", …; a legacy code as it is."""
    code = (account.plans.get("plan_base") or {}).get("type", "")
    plan = BASE_PLANS.get(code)
    return PLAN_GROUPS[plan.group] if plan else code or FREE


def row(account: Account) -> Json:
    answer: Json = {
        "id": account.id,
        "account_name": account.name,
        "owner_email": account.owner_email,
        "account_type": account_type(account),
        "seats": seats(account),
        "created_at": account.created_at,
    }
    if account.subscription_start:
        answer["subscription_start_time"] = account.subscription_start
    if account.subscription_end:
        answer["subscription_end_time"] = account.subscription_end
    return answer


@serves(Accounts.list)
def list_accounts(call: Call) -> Json:
    rows = Account.objects.filter(master_id=call.account_id).order_by("created_at", "id")
    return call.page(rows, lambda accounts: [row(account) for account in accounts])


@serves(Accounts.create)
def create(call: Call) -> Json:
    body = call.body
    email = body["email"].lower()
    if email_taken(email) and not call.setup.doubles:
        raise errors.email_used(email)
    account = Account(id=new_id(), master_id=call.account_id, owner_email=email, created_at=call.now)
    owner = new_user(
        account_id=account.id,
        email=email,
        first_name=body["first_name"],
        last_name=body["last_name"],
        password=body["password"],
        created_at=call.now,
        role="owner",
    )
    account.owner_id = owner.id
    account.name = _name(call.raw.get("account_name"), owner)
    account.options = merged(default_options(), body.get("options", {}))
    account.save(force_insert=True)
    owner.save(force_insert=True)
    return {"id": account.id, "owner_id": owner.id, "owner_email": email, "created_at": account.created_at}


def _name(given: Any, owner: User) -> str:
    """A name the document does not speak of: as sent, else the owner's."""
    return given[:255] if isinstance(given, str) and given else f"{owner.first_name} {owner.last_name}"


@serves(Accounts.get)
def get(call: Call) -> Json:
    account = call.sub_account()
    return {
        "id": account.id,
        "owner_id": account.owner_id,
        "owner_email": account.owner_email,
        "created_at": account.created_at,
        "options": merged(default_options(), account.options),
    }


@serves(Accounts.delete)
def delete(call: Call) -> None:
    account = call.sub_account()
    account.master_id = ""
    account.save(update_fields=["master_id"])


@serves(Accounts.update_options)
def update_options(call: Call) -> None:
    account = call.sub_account()
    account.options = merged(account.options, call.body)
    account.save(update_fields=["options"])


@serves(Accounts.settings)
def settings(call: Call) -> Json:
    return merged(default_settings(), call.sub_account().settings)


@serves(Accounts.update_settings)
def update_settings(call: Call) -> None:
    account = call.sub_account()
    account.settings = merged(account.settings, call.body)
    account.save(update_fields=["settings"])
