"""One claimed item, from the claim to its next state: baseline, permit, intent, wire, result; or a look at an outcome.

No transaction is open during a call. Whatever happens here, the item ends released or in the sweeper's hands.
"""

import logging
from contextlib import suppress
from dataclasses import replace
from typing import Any

from portal.access.rights import Right
from portal.access.scope import scope_of
from portal.bulk import baselines, claims, compare, failpoints, jobs, outcomes, recipes, storage
from portal.bulk.batches import Division
from portal.bulk.calls import Request, Unsendable, found_without_secrets, request_of, shown
from portal.bulk.claims import Claim
from portal.bulk.desk import Desk
from portal.bulk.first_look import Seen
from portal.bulk.models import Item, ItemState
from portal.bulk.reading import Reader
from portal.bulk.recipes import Finding, Found, Look
from portal.bulk.timing import Timing
from portal.bulk.trail import BUSY, NO_RIGHT, ItemTrail, objection
from portal.bulk.verdicts import LONGEST_WAIT, Verdict, backoff, is_final, judge, sent_twice
from portal.gateway.clients import NoRight, OutOfScope, client_for, master_client
from zoomapi.client import errors
from zoomapi.spec.base import Effect

logger = logging.getLogger(__name__)

DISK = "The portal's database cannot be written (is the disk full?). Nothing is sent until it can."
FIRST_READ_AGAIN = 5.0  # seconds after a read that failed; doubled each time
LOOKS = 5  # sends and looks that brought nothing, after which a refused look leaves the row to a person


def run(
    claim: Claim,
    timing: Timing,
    *,
    inline: bool = False,
    files: dict[str, Any] | None = None,
    desk: Desk | None = None,
) -> float:
    """Work on one claimed item; returns the seconds it was on the wire, 0.0 when nothing was sent.

    ``inline``: a person waits for it, so what was not sent is not sent later either. ``desk``: of the pump, if any.
    """
    failpoints.reach("P01")
    try:
        if claim.item.state == ItemState.UNKNOWN:
            settle(claim, timing)
        else:
            return send(claim, timing, inline=inline, files=files, desk=desk)
    except storage.ANY_ERROR as error:
        # A result that cannot be written stays SENDING and is looked up later; an intent that cannot be written
        # is not sent. Both need the database back first.
        _without_database(claim, error)
        if inline:
            raise
    return 0.0


def _without_database(claim: Claim, error: Exception) -> None:
    """A connection that ended is replaced by the next query; a database that cannot be written stops the job."""
    storage.reconnect()
    if not storage.is_lost(error):
        logger.error("The database failed while item %s was worked on.", claim.item.pk, exc_info=error)
        jobs.pause_for_disk(claim.item.job_id, DISK)
        return
    logger.warning("The connection to the database broke while item %s was worked on: %s", claim.item.pk, error)
    with suppress(*storage.ANY_ERROR):  # else the lease ends by itself
        claims.release(claim)


def send(
    claim: Claim, timing: Timing, *, inline: bool, files: dict[str, Any] | None, desk: Desk | None = None
) -> float:
    """Send a waiting item; returns the seconds on the wire."""
    item = claim.item
    try:
        request = request_of(item)
    except Unsendable as problem:
        _end_unsent(claim, timing, str(problem))
        return 0.0
    if request.endpoint.upload and not files:
        _end_unsent(claim, timing, "The file is not kept by the portal, and nothing was sent. Please upload it again.")
        return 0.0
    if compare.is_due(item, timing):
        if not _compared(claim, request, timing):
            return 0.0
        request = request_of(item)  # the first comparison leaves out of it what is so already
    trail = ItemTrail(claim, request, timing, desk)
    problem_met: Exception | None = None
    try:
        if not baselines.remember(claim, request, timing):
            return 0.0
        client = _client(item, request, trail, timing, inline=inline)
        with trail.in_line():
            client.call(
                request.endpoint, path=request.path, query=request.query, body=request.body or None, files=files
            )
    except Unsendable as problem:
        _end_unsent(claim, timing, str(problem))
        return 0.0
    except (errors.ZoomError, NoRight, OutOfScope) as error:
        problem_met = error
        trail.take_back(f"It could not be sent: {error}")
    except Exception:
        with suppress(*storage.ANY_ERROR):  # else the sweeper finds it
            trail.take_back("It could not be sent: something failed in the portal.")
        raise
    _conclude(claim, trail, problem_met, timing, inline=inline)
    return trail.on_wire


