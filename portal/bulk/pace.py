"""What share of a class's permitted rate bulk work reaches now, for the forecasts of pages."""

import time
from functools import lru_cache

from portal.gateway.credentials import auth_of
from portal.gateway.models import Connection
from portal.gateway.permits import permits
from zoomapi.client.errors import NoPermit
from zoomapi.spec.limits import RateClass

SHARE = 0.97  # at best
FRESH = 5.0  # seconds for which a page may tell what was learnt before


def share(connection: Connection, rate: RateClass) -> float:
    """Refusals widen the margin between the calls of a slot, so that fewer leave than are permitted."""
    margin = _margin(auth_of(connection).identity, rate, int(time.monotonic() / FRESH))
    return min(SHARE, rate.period / (rate.period + margin))


@lru_cache(maxsize=64)
def _margin(credential: str, rate: RateClass, _moment: int) -> float:
    try:
        return permits().standing(credential, rate).margin
    except NoPermit:  # the store does not answer: the page tells what would be so without refusals
        return 0.0
