"""Writing an item's next state. Every change of state is one transaction with its audit entry."""

import logging
import time
from datetime import timedelta
from typing import Any

from django.db.models import Case, F, Value, When

from portal.audit import log
from portal.audit.models import Entry, Phase
from portal.audit.rows import Sql
from portal.bulk import batches, claims, stopping, storage, twins
from portal.bulk.batches import Division
from portal.bulk.claims import Claim
from portal.bulk.models import Item, ItemState
from portal.bulk.verdicts import ACCOUNT_GONE, Verdict
from portal.directory import writethrough
from portal.directory.models import SubAccount

logger = logging.getLogger(__name__)

ERASED = Case(When(secret="", then=F("secret_erased")), default=Value(True))  # goes with secret=""
ERASED_SQL = Sql("CASE WHEN secret = '' THEN secret_erased ELSE TRUE END")  # the same, in a prepared statement
PATIENCE = 10.0  # seconds for which a result is kept in hand while the database cannot take it
NAP = 0.2
NOTHING = object()  # there is nothing to bring into the directory
KEEPS_LEASE = (ItemState.PENDING,)  # the client may try again at once; the engine releases it afterwards


class NotMirrored(Exception):
    """The directory did not take a change over."""


def note(item: Item, phase: str, result: str, **more: Any) -> Entry:
    """Append an audit entry about an item."""
    return log.record(
        item.endpoint,
        actor=item.job.owner,
        account=item.account,
        connection=item.job.connection,
        target=item.label or item.remote_key or "",
        reason=item.job.reason,
        operation=item.operation,
        phase=phase,
        result=result,
        **more,
    )


def record(
    claim: Claim,
    verdict: Verdict,
    *,
    settle: float,
    was: str = ItemState.SENDING,
    told: Any = None,
    division: Division | None = None,
    again: bool = False,
) -> bool:
    """Move the item from ``was`` by its verdict. False when the claim had been lost; then only the audit is told.

    What is done is brought into the directory in the same transaction; ``told`` is what Zoom said of it. A database in
    trouble is asked again for a while: what Zoom answered would else have to be looked up there. ``division``: what
    becomes of the other rows in the same call, where that is known already. ``again``: it may be written already.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            if division is None and (division := batches.divide(claim.item, verdict)):
                verdict = division.verdict
            changed = _record(claim, verdict, settle, was, again=again, told=told, division=division)
            break
        except NotMirrored:
            logger.exception("The directory could not take over item %s; the next sync will.", claim.item.pk)
            told = NOTHING
        except storage.TROUBLE:
            storage.reconnect()
            if time.monotonic() > until or stopping.asked():
                raise
            again = True
            time.sleep(NAP)
    if changed:
        follow(claim.item, verdict)
        if division:
            claims.release(claim)
    return changed


def _record(
    claim: Claim, verdict: Verdict, settle: float, was: str, *, again: bool, told: Any, division: Division | None
) -> bool:
    with storage.write():
        if again and _stands(claim, verdict):
            return True  # the earlier COMMIT was carried out, only its answer was lost
        changed = write(claim, verdict, settle=settle, was=was, told=told, division=division)
        tell(claim.item, verdict, changed=changed, was=was)
    return changed


def write(
    claim: Claim,
    verdict: Verdict,
    *,
    settle: float,
    was: str = ItemState.SENDING,
    told: Any = None,
    division: Division | None = None,
) -> bool:
    """Change the rows by a verdict, within the caller's transaction. ``tell`` must follow, as its last step."""
    item, now = claim.item, storage.now()
    changes = _changes(item, verdict, now, settle) | (division.changes if division else {})
    changed = claim.move(was, changes)
    if changed and verdict.state == ItemState.DONE and told is not NOTHING:
        _mirror(item, told)
    if changed and division:
        division.write()
    if changed and verdict.state in (ItemState.FAILED, ItemState.CANCELLED):
        cancel_followers([item.pk], item.step)
    if changed and verdict.code == ACCOUNT_GONE and item.account:
        SubAccount.objects.filter(pk=item.account.pk, gone_since=None).update(gone_since=now)
    return changed


