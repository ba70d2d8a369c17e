"""The chain: each entry's digest covers the entry before it, so a change anywhere breaks all that follows.

What verification finds: an entry that was changed, removed, added or moved, and a head that does not fit the last
entry. What the chain alone cannot find: a tail that was cut off together with a head that was set back, and a log whose
digests were all computed anew. Both are found by the signed checkpoints (``checkpoints.py``) up to the newest of them.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import connection, transaction

from portal.audit import checkpoints, rows
from portal.audit.models import Entry, Head

START = "0" * 64
HEAD = 1  # key of the one Head row
FIELDS = (
    "number", "actor_id", "actor", "verb", "phase", "connection_id", "account_id", "account", "target", "reason",
    "before", "after", "result", "status", "code", "message", "operation", "trace_id",
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """Result of a verification. ``number`` is the first broken entry (None: the chain holds)."""

    entries: int
    number: int | None = None
    problem: str = ""
    checkpoint: int | None = None  # number of the newest checkpoint that was compared

    @property
    def intact(self) -> bool:
        return not self.problem

    def __str__(self) -> str:
        if not self.intact:
            return self.problem
        to = f" Signed checkpoints agree up to entry {self.checkpoint:,}." if self.checkpoint else ""
        return f"Chain intact, {self.entries:,} entries.{to}"


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def digest_of(entry: Entry) -> str:
    """SHA-256 over the previous digest and the entry as canonical JSON."""
    content: dict[str, Any] = {name: getattr(entry, name) for name in FIELDS}
    content["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(f"{entry.previous}\n{_canonical(content)}".encode()).hexdigest()


def append(entry: Entry) -> Entry:
    """Number, link and store a new entry. The head stays locked until the caller's transaction ends."""
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        number, entry.previous = _locked_head()
        entry.number = number + 1
        entry.digest = digest_of(entry)
        rows.insert(entry)
        entry._state.adding = False
        rows.update(Head, {"number": entry.number, "digest": entry.digest}, "id = %s", [HEAD])
        if entry.number % checkpoints.EVERY == 0:
            checkpoints.write_when_committed(entry.number, entry.digest)
    return entry


def _locked_head() -> tuple[int, str]:
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    found = rows.first(f"SELECT number, digest FROM audit_head WHERE id = %s{lock}", [HEAD])  # noqa: S608  # our own words
    if found is not None:
        return int(found[0]), str(found[1])
    last = Entry.objects.order_by("-number").first()
    number, digest = (last.number, last.digest) if last else (0, START)
    Head.objects.create(pk=HEAD, number=number, digest=digest)
    return number, digest


def verify() -> Finding:
    """Walk the whole chain and name the first entry that does not fit. Holds no lock, so the log grows meanwhile."""
    head = Head.objects.filter(pk=HEAD).first()
    finding = _walk(head, checkpoints.read())
    return finding if not finding.intact else _beyond_the_end(finding)


def _walk(head: Head | None, signed: dict[int, str]) -> Finding:
    count, previous = 0, START
    for entry in _entries(head):
        count += 1
        problem = _problem(entry, count, previous, signed)
        if problem:
            return Finding(count, min(count, entry.number), problem)
        previous = entry.digest
    newest = max(signed, default=None)
    if head is not None and (head.number, head.digest) != (count, previous):
        return Finding(count, count + 1, f"Entry {count + 1:,} is missing: the log ends before its recorded end.")
    if newest is not None and newest > count:
        return Finding(count, count + 1, f"Entry {count + 1:,} is missing: a signed checkpoint names entry {newest:,}.")
    return Finding(count, checkpoint=newest)


def _beyond_the_end(finding: Finding) -> Finding:
    """Entries that were put behind the recorded end without passing through ``append``."""
    with transaction.atomic():
        head = Head.objects.select_for_update().filter(pk=HEAD).first()
        extra = Entry.objects.filter(number__gt=head.number if head else 0).order_by("number").first()
    if extra is None:
        return finding
    return Finding(finding.entries, extra.number, f"Entry {extra.number:,} lies behind the recorded end of the log.")


def _entries(head: Head | None) -> Iterator[Entry]:
    end = head.number if head is not None else 0
    return Entry.objects.filter(number__lte=end).order_by("number", "pk").iterator(chunk_size=1000)


def _problem(entry: Entry, expected: int, previous: str, signed: dict[int, str]) -> str:
    if entry.number > expected:
        return f"Entry {expected:,} is missing."
    if entry.number < expected:
        return f"Entry {entry.number:,} is there twice or carries a number that is not its own."
    if entry.previous != previous:
        return f"Entry {expected:,} does not follow the one before it: one of the two was put there later."
    if entry.digest != digest_of(entry):
        return f"Entry {expected:,} was changed after it was written."
    if signed.get(expected, entry.digest) != entry.digest:
        return f"Entry {expected:,} differs from its signed checkpoint: the log was written anew."
    return ""
