"""The hooks the engine gives to the client: the intent before a send, the result after it."""

import time
from typing import Any

from django.db import IntegrityError

from portal.access.rights import Right
from portal.access.scope import scope_by
from portal.audit import rows
from portal.audit.models import Phase
from portal.audit.rows import Sql
from portal.bulk import failpoints, outcomes, storage
from portal.bulk.calls import Request
from portal.bulk.claims import Claim
from portal.bulk.models import ItemState, JobState
from portal.bulk.timing import Timing
from portal.bulk.verdicts import Answer, Verdict, judge
from zoomapi.client import errors

NO_RIGHT = "The owner of this job has no right to make these changes any more. Nothing was sent since then."
JOB_AND_OWNER = """SELECT j.state, j.cancel_requested, j."right", s.id, s.role, s.is_active
    FROM bulk_job j JOIN access_staff s ON s.id = j.owner_id WHERE j.id = %s"""
NAP = 0.2  # seconds between two tries to reach a database that failed
BUSY = "Another change of the same object is under way."


class ItemTrail:
    """Writes what happens to one claimed item: no attempt without a committed intent, no answer without a result."""

    def __init__(self, claim: Claim, request: Request, timing: Timing) -> None:
        self.claim, self.request, self.timing = claim, request, timing
        self.why = ""  # the reason of a refusal to send: "cancelled", "paused", "rights", "busy", "lease"
        self.verdict: Verdict | None = None
        self.answer: Answer | None = None
        self.left_at = 0.0  # monotonic
        self.on_wire = 0.0  # seconds

    def before(self, call: Any) -> None:
        """Commit the intent, or raise ``Stopped``."""
        failpoints.reach("P02")
        try:
            with storage.write():
                self._intend()
                failpoints.reach("P03")
        except IntegrityError:
            # The one constraint an intent can break: one mutation of a remote object at a time.
            self.why = "busy"
            raise errors.Stopped(BUSY) from None
        except storage.TROUBLE:
            if not self._stands():
                raise
        self.verdict = None
        failpoints.reach("P04")
        if not self.claim.safe_for(self.timing.deadline):
            self.why = "lease"
            self._write(Verdict(ItemState.PENDING, "not_sent", "The worker was too slow to start.", counted=False))
            raise errors.Stopped("The claim was about to run out, so nothing was sent.")
        self.left_at = time.monotonic()

    def _intend(self) -> None:
        item, now = self.claim.item, storage.now()
        self.why = objection(item.job_id, item.account_id)
        if self.why:
            raise errors.Stopped("Nothing was sent.")
        changes = {
            "state": ItemState.SENDING,
            "attempt": Sql("attempt + 1"),
            "sent_at": now,
            "fingerprint": self.request.fingerprint,
        }
        if item.first_sent is None:
            changes |= {"first_sent": now, "clock_offset": item.job.connection.clock_offset}
        if not self.claim.move(ItemState.PENDING, changes, lease_beyond=now + self.timing.margin):
            self.why = "lease"
            raise errors.Stopped("The claim was lost, so nothing was sent.")
        outcomes.note(item, Phase.INTENT, "intent", before=item.before or None, after=self._told())
        item.attempt += 1
        if item.first_sent is None:
            item.first_sent, item.clock_offset = now, item.job.connection.clock_offset
        item.sent_at = now

    def _stands(self) -> bool:
        """Whether the intent was committed although the database's answer to COMMIT was lost: only the row knows."""
        while True:
            storage.reconnect()
            try:
                with storage.write():  # waits for a COMMIT that is still under way
                    row = self.claim.mine.select_for_update().values_list("state", flat=True)
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
        self._write(judge(self.claim.item, self.request.endpoint, answer, error))
        failpoints.reach("P08")

    def _write(self, verdict: Verdict) -> None:
        settle = self.timing.settling(self.request.endpoint.effect)
        told = self.answer.data if self.answer else None
        if not outcomes.record(self.claim, verdict, settle=settle, told=told):
            self.why = "fenced"
        self.verdict = verdict


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
