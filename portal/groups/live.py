"""Groups of a sub-account in scope, as Zoom has them now."""

from collections.abc import Collection, Iterator
from typing import Any

from django.http import HttpRequest

from portal.bulk.chosen import word_of
from portal.directory import sync
from portal.directory.asking import reader
from portal.directory.models import SubAccount

AT_ONCE = 300  # one answer of Zoom's at its largest
MOST = 3000  # members are decided about at once


def read_all(request: HttpRequest, account: SubAccount) -> None:
    """Bring the account's groups into the mirror. Raises a ``ZoomError``."""
    rows = (reader(request, account).groups.list() or {}).get("groups") or []
    sync.save_groups(account, list(rows))


def read_one(request: HttpRequest, account: SubAccount, group_id: str) -> dict[str, Any]:
    """One group. Raises ``NotFound`` or another ``ZoomError``."""
    found: dict[str, Any] = reader(request, account).groups.get(group_id) or {}
    return {"id": group_id, **found}


def members_of(
    request: HttpRequest, account: SubAccount, group_id: str, number: int, size: int
) -> tuple[list[dict[str, Any]], int | None]:
    """One page of the members, and how many there are, as far as Zoom says."""
    page = reader(request, account).groups.members.page(group_id, page_size=size, page_number=number)
    return [row for row in page.items if isinstance(row, dict)], page.total


def chosen_members(
    request: HttpRequest, account: SubAccount, group_id: str, words: Collection[str] | None
) -> list[dict[str, Any]]:
    """The members whom these words stand for; with None all of them, and one more than MOST when there are more."""
    found: list[dict[str, Any]] = []
    wanted = None if words is None else set(words)
    for row in reader(request, account).groups.members.each(group_id, page_size=AT_ONCE):
        if row.get("id") and (wanted is None or word_of(row["id"]) in wanted):
            found.append(row)
        if len(found) > MOST or (wanted is not None and len(found) == len(wanted)):
            break
    return found


def member_ids(request: HttpRequest, account: SubAccount, group_id: str) -> Iterator[str]:
    for row in reader(request, account).groups.members.each(group_id, page_size=AT_ONCE):
        yield str(row.get("id") or "")
