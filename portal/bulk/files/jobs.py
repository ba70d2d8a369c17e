"""An uploaded file as a job: stored, described, mapped, and put to the check. ``Job.options`` is described here.

flow: the kind of file. layout, doubts, header, keep (how many of its columns are the person's own), rows, blank,
sheets, merged (see ``merged``), dates (see ``slashes``), ignored (columns without a name): from the file.
mapping, constants: from the form. run, progress, summary, widest: from the check.
comparing: how far its rows are compared with Zoom; see ``comparing``.
"""

import hashlib
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from kombu.exceptions import KombuError

from portal.access.models import Staff
from portal.access.scope import Scope
from portal.audit import log
from portal.audit.verbs import Verb
from portal.bulk import storage
from portal.bulk.files import merged, workbook
from portal.bulk.files.columns import known_header, match, plain, refuse_duplicates, rivals
from portal.bulk.files.detect import Layout, detect, find_header, find_table
from portal.bulk.files.flows import FILE_KINDS, USERS, Flow, flow_of
from portal.bulk.files.halves import paired
from portal.bulk.files.misnamed import misnamed
from portal.bulk.files.nameless import Nameless
from portal.bulk.files.reader import MOST_COLUMNS, Row, Table, measure
from portal.bulk.files.refusal import FileRefused
from portal.bulk.files.slashes import Dates
from portal.bulk.jobs import UNDO, withdraw
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.celery import app
from portal.gateway.models import Connection

logger = logging.getLogger(__name__)

TASK = "portal.bulk.files.tasks.validate_job"
CHECKED_KINDS = (*FILE_KINDS, UNDO)  # jobs that are checked by a worker before a person starts them
RESULT_COLUMNS = ("status", "action", "id", "code", "message", "attempts")
ERROR_COLUMNS = ("line", "problems")
MISSHAPEN = "misshapen"  # what "status" or "problems" of a row says whose cells did not fit its columns
SAMPLE = 200  # rows that tell whether cells fit the names of their columns
BEFORE_START = (JobState.UPLOADED, JobState.VALIDATING, JobState.INVALID, JobState.READY)
UNFINISHED = (JobState.SCHEDULED, JobState.RUNNING, JobState.PAUSED, JobState.CANCELLING, JobState.NEEDS_REVIEW)
ORPHAN_AGE = timedelta(hours=1)
LEASE = timedelta(seconds=30)  # a check that has not stirred for so long is dead
FRESH = timedelta(minutes=2)  # a check of this age is not made again before the start
UNHEARD = timedelta(seconds=10)  # nobody came: the message may be lost


def path_of(job: Job) -> Path:
    """The text to read: the file itself, or what was taken from the sheet of a workbook."""
    stored = Path(settings.UPLOAD_DIR) / Path(job.file_path).name
    return workbook.text_of(stored) if "sheets" in job.options else stored


def is_open(job: Job) -> bool:
    """Whether this is an import that was not started: it is started from the page of its check, nowhere else."""
    waits = job.state in BEFORE_START and not job.awaits_approval
    return job.kind in CHECKED_KINDS and waits and (bool(job.file_path) or job.kind == UNDO)


def is_old(job: Job) -> bool:
    """Whether the check was made so long ago that things may have changed since."""
    beat: str = job.options.get("progress", {}).get("beat", "")
    return bool(beat) and beat < (storage.now() - FRESH).isoformat()


def create(actor: Staff, connection: Connection, stored: Path, name: str, flow: Flow = USERS) -> Job:
    """Make the job of a stored file in one transaction. FileRefused, and no job, when the file is of no use."""
    if flow.gone:
        raise FileRefused(f"The Zoom of this master account does not have “{flow.title}” any more. {flow.gone}")
    if name.casefold().endswith(workbook.SUFFIX):
        options = opened(stored, flow)
    else:
        detected = detect(stored, _known(flow))
        options = described(stored, detected.layout, flow)
        options["doubts"] = [*detected.doubts, *options["doubts"]]
    with transaction.atomic():
        job = Job.objects.create(
            kind=flow.kind,
            title=f"{flow.title}: {name}"[:200],
            owner=actor,
            connection=connection,
            state=JobState.UPLOADED,
            right=flow.right,
            options=options | {"flow": flow.key},
            file_name=name[:200],
            file_path=stored.name,
            file_sha256=_digest(stored),
        )
        log.record(Verb.FILE_UPLOADED, actor=actor, connection=connection, target=str(job.pk), message=name)
    return job


