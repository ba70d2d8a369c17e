"""A result file of ours that is sent in again: what its rows say was created is not created a second time."""

from collections.abc import Collection, Sequence

from portal.bulk.files.characters import visible
from portal.bulk.files.jobs import RESULT_COLUMNS
from portal.bulk.files.plans import RowPlan
from portal.bulk.files.reader import Row
from portal.bulk.models import ItemState
from portal.ui.export import restored

CREATE = "create"
TOLD = "Done by an earlier job, as {id}. Empty its status to do it once more."
LONGEST = 200


class Earlier:
    """What the columns that we added say of a file's rows.

    ``header``: all columns, of which the first ``keep`` are the person's own. ``secret``: names of columns whose cells
    our files leave empty, so that a row may lack them.
    """

    def __init__(self, header: Sequence[str], keep: int, secret: Collection[str]) -> None:
        self.keep, self.secret = keep, set(secret)
        self.is_ours = tuple(header[keep:]) == RESULT_COLUMNS
        self.found: dict[int, str] = {}

    def note(self, row: Row) -> None:
        """Remember the id of a row that an earlier job created; to be told before the row is planned."""
        if not self.is_ours:
            return
        cells = [restored(cell).strip() for cell in row.cells[self.keep :]]
        told = dict(zip(RESULT_COLUMNS, cells, strict=False))
        if told.get("status", "").casefold() == ItemState.DONE and told.get("action") == CREATE and told.get("id"):
            self.found[row.number] = visible(told["id"])[:LONGEST]

    def settle(self, plan: RowPlan) -> None:
        """Leave a planned row alone when it would create once more, or only lacks what our file left empty."""
        found = self.found.pop(plan.checked.row.number, "")
        bare = plan.action == "error" and plan.checked.problems.keys() <= self.secret
        if not found or not (plan.action == CREATE or bare):
            return
        plan.earlier, plan.action, plan.calls, plan.seats = found, "unchanged", [], 0
        plan.checked.problems.clear()
        plan.checked.notes[:] = [TOLD.format(id=found)]