def tell(item: Item, verdict: Verdict, *, changed: bool, was: str = ItemState.SENDING) -> None:
    """Tell the audit of what was written. It holds the end of the log until the transaction ends, so it comes last."""
    if changed or was != ItemState.PENDING:  # of what was never sent there is nothing to tell when it came too late
        _audit(item, verdict, fenced=not changed)


def _mirror(item: Item, told: Any) -> None:
    """Bring a confirmed change into the directory. Whatever fails there must not undo that it is done at Zoom."""
    try:
        writethrough.applied(item, told if isinstance(told, dict) else None)
    except storage.TROUBLE:
        raise
    except Exception as problem:
        raise NotMirrored from problem


def _stands(claim: Claim, verdict: Verdict) -> bool:
    """Whether the row is as the verdict leaves it. The lock waits for a COMMIT that is still under way."""
    found = storage.locked(claim.mine).values_list("state", "checks").first()
    return found == (verdict.state, claim.item.checks + (verdict.state == ItemState.UNKNOWN))


def follow(item: Item, verdict: Verdict) -> None:
    """Bring the object in memory to what the row now says, as far as the engine reads it."""
    item.state, item.message, item.errors = verdict.state, verdict.message[:500], verdict.errors
    item.http_status, item.code, item.trace_id = verdict.status, verdict.code, verdict.trace_id[:80]
    item.remote_id = verdict.remote_id[:200] or item.remote_id
    item.answer = verdict.answer or item.answer
    item.baseline = item.baseline if verdict.baseline is None else verdict.baseline
    item.attempt -= not verdict.counted
    for name, value in verdict.unsent.items():
        setattr(item, name, value)
    item.checks += verdict.state == ItemState.UNKNOWN


def _changes(item: Item, verdict: Verdict, now: Any, settle: float) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "state": verdict.state,
        "message": verdict.message[:500],
        "http_status": verdict.status,
        "code": verdict.code,
        "errors": verdict.errors,
        "trace_id": verdict.trace_id[:80],
        **verdict.unsent,
    }
    if not verdict.counted:
        changes["attempt"] = Sql("attempt - 1")
    if verdict.remote_id:
        changes["remote_id"] = verdict.remote_id[:200]
    if verdict.answer:
        changes["answer"] = verdict.answer
    if verdict.baseline is not None:
        changes["baseline"] = verdict.baseline
    if verdict.state not in KEEPS_LEASE:
        changes |= {"lease_owner": "", "lease_until": None}
    if verdict.state == ItemState.UNKNOWN:
        changes["not_before"] = now + timedelta(seconds=settle if verdict.wait is None else verdict.wait)
        changes["checks"] = Sql("checks + 1")
    elif verdict.wait:
        changes["not_before"] = now + timedelta(seconds=verdict.wait)
    if verdict.ends:
        changes |= {"ended_at": now, "secret": "", "secret_erased": ERASED_SQL}
    return changes


def _audit(item: Item, verdict: Verdict, *, fenced: bool) -> None:
    note(
        item,
        Phase.OUTCOME,
        "fenced" if fenced else verdict.result,
        status=verdict.status,
        code=verdict.code,
        message=f"Came too late: {verdict.message}" if fenced else verdict.message,
        after={"id": verdict.remote_id} if verdict.remote_id else None,
        trace_id=verdict.trace_id,
    )
    if fenced or (verdict.state == ItemState.DONE and (item.checks or item.sent_before)):
        twins.tell_late(item)  # after the entry: who of the two comes last sees that of the other


def cancel_followers(keys: list[int], step: int) -> None:
    """Cancel what was to come after these items, down the chain. ``step`` is the one that failed, from 0."""
    while keys:
        keys = list(Item.objects.filter(after_id__in=keys, state=ItemState.PENDING).values_list("pk", flat=True))
        Item.objects.filter(pk__in=keys, state=ItemState.PENDING).update(
            state=ItemState.CANCELLED,
            message=f"Not done: step {step + 1} failed.",
            ended_at=storage.now(),
            lease_owner="",
            lease_until=None,
            fence=F("fence") + 1,
            secret_erased=ERASED,
            secret="",
        )
