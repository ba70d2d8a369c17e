"""What the check page shows: sample rows, differences, problems, warnings before the start."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from portal.access.scope import Scope
from portal.bulk import user_looks
from portal.bulk.approval import what_goes
from portal.bulk.batches import UNCOMPARED
from portal.bulk.calls import title_of
from portal.bulk.files import jobs
from portal.bulk.files.characters import visible
from portal.bulk.files.detect import Layout
from portal.bulk.files.flows import flow_of
from portal.bulk.files.plans import ACTIONS
from portal.bulk.files.reader import Row, Table
from portal.bulk.files.refusal import FileRefused
from portal.bulk.files.summary import forecast, reads_before
from portal.bulk.jobs import UNDO
from portal.bulk.models import Item, Job
from portal.bulk.progress import sharers
from portal.bulk.schedule import GRACE
from portal.bulk.worded import changes_of, groups_of
from portal.ui.formats import moment_text
from zoomapi import spec
from zoomapi.spec.base import Effect

BAD = ("error", "conflict", "impossible")
CHANGING = ("update", "delete")
LOOKS = "compared again before the write, unless it follows at once"
BASELINES = "read first, so that the outcome can be told"
SAMPLE, SEARCHED = 4, 3000


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one cell (or, without a column, with the row)."""

    column: str
    value: str
    text: str


@dataclass(frozen=True)
class PreviewRow:
    """A row of the file and what would be done with it. ``changes`` are (field, before, after).

    ``waits``: it is still to be compared with Zoom.
    """

    item: Item
    changes: list[tuple[str, str, str]]
    problems: list[Problem]
    calls: list[str]
    waits: bool


def sample(job: Job) -> list[Row]:
    """The first rows, and some more with letters that a wrong encoding would spoil. Secret cells are not masked yet:
    nothing tells before the mapping which they are, and only the person who sent the file sees them.
    """
    layout = Layout(**job.options["layout"])
    try:
        rows = [row for row in islice(Table(jobs.path_of(job), layout).rows(), SEARCHED) if not row.blank]
    except (FileRefused, OSError):
        return []
    special = (row for row in rows[SAMPLE:] if not "".join(row.cells).isascii())
    chosen = rows[:SAMPLE] + list(islice(special, SAMPLE))
    keep = job.options["keep"]
    return [row._replace(cells=[visible(cell)[:40] for cell in row.cells[:keep]]) for row in chosen]


def left_out(job: Job) -> list[str]:
    """The columns of the file that nothing is taken from, as far as they have names."""
    if job.kind == UNDO:
        return []
    own, taken = job.options["header"][: job.options["keep"]], set(job.options["mapping"].values())
    return [name for position, name in enumerate(own) if name and position not in taken]


def items(job: Job, action: str) -> QuerySet[Item]:
    """One item a row; ``action`` keeps rows of one action, "problems" those that cannot be used."""
    found = Item.objects.filter(job=job, step=0).select_related("account")
    if action == "problems":
        return found.filter(action__in=BAD)
    return found.filter(action=action) if action in ACTIONS else found


def rows(job: Job, page: Iterable[Item]) -> Iterator[PreviewRow]:
    """What to show of one page of items."""
    firsts = list(page)
    steps: defaultdict[int, list[Item]] = defaultdict(list)
    found = Item.objects.filter(job=job, row__in=[first.row for first in firsts]).select_related("account")
    for item in found.order_by("row", "step"):
        steps[item.row].append(item)
    header, groups = job.options.get("header", []), groups_of(item for row in steps.values() for item in row)
    for first in firsts:
        mine = [item for item in steps[first.row] if item.endpoint]
        told = mine if first.action in CHANGING else [item for item in mine if costs(item)]
        changes = [change for item in told for change in changes_of(item, groups)]
        titles = [title_of(item) for item in mine]
        yield PreviewRow(first, changes, list(problems_of(first, header)), titles, UNCOMPARED in first.source)


