"""The result of every row: what was sent in, and what became of it. The file can be sent in again as it is."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.http import StreamingHttpResponse

from portal.bulk.calls import title_of
from portal.bulk.files.jobs import ERROR_COLUMNS, MISSHAPEN, RESULT_COLUMNS
from portal.bulk.files.plans import EARLIER
from portal.bulk.files.user_columns import ACCOUNT
from portal.bulk.models import Item, ItemState, Job
from portal.ui.export import csv_response

PLACE = "account_id"  # the next file knows a column of this name as that of the sub-account
HOSTED = ("meetings.create", "webinars.create")
# The state of a row with several calls: the first of these that one of them is in.
_GRAVEST = (
    *(ItemState.REVIEW, ItemState.UNKNOWN, ItemState.SENDING, ItemState.FAILED, ItemState.INVALID),
    *(ItemState.PENDING, ItemState.CANCELLED, ItemState.DONE, ItemState.SKIPPED, ItemState.JOINED),
)
_ENDED_BADLY = (ItemState.FAILED, ItemState.CANCELLED)
_RANK = {str(state): rank for rank, state in enumerate(_GRAVEST)}


def header(job: Job) -> list[str]:
    """Columns of the result file: those of the sent file, or what identifies an item, then ours."""
    return [*_input_header(job), *([PLACE] if names_place(job) else []), *RESULT_COLUMNS]


def names_place(job: Job) -> bool:
    """Whether the file must say where its rows' events are: it names their hosts only, and the next file names none."""
    options = job.options
    if "mapping" not in options or ACCOUNT in options["mapping"] or options.get("constants", {}).get("account"):
        return False
    first = job.items.exclude(endpoint="").order_by("row", "step").values_list("endpoint", flat=True).first()
    return first in HOSTED


def rows(job: Job) -> Iterator[list[Any]]:
    """One list per row of the job, in the file's order, read a thousand at a time."""
    width, placed = len(_input_header(job)), names_place(job)
    for _, items in groupby(_items(job).iterator(1000), key=lambda item: item.row):
        steps = list(items)
        if steps[0].state == ItemState.JOINED:
            steps = [*steps, *_led(job, steps[0])]
        first, worst = steps[0], min(steps, key=lambda item: _RANK[item.state])
        action = first.action or first.endpoint
        code = worst.code if worst.code is not None else worst.http_status
        attempts = sum(item.sends for item in steps)
        remote = first.remote_id or next(iter(first.path.values()), "")
        state = MISSHAPEN if first.source.get("misshapen") else worst.state
        message = _message(worst, steps)
        if earlier := first.source.get(EARLIER):  # so that the next file is known by it as well
            remote, state, action, message = earlier, ItemState.DONE, "create", first.told
        place = [_place(first)] if placed else []
        yield [*_cells(job, first, width), *place, state, action, remote, code, message, attempts]


def _place(first: Item) -> str:
    """Zoom's id of the sub-account that the row was about."""
    return first.account.zoom_id if first.account else ""


def _led(job: Job, item: Item) -> list[Item]:
    """The item in whose call the row was sent."""
    return list(_items(job).filter(row=item.source.get("with"), step=0))


def response(job: Job) -> StreamingHttpResponse:
    """The result file as a download."""
    return csv_response(f"result-{job.file_name or job.title}.csv".replace(".csv.csv", ".csv"), header(job), rows(job))


def errors_response(job: Job) -> StreamingHttpResponse:
    """Only the rows that cannot be used: mend them and send this file in.

    Its last two columns are ours; the last tells of a row that was misshapen until somebody empties it.
    """
    bad = _items(job).filter(state=ItemState.INVALID)
    width = len(_input_header(job))
    lines = ([*_cells(job, item, width), item.line, _told(item)] for item in bad.iterator(1000))
    return csv_response(
        f"errors-{job.file_name}.csv".replace(".csv.csv", ".csv"), [*_input_header(job), *ERROR_COLUMNS], lines
    )


def _items(job: Job) -> Any:
    fields = ("row", "step", "line", "state", "action", "endpoint", "label", "path", "remote_id", "source", "job_id")
    told = ("query", "code", "http_status", "message", "decided", "errors", "attempt", "sent_before")
    rows = Item.objects.filter(job=job).order_by("row", "step").select_related("account")
    return rows.only(*fields, *told, "account__zoom_id")


def _input_header(job: Job) -> list[str]:
    options = job.options
    if "header" not in options:
        return ["name"]
    names = list(options["header"][: options["keep"]])
    if not options["layout"]["header"]:  # "Column 2" means nothing to the import; the names it goes by do
        for name, place in options["mapping"].items():
            names[place] = name
    return names + [""] * (options.get("widest", 0) - len(names))


def _cells(job: Job, item: Item, width: int) -> list[str]:
    cells = list(item.source.get("cells", ())) if "header" in job.options else [item.label]
    return cells + [""] * (width - len(cells))


def _message(worst: Item, steps: list[Item]) -> str:
    told = [item.told for item in steps if item.state == worst.state and item.told]
    text = " ".join(dict.fromkeys(told)) if told else ("" if worst.state != ItemState.INVALID else _problems(worst))
    done = [title_of(item) for item in steps if item.state == ItemState.DONE]
    # "Not done" alone would hide that the user of the row exists by now.
    return f"Done: {', '.join(done)}. The rest: {text}" if done and worst.state in _ENDED_BADLY else text


def _told(item: Item) -> str:
    return f"{MISSHAPEN}: {_problems(item)}" if item.source.get("misshapen") else _problems(item)


def _problems(item: Item) -> str:
    parts = [f"{name}: {text}" if name else text for name, texts in item.errors.items() for text in texts]
    return " ".join(parts) or item.told