def _compared(claim: Claim, request: Request, timing: Timing) -> bool:
    """Compare a row with Zoom again. False when it is not to be sent now: it has ended, or waits for another try."""
    item = claim.item
    if objection(item.job_id, item.account_id):
        return True  # the intent meets the same obstacle, and says so
    try:
        found = compare.look(item, request, timing)
    except errors.ZoomError as error:
        if isinstance(error, errors.Unauthorized):
            jobs.pause_connection(item.job.connection_id, judge(item, request.endpoint, None, error).pause)
        told = f"What is there now could not be read, so nothing was sent: {error}"
        claims.release(claim, wait=_patience(error, timing), message=told)
        return False
    if isinstance(found, Seen):
        if not found.action:
            return _take(claim, found.changes)
        found = found.verdict()
    if found is None:
        return True
    verdict, division = (found.verdict, found) if isinstance(found, Division) else (found, None)
    outcomes.record(claim, verdict, settle=timing.settle, was=ItemState.PENDING, division=division)
    return False


def _take(claim: Claim, changes: dict[str, Any]) -> bool:
    """Keep what the first comparison makes of a row. False when the row is not ours any more."""
    with storage.write():
        if not claim.mine.filter(state=ItemState.PENDING).update(**changes):
            return False
    for name, value in changes.items():
        setattr(claim.item, name, value)
    return True


def _patience(error: errors.ZoomError, timing: Timing) -> float | None:
    """Seconds until the next try of what was not sent. Who waits for a turn keeps no delay: the permits decide."""
    if isinstance(error, errors.RateLimited):
        return min(error.retry_after if error.retry_after is not None else 2.0, LONGEST_WAIT)
    if error.outcome is errors.Outcome.UNKNOWN:  # a read before the send
        return max(backoff(error), min(FIRST_READ_AGAIN, timing.settle))
    return None if isinstance(error, errors.NoPermit) and not error.daily else backoff(error)


def _client(item: Item, request: Request, trail: ItemTrail, timing: Timing, *, inline: bool) -> Any:
    scope, right = scope_of(item.job.owner), Right(item.job.right)
    chosen: dict[str, Any] = {
        "right": right,
        "actor": item.job.owner,
        "lane": "interactive" if inline else "bulk",
        "trail": trail,
        "deadline": timing.deadline,
    }
    if request.account is not None:
        return client_for(scope, request.account, **chosen)
    return master_client(scope, item.job.connection, **chosen)


def _conclude(claim: Claim, trail: ItemTrail, error: Exception | None, timing: Timing, *, inline: bool) -> None:
    """Do what is left after the call: what the trail saw is already written."""
    item, verdict = claim.item, trail.verdict
    if verdict is not None and verdict.state == ItemState.DONE:
        return
    if isinstance(error, (NoRight, OutOfScope)) or trail.why == "rights":
        jobs.pause(item.job_id, "rights", NO_RIGHT)
        _give_back(claim, timing, NO_RIGHT, inline=inline)
        return
    if isinstance(error, errors.Unauthorized) and not inline:
        jobs.pause_connection(item.job.connection_id, judge(item, trail.request.endpoint, None, error).pause)
    if isinstance(error, errors.InvalidArguments):
        _end_unsent(claim, timing, str(error), error.field_errors)
        return
    if verdict is None or verdict.state == ItemState.PENDING:
        if isinstance(error, errors.ZoomError):
            _not_sent(claim, trail, error, timing, inline=inline)
        else:
            claims.release(claim)


def _not_sent(claim: Claim, trail: ItemTrail, error: errors.ZoomError, timing: Timing, *, inline: bool) -> None:
    if trail.why == "busy":
        _give_back(claim, timing, BUSY, inline=inline, wait=timing.busy)
    elif trail.why:
        _give_back(claim, timing, str(error), inline=inline)
    elif is_final(error):
        told = str(error).removesuffix(" Nothing was changed.")
        message = f"What is there now could not be read: {told} Nothing was sent."
        verdict = Verdict(ItemState.FAILED, "not_sent", message, status=error.status, code=error.code)
        outcomes.record(claim, verdict, settle=timing.settle, was=ItemState.PENDING)
    else:
        _give_back(claim, timing, str(error), inline=inline, wait=_patience(error, timing))


