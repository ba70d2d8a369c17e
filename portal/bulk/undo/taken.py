"""What of a job has been taken back, and by which undo."""

from collections import Counter
from collections.abc import Iterator

from portal.bulk.jobs import UNDO
from portal.bulk.models import Item, ItemState, Job, JobState

BEFORE = (JobState.UPLOADED, JobState.VALIDATING, JobState.INVALID, JobState.READY)  # an undo that was not started
ENDED_BADLY = (ItemState.FAILED, ItemState.CANCELLED, ItemState.SKIPPED, ItemState.INVALID)


def by_undo(of: Job) -> Iterator[tuple[Job, set[int]]]:
    """Items of a job that an undo has taken back, or is about to, and that no undo of that one has restored."""
    for undo in Job.objects.filter(parent=of, kind=UNDO).exclude(state__in=BEFORE).order_by("created_at"):
        items = Item.objects.filter(job=undo).exclude(endpoint="").exclude(state__in=ENDED_BADLY)
        restored = undone(undo)
        yield undo, {source["undoes"] for pk, source in items.values_list("pk", "source") if pk not in restored}


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
