"""A seeded walk: random workers, crashes between any two steps, lost and spoilt answers, late application.

The remote side is a model that creates users and allows doubles, so only the engine keeps them apart. After each walk
the invariants of the design are checked against the model's ledger, the rows and the audit.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.audit.models import Entry, Phase
from portal.bulk import claims, engine, jobs, operations, outcomes, recipes, storage, sweeper
from portal.bulk.claims import Claim
from portal.bulk.models import OPEN_STATES, Item, ItemState, Job
from portal.bulk.recipes import Finding, Found
from portal.bulk.timing import Timing
from portal.bulk.trail import ItemTrail
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.conftest import new_user
from zoomapi.client import errors
from zoomapi.client.calls import Answer, Call

pytestmark = pytest.mark.django_db

ROWS = 5
TIMING = Timing(lease=30, deadline=20, settle=90, tries=50)
TERMINAL = (ItemState.DONE, ItemState.FAILED, ItemState.CANCELLED)


class Crash(BaseException):
    """The process is gone."""


@dataclass
class Remote:
    """Zoom, as a list of creations. ``late`` are those that will be applied at their time."""

    chance: random.Random
    clock: "Clock"
    ledger: list[tuple[str, float]] = field(default_factory=list)
    late: list[tuple[str, float]] = field(default_factory=list)

    def apply(self, email: str) -> str:
        self.ledger.append((email, self.clock.seconds))
        return f"id-{len(self.ledger)}"

    def catch_up(self) -> None:
        for email, at in [entry for entry in self.late if entry[1] <= self.clock.seconds]:
            self.late.remove((email, at))
            self.ledger.append((email, at))

    def find(self, email: str) -> dict[str, Any]:
        self.catch_up()
        for number, (found, at) in enumerate(self.ledger, 1):
            if found == email:
                created = (self.clock.start + timedelta(seconds=at)).isoformat()
                return {"id": f"id-{number}", "email": email, "created_at": created}
        raise errors.NotFound("no such user", status=404, code=1001)


@dataclass
class Clock:
    """The database's clock and every process's monotonic one, moved by hand."""

    start: Any
    seconds: float = 0.0

    def now(self) -> Any:
        return self.start + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class FakeZoom:
    """Stands in for the client: calls the trail as the client does."""

    world: "World"
    trail: ItemTrail

    def call(self, endpoint: Any, *, path: Any, query: Any, body: Any, files: Any = None) -> Answer:
        world, chance = self.world, self.world.chance
        wire = Call(endpoint, endpoint.method, "/users", query, body)
        world.crash("before the intent")
        self.trail.before(wire)
        world.crash("after the intent")
        world.clock.seconds += chance.choice((0, 0, 0, 1, 5))
        email = body["user_info"]["email"]
        fate = chance.choices(
            ("ok", "refuse", "limit", "lost", "applied, lost", "late", "crash after"), (8, 1, 2, 2, 2, 2, 1)
        )[0]
        world.wires[email] += 1
        answer, error = world.fate(fate, email)
        if chance.random() < 0.05:  # frozen until its lease has run out
            world.clock.seconds += TIMING.lease + 5
            sweeper.sweep(TIMING)
        self.trail.after(wire, answer, error)
        if error:
            raise error
        assert answer is not None
        return answer


@dataclass
class World:
    chance: random.Random
    clock: Clock
    remote: Remote
    wires: Counter[str] = field(default_factory=Counter)
    crashes: float = 0.08

    def crash(self, _where: str) -> None:
        if self.chance.random() < self.crashes:
            raise Crash

    def fate(self, fate: str, email: str) -> tuple[Answer | None, errors.ZoomError | None]:
        if fate == "refuse":
            return None, errors.BadRequest("no", status=400)
        if fate == "limit":
            return None, errors.RateLimited("slower", status=429, retry_after=1.0)
        if fate == "lost":
            return None, errors.TimedOut("no answer")
        if fate == "late":
            self.remote.late.append((email, self.clock.seconds + self.chance.uniform(1, TIMING.settle - 1)))
            return None, errors.ConnectionLost("cut")
        made = self.remote.apply(email)
        if fate == "crash after":
            raise Crash
        if fate == "applied, lost":
            return None, errors.ServerError("500", status=500)
        return Answer(201, {"id": made, "email": email}, {}, 0.1), None


class FakeReader:
    """Reads the model. Sometimes a read fails, sometimes the process dies."""

    world: World

    def __init__(self, *_: Any, **__: Any) -> None:
        self.offset = 0.0

    def read(self, key: str, path: dict[str, Any], query: Any = None) -> dict[str, Any]:
        self.world.crash("before the read")
        if self.world.chance.random() < 0.1:
            raise errors.ServerError("500", status=500)
        return self.world.remote.find(path["userId"])

    def rows(self, *_: Any) -> Iterator[dict[str, Any]]:
        return iter(())


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Callable[[int], World]:
    def make(seed: int) -> World:
        chance = random.Random(seed)
        clock = Clock(storage.now())
        found = World(chance, clock, Remote(chance, clock))
        FakeReader.world = found
        monkeypatch.setattr(storage, "now", clock.now)
        monkeypatch.setattr(claims.time, "monotonic", clock.monotonic)
        monkeypatch.setattr(engine, "Reader", FakeReader)
        monkeypatch.setattr(
            engine, "_client", lambda _item, _request, trail, _timing, *, inline: FakeZoom(found, trail)
        )
        return found

    return make


@pytest.mark.parametrize("seed", range(40))
def test_a_random_walk_keeps_the_invariants(
    world: Callable[[int], World], acme: SubAccount, olga: Staff, seed: int
) -> None:
    walk_through(world, acme, olga, [seed])


def walk_through(world: Callable[[int], World], account: SubAccount, owner: Staff, seeds: Iterable[int]) -> None:
    for seed in seeds:
        there = world(seed)
        job = operations.plan(
            scope=scope_of(owner),
            actor=owner,
            connection=account.connection,
            kind="walk",
            title="Walk",
            steps=[new_user(account, row) for row in range(1, ROWS + 1)],
        )
        operations.start(job, owner)
        walk(there, job, owner)
        check(there, job)


def walk(there: World, job: Job, olga: Staff) -> None:
    """Take steps of two workers, a sweeper and a person until nothing is left to do."""
    chance = there.chance
    held: list[Claim] = []
    fences: dict[int, int] = {}
    for step in range(2000):
        job.refresh_from_db()
        if job.state not in jobs.LIVE:
            break
        there.crashes = 0.08 if step < 400 else 0.0
        act = chance.choices(("claim", "work", "sweep", "wait", "cancel"), (4, 6, 2, 2, 0.02))[0]
        try:
            if act == "claim":
                held += claims.claim(job.pk, f"worker {chance.randint(1, 2)}", chance.randint(1, 3), TIMING)
            elif act == "work" and held:
                engine.run(held.pop(chance.randrange(len(held))), TIMING)
            elif act == "sweep":
                sweeper.sweep(TIMING)
            elif act == "cancel":
                jobs.cancel(job.pk, olga)
        except Crash:
            if chance.random() < 0.5:
                held.clear()  # its other claims died with it
        there.clock.seconds += chance.choice((0, 0, 0.1, 1, 10)) if act != "wait" else chance.choice((5, 35, 130))
        note_fences(job, fences)
    assert job.state not in jobs.LIVE, f"never ended: {jobs.counts(job.pk)}"


def note_fences(job: Job, fences: dict[int, int]) -> None:
    for pk, fence in job.items.values_list("pk", "fence"):
        assert fence >= fences.get(pk, 0), "a fence shrank"
        fences[pk] = fence


def check(there: World, job: Job) -> None:
    there.clock.seconds += 1000
    there.remote.catch_up()
    made = Counter(email for email, _ in there.remote.ledger)
    items = list(job.items.all())
    assert sum(jobs.counts(job.pk).values()) == ROWS == len(items)
    for item in items:
        assert item.state not in OPEN_STATES
        assert made[item.label] <= 1, f"{item.label} was created {made[item.label]} times"
        assert made[item.label] == (item.state == ItemState.DONE), (item.state, item.message)
        entries = list(Entry.objects.filter(operation=f"{job.pk}:{item.pk}").order_by("number"))
        told = Counter(entry.result for entry in entries)
        intents = sum(entry.phase == Phase.INTENT for entry in entries)
        assert there.wires[item.label] <= intents
        direct = sum(told[name] for name in ("done", "unknown", "refused", "not_sent", "swept"))
        assert intents <= direct + told["fenced"], told
        if item.state in TERMINAL and intents:
            assert (
                told["done"] + told["adopted"] + told["existed"] + (item.state == ItemState.FAILED)
                <= 1 + told["fenced"]
            )
        assert item.secret == ""


def no_settle_time(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Timing, "settling", lambda _self, _effect: 0.0)


def blind_repeat(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(recipes, "recipe_for", lambda _endpoint: lambda _look: Finding(Found.ABSENT))


def no_intent_row(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outcomes, "note", lambda *_, **__: None)


def dead_sends_wait_again(patch: pytest.MonkeyPatch) -> None:
    def forget(timing: Timing) -> None:
        dead = Item.objects.filter(state=ItemState.SENDING, lease_until__lt=storage.now())
        dead.update(state=ItemState.PENDING, lease_until=None)

    patch.setattr(sweeper, "bury", forget)


@pytest.mark.parametrize("mutant", [no_settle_time, blind_repeat, no_intent_row, dead_sends_wait_again])
def test_the_walk_catches_a_broken_engine(
    world: Callable[[int], World],
    acme: SubAccount,
    olga: Staff,
    monkeypatch: pytest.MonkeyPatch,
    mutant: Callable[[pytest.MonkeyPatch], None],
) -> None:
    mutant(monkeypatch)
    with pytest.raises(AssertionError):
        walk_through(world, acme, olga, range(60))


def test_an_item_is_never_claimed_twice_at_once(acme: SubAccount, olga: Staff) -> None:
    job = operations.plan(
        scope=scope_of(olga), actor=olga, connection=acme.connection, kind="walk", title="Walk",
        steps=[new_user(acme, row) for row in range(1, 8)],
    )  # fmt: skip
    operations.start(job, olga)
    first = claims.claim(job.pk, "a", 4, TIMING)
    second = claims.claim(job.pk, "b", 4, TIMING)
    assert [claim.item.row for claim in first + second] == [1, 2, 3, 4, 5, 6, 7]
    assert set(Item.objects.values_list("fence", flat=True)) == {1}
