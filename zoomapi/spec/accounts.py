"""Sub-accounts of the master account (section "Accounts")."""

from zoomapi.spec.account_settings import AccountSettings
from zoomapi.spec.base import Effect, Endpoint, Family, Paging, Shape, page
from zoomapi.spec.catalogue import PAY_MODES
from zoomapi.spec.fields import (
    choice,
    codes,
    flag,
    known,
    mail_address,
    moment,
    new_password,
    number,
    person_name,
    text,
)
from zoomapi.spec.shapes import NumberedQuery


class AccountOptions(Shape):
    """What a sub-account shares with its master account, and who pays."""

    share_rc = flag("Share room connectors", "Let the sub-account use our virtual room connectors.", initial=False)
    room_connectors = codes("Room connectors", "Addresses of the virtual room connectors, separated by commas.")
    share_mc = flag("Share meeting connectors", "Let the sub-account use our meeting connectors.", initial=False)
    meeting_connectors = codes("Meeting connectors", "Addresses of the meeting connectors, separated by commas.")
    pay_mode = choice("Paid by", "Who is billed for the sub-account.", PAY_MODES, initial="master")


class NewAccount(Shape):
    """A sub-account to create, with the person who will own it."""

    first_name = person_name("Owner's first name", "At most 64 characters.", required=True)
    last_name = person_name("Owner's last name", "At most 64 characters.", required=True)
    email = mail_address("Owner's e-mail", "Must not be in use in any Zoom account.", required=True)
    password = new_password("Owner's password", "Fewer than 32 characters.", required=True)
    options = AccountOptions(required=False, label="Options")


class CreatedAccount(Shape):
    """What the service tells about a new sub-account."""

    id = text("Account id", "Names the sub-account in every later call.")
    owner_id = text("Owner id", "The owner's user id.")
    owner_email = text("Owner's e-mail", "The owner's sign-in address.")
    created_at = moment("Created", "When the sub-account was created.")


class AccountOptionsAnswer(AccountOptions):
    pay_mode = known("Paid by", "Who is billed for the sub-account.", PAY_MODES)


class Account(CreatedAccount):
    """One sub-account."""

    options = AccountOptionsAnswer(required=False, label="Options")


class AccountRow(Shape):
    """One row of the list of sub-accounts."""

    id = text("Account id", "Names the sub-account in every later call.")
    account_name = text("Name", "The sub-account's name.")
    owner_email = text("Owner's e-mail", "The owner's sign-in address.")
    account_type = text("Type", "The kind of plan, as the service names it.")
    seats = number("Seats", "Hosts the plan has room for.")
    subscription_start_time = moment("Subscribed from", "When the subscription began.")
    subscription_end_time = moment("Subscribed until", "When the subscription ends.")
    created_at = moment("Created", "When the sub-account was created.")


class Accounts(Family):
    label = "Accounts"

    list = Endpoint(
        "GET",
        "/accounts",
        title="List sub-accounts",
        query=NumberedQuery,
        reply=page("accounts", AccountRow),
        paging=Paging.NUMBERED,
        item_key="accounts",
    )
    create = Endpoint(
        "POST",
        "/accounts",
        title="Create a sub-account",
        body=NewAccount,
        reply=CreatedAccount,
        status=201,
        effect=Effect.CREATE,
        remote_key="email",
    )
    get = Endpoint("GET", "/accounts/{accountId}", title="Show a sub-account", reply=Account)
    delete = Endpoint("DELETE", "/accounts/{accountId}", title="Disassociate a sub-account", status=204)
    update_options = Endpoint(
        "PATCH",
        "/accounts/{accountId}/options",
        title="Change a sub-account's options",
        body=AccountOptions,
        status=204,
        partial=True,
    )
    settings = Endpoint(
        "GET", "/accounts/{accountId}/settings", title="Show a sub-account's settings", reply=AccountSettings
    )
    update_settings = Endpoint(
        "PATCH",
        "/accounts/{accountId}/settings",
        title="Change a sub-account's settings",
        body=AccountSettings,
        status=204,
        partial=True,
    )
