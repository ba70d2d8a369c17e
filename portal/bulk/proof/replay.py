"""The audit's entries about one item, replayed step by step: what the engine's rules forbid, and where it must end.

Entries are in the order of their numbers, which is the order of their commits.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.audit.models import Entry, Phase
from portal.audit.verbs import Verb
from portal.bulk.decisions import Decision
from portal.bulk.models import Item, ItemState
from portal.bulk.timing import Timing
from zoomapi import spec
from zoomapi.spec.base import Effect

BESIDE = (Verb.TWIN_FOUND, Verb.TWIN_SETTLED)  # about what else is at Zoom: the item stays as it is
PENDING, SENDING, UNKNOWN, REVIEW = ItemState.PENDING, ItemState.SENDING, ItemState.UNKNOWN, ItemState.REVIEW
DONE, FAILED = ItemState.DONE, ItemState.FAILED
# What each word of the audit makes of an item in a state. "refused" and "absent" have rules of their own.
STEPS: dict[tuple[str, str], str] = {
    (PENDING, "intent"): SENDING, (PENDING, "not_sent"): FAILED,
    (PENDING, "skipped"): ItemState.SKIPPED, (PENDING, "shortened"): PENDING,
    (PENDING, "moved"): REVIEW,
    (SENDING, "done"): DONE, (SENDING, "unknown"): UNKNOWN, (SENDING, "swept"): UNKNOWN, (SENDING, "not_sent"): PENDING,
    (UNKNOWN, "adopted"): DONE, (UNKNOWN, "existed"): FAILED, (UNKNOWN, "review"): REVIEW,
    (REVIEW, f"settled {Decision.DONE}"): DONE, (REVIEW, f"settled {Decision.AGAIN}"): PENDING,
    (REVIEW, f"settled {Decision.FAILED}"): FAILED,
}  # fmt: skip
TO_COME_AGAIN = (401, 429)  # refusals after which an item waits for another send
LOOKS = ("adopted", "existed", "review", "absent")
IN_FLIGHT = (SENDING, UNKNOWN)
JUMP = 3600.0  # seconds by which the chaos driver sets a clock: the audit's times may be off by that
SLACK = 0.5  # seconds between the entry's time and that of the row beside it


@dataclass
class Replay:
    """``claims``: how often the fence must have grown at least. ``flights``: first and last number of each flight."""

    item: Item
    timing: Timing
    state: str = PENDING
    intents: int = 0
    ends: int = 0
    claims: int = 0
    swept: int = 0
    absents: int = 0
    unclear: bool = False  # an attempt may have been carried out, and nobody has decided about it since
    flights: list[tuple[int, int | None]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _in_hand: bool = False
    _sent_at: datetime | None = None

    def __post_init__(self) -> None:
        self.effect = spec.endpoint(self.item.endpoint).effect if self.item.endpoint else None

    def follow(self, entries: Iterable[Entry]) -> "Replay":
        for entry in entries:
            self.step(entry)
        return self

    def step(self, entry: Entry) -> None:
        if entry.verb in BESIDE:
            return
        word = self._word(entry)
        if word == "fenced":
            # The result of a send is fenced only after a sweep; a look at an unclear one also when its lease ran out.
            if not self.swept and not self.unclear:
                self.problems.append("I6: a result was fenced that nobody had swept")
            return
        was, now = self.state, self._next(word, entry)
        if now is None:
            self.problems.append(f"{self._rule(word)}: “{word}” (entry {entry.number}) came to an item that was {was}")
            return
        self._count_claims(word)
        self._judge(word, entry)
        self._note_flight(entry.number, was, now)
        self.state = now
        self.ends += now in (DONE, FAILED)

    def _word(self, entry: Entry) -> str:
        if entry.phase == Phase.INTENT:
            return "intent"
        return f"settled {entry.result}" if entry.verb == Verb.ITEM_SETTLED else entry.result

    def _next(self, word: str, entry: Entry) -> str | None:
        if word == "refused" and self.state == SENDING:
            return PENDING if entry.status in TO_COME_AGAIN or entry.code == 124 else FAILED
        if word == "absent" and self.state == UNKNOWN:
            return UNKNOWN if self.effect is Effect.CREATE and not self.absents else PENDING
        return STEPS.get((self.state, word))

    def _rule(self, word: str) -> str:
        """Which invariant a step breaks that is not to be."""
        if self.state in (DONE, FAILED):
            return "I8"
        if word == "intent":
            return "I7" if self.state == SENDING else "I10"
        return "I5"

    def _count_claims(self, word: str) -> None:
        """A claim and a sweep make the fence grow by one each. A second send may belong to the first one's claim."""
        if (word == "intent" and not self._in_hand) or word in LOOKS:
            self.claims += 1
        self._in_hand = word in ("intent", "refused", "not_sent")
        if word == "swept":
            self.claims, self.swept = self.claims + 1, self.swept + 1

    def _judge(self, word: str, entry: Entry) -> None:
        if word == "intent":
            self.intents, self.absents, self._sent_at = self.intents + 1, 0, entry.at
            if self.effect is Effect.MONEY and self.unclear:
                self.problems.append("I15: what costs money was sent again, and nobody had decided that")
        elif word in ("unknown", "swept"):
            self.unclear = True
        elif word.startswith("settled"):
            self.unclear = False
        elif word in LOOKS:
            self._judge_time(entry)
            self.absents += word == "absent"

    def _judge_time(self, entry: Entry) -> None:
        if self._sent_at is None:
            return
        waited = (entry.at - self._sent_at) / timedelta(seconds=1)
        waited -= JUMP * round(waited / JUMP)
        least = self.timing.settling(self.effect)
        if waited < least - SLACK:
            self.problems.append(f"I10: it was looked up {waited:.1f} s after its send, not {least:.1f} s")

    def _note_flight(self, number: int, was: str, now: str) -> None:
        if was not in IN_FLIGHT and now in IN_FLIGHT:
            self.flights.append((number, None))
        elif was in IN_FLIGHT and now not in IN_FLIGHT:
            self.flights[-1] = (self.flights[-1][0], number)
