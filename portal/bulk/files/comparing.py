"""Comparing the rows of a checked file with Zoom, by a worker, until all are compared or the job is started.

``Job.options["comparing"]`` says how far it is: ``done`` of ``total`` rows were looked at, the last one is ``row``, and
``unread`` of them could not be read; ``run`` is who is at it and ``stirred`` when; ``tries`` that brought nothing, and
why it ``stopped`` for good. What is not compared when the job is started is compared right before its write.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connections

from portal.access.scope import scope_of
from portal.bulk import bell, compare, first_look, stopping, storage
from portal.bulk.batches import UNCOMPARED
from portal.bulk.calls import request_of
from portal.bulk.files.summary import Dropped, recounted
from portal.bulk.first_look import Seen
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.verdicts import is_final, is_gone
from portal.gateway.clients import client_for
from zoomapi import spec
from zoomapi.client import errors

TASK = "portal.bulk.files.tasks.compare_job"
ROUND = 20.0  # seconds that a worker gives to one job before it looks after the others
EVERY = 1.0  # seconds between two notes of how far it is
DEADLINE = 15.0  # seconds for one answer, the turn at Zoom included
LEASE = timedelta(seconds=30)  # a worker that has not stirred for so long is dead
HANDS = 8  # reads at a time: the permits decide the pace, and an answer takes its time
AGAIN = timedelta(seconds=10)  # the message may be lost, or Zoom did not answer
TRIES = 5
NOT_YOURS = "The sub-account is not one of yours any more."
GIVEN_UP = f"The comparison was begun {TRIES} times and did not get on, so it was given up."
SILENT = "Zoom does not answer, so no further rows are compared now."
STATES = {"unchanged": ItemState.SKIPPED, "conflict": ItemState.INVALID, "error": ItemState.INVALID}
FIELDS = ("source", "label", "body", "secret", "before", "action", "state", "endpoint", "message", "errors")
Json = dict[str, Any]


class Superseded(Exception):
    """The job was started or checked anew, or another worker has taken over: this one stops without a trace."""


@dataclass(frozen=True)
class Left:
    """What a page tells. ``seconds``: how long it will take at the pace of the last round; None when nobody knows."""

    done: int
    total: int
    number: int  # of rows that are not compared
    seconds: float | None
    stopped: str

    @property
    def goes_on(self) -> bool:
        return self.done < self.total and not self.stopped


def begun(total: int) -> Json:
    """The options of a job whose rows are still to be compared."""
    now = storage.now().isoformat()
    return {"total": total, "done": 0, "unread": 0, "row": 0, "run": "", "stirred": now, "tries": 0, "stopped": ""}


def left_of(job: Job) -> Left | None:
    """How far it is; None when no row of this job needs it, or it has been started."""
    kept = job.options.get("comparing") or {}
    if not kept or not _is_open(job):
        return None
    number = kept["total"] - kept["done"]
    pace = kept.get("pace", 0.0)
    return Left(kept["done"], kept["total"], number + kept["unread"], number / pace if pace else None, kept["stopped"])


def compare_rows(job_id: Any, stop: Callable[[], bool] = stopping.asked) -> None:
    """Go on for a round, and ring for the next one. Nothing happens when another worker is at it."""
    run = uuid.uuid4().hex
    with storage.write():
        job = storage.locked(Job.objects).select_related("owner", "connection").filter(pk=job_id).first()
        if job is None or not _is_free(job):
            return
        tries = job.options["comparing"]["tries"]
        _note(job, run=run, tries=tries + 1, stopped=GIVEN_UP if tries >= TRIES else "")
    if tries >= TRIES:
        return
    try:
        if Round(job, run).go(stop):
            bell.ring(job_id, TASK)
    except Superseded:
        return


def sweep() -> list[Any]:
    """Ring for what nobody compares. Returns jobs whose message the broker did not take. Safe at any time."""
    ready = Job.objects.filter(state=JobState.READY, awaits_approval=False, options__comparing__stopped="")
    late = (storage.now() - AGAIN).isoformat()
    idle = [job.pk for job in ready if _is_free(job) and job.options["comparing"]["stirred"] < late]
    return [job_id for job_id in idle if not bell.ring(job_id, TASK)]


def _is_open(job: Job) -> bool:
    return job.state == JobState.READY and not job.awaits_approval


def _is_free(job: Job) -> bool:
    kept = job.options.get("comparing") or {}
    if not kept or not _is_open(job) or kept["done"] >= kept["total"] or kept["stopped"]:
        return False
    return not kept["run"] or kept["stirred"] < (storage.now() - LEASE).isoformat()


def _note(job: Job, **changes: Any) -> None:
    """Within a transaction that holds the job."""
    kept = job.options["comparing"] | {"stirred": storage.now().isoformat()} | changes
    job.options = job.options | {"comparing": kept}
    job.save(update_fields=["options", "state"])


class Round:
    """What one worker does at once."""

    def __init__(self, job: Job, run: str) -> None:
        self.job, self.run = job, run
        self.scope, self.zoom = scope_of(job.owner), job.connection.zoom
        self.began, self.number = time.monotonic(), 0
        self.found: list[tuple[Item, Seen]] = []
        self.unread = 0

    def go(self, stop: Callable[[], bool]) -> bool:
        """Whether there is more to do at once."""
        noted = self.began
        with ThreadPoolExecutor(HANDS, "compare") as pool:
            for part in self._parts():
                if stop() or time.monotonic() - self.began >= ROUND:
                    self._write(run="")
                    return True
                for item, outcome in zip(part, pool.map(self._ask, part), strict=True):
                    if isinstance(outcome, errors.ZoomError):
                        self._write(**self._silence(outcome))
                        return False
                    self._take(item, outcome)
                if time.monotonic() - noted >= EVERY:
                    self._write()
                    noted = time.monotonic()
        self._write(run="", done=self.job.options["comparing"]["total"])
        return False

    def _parts(self) -> Iterator[list[Item]]:
        """The rows not looked at yet, as many as are read at once. No query stays open meanwhile."""
        row = self.job.options["comparing"]["row"]
        waiting = Item.objects.filter(job=self.job, state=ItemState.PENDING, source__has_key=UNCOMPARED)
        waiting = waiting.select_related("account__connection").order_by("row", "step")
        while part := list(waiting.filter(row__gt=row)[:HANDS]):
            yield part
            row = part[-1].row

    def _ask(self, item: Item) -> Seen | str | errors.ZoomError:
        """In a thread of its own: what was seen, or why the row cannot be read, or why nothing can be read now."""
        item.job = self.job
        try:
            return self._seen(item)
        except errors.ZoomError as error:
            return f"What is set now could not be read: {error}" if is_final(error) else error
        finally:
            connections.close_all()

    def _take(self, item: Item, outcome: Seen | str) -> None:
        if isinstance(outcome, str):
            item.message, outcome = outcome[:500], Seen()
            self.unread += 1
        self.number += 1
        self.found.append((item, outcome))

    def _seen(self, item: Item) -> Seen:
        if item.account is None or not self.scope.covers(item.account.pk):
            return Seen("error", NOT_YOURS)
        request, at = request_of(item), compare.stamp()
        reads = spec.endpoint(compare.READS[item.endpoint])
        path = {name: value for name, value in request.path.items() if name in reads.params}
        try:
            found = client_for(self.scope, item.account, lane="bulk", deadline=DEADLINE).call(reads, path=path).data
        except errors.Refused as error:
            if not is_gone(error):
                raise
            found = None
        return first_look.seen(item, request, compare.present(item.endpoint, found, request.path), at)

    def _silence(self, error: errors.ZoomError) -> Json:
        """How to go on when Zoom did not answer: later, and not for ever. To wait for a turn counts as no failure."""
        waits = isinstance(error, errors.NoPermit | errors.RateLimited) and not error.daily
        tries = 1 if self.found else self.job.options["comparing"]["tries"]
        tries -= waits
        return {"run": "", "tries": tries, "stopped": f"{SILENT} {error}"[:300] if tries >= TRIES else ""}

    def _write(self, **changes: Any) -> None:
        """Write down what was found out, unless the job has been started meanwhile."""
        with storage.write():
            job = storage.locked(Job.objects).get(pk=self.job.pk)
            kept = job.options.get("comparing") or {}
            if not _is_open(job) or kept.get("run") != self.run:
                raise Superseded
            job.options = job.options | {"summary": recounted(job.options["summary"], self._settled(), self.zoom)}
            Item.objects.bulk_update([item for item, _ in self.found], FIELDS)
            told = {"done": kept["done"] + len(self.found), "unread": kept["unread"] + self.unread}
            if self.found:
                told |= {"row": self.found[-1][0].row, "tries": 0}
                told["pace"] = self.number / max(time.monotonic() - self.began, 0.001)
            if not Item.objects.filter(job=job, state=ItemState.PENDING).exclude(endpoint="").exists():
                job.state = JobState.INVALID
            _note(job, **{**told, **changes})
        self.job.options = job.options
        self.found, self.unread = [], 0

    def _settled(self) -> list[Dropped]:
        """Put into the items what was seen. Returns what will not be sent."""
        gone = []
        for item, seen in self.found:
            for name, value in seen.changes.items():
                setattr(item, name, value)
            if not seen.action:
                continue
            gone.append(Dropped(item.endpoint, item.action, seen.action))
            item.action, item.state, item.message = seen.action, STATES[seen.action], seen.why
            item.endpoint, item.body, item.secret = "", {}, ""
            item.source = {name: value for name, value in item.source.items() if name != UNCOMPARED}
            if item.state == ItemState.INVALID:
                item.message = f"{seen.why} Nothing will be done for this row."
                item.errors = {"": [item.message]}
        return gone
