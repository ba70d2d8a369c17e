"""Retrying: a job of the rows that failed or were not done, linked to the job they come from."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, QuerySet

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import Scope
from portal.bulk import jobs, storage
from portal.bulk.batches import LEADER
from portal.bulk.calls import filled
from portal.bulk.models import Item, ItemState, Job
from portal.bulk.once import find
from portal.bulk.operations import CHUNK, Step, plan
from portal.directory.models import SubAccount


def retryable(job: Job) -> QuerySet[Item]:
    """The calls of a job that failed or were not done, and that no job has taken over yet."""
    taken = Item.objects.filter(job__parent=job, job__kind=job.kind, row=OuterRef("row"), step=OuterRef("step"))
    left = job.items.filter(state__in=(ItemState.FAILED, ItemState.CANCELLED)).exclude(endpoint="")
    return left.exclude(Exists(taken))


def retry_failed(job: Job, *, scope: Scope, actor: Staff, key: str | None = None) -> Job | None:
    """Plan a job of the rows that failed or were not done, linked to this one. None when there is none.

    What is DONE cannot enter, and no row enters twice: what fails again is retried from the new job. A row whose
    secret was erased enters as not usable, and says so.
    """
    if job.state in jobs.LIVE:
        return None
    with storage.write():
        Job.objects.select_for_update().get(pk=job.pk)  # two people, or one twice, do not take the same rows
        if found := find(actor, key):
            return found
        if not retryable(job).exists():
            return None
        return plan(
            scope=scope,
            actor=actor,
            connection=job.connection,
            kind=job.kind,
            title=f"Again: {job.title}"[:200],
            steps=_again(job),
            key=key,
            reason=job.reason,
            right=Right(job.right),
            parent=job,
            options=job.options,
        )


def _again(job: Job) -> Iterator[Step]:
    # the keys first: what is written while this runs would change the answer of an open query
    left = retryable(job)
    joined = job.items.filter(state=ItemState.JOINED).annotate(leader=LEADER).filter(leader__in=left.values("row"))
    found = [*left.values_list("row", "step", "pk"), *joined.values_list("row", "step", "pk")]
    keys = [key for _, _, key in sorted(found)]
    places = {key: place for place, key in enumerate(keys)}
    for batch in (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK)):
        items = Item.objects.select_related("account", "after__job").in_bulk(batch)
        yield from (_step_again(items[key], places) for key in batch)


def _step_again(item: Item, places: dict[int, int]) -> Step:
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
        step.account = SubAccount.objects.filter(connection=done.job.connection, zoom_id=done.remote_id).first()
