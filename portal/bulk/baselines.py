"""What must be remembered before the first send of what could not be told apart afterwards: a creation without a key,
and a change of plans. Of plans it tells as well whether they are still those that somebody decided about.
"""

from portal.bulk import outcomes, recipes
from portal.bulk.calls import Request, Unsendable
from portal.bulk.claims import Claim
from portal.bulk.models import ItemState
from portal.bulk.plan_changes import moved
from portal.bulk.reading import Reader
from portal.bulk.recipes.places import MOVED as ANOTHER
from portal.bulk.recipes.places import by_place
from portal.bulk.timing import Timing
from portal.bulk.verdicts import Verdict
from zoomapi.spec.base import Effect

SEEN = "seen"  # in Item.source: the plans that a person saw who decided to have the change sent again
MOVED = "{what}: somebody changed it since. Nothing was sent."


def remember(claim: Claim, request: Request, timing: Timing) -> bool:
    """Read what is there before the first send. False when the row is not to be sent now: its plans are others by now.

    A place in a list is looked at before each send: another object may have moved there. Raises ZoomError when Zoom
    does not show what is there, and Unsendable when something else is at the place.
    """
    item, moves = claim.item, by_place(request.endpoint)
    if not recipes.remembers(request.endpoint):
        return True
    if (item.baseline is not None or item.first_sent is not None) and not moves:
        return True
    reader = _reader(claim, request, timing)
    baseline = recipes.baseline_of(reader, request)
    if baseline is None:
        return True
    if moves and item.first_sent is not None:
        if baseline["code"] != (item.baseline or {}).get("code"):
            raise Unsendable(ANOTHER)
        return True
    if request.endpoint.effect is Effect.MONEY and (verdict := _moved(claim, request, baseline["plans"])):
        outcomes.record(claim, verdict, settle=timing.settle, was=ItemState.PENDING)
        return False
    if claim.mine.update(baseline=baseline):
        item.baseline = baseline
    return True


def _reader(claim: Claim, request: Request, timing: Timing) -> Reader:
    deadline = min(timing.deadline, timing.lease - timing.deadline)
    return Reader(claim.item, request.account, deadline=deadline, before=lambda: claim.keep(timing.lease))


def _moved(claim: Claim, request: Request, plans: dict[str, object]) -> Verdict | None:
    """The end of a row whose plans are not those it was decided about; whoever decided once decides anew."""
    item = claim.item
    before = item.source.get(SEEN) or item.before
    what = moved(request.endpoint.key, item.body, before, plans)
    if not what:
        return None
    text = MOVED.format(what=what)
    if item.sent_before:
        return Verdict(ItemState.REVIEW, "moved", text, answer={"before": before, "now": plans})
    return Verdict(ItemState.SKIPPED, "skipped", text)
