"""Tools the worlds are built with: a seeded random source, ids, moments, people, and fast insertion."""

import base64
import json
import random
import unicodedata
from collections.abc import Sequence
from typing import Any

from django.db import connection, models

from zoomapi.sandbox.clock import stamp
from zoomapi.sandbox.models import Account, Assistant, Group, Membership, Record, User
from zoomapi.sandbox.places import PLACES, Place
from zoomapi.sandbox.world.companies import MASTER

DAY = 86400
DEPARTMENTS = (
    "Sales", "Finance", "Engineering", "Customer Care", "Human Resources", "Marketing", "Operations", "Legal", "IT",
)  # fmt: skip
CLIENTS = ("4.1.26478.0523(win)", "4.1.27695.0702(mac)", "4.1.27507.0627(android)", "4.1.27413.0618(ios)")
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "ö": "oe", "ä": "ae", "ü": "ue"})


class Maker:
    """Collects a world's rows. ``today`` is ``now`` cut to the day, so that a seed makes one world a day."""

    def __init__(self, seed: int, now: float) -> None:
        self.random = random.Random(seed)
        self.seed = seed
        self.now = now
        self.today = now // DAY * DAY
        self.accounts: list[Account] = []
        self.users: list[User] = []
        self.groups: list[Group] = []
        self.memberships: list[Membership] = []
        self.assistants: list[Assistant] = []
        self.records: list[Record] = []
        self._pmis: set[int] = set()
        self._emails: set[str] = set()

    def id(self) -> str:
        return base64.urlsafe_b64encode(self.random.randbytes(16)).decode().rstrip("=")

    def days_ago(self, most: float, least: float = 1.0) -> str:
        return stamp(self.today - self.random.uniform(least, most) * DAY)

    def pmi(self) -> str:
        while (number := self.random.randint(10**9, 10**10 - 1)) in self._pmis:
            pass
        self._pmis.add(number)
        return str(number)

    def account(self, **values: Any) -> Account:
        account = Account(id=self.id(), owner_id=self.id(), **values)
        self.accounts.append(account)
        return account

    def user(self, account: Account, email: str, **values: Any) -> User:
        values.setdefault("id", self.id())
        user = User(
            account_id=account.id, email=email, pmi=self.pmi(), host_key=f"{self.random.randrange(10**6):06}", **values
        )
        self.users.append(user)
        return user

    def person(self, place: Place, domain: str) -> tuple[str, str, str]:
        """Return (first name, last name, e-mail), the address in Latin letters and not used before."""
        first, first_latin = _spellings(self.random.choice(place.firsts))
        last, last_latin = _spellings(self.random.choice(place.lasts))
        email, number = f"{first_latin}.{last_latin}@{domain}", 1
        while email in self._emails:
            number += 1
            email = f"{first_latin}.{last_latin}{number}@{domain}"
        self._emails.add(email)
        return first, last, email

    def master(self) -> Account:
        """Make the master account and its owner."""
        account = self.account(
            master_id="",
            is_master=True,
            name=MASTER.name,
            owner_email=f"owner@{MASTER.domain}",
            created_at=stamp(self.today - 1200 * DAY),
            plans={"plan_base": {"type": MASTER.plan, "hosts": MASTER.hosts}},
        )
        self.owner(account, PLACES[MASTER.country], ("Morgan", "Avery", account.owner_email), type=2)
        return account

    def owner(self, account: Account, place: Place, person: tuple[str, str, str], **values: Any) -> User:
        return self.user(
            account,
            person[2],
            id=account.owner_id,
            first_name=person[0],
            last_name=person[1],
            role="owner",
            timezone=place.zones[0],
            created_at=account.created_at,
            last_login_time=self.days_ago(9, 0.1),
            last_client_version=CLIENTS[0],
            **values,
        )


def latin(text: str) -> str:
    """Return a name as it stands in an e-mail address: "Jürgen O'Brien" becomes "juergenobrien"."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


def _spellings(entry: str) -> tuple[str, str]:
    name, _, other = entry.partition("|")
    return name, other or latin(name)


def insert(rows: Sequence[models.Model]) -> None:
    """Insert rows of one table with one prepared statement; several times faster than saving or bulk creation."""
    if not rows:
        return
    meta = type(rows[0])._meta
    fields = [field for field in meta.concrete_fields if not isinstance(field, models.AutoField)]
    names = ", ".join(connection.ops.quote_name(field.column or "") for field in fields)
    marks = ", ".join(["?"] * len(fields))
    encoded = [isinstance(field, models.JSONField) for field in fields]
    columns = [(field.attname, json_column) for field, json_column in zip(fields, encoded, strict=True)]
    values = (
        tuple(json.dumps(vars(row)[name]) if is_json else vars(row)[name] for name, is_json in columns) for row in rows
    )
    connection.ensure_connection()
    table = connection.ops.quote_name(meta.db_table)
    connection.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)  # noqa: S608  # our names