def opened(stored: Path, flow: Flow, sheet: str = "") -> dict[str, Any]:
    """Take the text of a workbook's sheet and describe it. When none is named: the first in sight that holds rows.

    Any earlier text stays until this one is known to be of use.
    """
    draft = stored.with_name(f"{stored.name}.{uuid.uuid4().hex}")
    try:
        found = _opened(stored, draft, flow, sheet)
        draft.replace(workbook.text_of(stored))
    finally:
        draft.unlink(missing_ok=True)
    return found


def _opened(stored: Path, draft: Path, flow: Flow, sheet: str) -> dict[str, Any]:
    taken = workbook.take(stored, sheet, draft)
    try:
        return _taken(draft, flow, taken)
    except FileRefused:
        for other in () if sheet else taken.others:
            try:
                return _taken(draft, flow, workbook.take(stored, other, draft))
            except FileRefused:
                continue  # the first one's refusal says most
        raise


def _taken(text: Path, flow: Flow, taken: workbook.Taken) -> dict[str, Any]:
    start = workbook.start_of(text)
    begin, above = find_table(start, ",", _known(flow))
    header, unsure = (True, ()) if begin > 1 else find_header(start, ",", _known(flow))
    layout = Layout(sheet=taken.sheet, header=header, begin=begin)
    found = described(text, layout, flow, taken.seen.merged.as_dict())
    doubts = [*taken.doubts, *above, *unsure, *found["doubts"]]
    return found | {"doubts": doubts, "sheets": list(taken.sheets)}


