"""What the pages of a job tell about its rows, and about a second person's word."""

from collections.abc import Mapping

from django.http import HttpRequest

from portal.bulk import approval
from portal.bulk.jobs import UNDO
from portal.bulk.models import Approval, ItemState, Job, UndoState
from portal.ui.requests import person

ENDS = {
    ItemState.DONE: "done", ItemState.CANCELLED: "not done", ItemState.REVIEW: "to be decided",
    ItemState.FAILED: "failed", ItemState.SKIPPED: "with nothing to do", ItemState.INVALID: "not usable",
}  # fmt: skip
ALWAYS = (ItemState.DONE, ItemState.CANCELLED)  # are told of even where there are none


def state_of(job: Job, state: ItemState) -> ItemState | UndoState:
    """What a state of rows is called in that job."""
    return UndoState.EITHER if job.kind == UNDO and state == ItemState.INVALID else state


def account(job: Job, counts: Mapping[str, int]) -> str:
    """What became of the rows that wait for nothing any more: "170 done, 130 not done, 2 failed"."""
    ends = ENDS | ({ItemState.INVALID: "that cannot be taken back"} if job.kind == UNDO else {})
    told = ((state, words, counts[state]) for state, words in ends.items())
    return ", ".join(f"{number:,} {words}" for state, words, number in told if number or state in ALWAYS)


def last_word(job: Job) -> Approval | None:
    return job.approvals.select_related("decided_by").first()


def may_decide(request: HttpRequest, job: Job) -> bool:
    return job.awaits_approval and approval.may_decide(person(request), job)