def _give_back(claim: Claim, timing: Timing, message: str, *, inline: bool, wait: float | None = None) -> None:
    if inline:
        told = "" if "Nothing was" in message else " Nothing was changed."
        _end_unsent(claim, timing, f"{message}{told} Please try again.")
    else:
        claims.release(claim, wait=wait, message=message)


def _end_unsent(claim: Claim, timing: Timing, message: str, fields: dict[str, list[str]] | None = None) -> None:
    """End an item that was not sent and will not be."""
    verdict = Verdict(ItemState.FAILED, "not_sent", message, errors=fields or {})
    outcomes.record(claim, verdict, settle=timing.settle, was=ItemState.PENDING)


def settle(claim: Claim, timing: Timing) -> None:
    """Find out what became of a call whose outcome is unknown."""
    item, code = claim.item, None
    failpoints.reach("P09")
    try:
        request = request_of(item)
        reader = Reader(item, request.account, deadline=timing.deadline, before=lambda: claim.keep(timing.lease))
        finding = recipes.recipe_for(request.endpoint)(Look(item, request, reader))
    except errors.ZoomError as error:
        if not _gives_up(claim, request, error, timing):
            return
        finding, code = Finding(Found.UNCLEAR, f"Zoom refuses to show whether it was carried out: {error}"), error.code
    except Unsendable as problem:
        finding, request = Finding(Found.UNCLEAR, str(problem)), None
    failpoints.reach("P10")
    effect = request.endpoint.effect if request else None
    verdict = _verdict_of(item, finding, effect, timing)
    verdict = replace(verdict, code=code or verdict.code)
    told = {**item.answer, **verdict.answer, **finding.data}
    changed = outcomes.record(claim, verdict, settle=timing.settling(effect), was=ItemState.UNKNOWN, told=told)
    if changed and verdict.state == ItemState.PENDING:
        claims.release(claim)


def _gives_up(claim: Claim, request: Request, error: errors.ZoomError, timing: Timing) -> bool:
    """After a look that brought nothing: whether a person must decide. Else the row waits for the next look."""
    item = claim.item
    if isinstance(error, errors.Unauthorized):
        jobs.pause_connection(item.job.connection_id, judge(item, request.endpoint, None, error).pause)
    if is_final(error) and item.checks >= LOOKS:
        return True
    wait = min(FIRST_READ_AGAIN * 2 ** max(item.checks - 1, 0), timing.settle)
    told = f"Its outcome could not be looked up yet: {error}"
    claims.release(claim, wait=wait, message=told, looked=not isinstance(error, errors.NotSent))
    return False


def _verdict_of(item: Item, finding: Finding, effect: Effect | None, timing: Timing) -> Verdict:
    text = f"Checked at Zoom: {finding.message}"
    if finding.found is Found.APPLIED:
        # What was found is kept as an answer would be: an undo compares with it.
        found = found_without_secrets(item.endpoint, finding.data)
        answer = {**found, "id": finding.remote_id} if finding.remote_id else {}
        text = f"{text} {sent_twice(item, effect)}".strip()
        return Verdict(ItemState.DONE, "adopted", text, remote_id=finding.remote_id, answer=answer)
    if finding.found is Found.EXISTED:
        return Verdict(ItemState.FAILED, "existed", text, remote_id=finding.remote_id, code=item.code)
    if finding.found is Found.UNCLEAR:
        return Verdict(ItemState.REVIEW, "review", text, answer=shown(item.endpoint, finding.data))
    if effect is Effect.CREATE and not (item.baseline or {}).get("absent"):
        baseline = {**(item.baseline or {}), "absent": 1}
        told = f"{text} Looked at once more later, to be sure."
        return Verdict(ItemState.UNKNOWN, "absent", told, baseline=baseline)
    if item.attempt >= timing.tries:
        told = f"{text} It was tried {item.sends} times, so a person decides."
        return Verdict(ItemState.REVIEW, "review", told, answer=shown(item.endpoint, finding.data))
    # The next send needs two looks of its own.
    kept = {name: value for name, value in item.baseline.items() if name != "absent"} if item.baseline else None
    return Verdict(ItemState.PENDING, "absent", f"{text} It will be sent again.", baseline=kept)
