"""The hooks the engine gives to the client: the intent before a send, the result after it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError

from portal.access.rights import Right
from portal.access.scope import scope_by
from portal.audit import rows
from portal.audit.models import Phase
from portal.audit.rows import Sql
from portal.bulk import batches, failpoints, outcomes, storage
from portal.bulk.calls import Request
from portal.bulk.claims import Claim
from portal.bulk.desk import Desk, Result
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.timing import Timing
from portal.bulk.verdicts import Answer, Verdict, judge
from zoomapi.client import errors

NO_RIGHT = "The owner of this job has no right to make these changes any more. Nothing was sent since then."
JOB_AND_OWNER = """SELECT j.state, j.cancel_requested, j."right", s.id, s.role, s.is_active
    FROM bulk_job j JOIN access_staff s ON s.id = j.owner_id WHERE j.id = %s"""
NAP = 0.2  # seconds between two tries to reach a database that failed
BUSY = "Another change of the same object is under way."
REFUSED = {"busy": BUSY, "lease": "The claim was lost, so nothing was sent."}
INTENDED = ("first_sent", "clock_offset", "sent_at")
HASTE = 1.2  # seconds before the end of its lease, from which on a result waits for no others
STALE = 1.5  # seconds after which an intent's right to be followed is looked at once more


class ItemTrail:
    """Writes what happens to one claimed item: no attempt without a committed intent, no answer without a result."""

    def __init__(self, claim: Claim, request: Request, timing: Timing, desk: Desk | None = None) -> None:
        self.claim, self.request, self.timing, self.desk = claim, request, timing, desk
        self.rate = claim.item.job.connection.zoom.view(request.endpoint).rate
        self.why = ""  # the reason of a refusal to send: "cancelled", "paused", "rights", "busy", "lease"
        self.verdict: Verdict | None = None
        self.answer: Answer | None = None
        self.left_at = 0.0  # monotonic
        self.on_wire = 0.0  # seconds
        self.open = False  # an intent is committed, and no result yet
        self.doubtful = False  # an intent may have been committed
        self.departed = False  # the call is on its way: only its result may close the intent
        self.asked = threading.Event()  # set when the desk is through with it
        self._now = datetime.min.replace(tzinfo=UTC)  # the database's time of the intent
        self._looked_at = 0.0  # monotonic
        self._former: dict[str, Any] = {}  # what the intent replaces in the row

    @contextmanager
    def in_line(self) -> Iterator[None]:
        """While the call waits for its permit its intent may be written with that of another one."""
        if self.desk is None:
            yield
            return
        self.desk.join(self)
        try:
            yield
        finally:
            self.desk.leave(self)

    def before(self, call: Any) -> None:
        """Commit the intent, unless the desk has done so already, or raise ``Stopped``."""
        failpoints.reach("P02")
        if self.desk is None:
            self.commit()
        else:
            self.desk.intend(self)
        self.verdict = None
        failpoints.reach("P04")
        self._guard()
        self.left_at, self.departed = time.monotonic(), True

    def commit(self) -> None:
        """Commit the intent in a transaction of its own, or raise ``Stopped``."""
        try:
            if not self.doubtful or not self._stands():
                with storage.write():
                    storage.hold(Job, [self.claim.item.job_id])
                    self.why = self.mark()
                    if not self.why:
                        self.tell()
        except IntegrityError:
            # The one constraint an intent can break: one mutation of a remote object at a time.
            self.why = "busy"
        except storage.TROUBLE:
            if not self._stands():
                raise
        if self.why:
            raise errors.Stopped(REFUSED.get(self.why, "Nothing was sent."))
        self.follow()

    def mark(self) -> str:
        """Mark the row as being sent, within the caller's transaction, which holds the job: no cancel comes between.

        The reason when nothing may be sent, else "".
        """
        item, self._now, self._looked_at = self.claim.item, storage.now(), time.monotonic()
        self._former = {name: getattr(item, name) for name in INTENDED}
        why = objection(item.job_id, item.account_id)
        if why:
            return why
        changes = {
            "state": ItemState.SENDING,
            "attempt": Sql("attempt + 1"),
            "sent_at": self._now,
            "fingerprint": self.request.fingerprint,
        }
        if item.first_sent is None:
            changes |= {"first_sent": self._now, "clock_offset": item.job.connection.clock_offset}
        if not self.claim.move(ItemState.PENDING, changes, lease_beyond=self._now + self.timing.margin):
            return "lease"
        return ""

    def tell(self) -> None:
        """Tell the audit of the intent, as the last step of the transaction."""
        item = self.claim.item
        outcomes.note(item, Phase.INTENT, "intent", before=item.before or None, after=self._told())
        failpoints.reach("P03")

    def follow(self) -> None:
        """Bring the object in memory to what a committed intent made of the row."""
        item = self.claim.item
        item.attempt += 1
        if item.first_sent is None:
            item.first_sent, item.clock_offset = self._now, item.job.connection.clock_offset
        item.sent_at = self._now
        self.open, self.doubtful, self.departed = True, False, False

    def _guard(self) -> None:
        """An intent whose departure came late is taken back where it must not be followed any more."""
        if not self.claim.safe_for(self.timing.deadline):
            self.why = "lease"
            self.withdraw("The worker was too slow to start.")
            raise errors.Stopped("The claim was about to run out, so nothing was sent.")
        item = self.claim.item
        if time.monotonic() - self._looked_at > STALE and (why := objection(item.job_id, item.account_id)):
            self.why = why
            self.withdraw("It was stopped before it was sent.")
            raise errors.Stopped("Nothing was sent.")

    def withdraw(self, message: str) -> None:
        """Put down that what an intent announced was not sent, and leave the row as if it had never been meant to."""
        self._write(Verdict(ItemState.PENDING, "not_sent", message, counted=False, unsent=self._former))

    def take_back(self, message: str) -> None:
        """After a call that ended before it left: withdraw its intent, if one was committed."""
        if self.departed:
            return
        if self.doubtful and not self.open and self._stands():
            self.follow()
        if self.open:
            self.withdraw(message)

    def _stands(self) -> bool:
        """Whether the intent was committed although the database's answer to COMMIT was lost: only the row knows."""
        while True:
            storage.reconnect()
            try:
                with storage.write():  # waits for a COMMIT that is still under way
                    row = storage.locked(self.claim.mine).values_list("state", flat=True)
                    return row.first() == ItemState.SENDING
            except storage.TROUBLE:
                if not self.claim.safe_for(self.timing.deadline + NAP):
                    raise
                time.sleep(NAP)

    def _told(self) -> dict[str, Any]:
        """What the audit keeps of the request: the item's own members, which never hold a secret."""
        item = self.claim.item
        parts = {"path": self.request.path, "query": item.query, "body": item.body}
        return {name: value for name, value in parts.items() if value}

    def after(self, call: Any, answer: Answer | None, error: errors.ZoomError | None) -> None:
        """Commit the result."""
        self.on_wire = time.monotonic() - self.left_at
        failpoints.reach("P07")
        self.answer = answer
        verdict = judge(self.claim.item, self.request.endpoint, answer, error)
        if verdict.state == ItemState.PENDING:
            # Surely not carried out: what somebody makes until the next send must not be taken for ours.
            fresh = {} if self.claim.item.checks else {"baseline": None}
            verdict = replace(verdict, unsent=self._former | fresh)
        self._write(verdict)
        failpoints.reach("P08")

    def _write(self, verdict: Verdict) -> None:
        settle = self.timing.settling(self.request.endpoint.effect)
        told = self.answer.data if self.answer else None
        alone = self.claim.item.endpoint in batches.LISTED or not self.claim.safe_for(HASTE)
        if self.desk is not None and verdict.ends and not alone:
            changed = self.desk.conclude(Result(self.claim, verdict, settle, told))
        else:
            changed = outcomes.record(self.claim, verdict, settle=settle, told=told)
        if not changed:
            self.why = "fenced"
        self.open, self.verdict = False, verdict


def objection(job_id: Any, account_id: int | None) -> str:
    """Why nothing of this job may be sent now: "cancelled", "paused", "rights"; "" when nothing stands against it."""
    found = rows.first(JOB_AND_OWNER, [job_id])
    if found is None:
        return "cancelled"
    state, cancel_requested, right, owner, role, is_active = found
    if cancel_requested:
        return "cancelled"
    if state != JobState.RUNNING:
        return "paused"
    scope = scope_by(owner, role, is_active=is_active)
    if not scope.may(Right(right)) or (account_id is not None and not scope.covers(account_id)):
        return "rights"
    return ""
