"""Whole lists, for those who must not miss a row: what was not read to its end is an error, never a shorter list."""

from collections.abc import Iterator, Mapping
from typing import Any

from zoomapi.client import errors
from zoomapi.client.paging import Fetch, Walk
from zoomapi.client.validation import names
from zoomapi.spec.base import Endpoint


def whole(endpoint: Endpoint, fetch: Fetch, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All rows of a paged list, each once, whatever its counts say. Raises ZoomError, at the latest at its end."""
    known = names(endpoint)[0]

    def asked_for(query: Mapping[str, Any]) -> Any:
        return fetch({name: value for name, value in query.items() if name in known})

    walk = Walk(endpoint, asked_for, query)
    yield from walk
    # A count that is too small hides nothing, as long as no row vanished between two passes.
    counts_too_few = walk.changed and walk.total is not None and walk.seen >= walk.total and not walk.gone
    if not walk.complete and not counts_too_few:
        raise errors.BadAnswer(f"Zoom's list could not be read to its end. {walk.reason}")
