"""Reading Zoom on behalf of an item: what existed before, and what exists after an unclear outcome."""

from collections.abc import Iterator
from typing import Any

from portal.access.rights import Role
from portal.access.scope import Scope
from portal.bulk import storage
from portal.bulk.models import Item
from portal.gateway.clients import AccountClient, MasterClient, client_for, master_client
from zoomapi import spec
from zoomapi.spec.base import Endpoint, Paging

PAGE_SIZE = 300
MOST_PAGES = 700  # more rows than a page number or a list can honestly have: something repeats itself


class Reader:
    """Reads as the portal, not as the job's owner: an outcome is settled even when the owner has lost their rights.

    ``offset`` is Zoom's clock minus the database's, in seconds, told by the last answer; None before that.
    """

    def __init__(self, item: Item, account: Any, *, deadline: float) -> None:
        scope = Scope(item.job.owner_id, Role.AUDITOR, None)
        common: dict[str, Any] = {"actor": item.job.owner, "lane": "bulk", "deadline": deadline}
        self._zoom: AccountClient | MasterClient = (
            master_client(scope, item.job.connection, **common)
            if account is None
            else client_for(scope, account, **common)
        )
        self.offset: float | None = None

    def read(self, key: str | Endpoint, path: dict[str, Any], query: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the parsed answer, {} when it is no object. Raises ZoomError."""
        endpoint = spec.endpoint(key) if isinstance(key, str) else key
        own = {name: value for name, value in path.items() if name in endpoint.params}
        answer = self._zoom.call(endpoint, path=own, query=query or {})
        if answer.server_time is not None:
            self.offset = answer.server_time - storage.now().timestamp()
        return answer.data if isinstance(answer.data, dict) else {}

    def rows(
        self, key: str | Endpoint, path: dict[str, Any], query: dict[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        """All rows of a list, page by page."""
        endpoint = spec.endpoint(key) if isinstance(key, str) else key
        asked = dict(query or {})
        if endpoint.paging is not None:
            asked["page_size"] = PAGE_SIZE
        for number in range(1, MOST_PAGES):
            if endpoint.paging is Paging.NUMBERED:
                asked["page_number"] = number
            data = self.read(endpoint, path, asked)
            found = data.get(endpoint.item_key) or []
            yield from (row for row in found if isinstance(row, dict))
            if not self._goes_on(endpoint, data, found, number, asked):
                return

    @staticmethod
    def _goes_on(endpoint: Endpoint, data: dict[str, Any], found: Any, number: int, asked: dict[str, Any]) -> bool:
        if endpoint.paging is Paging.TOKEN:
            asked["next_page_token"] = data.get("next_page_token") or ""
            return bool(asked["next_page_token"])
        pages = data.get("page_count")
        return endpoint.paging is Paging.NUMBERED and bool(found) and isinstance(pages, int) and number < pages