def described(
    path: Path, layout: Layout, flow: Flow = USERS, ranges: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Read the whole file once with this layout; FileRefused when it cannot be used so. ``ranges``: see ``merged``."""
    table = Table(path, layout)
    header = _columns(table)
    own = header[: own_width(header)] if layout.header else header
    refuse_duplicates(own)
    dates, nameless = Dates(len(own)), Nameless(own)

    def note(row: Row) -> None:
        dates.add(row)
        nameless.add(row)

    filled, blank = measure(path, layout, note)
    sample = list(islice(table.rows(), SAMPLE))
    mapping = match(own, flow.columns()).mapping if layout.header else _guessed(sample, flow)
    doubts = rivals(own, flow.columns(), mapping) if layout.header else []
    unfit = misnamed(sample, own, flow.columns(), flow.checks(), mapping)
    mapping = {name: place for name, place in mapping.items() if name not in unfit}
    mapping |= paired(sample, own, flow.columns(), mapping)
    taken_up = _taken_up(header, len(own), mapping, flow)
    return {
        "layout": layout.as_dict(),
        "header": header,
        "keep": max((len(own), *(place + 1 for place in taken_up.values()))),
        "rows": filled,
        "blank": blank,
        "mapping": mapping | taken_up,
        "doubts": [*merged.doubts(ranges or {}, table.first_row), *doubts, *unfit.values(), *nameless.doubts],
        "merged": ranges or {},
        "dates": dates.as_dict(),
        "ignored": nameless.full,
    }


def _taken_up(header: Sequence[str], own: int, mapping: Mapping[str, int], flow: Flow) -> dict[str, int]:
    """The column of ours that says which objects another job's result file is about, where the file itself does not."""
    if not flow.object_id or flow.object_id in mapping or tuple(header[own:]) != RESULT_COLUMNS:
        return {}
    return {flow.object_id: own + RESULT_COLUMNS.index("id")}


def _columns(table: Table) -> list[str]:
    """The columns' names. What formatting far to the right leaves behind, columns without a name, is passed over."""
    header = table.header or [f"Column {n}" for n in range(1, table.width + 1)]
    named = max((n for n, name in enumerate(header, 1) if name), default=0)
    if len(header) > MOST_COLUMNS >= named:
        return header[:named]
    if len(header) > MOST_COLUMNS:
        raise FileRefused(
            f"The file has {len(header):,} columns, and {MOST_COLUMNS} are the most. Nothing was done. Delete those "
            "that are not needed, or choose what the cells are separated by."
        )
    return header


def own_width(header: Sequence[str]) -> int:
    """How many columns are the person's own: our results and error files end in columns of ours."""
    for columns in (RESULT_COLUMNS, ERROR_COLUMNS):
        if tuple(header[-len(columns) :]) == columns:
            return len(header) - len(columns)
    return len(header)


def _known(flow: Flow) -> Callable[[str], bool]:
    headers = known_header(flow.columns())
    return lambda text: plain(text) in headers


def _guessed(rows: Sequence[Row], flow: Flow) -> dict[str, int]:
    """Without a header only the column of addresses can be told; the person says what the others are."""
    first = next((row for row in rows if not row.blank), None)
    cells = first.cells if first else []
    addresses = [n for n, cell in enumerate(cells) if "@" in cell]
    return {flow.key_column(): addresses[0]} if addresses and flow.key_column() else {}


def relay(job: Job, layout: Layout, chosen: Mapping[str, Any] | None = None) -> None:
    """Take a corrected layout. FileRefused, and nothing changed, when the file cannot be read so.

    ``chosen``: mapping and constants of the form. They stay, the mapping as long as the columns are the same.
    """
    flow, header = flow_of(job), job.options["header"]
    kept = dict(chosen or {})
    if "sheets" in job.options and layout.sheet != job.options["layout"]["sheet"]:
        stored = Path(settings.UPLOAD_DIR) / Path(job.file_path).name
        found = opened(stored, flow, layout.sheet)
    else:
        found = described(path_of(job), layout, flow, job.options.get("merged"))
    if found["header"] != header:
        kept.pop("mapping", None)
    if found["dates"] != job.options.get("dates", {}):
        constants = kept.get("constants") or job.options.get("constants") or {}
        kept["constants"] = {name: value for name, value in constants.items() if name != "dates"}
    job.options = job.options | found | kept
    job.save(update_fields=["options"])


def submit(job: Job, mapping: Mapping[str, int], constants: Any, *, short_ok: bool = False) -> None:
    """Fix the mapping and let the worker check every row. Any earlier check of this file is dropped."""
    with transaction.atomic():
        locked = storage.locked(Job.objects).get(pk=job.pk)
        if locked.state not in BEFORE_START:
            raise FileRefused("This import has been started already. Nothing was changed. Send the file again.")
        locked.options = locked.options | {
            "mapping": dict(mapping),
            "constants": dict(constants) if isinstance(constants, Mapping) else asdict(constants),
            "short_ok": short_ok,
            "run": uuid.uuid4().hex,
            "progress": {"done": 0, "total": locked.options["rows"], "rung": storage.now().isoformat()},
            "summary": {},
            "comparing": {},
        }
        locked.state = JobState.VALIDATING
        locked.save(update_fields=["options", "state"])
        withdraw(job.pk)  # a second person's word would be about other rows
        transaction.on_commit(lambda: ring(str(job.pk)))
    job.refresh_from_db()


def ring(job_id: str) -> bool:
    """Tell a worker. A broker that does not answer only delays the check until the next sweep: nothing is lost."""
    try:
        app.send_task(TASK, args=(job_id,), ignore_result=True, retry=False)
    except (KombuError, OSError) as error:
        logger.warning("No worker could be told about file %s (%s). The next sweep will find it.", job_id, error)
        return False
    return True


def same_file(job: Job, scope: Scope) -> list[Job]:
    """Other jobs the person may see that were made from the same bytes and have at least been started."""
    jobs = Job.objects.for_scope(scope).filter(connection=job.connection, file_sha256=job.file_sha256)
    return list(jobs.exclude(pk=job.pk).exclude(state__in=BEFORE_START)[:5])


def overlap(job: Job) -> int:
    """How many addresses of this file an unfinished job is about to create as well."""
    mine = Item.objects.filter(job=job, state=ItemState.PENDING).exclude(label="").values("label")
    others = Item.objects.filter(job__state__in=UNFINISHED, job__connection=job.connection, label__in=mine)
    return others.exclude(job=job).values("label").distinct().count()


def sweep() -> list[str]:
    """Called now and then: checks that nobody began or that died are rung for, files nobody needs are deleted.

    Returns the checks whose message the broker did not take. Safe at any time.
    """
    waiting = Job.objects.filter(kind__in=CHECKED_KINDS, state=JobState.VALIDATING)
    late = [str(job.pk) for job in waiting if _is_late(job.options.get("progress", {}))]
    _delete_orphans()
    return [job_id for job_id in late if not ring(job_id)]


def _is_late(progress: Mapping[str, Any]) -> bool:
    began = progress.get("beat")
    since: str = began or progress.get("rung", "")
    return since < (storage.now() - (LEASE if began else UNHEARD)).isoformat()


def _delete_orphans() -> None:
    named = Job.objects.filter(state__in=BEFORE_START).exclude(file_path="").values_list("file_path", flat=True)
    wanted = {name for stored in named for name in (stored, workbook.text_of(Path(stored)).name)}
    limit = (storage.now() - ORPHAN_AGE).timestamp()
    for path in Path(settings.UPLOAD_DIR).glob("*.csv*"):
        if path.name not in wanted and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
