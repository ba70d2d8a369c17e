"""What of a job has been taken back, and by which undo."""

from collections import Counter
from collections.abc import Iterator

from portal.bulk import storage
from portal.bulk.jobs import UNDO
from portal.bulk.models import UNDOES, Item, ItemState, Job, JobState
from portal.bulk.outcomes import ERASED

BEFORE = (JobState.UPLOADED, JobState.VALIDATING, JobState.INVALID, JobState.READY)  # an undo that was not started
ENDED_BADLY = (ItemState.FAILED, ItemState.CANCELLED, ItemState.SKIPPED, ItemState.INVALID)

TAKEN = "Taken back already by another undo, or that one is at it. Nothing was sent."
CHUNK = 500


def by_undo(of: Job) -> Iterator[tuple[Job, set[int]]]:
    """Items of a job that an undo has taken back, or is about to, and that no undo of that one has restored."""
    for undo in Job.objects.filter(parent=of, kind=UNDO).exclude(state__in=BEFORE).order_by("created_at"):
        items = Item.objects.filter(job=undo).exclude(endpoint="").exclude(state__in=ENDED_BADLY)
        restored = undone(undo)
        yield undo, {source[UNDOES] for pk, source in items.values_list("pk", "source") if pk not in restored}


def leave_out_taken(job: Job) -> int:
    """Within the transaction in which a job begins: an undo leaves out what another one has taken back meanwhile.

    Undos that begin at the same time queue for the job that they undo; the second one sees that the first has begun.
    What only waits for its time does not count: it will see that this one has begun. Returns how many rows.
    """
    waiting = job.items.filter(state=ItemState.PENDING).order_by("pk")
    first = waiting.values_list("source", flat=True).first() if job.kind == UNDO else None
    undone_item = Item.objects.filter(pk=first.get(UNDOES)).first() if first else None
    if undone_item is None:
        return 0
    of = storage.locked(Job.objects).get(pk=undone_item.job_id)
    others = (keys for undo, keys in by_undo(of) if undo.pk != job.pk and undo.state != JobState.SCHEDULED)
    taken_keys = set().union(*others)
    rows = waiting.values_list("pk", "source") if taken_keys else ()
    mine = [pk for pk, source in rows if source.get(UNDOES) in taken_keys]
    for start in range(0, len(mine), CHUNK):
        Item.objects.filter(pk__in=mine[start : start + CHUNK]).update(
            state=ItemState.SKIPPED, message=TAKEN, ended_at=storage.now(), secret_erased=ERASED, secret=""
        )
    return len(mine)


def undone(of: Job) -> set[int]:
    """All of them, whichever undo it was."""
    return set().union(*(keys for _, keys in by_undo(of)))


def taken(of: Job) -> list[tuple[Job, Counter[str]]]:
    """The undos that took something of a job back, each with how many calls it took back of which operations.

    Who was created and removed again took the later steps of the row along.
    """
    found = [(undo, keys) for undo, keys in by_undo(of) if keys]
    if not found:
        return []
    left = list(of.items.filter(state=ItemState.DONE).exclude(endpoint="").values_list("pk", "row", "endpoint"))
    told = []
    for undo, keys in found:
        removed = {row for pk, row, endpoint in left if pk in keys and endpoint == "users.create"}
        went = [one for one in left if one[0] in keys or one[1] in removed]
        left = [one for one in left if not (one[0] in keys or one[1] in removed)]
        told.append((undo, Counter(endpoint for _, _, endpoint in went)))
    return told
