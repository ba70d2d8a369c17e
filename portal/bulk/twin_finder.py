"""The nightly look for second copies: what Zoom has by the name of a creation that was in doubt, and no row made.

It finds what ``twins.tell_late`` cannot, where the late process died after its send. A thing whose name was changed
meanwhile is not found.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db.models import Q, QuerySet

from portal.bulk import storage, twins
from portal.bulk.calls import Request, Unsendable, request_of
from portal.bulk.models import Item, ItemState, Twin
from portal.bulk.reading import Reader
from portal.bulk.recipes.base import Look
from portal.bulk.recipes.plain import identity, matching, named, new_ones
from portal.bulk.timing import Timing, standard
from portal.gateway.clients import NoRight, OutOfScope
from zoomapi import spec
from zoomapi.client import errors
from zoomapi.spec.base import Effect

logger = logging.getLogger(__name__)

WITHIN = timedelta(days=2)  # so that a night in which Zoom could not be read has a second one
IN_DOUBT = (ItemState.SENDING, ItemState.UNKNOWN, ItemState.REVIEW)


class NotYet(Exception):
    """Another row may have made what is found: it is in doubt itself."""


def due() -> QuerySet[Item]:
    """Creations that are done, were looked up or taken back to be sent again, and were not looked at by this finder."""
    keys = [endpoint.key for endpoint in spec.all_endpoints() if endpoint.effect is Effect.CREATE]
    at_risk = Q(checks__gt=0) | Q(sent_before__gt=0)  # a person's word to send it again sets the first back
    recent = Item.objects.filter(at_risk, state=ItemState.DONE, ended_at__gte=storage.now() - WITHIN)
    return recent.filter(endpoint__in=keys, twins_looked_at=None).order_by("ended_at")


def find(stop: Callable[[], bool] = lambda: False, timing: Timing | None = None) -> int:
    """Look at all that are due; what cannot be read is left for the next night. Returns how many copies were found."""
    timing, number, closed = timing or standard(), 0, set()
    related = ("job__owner", "job__connection", "account__connection", "after")
    for key in list(due().values_list("pk", flat=True)):
        item = Item.objects.select_related(*related).get(pk=key)
        if stop():
            break
        if item.job.connection_id in closed:
            continue
        try:
            number += look(item, timing)
        except (errors.ZoomError, NoRight, OutOfScope, Unsendable, NotYet) as problem:
            logger.info("Item %s is looked at another night: %s", key, problem)
            if _closes(problem):
                closed.add(item.job.connection_id)
        except storage.TROUBLE as problem:
            logger.warning("The database failed while item %s was looked at: %s", key, problem)
            storage.reconnect()
    return number


def _closes(problem: Exception) -> bool:
    """Whether nothing can be read over this connection tonight."""
    spent = isinstance(problem, errors.NoPermit | errors.RateLimited) and problem.daily
    return spent or isinstance(problem, errors.Unauthorized | errors.Unreachable | errors.Stopped)


def look(item: Item, timing: Timing) -> int:
    """Look at one item, and report what is new. Raises where Zoom cannot be read now."""
    ids = _copies(item, request_of(item), timing)
    with storage.write():
        first = Item.objects.filter(pk=item.pk, twins_looked_at=None).update(twins_looked_at=storage.now())
        return len(twins.report(item, ids)) if first else 0


def _copies(item: Item, request: Request, timing: Timing) -> set[str]:
    """Ids of things with the item's name that were not there before its first send, and that no row has made."""
    late = twins.late_ids(item) - {item.remote_id} if item.remote_id else set()
    endpoint, wanted = request.endpoint, named(request.endpoint, request.body)
    if not wanted or item.baseline is None:
        return late  # without a name, or what was there before, all of Zoom would be new
    reader = Reader(item, request.account, deadline=timing.deadline)
    rows = matching(reader, endpoint, request.path, wanted)
    # After the reading and before the rows' ids are asked for: what was made meanwhile is in doubt, or has its row.
    _wait_for_others(item, request, wanted)
    new = [identity(row) for row in new_ones(Look(item, request, reader), rows)]
    if not item.remote_id and len(new) < 2:
        return late  # a person said that it was carried out: this is it
    kept = Twin.objects.filter(zoom_id__in=[one for one in new if one]).exclude(item=item)
    return late | (set(new) - {item.remote_id} - set(kept.values_list("zoom_id", flat=True)))


def _wait_for_others(item: Item, request: Request, wanted: str) -> None:
    beside = Item.objects.filter(endpoint=item.endpoint, account=item.account, state__in=IN_DOUBT)
    others = beside.filter(job__connection=item.job.connection_id).exclude(pk=item.pk)
    if any(named(request.endpoint, other.body) == wanted for other in others.only("body").iterator()):
        raise NotYet("another row of this name is in doubt.")
