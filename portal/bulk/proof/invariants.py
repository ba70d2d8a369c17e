"""What must be true after a chaos run, asked of the sandbox's ledger, the rows and the audit log."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from portal.audit import chain
from portal.audit.models import Entry, Phase
from portal.bulk.models import OPEN_STATES, Item, ItemState, Job

DIRECT = ("done", "unknown", "refused", "not_sent", "swept")
# The audit's last word about an item, and the state it stands for.
MEANS = {
    "done": ItemState.DONE, "adopted": ItemState.DONE, "existed": ItemState.FAILED, "review": ItemState.REVIEW,
    "refused": ItemState.FAILED,
}  # fmt: skip


def broken(job: Job, applied: Counter[tuple[str, str]]) -> Iterator[str]:
    """Every violation, as a sentence; none is what a run must end with."""
    told: dict[str, list[Entry]] = defaultdict(list)
    for entry in Entry.objects.filter(operation__startswith=f"{job.pk}:").order_by("number").iterator():
        told[entry.operation].append(entry)
    for item in job.items.select_related("account").iterator():
        yield from _of_item(item, told[f"{job.pk}:{item.pk}"], applied[item.endpoint, _key(item)])
    strangers = set(told) - {f"{job.pk}:{pk}" for pk in job.items.values_list("pk", flat=True)}
    if strangers:
        yield f"the audit names items that are not there: {sorted(strangers)[:3]}"
    finding = chain.verify()
    if not finding.intact:
        yield f"audit chain: {finding}"


def _key(item: Item) -> str:
    account = item.account.zoom_id if item.account else ""
    return f"{account}/{item.label.lower()}"


def _of_item(item: Item, entries: list[Entry], times: int) -> Iterator[str]:
    name = f"{item.label} ({item.state})"
    results = Counter(entry.result for entry in entries)
    intents = sum(entry.phase == Phase.INTENT for entry in entries)
    if item.state in OPEN_STATES:
        yield f"I12: {name} never ended"
    if times > 1:
        yield f"I1: {name} was applied {times} times"
    if item.state == ItemState.DONE and times == 0:
        yield f"I2: {name} is not in the ledger"
    if item.state in (ItemState.FAILED, ItemState.CANCELLED) and times:
        yield f"I3: {name} was applied nevertheless"
    if times > intents:
        yield f"I4: {name} was sent without an intent"
    if intents != sum(results[word] for word in DIRECT):
        yield f"I5: {name} has {intents} intents and these results: {dict(results)}"
    if item.secret and item.state != ItemState.REVIEW:  # a person may have it sent again
        yield f"I14: {name} still holds its secret"
    words = [entry.result for entry in entries if entry.result in MEANS]
    if entries and (not words or MEANS[words[-1]] != item.state):
        yield f"I16: the audit ends with {words[-1:]} for {name}"


def leaks(folder: Path, secrets: Iterable[str]) -> Iterator[str]:
    """Files of a run that hold a secret in clear: its logs and, where it is one, the file of its database."""
    for path in sorted([*folder.glob("*.log"), *folder.glob("portal.sqlite3*")]):
        content = path.read_bytes()
        for secret in secrets:
            if secret.encode() in content:
                yield f"{path.name} holds a secret that begins with {secret[:4]}"
