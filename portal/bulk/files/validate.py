"""The check of a whole file: every row, every error, and the items of the job. Can be killed and started again."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from portal.access.scope import scope_of
from portal.bulk.files import comparing, jobs, slashes, times
from portal.bulk.files.characters import visible
from portal.bulk.files.checkrun import Pulse, Superseded, beat, beating, forget_items, save
from portal.bulk.files.columns import Column
from portal.bulk.files.detect import Layout
from portal.bulk.files.earlier import Earlier
from portal.bulk.files.flows import flow_of
from portal.bulk.files.flows.base import RowPlanner
from portal.bulk.files.plans import RowPlan
from portal.bulk.files.reader import Row, Table
from portal.bulk.files.refusal import Bad, FileRefused
from portal.bulk.files.rows import RowChecker
from portal.bulk.files.secret_cells import without
from portal.bulk.files.summary import Summary
from portal.bulk.jobs import UNDO
from portal.bulk.models import Item, Job, JobState
from portal.bulk.storage import write
from portal.bulk.undo.dryrun import DryRun
from portal.directory.models import SubAccount
from portal.ui.export import restored
from zoomapi.spec.fields import Minutes

CHUNK = 500
AGAIN = (
    "Its cells did not fit the columns when this row was sent in before. Put each below its column, then empty the cell"
    " “{column}” of this row."
)


def validate(job_id: str) -> None:
    """Check the file of a job in VALIDATING; afterwards it is READY, or INVALID when there is nothing to run."""
    job = Job.objects.select_related("owner", "connection").filter(pk=job_id).first()
    if job is None or job.state != JobState.VALIDATING or beating(job):
        return
    try:
        (DryRun(job) if job.kind == UNDO else Check(job)).run()
    except (FileRefused, Bad) as refusal:
        with write():
            save(job, job.options["run"], JobState.INVALID, summary={"refused": str(refusal)})
    except Superseded:
        return
    comparing.compare_rows(job_id)


class Check:
    """One run over one file."""

    def __init__(self, job: Job) -> None:
        options = job.options
        self.job, self.run_id = job, options["run"]
        layout = Layout(**options["layout"])
        self.table = Table(jobs.path_of(job), layout)
        self.keep = options["keep"]
        header = options["header"][: self.keep]
        flow, constants = flow_of(job), options["constants"]
        columns, order = flow.columns(), constants.get("dates", "")
        checks = slashes.reading(flow.checks(), columns, order)
        self.titles = _titles(columns, options["mapping"], header)
        self.checker = RowChecker(
            columns,
            checks,
            options["mapping"],
            header,
            short_ok=options.get("short_ok", False),
            told=_told(columns, order),
            ignored=options.get("ignored", ()),
            fixed={name: checks[name](text) for name, text in constants.get("fixed", {}).items() if name in checks},
        )
        hidden = [text for c in columns if c.secret for text in (c.name, c.label)]
        hidden += [header[place] for place in self.checker.secret if place < len(header)]
        self.earlier = Earlier(options["header"], self.keep, hidden)
        self.importer = flow.planner(job.connection, scope_of(job.owner), constants)
        if isinstance(self.importer, RowPlanner):
            self.importer.stir = self._stir
        self.pulse = Pulse()
        self.summary = Summary(self.importer.accounts.by_pk, job.connection.zoom)
        self.blanks: Counter[str] = Counter()
        self.blank_lines: list[int] = []
        self.widest = self.keep
        self.done = 0
        self.places: dict[int, SubAccount] = {}

    def run(self) -> None:
        forget_items(self.job, self.run_id, self.job.options["rows"])
        rows = self._filled()
        while chunk := list(islice(rows, CHUNK)):
            plans = self.importer.plan([self.checker(row) for row in chunk])
            for plan in plans:
                self.earlier.settle(plan)
            self._insert(plans)
        summary = self.summary.as_dict() | {"blank": self.blanks["rows"], "blank_lines": self.blank_lines}
        state = JobState.READY if self.summary.calls else JobState.INVALID
        with write():
            left = comparing.begun(self.summary.uncompared) if self.summary.uncompared else {}
            save(self.job, self.run_id, state, summary=summary, widest=self.widest, comparing=left)

    def _stir(self, number: int) -> None:
        """Called before each row of a chunk: some of them wait for Zoom."""
        if self.pulse.due():
            with write():
                beat(self.job, self.run_id, self.done + number, self.job.options["rows"])

    def _filled(self) -> Iterator[Row]:
        """Rows with something in them, without the columns we added ourselves."""
        surplus = len(self.job.options["header"]) - self.keep
        for row in self.table.rows():
            self.earlier.note(row)
            if row.blank:
                self.blanks["rows"] += 1
                if len(self.blank_lines) < 20:
                    self.blank_lines.append(row.line)
            elif surplus and len(row.cells) > self.keep:
                yield row._replace(cells=row.cells[: self.keep], doubt=self._as_before(row))
            else:
                yield row

    def _as_before(self, row: Row) -> str:
        """What our own columns tell of a row that was misshapen: padded as it left here it would look whole."""
        ours = dict(zip(self.job.options["header"][self.keep :], row.cells[self.keep :], strict=False))
        named = (column for column in ("status", "problems") if ours.get(column, "").strip().startswith(jobs.MISSHAPEN))
        return next((AGAIN.format(column=column) for column in named), "")

    def _insert(self, plans: list[RowPlan]) -> None:
        firsts: list[Item] = []
        followers: list[tuple[Item | None, Item]] = []
        for plan in plans:
            plan.checked.renamed(self.titles)
            self.summary.add(plan)
            items = plan.items(self.job, self._place(plan.account), self._source(plan))
            firsts.append(items[0])
            followers += [
                (items[0] if call.follows else None, item)
                for call, item in zip(plan.calls[1:], items[1:], strict=False)
            ]
        with write():
            self.done += len(plans)
            beat(self.job, self.run_id, self.done, self.job.options["rows"])
            Item.objects.bulk_create(firsts)
            for first, item in followers:
                item.after = first
            Item.objects.bulk_create([item for _, item in followers])

    def _place(self, pk: int | None) -> SubAccount | None:
        """A stand-in with the key alone: an item needs no more, and a file may name thousands of sub-accounts."""
        return None if pk is None else self.places.setdefault(pk, SubAccount(pk=pk))

    def _source(self, plan: RowPlan) -> list[str]:
        """The row as it can be kept: hidden characters visible, secrets left out, formulas as they were typed."""
        cells = plan.checked.row.cells
        if len(cells) > self.keep:  # separators at the end are no cells to keep
            filled = max((n for n, cell in enumerate(cells, 1) if cell), default=0)
            cells = cells[: max(filled, self.keep)]
        self.widest = max(self.widest, len(cells))
        cells = without(cells, self.checker.secret, self.keep if plan.checked.misshapen else None)
        return [visible(restored(cell)) for cell in cells]


def _told(columns: Iterable[Column], order: str) -> dict[str, tuple[str, Callable[[Any], str]]]:
    """Cells that could be read in two ways are told with what they were taken for: by column, their sign and how."""
    found: dict[str, tuple[str, Callable[[Any], str]]] = {}
    for column in columns:
        if isinstance(column.field, Minutes):
            found[column.name] = ":", times.minutes_told
        elif order and slashes.is_date(column):
            found[column.name] = "/", slashes.plainly
    return found


def _titles(columns: Iterable[Column], mapping: Mapping[str, int], header: Sequence[str]) -> dict[str, str]:
    """What the file calls our columns, by their names and labels, as far as the file does not use these itself."""
    called = {text: header[mapping[c.name]] for c in columns if c.name in mapping for text in (c.name, c.label)}
    return {ours: theirs for ours, theirs in called.items() if theirs and ours not in header}
