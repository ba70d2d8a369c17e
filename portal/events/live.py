"""Events and their registrants as Zoom has them now, of a sub-account in scope."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from portal.bulk.calls import without_secrets
from portal.bulk.chosen import word_of
from portal.directory.asking import reader
from portal.directory.models import MirrorUser, SubAccount
from portal.directory.records import moment
from portal.events.kinds import Kind
from zoomapi import spec
from zoomapi.spec.registration import REGISTRANT_STATUSES
from zoomapi.spec.schedule import APPROVAL_TYPES

NO_REGISTRATION = 2
MOST = 3000  # registrants, or events, are decided about at once


def host_or_404(account: SubAccount, user_id: str) -> MirrorUser:
    """A user the mirror knows, so that no word that Zoom understands otherwise ("me") is asked for."""
    host = get_object_or_404(MirrorUser, account=account, zoom_id=user_id)
    host.account = account
    return host


@dataclass(frozen=True)
class Event:
    """One meeting or webinar. ``live`` is Zoom's answer without its secrets."""

    kind: Kind
    account: SubAccount
    event_id: int
    live: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.live.get("topic") or f"{self.kind.one.capitalize()} {self.event_id}")

    @property
    def settings(self) -> dict[str, Any]:
        found = self.live.get("settings")
        return found if isinstance(found, dict) else {}

    @property
    def start(self) -> Any:
        return moment(self.live.get("start_time"))

    @property
    def approval(self) -> str:
        """Who lets people in, in words; empty when Zoom does not say."""
        return APPROVAL_TYPES.get(self.settings.get("approval_type", -1), "")

    @property
    def takes_registrants(self) -> bool:
        return bool(self.settings.get("approval_type") != NO_REGISTRATION)

    def url(self, name: str) -> str:
        return self.kind.url(name, self.account.pk, self.event_id)


def read_event(request: HttpRequest, kind: Kind, account: SubAccount, event_id: int) -> Event:
    """Raises ``NotFound`` or another ``ZoomError``."""
    answer = getattr(reader(request, account), kind.family).get(event_id)
    found = without_secrets(spec.endpoint(f"{kind.family}.get"), answer if isinstance(answer, dict) else {})
    return Event(kind, account, event_id, found)


@dataclass(frozen=True)
class Part:
    """One page of a list of Zoom's, and how many rows the whole list has, as far as Zoom says."""

    rows: list[dict[str, Any]]
    total: int | None


def events_of(request: HttpRequest, kind: Kind, host: MirrorUser, number: int, size: int) -> Part:
    """One page of what a host has scheduled."""
    family = getattr(reader(request, host.account), kind.family)
    page = family.list.page(host.zoom_id, page_size=size, page_number=number, **kind.asked)
    return Part([row for row in page.items if row.get("id")], page.total)


def chosen_events(
    request: HttpRequest, kind: Kind, host: MirrorUser, numbers: Collection[str] | None
) -> list[dict[str, Any]]:
    """The host's events that have these numbers; with None all of them, and one more than MOST when there are more."""
    family = getattr(reader(request, host.account), kind.family)
    wanted = None if numbers is None else set(numbers)
    found: list[dict[str, Any]] = []
    for row in family.list.each(host.zoom_id, **kind.asked):
        if row.get("id") and (wanted is None or str(row["id"]) in wanted):
            found.append(row)
        if len(found) > MOST or (wanted is not None and len(found) == len(wanted)):
            break
    return found


def registrants_of(request: HttpRequest, event: Event, status: str, number: int, size: int) -> Part:
    """One page of the registrants of a status."""
    family = getattr(reader(request, event.account), event.kind.family)
    page = family.registrants.page(event.event_id, status=status, page_size=size, page_number=number)
    return Part([row for row in page.items if row.get("id")], page.total)


def totals(request: HttpRequest, event: Event) -> dict[str, int | None]:
    """How many registrants of each status there are."""
    return {status: registrants_of(request, event, status, 1, 1).total for status in REGISTRANT_STATUSES}


def mark(row: dict[str, Any]) -> str:
    """What stands for a registrant in an address."""
    return word_of(row["id"])


def chosen_of(request: HttpRequest, event: Event, status: str, marks: Collection[str] | None) -> list[dict[str, Any]]:
    """The registrants of a status that have these marks; with None all of them.

    One more than MOST tells that there are more than can be decided about at once.
    """
    family = getattr(reader(request, event.account), event.kind.family)
    found: list[dict[str, Any]] = []
    for row in family.registrants.each(event.event_id, status=status):
        if row.get("id") and (marks is None or mark(row) in marks):
            found.append(row)
        if len(found) > MOST or (marks is not None and len(found) == len(marks)):
            break
    return found
