"""The rows of a retry: which rows of a job it takes over, and what they become in the new job."""

from collections.abc import Mapping, Sequence

from django.db.models import Exists, OuterRef, QuerySet

from portal.bulk.approval import removals
from portal.bulk.batches import LEADER
from portal.bulk.calls import filled
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.operations import Chunk, Step
from portal.directory.models import SubAccount
from zoomapi.spec.shapes import BATCH

NOT_DONE = (ItemState.FAILED, ItemState.CANCELLED)


def retryable(job: Job) -> QuerySet[Item]:
    """The calls of a job that failed or were not done, and that no job has taken over yet, or is taking over now."""
    heirs = Job.objects.filter(parent=job, kind=job.kind)
    taken = Item.objects.filter(job__parent=job, job__kind=job.kind, row=OuterRef("row"), step=OuterRef("step"))
    left = job.items.filter(state__in=NOT_DONE).exclude(endpoint="")
    return left.exclude(Exists(taken)).exclude(Exists(heirs.filter(state=JobState.PREPARING)))


def rows_of(job: Job) -> list[int]:
    """The keys of what is retried in the order of the rows, but those in another row's call directly after it."""
    left = retryable(job)
    joined = job.items.filter(state=ItemState.JOINED).annotate(leader=LEADER).filter(leader__in=left.values("row"))
    found = [(row, row, step, pk) for row, step, pk in left.values_list("row", "step", "pk")]
    found += joined.values_list("leader", "row", "step", "pk")
    return [pk for _, _, _, pk in sorted(found)]


def removes(job: Job) -> bool:
    """Whether a retry takes something away: it has its minute for second thoughts again, as the job at first."""
    return bool(removals(job.items.filter(state=ItemState.PENDING)))


class Again:
    """Makes the steps of the job that takes rows over. ``job`` is the new one; None while nothing of it is written."""

    what = "the rows"

    def __init__(self, job: Job | None) -> None:
        self.job = job

    @property
    def removes(self) -> bool:
        return self.job is not None and removes(self.job)

    def chunk(self, keys: Sequence[int], start: int, size: int) -> Chunk:
        """The rows at these places, and those that share a call with the last of them."""
        ended = (*NOT_DONE, ItemState.JOINED)
        rows = Item.objects.filter(state__in=ended).select_related("account", "after__job")
        items = rows.in_bulk(keys[start : start + size + BATCH])
        end = min(start + size, len(keys))
        while end < len(keys) and keys[end] in items and items[keys[end]].state == ItemState.JOINED:
            end += 1
        part = [items[key] for key in keys[start:end] if key in items]
        written = self._written(part)
        places = {key: place for place, key in enumerate([*written, *(item.pk for item in part)])}
        return Chunk([step_again(item, places) for item in part], end, list(written.values()))

    def _written(self, part: list[Item]) -> dict[int, int]:
        """What these rows follow, where an earlier chunk holds it: key in the old job -> key in the new one."""
        here = {item.pk for item in part}
        wanted = {
            (item.after.row, item.after.step): item.after.pk
            for item in part
            if item.after and item.after.pk not in here
        }
        if not wanted or self.job is None:
            return {}
        new = self.job.items.filter(row__in={row for row, _ in wanted}).values_list("row", "step", "pk")
        return {wanted[row, step]: pk for row, step, pk in new if (row, step) in wanted}


def step_again(item: Item, places: Mapping[int, int]) -> Step:
    step = Step(
        row=item.row, step=item.step, line=item.line, account=item.account, endpoint=item.endpoint, path=item.path,
        query=item.query, body=item.body, label=item.label, action=item.action, source=item.source, before=item.before,
        object_key=item.object_key, remote_key=item.remote_key,
    )  # fmt: skip
    if item.state == ItemState.JOINED:
        step.state, step.message = item.state, item.message
    if item.after_id is not None and item.after_id in places:
        step.after = places[item.after_id]
    elif item.after is not None:
        _settle_reference(step, item.after)
    if item.secret_erased:
        step.state = ItemState.INVALID
        step.message = "The password of this row was erased when its job ended. Please enter it again."
    return step


def _settle_reference(step: Step, done: Item) -> None:
    """The step before is done and stays in the old job: put in what it made."""
    step.path, step.query, step.body = (filled(part, done.remote_id) for part in (step.path, step.query, step.body))
    if step.account is None:
        step.account = SubAccount.objects.filter(connection=done.job.connection_id, zoom_id=done.remote_id).first()
