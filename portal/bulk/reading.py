"""Reading Zoom on behalf of an item: what existed before, and what exists after an unclear outcome."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from portal.access.rights import Role
from portal.access.scope import Scope
from portal.bulk import storage
from portal.bulk.models import Item
from portal.bulk.verdicts import is_a_strangers
from portal.gateway.clients import AccountClient, MasterClient, client_for, master_client
from portal.gateway.lists import whole
from zoomapi import spec
from zoomapi.client import errors
from zoomapi.spec.base import Endpoint

PAGE_SIZE = 300


class Reader:
    """Reads as the portal, not as the job's owner: an outcome is settled even when the owner has lost their rights.

    ``offset`` is Zoom's clock minus the database's, in seconds, told by the last answer; None before that. ``before``
    is called before each read: a list may take longer than a lease.
    """

    def __init__(self, item: Item, account: Any, *, deadline: float, before: Callable[[], None] = lambda: None) -> None:
        self._before = before
        scope = Scope(item.job.owner_id, Role.AUDITOR, None)
        common: dict[str, Any] = {"actor": item.job.owner, "lane": "bulk", "deadline": deadline}
        self._zoom: AccountClient | MasterClient = (
            master_client(scope, item.job.connection, **common)
            if account is None
            else client_for(scope, account, **common)
        )
        self.offset: float | None = None

    def read(self, key: str | Endpoint, path: dict[str, Any], query: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the parsed answer. Raises ZoomError, also for an answer that tells nothing about the object."""
        endpoint = spec.endpoint(key) if isinstance(key, str) else key
        own = {name: value for name, value in path.items() if name in endpoint.params}
        self._before()
        try:
            answer = self._zoom.call(endpoint, path=own, query=query or {})
        except errors.NotFound as error:
            if not is_a_strangers(error):
                raise
            raise errors.BadAnswer("The answer was a 404 that is not Zoom's own.", status=error.status) from None
        if answer.server_time is not None:
            self.offset = answer.server_time - storage.now().timestamp()
        if not isinstance(answer.data, dict):
            raise errors.BadAnswer("Zoom's answer cannot be used: it says nothing.", status=answer.status)
        return answer.data

    def rows(
        self, key: str | Endpoint, path: dict[str, Any], query: dict[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        """All rows of a list, page by page. Raises ZoomError, at the end at the latest, when some may be missing."""
        endpoint = spec.endpoint(key) if isinstance(key, str) else key
        if endpoint.paging is not None:
            asked = {**(query or {}), "page_size": PAGE_SIZE}
            return whole(endpoint, lambda part: self._page(endpoint, path, part), asked)
        page = self._page(endpoint, path, query or {})
        rows: list[dict[str, Any]] = page[endpoint.item_key]
        if isinstance(total := page.get("total_records"), int) and total > len(rows):
            raise errors.BadAnswer(f"Zoom's answer cannot be used: {len(rows)} of {total} rows are in it.")
        return iter(rows)

    def _page(self, endpoint: Endpoint, path: dict[str, Any], query: Mapping[str, Any]) -> dict[str, Any]:
        """One page, in which a list is a list: one that is missing is not taken for an empty one."""
        data = self.read(endpoint, path, dict(query))
        rows = data.get(endpoint.item_key)
        if rows is None and data.get("total_records") == 0:
            return {**data, endpoint.item_key: []}
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise errors.BadAnswer(f"Zoom's answer cannot be used: “{endpoint.item_key}” is no list of objects in it.")
        return data