def costs(item: Item) -> bool:
    return spec.endpoint(item.endpoint).effect is Effect.MONEY


def problems_of(item: Item, header: list[str]) -> Iterator[Problem]:
    """What is wrong with a row; ``header`` are the columns of its file, none of other rows."""
    cells = item.source.get("cells", [])
    for column, texts in item.errors.items():
        position = header.index(column) if column in header else -1
        value = cells[position] if 0 <= position < len(cells) else ""
        for text in texts:
            yield Problem(column, str(value)[:120], text)


def warnings(job: Job, scope: Scope) -> list[str]:
    """What a person must say yes to: the same file again, or addresses another job is working on."""
    if job.kind == UNDO:
        return []
    found = [
        f"The very same file was run before: “{twin.title}”, by {twin.owner}, {moment_text(twin.created_at)}."
        for twin in jobs.same_file(job, scope)
    ]
    if number := jobs.overlap(job):
        verb = "is" if number == 1 else "are"
        found.append(f"{number:,} of these rows {verb} in another job that has not ended yet.")
    return found


def phrase(job: Job, numbers: Mapping[str, Any]) -> str:
    """What must be typed before things are taken away that cannot be brought back; empty for other jobs."""
    removed = numbers.get("actions", {}).get("delete", 0)
    if not removed:
        return ""
    what = what_goes(numbers.get("calls", {})) if job.kind == UNDO else flow_of(job).removes
    what = what.removesuffix("s") if removed == 1 else what
    return f"remove {removed} {what}" if what else ""


def _compared(looked: int, total: int, calls: Mapping[str, int], reads: Mapping[str, int], *, waits: bool) -> str:
    """What the rows were compared with, so that nobody takes the mirror for Zoom, or the other way round.

    ``waits``: a worker goes on comparing.
    """
    again = ""
    if user_looks.LIST in reads or user_looks.ONE in reads:
        what = "change of a user who exists" if "users.create" in calls else "write"
        again = f"; compared with Zoom again right before each {what}"
    if not looked:
        return "not compared with what Zoom says yet" if waits else f"compared with what the portal knows{again}"
    if looked >= total:
        return "compared with what Zoom says"
    others = "not yet" if waits else "at most with what the portal knows"
    return f"{looked:,} of {total:,} rows compared with what Zoom says, the others {others}{again}"


def _why_read(key: str) -> str:
    """Why an operation is called that changes nothing."""
    if key == user_looks.LIST:
        return "at most, to compare users before they are written"
    return "compared again before the write" if key == user_looks.ONE else LOOKS


def figures(job: Job) -> dict[str, Any]:
    """The summary of the check, with the forecast in the person's time, a minute for second thoughts included."""
    summary = job.options.get("summary") or {}
    actions = summary.get("actions", {})
    calls, reads, zoom = summary.get("calls", {}), summary.get("reads", {}), job.connection.zoom
    together, comparing = sharers(job), job.options.get("comparing") or {}
    looked = summary.get("looked", 0) + comparing.get("done", 0) - comparing.get("unread", 0)
    grace = GRACE.total_seconds() if phrase(job, summary) else 0.0
    return summary | {
        "total": sum(actions.values()),
        "bad": sum(actions.get(action, 0) for action in BAD),
        "good": sum(calls.values()),
        "compared": _compared(
            looked,
            sum(number for action, number in actions.items() if action != "error"),
            calls,
            reads,
            waits=comparing.get("done", 0) < comparing.get("total", 0),
        ),
        "forecast": forecast(grace + summary.get("seconds", 0.0) * together),
        "is_shared": together > 1,
        "call_list": [
            (spec.endpoint(key).title, count, str(zoom.view(spec.endpoint(key)).rate), why)
            for key, count, why in (
                *((key, count, "") for key, count in calls.items()),
                *((key, count, _why_read(key)) for key, count in reads.items()),
                *((key, count, BASELINES) for key, count in reads_before(calls).items()),
            )
        ],
    }
