"""Operations as callables: ``zoom.users.list`` and its ``each`` and ``page``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zoomapi.client import paths, validation
from zoomapi.client.paging import Page, Walk, read_page
from zoomapi.spec.base import Endpoint, Family

if TYPE_CHECKING:
    from zoomapi.client.client import ZoomClient

LARGEST_PAGE = 300


class Operation:
    """One operation, bound to a client and perhaps to a sub account."""

    def __init__(self, client: "ZoomClient", endpoint: Endpoint, account: str | None) -> None:
        self._client, self.endpoint, self._account = client, endpoint, account

    def __call__(self, *path: object, **members: Any) -> Any:
        """Call it. Path parameters go by position, members of query and body by keyword.

        Returns the parsed answer, None when there is none. Raises ``errors.ZoomError``.
        """
        endpoint, files = self.endpoint, None
        named = paths.by_position(endpoint, path) if path or endpoint.params else {}
        if endpoint.upload in members:
            files = {endpoint.upload: members.pop(endpoint.upload)}
        query, body = validation.split(endpoint, members) if members else ({}, None)
        return self._client.call(endpoint, named, query, body, self._account, files).data

    def __repr__(self) -> str:
        below = f" in account {self._account}" if self._account else ""
        return f"<operation {self.endpoint.key}{below}>"


class PagedOperation(Operation):
    """An operation that answers with a page of a list. A plain call returns one page as it came."""

    def page(self, *path: object, **query: Any) -> Page:
        """Return one page, read: ``items``, ``number``, ``total``, ``token``."""
        return read_page(self.endpoint, self(*path, **query))

    def each(self, *path: object, **query: Any) -> Walk:
        """Iterate over the whole list, every object once; the Walk tells how complete it was."""
        named = paths.by_position(self.endpoint, path)
        given, _ = validation.split(self.endpoint, query)
        given.setdefault(*self._page_size())

        def fetch(asked: Mapping[str, Any]) -> Any:
            known = {name: value for name, value in asked.items() if name in validation.names(self.endpoint)[0]}
            return self._client.call(self.endpoint, named, known, None, self._account).data

        return Walk(self.endpoint, fetch, given)

    def _page_size(self) -> tuple[str, int]:
        """The largest page the specification allows: fewer calls, and fewer chances to change in between."""
        fields = validation.compiled(self.endpoint.query, True).fields if self.endpoint.query else {}
        return "page_size", int(getattr(fields.get("page_size"), "max_value", None) or LARGEST_PAGE)


class FamilyCalls:
    """A family's operations as attributes."""

    def __init__(self, client: "ZoomClient", family: type[Family], account: str | None) -> None:
        for endpoint in family.endpoints():
            kind = PagedOperation if endpoint.paging is not None else Operation
            setattr(self, endpoint.name, kind(client, endpoint, account))
        self._family = family.__name__

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{self._family} has no operation {name}.")


def family_calls(client: "ZoomClient", name: str, account: str | None) -> FamilyCalls:
    """Return the calls of the family of that name; AttributeError when there is none."""
    if name not in Family.registry:
        raise AttributeError(f"There is no family {name}.")
    return FamilyCalls(client, Family.registry[name], account)
