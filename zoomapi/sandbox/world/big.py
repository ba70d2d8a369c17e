"""The big world: 2,000 sub-accounts, 200,000 users. Plain rows, for measuring."""

from zoomapi.sandbox.models import Account
from zoomapi.sandbox.places import PLACES
from zoomapi.sandbox.world.activity import Activity, singles
from zoomapi.sandbox.world.make import CLIENTS, DEPARTMENTS, Maker

ACCOUNTS = 2000
USERS = 100  # in each account, the owner included
HOSTS = 90
LICENSED = 60
HOLDERS, MEETINGS = 2, 4  # who holds meetings in each account, and how many
STATUSES = ("active",) * 18 + ("inactive", "pending")


def big(maker: Maker) -> None:
    master = maker.master()
    countries = sorted(PLACES)
    for number in range(1, ACCOUNTS + 1):
        _customer(maker, master, number, countries[number % len(countries)])


def _customer(maker: Maker, master: Account, number: int, country: str) -> None:
    place, domain = PLACES[country], f"customer{number:04}.example"
    person = maker.person(place, domain)
    account = maker.account(
        master_id=master.id,
        name=f"Customer {number:04} ({country})",
        owner_email=person[2],
        created_at=maker.days_ago(900, 300),
        options={"pay_mode": "master"},
        plans={"plan_base": {"type": "edu20", "hosts": HOSTS}},
        subscription_start=maker.days_ago(200),
        subscription_end=maker.days_ago(-2, -160),
    )
    maker.owner(account, place, person, type=2)
    for place_in_line in range(1, USERS):
        first, last, email = maker.person(place, domain)
        maker.user(
            account,
            email,
            first_name=first,
            last_name=last,
            type=2 if place_in_line < LICENSED else 1,
            status=STATUSES[place_in_line % len(STATUSES)],
            dept=DEPARTMENTS[place_in_line % len(DEPARTMENTS)],
            timezone=place.zones[0],
            created_at=maker.days_ago(290),
            last_login_time=maker.days_ago(120),
            last_client_version=CLIENTS[place_in_line % len(CLIENTS)],
        )


def fill_thinly(maker: Maker) -> Activity:
    """Let a few people of every account hold a few meetings."""
    activity, first = Activity(maker), 1  # the master account's owner stands before the customers' people
    for account in range(ACCOUNTS):
        people = maker.users[first + account * USERS : first + (account + 1) * USERS]
        ids = [user.id for user in people[1:4]]
        for host in people[4 : 4 + HOLDERS]:
            singles(activity, host, ids, MEETINGS)
    return activity
