"""The demo: one connection to the sandbox and five people, who may sign in only while nothing else is connected."""

import argparse
import shlex
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from portal.access import people
from portal.access.forms import grantable
from portal.access.models import Staff
from portal.access.rights import Role
from portal.directory.sync import sync_accounts
from portal.gateway import connections
from portal.gateway.models import Connection
from zoomapi.client.errors import ZoomError

CONNECTION = "Sandbox"
ACCOUNT_ID = "sandbox-account"  # the sandbox's own, unless its flags say otherwise
SHARE = 12  # sub-accounts of each reseller


@dataclass(frozen=True)
class Player:
    email: str
    name: str
    role: Role
    timezone: str = "UTC"


CAST = (
    Player("adam@demo.example", "Adam", Role.ADMINISTRATOR),
    Player("olga@demo.example", "Olga", Role.OPERATOR, "Europe/Berlin"),
    Player("rita@demo.example", "Rita", Role.RESELLER, "America/New_York"),
    Player("ravi@demo.example", "Ravi", Role.RESELLER, "Asia/Kolkata"),
    Player("anna@demo.example", "Anna", Role.AUDITOR),
)
RESELLERS = tuple(player.email for player in CAST if player.role is Role.RESELLER)


def load() -> str:
    """Put the demo in place, leaving alone what is there; return in a sentence what could not be done yet."""
    connection = _connection()
    for player in CAST:
        _person(player)
    try:
        sync_accounts(connection)
    except ZoomError as error:
        return f"The sandbox could not be read yet, so the resellers have no sub-accounts: {error}"
    grant_demo_accounts()
    return ""


def _connection() -> Connection:
    found = Connection.objects.filter(base_url=settings.SANDBOX_URL).order_by("pk").first()
    if found is not None:
        return found
    name = CONNECTION if not Connection.objects.filter(name=CONNECTION).exists() else settings.SANDBOX_URL[:80]
    fresh = Connection(
        name=name,
        base_url=settings.SANDBOX_URL,
        api_key=settings.SANDBOX_API_KEY,
        api_secret=settings.SANDBOX_API_SECRET,
        **_kind(settings.SANDBOX_FLAGS),
    )
    return connections.save(None, fresh, new_credentials=True)


def _kind(flags: str) -> dict[str, str]:
    """What a connection must be to suit a sandbox that is started with these flags."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--profile", default=Connection.Profile.CLASSIC)
    parser.add_argument("--tier", default=Connection.Tier.PRO)
    parser.add_argument("--account-id", default=ACCOUNT_ID)
    found, _ = parser.parse_known_args(shlex.split(flags))
    if found.profile != Connection.Profile.CURRENT:
        return {}
    return {"profile": found.profile, "tier": found.tier, "account_id": found.account_id}


@transaction.atomic
def _person(player: Player) -> None:
    staff = Staff.objects.filter(email=player.email).first()
    if staff is None:
        staff = people.add(None, player.email, player.name, player.role, player.timezone)
        staff.is_demo = True
    elif not staff.is_demo:
        return  # a real person has that address: not ours to touch
    if not staff.check_password(settings.DEMO_PASSWORD):
        staff.set_password(settings.DEMO_PASSWORD)
        staff.save()


def grant_demo_accounts() -> None:
    """Give the two resellers different sub-accounts, once there are any; whoever has some keeps them."""
    accounts = list(grantable().filter(connection__base_url=settings.SANDBOX_URL).order_by("pk")[: SHARE * 2])
    half = min(SHARE, (len(accounts) + 1) // 2)
    for position, email in enumerate(RESELLERS):
        staff = Staff.objects.filter(email=email, is_demo=True).first()
        if staff is None or staff.grants.exists():
            continue
        for account in accounts[position * half : (position + 1) * half]:
            people.grant(None, staff, account)
