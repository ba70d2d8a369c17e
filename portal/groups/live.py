"""Groups of a sub-account in scope, as Zoom has them now."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.http import HttpRequest

from portal.directory import sync
from portal.directory.asking import reader
from portal.directory.models import SubAccount

MEMBERS_SHOWN = 300  # one answer of Zoom's at its largest


def read_all(request: HttpRequest, account: SubAccount) -> None:
    """Bring the account's groups into the mirror. Raises a ``ZoomError``."""
    rows = (reader(request, account).groups.list() or {}).get("groups") or []
    sync.save_groups(account, list(rows))


def read_one(request: HttpRequest, account: SubAccount, group_id: str) -> dict[str, Any]:
    """One group. Raises ``NotFound`` or another ``ZoomError``."""
    found: dict[str, Any] = reader(request, account).groups.get(group_id) or {}
    return {"id": group_id, **found}


def members(request: HttpRequest, account: SubAccount, group_id: str) -> list[dict[str, Any]]:
    """The first members; one more than is shown tells that there are more."""
    rows: Iterator[Any] = iter(reader(request, account).groups.members.each(group_id, page_size=MEMBERS_SHOWN))
    return [row for row in islice(rows, MEMBERS_SHOWN + 1) if isinstance(row, dict)]
