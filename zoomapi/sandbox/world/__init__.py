"""Worlds: what a new database is filled with.

``demo`` is a believable reseller with 40 sub-accounts and 1,200 users, ``empty`` the master account alone, ``big``
2,000 sub-accounts with 200,000 users. Both have half a year of meetings behind them. Seed and world name decide every
name, id and number; moments count back from today.
"""

from zoomapi.sandbox.clock import Clock
from zoomapi.sandbox.models import Record
from zoomapi.sandbox.store import wipe, writing
from zoomapi.sandbox.world.activity import Activity
from zoomapi.sandbox.world.big import big, fill_thinly
from zoomapi.sandbox.world.demo import demo
from zoomapi.sandbox.world.details import fill
from zoomapi.sandbox.world.make import Maker, insert

BUILT = "world"


def build(name: str, seed: int, clock: Clock) -> None:
    """Throw everything away and build a world, in one transaction."""
    maker = Maker(seed, clock.now())
    {"demo": demo, "empty": Maker.master, "big": big}[name](maker)
    activity = {"demo": fill, "empty": Activity, "big": fill_thinly}[name](maker)
    with writing():
        wipe()
        for rows in (maker.accounts, maker.users, maker.groups, maker.memberships, maker.assistants, maker.records):
            insert(rows)
        insert(activity.meetings)
        insert(activity.sessions)
        Record.objects.create(id=BUILT, kind=BUILT, data={"name": name, "seed": seed})


def built() -> str:
    """Return the kept world as "name/seed"."""
    data = Record.objects.get(id=BUILT).data
    return f"{data['name']}/{data['seed']}"
