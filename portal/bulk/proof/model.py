"""The engine's state machine as a small model: items, workers that die or freeze anywhere, a bad service.

One second is one unit. ``Rules`` are the safeguards; a mutant is the model with one of them switched off. The model
knows no SQL and no HTTP, so hundreds of thousands of random walks take minutes; what it cannot show (that the code does
as the model says) is the business of the crash matrix and of the chaos driver.
"""

import random
from collections import Counter
from dataclasses import dataclass, field, fields

LEASE, DEADLINE, SETTLE = 30, 20, 90
TRIES = 30
ENDED = frozenset({"done", "failed", "cancelled", "review"})


@dataclass(frozen=True)
class Rules:
    """Every safeguard of the design, by what it does."""

    settle: bool = True  # an unknown outcome is looked up only after the settle time
    fence: bool = True  # a result is written only by the holder of the newest claim
    reconcile: bool = True  # an unknown outcome is read before anything is sent again
    lease: bool = True  # nothing is sent on a claim that is about to run out
    bury_as_unknown: bool = True  # what a dead worker was sending is unknown, not waiting
    two_absents: bool = True  # without a key, "not there" must be read twice, a settle time apart
    cancel: bool = True  # no intent after the cancel
    intent: bool = True  # nothing is sent before its intent is committed
    dates: bool = True  # what existed before our first attempt is not ours
    money_once: bool = True  # what costs money is never sent again without a person
    one_at_a_time: bool = True  # one change of a remote object at a time
    live_leases: bool = True  # nobody claims or sweeps what another one holds
    sweep: bool = True  # the sweeper exists
    outcomes: bool = True  # each outcome is written to the audit with the state


MUTANTS = tuple(rule.name for rule in fields(Rules))


@dataclass
class Item:
    """``effect``: A created by key, B set, C deleted, D created without key, E money. ``target``: the remote object."""

    number: int
    effect: str
    target: str
    state: str = "pending"
    lease: int = -1
    fence: int = 0
    attempt: int = 0
    checks: int = 0
    absents: int = 0
    sent_at: int = 0
    first_sent: int | None = None
    not_before: int = 0
    ended: int = 0  # the turn of the walk
    audit: Counter[str] = field(default_factory=Counter)
    wires: int = 0


@dataclass
class Service:
    """The remote side. ``lag``: seconds until a read sees a write. ``doubles``: it creates a second of the same key."""

    chance: random.Random
    lag: int
    doubles: bool
    made: dict[str, list[tuple[int, int]]] = field(default_factory=dict)  # target -> (when, by which item; -1: others)
    value: dict[str, int] = field(default_factory=dict)  # target -> item that set it last
    gone: dict[str, int] = field(default_factory=dict)
    ledger: Counter[int] = field(default_factory=Counter)  # applied creations and removals by item
    late: list[tuple[int, Item]] = field(default_factory=list)

    def catch_up(self, now: int) -> None:
        due = sorted((entry for entry in self.late if entry[0] <= now), key=lambda entry: entry[0])
        for entry in due:
            self.late.remove(entry)
            self.apply(entry[1], entry[0])

    def apply(self, item: Item, now: int) -> str:
        """Carry a request out; the answer's word."""
        if item.effect == "B":
            self.value[item.target] = item.number
            return "ok"
        if item.effect == "C":
            if item.target in self.gone:
                return "gone"
            self.gone[item.target] = now
            self.ledger[item.number] += 1
            return "ok"
        if item.effect == "A" and not self.doubles and self.made.get(item.target):
            return "conflict"
        self.made.setdefault(item.target, []).append((now, item.number))
        self.ledger[item.number] += 1
        return "ok"

    def request(self, item: Item, now: int, given_up: int) -> str:
        """One request on the wire, and what its sender gets to see; at ``given_up`` at the latest (assumption A1)."""
        fate = self.chance.choices(("ok", "refused", "429", "lost", "applied, lost", "late"), (8, 1, 2, 2, 3, 3))[0]
        if fate in ("refused", "429"):
            return fate
        if fate == "lost":
            return "unknown"
        if fate == "late":
            self.late.append((self.chance.randint(now + 1, given_up + SETTLE - 1), item))
            return "unknown"
        answer = self.apply(item, now)
        return answer if fate == "ok" else "unknown"

    def read(self, item: Item, now: int) -> str:
        """What a look at the object tells: "applied", "absent", "older", or "failed"."""
        if self.chance.random() < 0.1:
            return "failed"
        if item.effect == "B":
            return "applied" if self.value.get(item.target) == item.number else "absent"
        if item.effect == "C":
            return "applied" if item.target in self.gone else "absent"
        seen = [entry for entry in self.made.get(item.target, []) if entry[0] + self.lag <= now]
        if not seen:
            return "absent"
        return "applied" if any(when >= (item.first_sent or 0) for when, _ in seen) else "older"
