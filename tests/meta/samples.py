"""What the matrix test puts into each part of an address: Rita's own, Ravi's (foreign to her), and what nobody has."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from portal.access.models import Grant, Staff
from portal.access.rights import Role
from portal.audit import log
from portal.bulk.models import Item, ItemState, Job, JobState, Twin
from portal.directory.models import MirrorGroup, MirrorUser, SubAccount
from portal.gateway.models import Connection
from tests.support.cast import person
from tests.support.sandbox import Sandbox

NOWHERE = 987654321  # a number no row has


@dataclass(frozen=True)
class Sample:
    own: Any
    foreign: Any
    missing: Any


@dataclass(frozen=True)
class World:
    staff: dict[str, Staff]  # by role, and "ravi"
    samples: dict[str, Sample]


def world(sandbox: Sandbox, connection: Connection) -> World:
    """People of every role, and for each kind of object one of Rita's and one of Ravi's, known to the sandbox too."""
    staff = {role.value: person(role.label, role) for role in Role} | {"ravi": person("Ravi", Role.RESELLER)}
    accounts = _accounts(sandbox, connection)
    owners = (staff[Role.RESELLER], staff["ravi"])
    grants = [Grant.objects.create(staff=owner, account=a) for owner, a in zip(owners, accounts, strict=True)]
    users = [_user(sandbox, account) for account in accounts]
    jobs = [_job(owner, account) for owner, account in zip(owners, accounts, strict=True)]
    entries = [log.record("users.update", actor=None, account=account, target="x") for account in accounts]
    link = urlsafe_base64_encode(force_bytes(staff["ravi"].pk))
    return World(
        staff,
        {
            "account_id": _pair(accounts),
            "user_id": Sample(users[0], users[1], "AbsentUser00000000000w"),
            "job_id": Sample(jobs[0].pk, jobs[1].pk, uuid.UUID(int=7)),
            "item_id": _pair([job.items.get() for job in jobs]),
            "number": Sample(entries[0].number, entries[1].number, NOWHERE),
            # Administrators' objects: no reseller gets so far as to see whether they exist.
            "connection_id": Sample(connection.pk, connection.pk, NOWHERE),
            "staff_id": Sample(staff["ravi"].pk, staff["ravi"].pk, NOWHERE),
            "grant_id": Sample(grants[1].pk, grants[1].pk, NOWHERE),
            "uidb64": Sample(link, link, "OTk5OTk5OTk5"),
            "group_id": Sample(*(_group(sandbox, account) for account in accounts), "AbsentGroup0000000000w"),
            "event_id": _events(sandbox, accounts),
            "helper_id": Sample(users[0], users[1], "AbsentUser00000000000w"),
            "member_id": Sample(users[0], users[1], "AbsentUser00000000000w"),
            "operation": Sample("users.list", "users.list", "users.nothing"),
            "what": Sample("assistants", "assistants", "assistants"),
            "action": Sample("deactivate", "deactivate", "deactivate"),
            "token": Sample(*[default_token_generator.make_token(staff["ravi"])] * 2, "aaa-bbb"),
        },
    )


def _pair(rows: list[Any]) -> Sample:
    return Sample(rows[0].pk, rows[1].pk, NOWHERE)


def _accounts(sandbox: Sandbox, connection: Connection) -> list[SubAccount]:
    """Two sub-accounts that the master account pays for, so that their plans can be read."""
    rows = sandbox.call("GET", "/accounts?page_size=100").json()["accounts"]
    found: list[SubAccount] = []
    for row in rows:
        options = sandbox.call("GET", f"/accounts/{row['id']}").json().get("options", {})
        if options.get("pay_mode") == "master" and sandbox.call("GET", f"/accounts/{row['id']}/plans").ok:
            found.append(
                SubAccount.objects.create(
                    connection=connection,
                    zoom_id=row["id"],
                    name=row["account_name"],
                    owner_email=row["owner_email"],
                    pay_mode="master",
                )
            )
        if len(found) == 2:
            break
    return found


def _user(sandbox: Sandbox, account: SubAccount) -> str:
    row = sandbox.call("GET", f"/accounts/{account.zoom_id}/users?page_size=30").json()["users"][-1]
    MirrorUser.objects.create(account=account, zoom_id=row["id"], email=row["email"], status="active", type=1)
    return str(row["id"])


def _group(sandbox: Sandbox, account: SubAccount) -> str:
    address = f"/accounts/{account.zoom_id}/groups"
    groups = sandbox.call("GET", address).json()["groups"]
    if not groups:
        sandbox.call("POST", address, json={"name": "Everybody"})
        groups = sandbox.call("GET", address).json()["groups"]
    MirrorGroup.objects.create(account=account, zoom_id=groups[0]["id"], name=groups[0]["name"])
    return str(groups[0]["id"])


def _events(sandbox: Sandbox, accounts: list[SubAccount]) -> Sample:
    own, foreign = [_webinar(sandbox, account) for account in accounts]
    return Sample(own, foreign, int("9" * len(str(foreign))))  # as long, since answers repeat it


def _webinar(sandbox: Sandbox, account: SubAccount) -> int:
    """A webinar with a registrant; whoever may hold none is asked and refused."""
    for user in sandbox.call("GET", f"/accounts/{account.zoom_id}/users?page_size=300").json()["users"]:
        body = {"topic": "Open day", "type": 5, "settings": {"approval_type": 1}}
        path = f"/accounts/{account.zoom_id}/users/{user['id']}/webinars"
        answer = sandbox.call("POST", path, json=body) if user["type"] == 2 else None
        if answer is not None and answer.status_code == 201:
            number = int(answer.json()["id"])
            person_of = {"email": "r@reg.example", "first_name": "R", "last_name": "Egg"}
            sandbox.call("POST", f"/accounts/{account.zoom_id}/webinars/{number}/registrants", json=person_of)
            return number
    raise AssertionError("nobody may hold webinars")


def _job(owner: Staff, account: SubAccount) -> Job:
    job = Job.objects.create(
        kind="users_status", title="Two people", owner=owner, connection=account.connection, state=JobState.READY
    )
    item = Item.objects.create(job=job, row=1, account=account, endpoint="users.update_status", state=ItemState.REVIEW)
    Twin.objects.create(item=item, zoom_id="x")
    return job
