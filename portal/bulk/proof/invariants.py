"""What must be true after a chaos run, asked of the sandbox's ledger, the rows and the audit log."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from portal.audit import chain
from portal.audit.models import Entry, Phase
from portal.audit.verbs import Verb
from portal.bulk import jobs
from portal.bulk.models import OPEN_STATES, Item, ItemState, Job
from portal.bulk.proof.replay import DONE, FAILED, PENDING, Replay
from portal.bulk.timing import Timing, standard

MOST_REFUSED = 0.01  # of the calls, by our own rate: when a broker dies two keepers count for a moment
LEAST_REFUSED = 10  # so many are no violation in a short run either: one window
Ledger = Mapping[tuple[str, str], int]
Trails = dict[str, list[Entry]]


def broken(expected: Mapping[Job, int], applied: Ledger) -> Iterator[str]:
    """Every violation, as a sentence; none is what a run must end with. ``expected``: the jobs and their rows."""
    timing, told = standard(), _told()
    yield from overlaps(_flights(told, timing))
    for job, number in expected.items():
        yield from of_job(job, number)
        yield from _of_items(job, told, applied, timing)
    finding = chain.verify()
    if not finding.intact:
        yield f"audit chain: {finding}"


def of_job(job: Job, number: int) -> Iterator[str]:
    """I9, I11 and the state that follows from the items."""
    numbers = jobs.counts(job.pk)
    if sum(numbers.values()) != number:
        yield f"I11: “{job.title}” has {sum(numbers.values())} rows of {number}"
    job.refresh_from_db()
    if job.state not in jobs.LIVE and job.state != jobs.final_state(job, numbers):
        yield f"I11: “{job.title}” is {job.state}, but its rows are {numbers}"
    cancelled = Entry.objects.filter(operation=str(job.pk), verb=Verb.JOB_CANCELLED).order_by("number").first()
    if cancelled is not None:
        late = Entry.objects.filter(
            operation__startswith=f"{job.pk}:", phase=Phase.INTENT, number__gt=cancelled.number
        ).values_list("number", flat=True)
        if late:
            yield f"I9: “{job.title}” has intents after its cancellation: entries {sorted(late)[:3]}"


def _of_items(job: Job, told: Trails, applied: Ledger, timing: Timing) -> Iterator[str]:
    names = set()
    for item in job.items.select_related("account").iterator():
        names.add(item.operation)
        key = f"{item.account.zoom_id if item.account else ''}/{item.label.lower()}"
        yield from of_item(item, told.get(item.operation, []), applied.get((item.endpoint, key), 0), timing)
    strangers = {name for name in told if name.startswith(f"{job.pk}:")} - names
    if strangers:
        yield f"I5: the audit names items that are not there: {sorted(strangers)[:3]}"


def _told() -> Trails:
    """The audit's entries about items, by item. Read once: 10,000 rows have 30,000 of them."""
    found: Trails = defaultdict(list)
    fields = ("number", "at", "verb", "phase", "result", "status", "code", "operation")
    for entry in Entry.objects.filter(operation__contains=":").only(*fields).order_by("number").iterator():
        found[entry.operation].append(entry)
    return found


def of_item(item: Item, entries: Iterable[Entry], times: int, timing: Timing) -> Iterator[str]:
    """Violations by one item that was applied so many ``times``."""
    name = f"{item.label} ({item.state})"
    replay = Replay(item, timing).follow(entries)
    if item.state in OPEN_STATES:
        yield f"I12: {name} never ended"
    if times > 1:
        yield f"I1: {name} was applied {times} times"
    if item.state == ItemState.DONE and times == 0:
        yield f"I2: {name} is not in the ledger"
    if item.state in (ItemState.FAILED, ItemState.CANCELLED) and times:
        yield f"I3: {name} was applied nevertheless"
    if times > replay.intents:
        yield f"I4: {name} was sent without an intent"
    if item.state in (DONE, FAILED) and replay.ends != 1:
        yield f"I5: {name} has {replay.ends} ends in the audit"
    if item.fence < replay.claims:
        yield f"I6: {name} has the fence {item.fence}, but was claimed or swept {replay.claims} times at least"
    if item.secret and item.state != ItemState.REVIEW:  # a person may have it sent again
        yield f"I14: {name} still holds its secret"
    waits = item.state == ItemState.CANCELLED and replay.state == PENDING
    given_up = item.state == ItemState.CANCELLED and replay.state == FAILED and bool(item.decided)  # after the cancel
    if replay.state != item.state and not (waits or given_up):
        yield f"I16: the audit leaves {name} as {replay.state}"
    yield from (f"{problem}: {name}" for problem in replay.problems)


def _flights(told: Trails, timing: Timing) -> dict[str, list[tuple[int, int | None]]]:
    """When each remote object was being changed, by the numbers of audit entries; those of single changes, too."""
    found: dict[str, list[tuple[int, int | None]]] = defaultdict(list)
    for item in Item.objects.exclude(object_key="").iterator():
        found[item.object_key] += Replay(item, timing).follow(told.get(item.operation, [])).flights
    return found


def overlaps(flights: Mapping[str, list[tuple[int, int | None]]]) -> Iterator[str]:
    """I7: one change of a remote object at a time."""
    for key, spans in flights.items():
        for (_, end), (begin, _) in pairwise(sorted(spans, key=lambda span: span[0])):
            if end is None or begin < end:
                yield f"I7: two changes of {key} were under way at once (entry {begin})"


def too_fast(refused: int, requests: int) -> Iterator[str]:
    """I13, as far as the sandbox tells: how many calls came faster than it permits."""
    if refused > max(LEAST_REFUSED, MOST_REFUSED * requests):
        yield f"I13: {refused} of {requests} calls came faster than permitted"


def leaks(folder: Path, secrets: Iterable[str]) -> Iterator[str]:
    """Files of a run that hold a secret in clear: its logs and, where it is one, the file of its database."""
    for path in sorted([*folder.glob("*.log"), *folder.glob("portal.sqlite3*")]):
        content = path.read_bytes()
        for secret in secrets:
            if secret.encode() in content:
                yield f"{path.name} holds a secret that begins with {secret[:4]}"


def ways(keys: Iterable[object]) -> dict[str, int]:
    """How the items of these jobs came to their end, where the first answer did not tell."""
    items = Item.objects.filter(job__in=list(keys))
    return {
        "adopted": items.filter(state=ItemState.DONE, message__startswith="Checked at Zoom").count(),
        "sent more than once": sum(item.sends > 1 for item in items.only("attempt", "sent_before")),
        "left to a person": items.filter(state=ItemState.REVIEW).count(),
    }
