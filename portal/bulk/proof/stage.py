"""What a chaos run begins with: the running parts, the demo's people, and jobs of creations."""

import time
from collections.abc import Iterator, Sequence

from portal.access import demo
from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk import operations
from portal.bulk.models import Job
from portal.bulk.operations import Step
from portal.bulk.proof import remote
from portal.bulk.proof.troupe import Troupe
from portal.directory.models import SubAccount
from portal.gateway.clients import client_for
from portal.gateway.models import Connection
from portal.supervisor import prepare

ADMINISTRATOR, OPERATOR, RESELLER = (f"{name}@demo.example" for name in ("adam", "olga", "ravi"))
GROUP_EVERY = 10  # one row in so many creates a group, which Zoom would not refuse to create twice
PASSWORD_EVERY = 7  # one row in so many has a password
CANARY = "Canary-7Hx2"  # what those passwords begin with: it must turn up in no log and no database
ACCOUNTS = 10


def set_up(troupe: Troupe, names: Sequence[str] = ()) -> None:
    """Start all parts, or those that are named."""
    prepare.database()
    for name in names or troupe.names:
        troupe.start(name)
        if name == "sandbox":
            _wait_for_sandbox()
            demo.load()


def _wait_for_sandbox() -> None:
    for _ in range(600):
        try:
            remote.control("GET", "stats")
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("The sandbox did not start.")


def start(owner: Staff, rows: int, name: str) -> Job:
    """Start a job of creations in the sub-accounts of a person."""
    accounts = _accounts(owner)
    steps = (_step(accounts[row % len(accounts)], row, name) for row in range(1, rows + 1))
    job = operations.plan(
        scope=scope_of(owner), actor=owner, connection=Connection.objects.get(), kind="chaos",
        title=name.capitalize(), steps=steps,
    )  # fmt: skip
    operations.start(job, owner)
    return job


def _accounts(owner: Staff) -> list[SubAccount]:
    return list(SubAccount.objects.for_scope(scope_of(owner)).filter(is_master=False).order_by("pk")[:ACCOUNTS])


def _step(account: SubAccount, row: int, name: str) -> Step:
    if row % GROUP_EVERY == 0:
        title = f"{name.capitalize()} {row}"
        return Step(row=row, account=account, endpoint="groups.create", body={"name": title}, label=title)
    email = f"{name}{row}@chaos.example"
    person = {"email": email, "type": 1, "first_name": "Chaos"}
    if row % PASSWORD_EVERY:
        body = {"action": "create", "user_info": person}
    else:
        body = {"action": "autoCreate", "user_info": {**person, "password": f"{CANARY}-{row}"}}
    return Step(row=row, account=account, endpoint="users.create", body=body, label=email)


def file(owner: Staff, rows: int) -> Iterator[tuple[str, ...]]:
    """A file of new users for the sub-accounts of a person."""
    accounts = _accounts(owner)
    yield ("Sub-account", "Email", "First Name", "Last Name", "User Type")
    for row in range(1, rows + 1):
        yield (accounts[row % len(accounts)].zoom_id, f"file{row}@chaos.example", "Chaos", str(row), "1")


def page_of_a_user() -> str:
    """Address of the form that changes some user."""
    owner = Staff.objects.get(email=ADMINISTRATOR)
    account = _accounts(owner)[0]
    users = client_for(scope_of(owner), account).users.list(page_size=1)["users"]
    return f"/users/{account.pk}/{users[0]['id']}/edit/"
