"""Jobs that begin later, or work within a daily window only. Rights and rows are looked at again before they begin."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import scope_of
from portal.audit import rows
from portal.audit.verbs import Verb
from portal.bulk import approval, bell, jobs, recheck, storage
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.trail import NO_RIGHT
from portal.bulk.undo.taken import leave_out_taken

logger = logging.getLogger(__name__)

CLOSED = "Outside its daily window ({window}). It goes on by itself when the window opens."
# A first look, since a sweep hardly ever finds anything.
TIMED = """SELECT 1 FROM bulk_job WHERE (state = 'scheduled' AND begins_at <= %s)
    OR (state = 'running' AND CAST("window" AS TEXT) <> '{}') OR (state = 'paused' AND paused_by = 'window') LIMIT 1"""
GRACE = timedelta(seconds=60)  # what cannot be taken back can be cancelled for so long before the first call


@dataclass(frozen=True)
class Window:
    """A span of every day, in a time zone; it may pass midnight."""

    begin: time
    end: time
    zone: str

    def __str__(self) -> str:
        return f"daily {self.begin:%H:%M}–{self.end:%H:%M} {self.zone}"

    def as_dict(self) -> dict[str, str]:
        return {"from": f"{self.begin:%H:%M}", "to": f"{self.end:%H:%M}", "zone": self.zone}

    def is_open(self, now: datetime) -> bool:
        local = now.astimezone(ZoneInfo(self.zone)).time()
        if self.begin < self.end:
            return self.begin <= local < self.end
        return local >= self.begin or local < self.end

    def next_opening(self, now: datetime) -> datetime:
        """The moment from which on it is open: now, if it is open. Some days have none, where clocks are set."""
        if self.is_open(now):
            return now
        today = now.astimezone(ZoneInfo(self.zone)).date()
        days = (today + timedelta(days=number) for number in range(4))
        return next(at for day in days for at in self._openings(day) if at > now and self.is_open(at))

    def _openings(self, day: date) -> Iterator[datetime]:
        """When it may open on that day. A time that is skipped as clocks are set is looked for minute by minute."""
        local = datetime.combine(day, self.begin, tzinfo=ZoneInfo(self.zone))
        first, last = sorted((local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)))
        yield first
        if last != first and first.astimezone(local.tzinfo).time() != self.begin:
            minutes = int((last - first) / timedelta(minutes=1))
            yield from (first + timedelta(minutes=number) for number in range(1, minutes + 1))


def window_of(job: Job) -> Window | None:
    kept = job.window
    if not kept:
        return None
    return Window(time.fromisoformat(kept["from"]), time.fromisoformat(kept["to"]), kept["zone"])


def schedule(job: Job, actor: Staff, *, at: datetime | None = None, window: Window | None = None) -> bool:
    """Let a READY job wait for its time, and ask for a second person where it needs one.

    False when it is not READY (a second click). Raises approval.TooManyDeletes.
    """
    approval.check_most(approval.gravity(job).deletes)
    begins = at or storage.now()
    if window:
        begins = window.next_opening(begins)
    with storage.write():
        moved = Job.objects.filter(pk=job.pk, state=JobState.READY).update(
            state=JobState.SCHEDULED, begins_at=begins, window=window.as_dict() if window else {}
        )
        if not moved:
            return False
        local = timezone.localtime(begins)
        told = f"Begins {local:%Y-%m-%d %H:%M %Z}" + (f"; {window}" if window else "")
        jobs.tell(Verb.JOB_SCHEDULED, job, actor, message=told)
        approval.hold(job)
    job.refresh_from_db()
    return True


def give_grace(job: Job) -> None:
    """Nothing of the job is sent before a minute has passed from its beginning."""
    now = storage.now()
    since = max(job.begins_at or now, now)
    job.items.filter(state=ItemState.PENDING).update(not_before=since + GRACE)


def begin(job: Job, actor: Staff | None = None) -> bool:
    """Begin a scheduled job: the owner must still have the right, and rows that changed meanwhile are left out.

    False when it may not begin, or not without a second person.
    """
    if approval.lacks_word(job):
        return False
    if not scope_of(job.owner).may(Right(job.right)):
        with storage.write():
            Job.objects.filter(pk=job.pk, state=JobState.SCHEDULED).update(
                state=JobState.PAUSED, paused_by="rights", paused_reason=NO_RIGHT
            )
            jobs.tell(Verb.JOB_PAUSED, job, None, message=NO_RIGHT)
        return False
    left_out = recheck.recheck(job)
    with storage.write():
        moved = Job.objects.filter(pk=job.pk, state=JobState.SCHEDULED).update(
            state=JobState.RUNNING, started_at=storage.now()
        )
        if not moved:
            return False
        left_out += leave_out_taken(job)
        jobs.tell(Verb.JOB_STARTED, job, actor, message=left_out_told(left_out))
        bell.ring_on_commit(job.pk)
    return True


def left_out_told(number: int) -> str:
    """What the audit says of rows that are left out at the start."""
    return f"{number:,} rows left out: they changed since they were checked." if number else ""


def begin_if_due(job: Job) -> None:
    """Begin it when its time has come. If this fails, the next sweep does it."""
    now = storage.now()
    due = Job.objects.filter(pk=job.pk, state=JobState.SCHEDULED, begins_at__lte=now)
    for found in due.select_related("owner", "connection"):
        _begin_safely(found, now)


def _begin_safely(job: Job, now: datetime) -> bool:
    """One job that cannot begin must not keep the others waiting. One whose window was missed waits for the next."""
    try:
        window = window_of(job)
        if window and not window.is_open(now):
            waiting = Job.objects.filter(pk=job.pk, state=JobState.SCHEDULED)
            waiting.update(begins_at=window.next_opening(now))
            return False
        return not approval.skip(job) and begin(job)
    except Exception:
        logger.exception("Job %s could not begin; the next sweep tries again.", job.pk)
        return False


def run_due(now: datetime | None = None) -> list[Any]:
    """Begin what is due, and open and close windows. Returns the jobs that began. Harmless to run at any time."""
    now = now or storage.now()
    if rows.first(TIMED, [now]) is None:
        return []
    due = Job.objects.filter(state=JobState.SCHEDULED, begins_at__lte=now).select_related("owner", "connection")
    begun = [job.pk for job in due if _begin_safely(job, now)]
    for job in Job.objects.filter(state=JobState.RUNNING).exclude(window={}):
        window = window_of(job)
        if window and not window.is_open(now):
            jobs.pause(job.pk, "window", CLOSED.format(window=window))
    held = Job.objects.filter(state=JobState.PAUSED, paused_by="window").select_related("owner", "connection")
    for job in held:
        window = window_of(job)
        if window is None or window.is_open(now):
            recheck.recheck(job)
            if jobs.resume(job.pk, None):
                bell.ring(job.pk)
    return begun
