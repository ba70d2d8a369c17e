"""Random walks over the model, each from its own seed, and the invariants that must hold after each."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from portal.bulk.proof.model import DEADLINE, ENDED, LEASE, MUTANTS, SETTLE, TRIES, Item, Rules, Service

STEPS = 120  # of turmoil, after which everything runs calmly to its end
CALM = 4000
ANSWERS = ("done", "refused", "limited", "unknown", "not_sent", "swept")


class Violation(AssertionError):
    """An invariant does not hold; the text says which, and the seed of the walk."""


@dataclass
class Worker:
    """At most one item in hand. ``phase``: idle, claimed, intended, flying (with an answer), read (with a finding)."""

    phase: str = "idle"
    item: Item | None = None
    fence: int = 0
    ends: int = 0
    word: str = ""
    due: int = 0  # when the answer, or the end of patience, comes

    @property
    def held(self) -> Item:
        if self.item is None:
            raise LookupError("This worker holds nothing.")
        return self.item


@dataclass
class Walk:
    seed: int
    rules: Rules = field(default_factory=Rules)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311  # repeatable, not secret
        self.now = self.turn = 0
        self.cancelled = False
        self.workers = [Worker() for _ in range(3)]
        effect = self.chance.choice("ABCDE")
        self.service = Service(
            self.chance, self.chance.randint(0, SETTLE - 1) if effect == "D" else 0, doubles=self.chance.random() < 0.5
        )
        shared = effect == "B"  # two changes of one object
        self.items = [Item(number, effect, "same" if shared else f"object {number}") for number in range(3)]
        if effect == "A" and not self.service.doubles and self.chance.random() < 0.5:
            self.service.made["object 0"] = [(-1000, -1)]

    # ------------------------------------------------------------------------------------------------------- the walk

    def run(self) -> None:
        """Walk, then check. Raises Violation."""
        for _ in range(STEPS):
            self.step(calm=False)
        for _ in range(CALM):
            if all(item.state in ENDED for item in self.items):
                break
            self.step(calm=True)
        self.now += 10 * SETTLE
        self.service.catch_up(self.now)
        self.check()

    def step(self, *, calm: bool) -> None:
        chance = self.chance
        self.turn += 1
        self.now += chance.choice((0, 0, 0, 1, 5)) if not calm else chance.choice((1, 10))
        if not calm and chance.random() < 0.08:
            self.now += chance.choice((25, 35, 95, 130))
        self.service.catch_up(self.now)
        dice = chance.random()
        if dice < 0.1:
            self.sweep()
        elif dice < 0.115 and not calm and chance.random() < 0.3:
            self.cancel()
        else:
            number = chance.randrange(len(self.workers))
            if not calm and chance.random() < 0.06:
                self.workers[number] = Worker()  # kill -9
            else:
                self.act(self.workers[number])

    def cancel(self) -> None:
        self.cancelled = True
        for item in self.items:
            if item.state == "pending":
                self.end(item, "cancelled")
                item.fence += 1

    def sweep(self) -> None:
        for item in self.items:
            if item.state == "pending" and self.cancelled and self.rules.cancel:
                self.end(item, "cancelled")
                item.fence += 1
            if item.state != "sending" or not self.is_free(item) or not self.rules.sweep:
                continue
            item.fence += 1
            item.lease = -1
            self.tell(item, "swept")
            if self.rules.bury_as_unknown:
                item.state, item.checks = "unknown", item.checks + 1
                item.not_before = item.sent_at + LEASE + SETTLE if self.rules.settle else self.now
            else:
                item.state = "pending"

    # ------------------------------------------------------------------------------------------------------- a worker

    def act(self, worker: Worker) -> None:
        steps: dict[str, Callable[[Worker], None]] = {
            "idle": self.claim,
            "claimed": self.begin,
            "intended": self.send,
            "flying": self.result,
            "read": self.settle,
        }
        steps[worker.phase](worker)

    def claim(self, worker: Worker) -> None:
        free = [
            item
            for item in self.items
            if item.state in ("pending", "unknown") and self.is_free(item) and item.not_before <= self.now
        ]
        if not free:
            return
        item = self.chance.choice(free)
        if any(other.item is item and other.ends >= self.now and other.fence == item.fence for other in self.workers):
            self.tell(item, "two live leases")
        item.lease, item.fence = self.now + LEASE, item.fence + 1
        worker.phase, worker.item, worker.fence, worker.ends = "claimed", item, item.fence, item.lease
        worker.word = item.state

    def is_free(self, item: Item) -> bool:
        return item.lease < self.now or not self.rules.live_leases

    def begin(self, worker: Worker) -> None:
        item = worker.held
        if worker.word == "unknown":
            worker.word = self.service.read(item, self.now) if self.rules.reconcile else "absent"
            worker.phase = "read"
            return
        if not self.rules.intent:
            worker.phase = "intended"
            return
        mine = item.state == "pending" and (item.fence == worker.fence or not self.rules.fence)
        late = self.rules.lease and item.lease <= self.now + DEADLINE
        stopped = self.rules.cancel and self.cancelled
        if not mine or late or stopped or self.is_busy(item):
            self.release(worker)
            return
        item.state, item.attempt, item.sent_at = "sending", item.attempt + 1, self.now
        item.first_sent = self.now if item.first_sent is None else item.first_sent
        self.tell(item, "intent")
        if self.cancelled:
            self.tell(item, "intent after the cancel")
        worker.phase = "intended"

    def is_busy(self, item: Item) -> bool:
        flying = ("sending", "unknown")
        others = (other for other in self.items if other is not item and other.target == item.target)
        return self.rules.one_at_a_time and any(other.state in flying for other in others)

    def send(self, worker: Worker) -> None:
        item = worker.held
        if self.rules.lease and self.now + DEADLINE >= worker.ends:
            worker.word = "not_sent"
        else:
            item.wires += 1
            worker.due = self.now + self.chance.choice((0, 0, 1, DEADLINE))
            worker.word = self.service.request(item, self.now, worker.due)
        worker.phase = "flying"

    def result(self, worker: Worker) -> None:
        item, word = worker.held, worker.word
        if self.now < worker.due:
            return
        worker.phase, worker.item = "idle", None
        ours = item.fence == worker.fence and item.state == "sending"
        if not ours and self.rules.fence:
            self.tell(item, "fenced")
            return
        item.lease = -1
        if word == "ok" or (word == "gone" and item.checks):
            self.tell(item, "done")
            self.end(item, "done")
        elif word in ("refused", "gone") or (word == "conflict" and not item.checks):
            self.tell(item, "refused")
            self.end(item, "failed")
        elif word in ("429", "not_sent"):
            self.tell(item, "limited" if word == "429" else "not_sent")
            item.state, item.attempt = "pending", item.attempt - 1
        else:
            self.tell(item, "unknown")
            self.doubt(item)

    def doubt(self, item: Item) -> None:
        item.state, item.checks = "unknown", item.checks + 1
        item.not_before = self.now + SETTLE if self.rules.settle else self.now

    def settle(self, worker: Worker) -> None:
        """Commit what a look has found."""
        item, word = worker.held, worker.word
        worker.phase, worker.item = "idle", None
        if (item.fence != worker.fence or item.state != "unknown") and self.rules.fence:
            return
        item.lease = -1
        if word == "failed":
            item.not_before = self.now + 5
        elif word == "applied" or (word == "older" and not self.rules.dates):
            self.end(item, "done")
        elif word == "older":
            self.end(item, "failed")
        elif item.effect == "E" and self.rules.money_once:
            self.end(item, "review")
        elif item.effect == "D" and not item.absents and self.rules.two_absents:
            item.absents = 1
            self.doubt(item)
        elif item.attempt >= TRIES:
            self.end(item, "review")
        else:
            item.state, item.absents = "pending", 0

    def release(self, worker: Worker) -> None:
        item = worker.item
        if item is not None and item.fence == worker.fence:
            item.lease = -1
        worker.phase, worker.item = "idle", None

    def end(self, item: Item, state: str) -> None:
        if item.state in ENDED:
            self.tell(item, "changed after its end")
        item.state, item.ended, item.lease = state, self.turn, -1

    def tell(self, item: Item, word: str) -> None:
        if word in ANSWERS and not self.rules.outcomes and self.chance.random() < 0.05:
            return
        item.audit[word] += 1

    # ----------------------------------------------------------------------------------------------------- invariants

    def check(self) -> None:
        for item in self.items:
            told, applied = item.audit, self.service.ledger[item.number]
            self.hold(item.state in ENDED, "I12: it never ended", item)
            self.hold(applied <= 1, "I1: applied more than once", item)
            if item.effect != "B":
                self.hold((applied == 1) == (item.state == "done") or item.state == "review", "I2, I3: state", item)
            self.hold(item.wires <= told["intent"], "I4: sent without an intent", item)
            self.hold(told["intent"] == sum(told[word] for word in ANSWERS), "I5: intents and outcomes", item)
            self.hold(not told["two live leases"], "I7: two workers held it", item)
            self.hold(not told["changed after its end"], "I8: changed after its end", item)
            self.hold(not told["intent after the cancel"], "I9: an intent after the cancel", item)
            self.hold(item.effect != "E" or item.wires - told["limited"] <= 1, "I15: money sent again", item)
        self.check_values()

    def check_values(self) -> None:
        """Effect B: the value that stays is that of the change which was confirmed last."""
        done = [item for item in self.items if item.effect == "B" and item.state == "done"]
        if done:
            last = max(done, key=lambda item: item.ended)
            self.hold(self.service.value[last.target] == last.number, "I7: an older change came after a newer", last)

    def hold(self, holds: bool, text: str, item: Item) -> None:
        if not holds:
            raise Violation(f"seed {self.seed}: {text}: {item}")


def mutant(name: str) -> Rules:
    """The rules without one of them."""
    return replace(Rules(), **{name: False})


def first_violation(rules: Rules, seeds: range) -> str:
    """The first broken invariant over these walks; "" when all hold."""
    for seed in seeds:
        try:
            Walk(seed, rules).run()
        except Violation as found:
            return str(found)
    return ""


__all__ = ["MUTANTS", "Violation", "Walk", "first_violation", "mutant"]
