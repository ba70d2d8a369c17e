"""Looking at events: hosts from the mirror, a host's events and one event live from Zoom."""

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from portal.access.rights import Right
from portal.bulk.pages import unreadable
from portal.directory import search
from portal.directory.asking import account_or_404
from portal.directory.filters import ByAccountName
from portal.directory.freshness import freshness
from portal.directory.models import MirrorUser, SubAccount
from portal.directory.records import LICENSED_TYPES
from portal.events import live, removing
from portal.events.columns import event_columns, host_columns
from portal.events.kinds import Kind, kind_of
from portal.ui.filters import FilterBar
from portal.ui.numbered import NumberedPage, place
from portal.ui.paging import KeysetPage
from portal.ui.requests import scope_of
from portal.ui.tables import Empty, Freshness, Table, page_or_part, sorting
from zoomapi.client.errors import ZoomError
from zoomapi.spec.catalogue import TIMEZONES
from zoomapi.spec.registration import REGISTRANT_STATUSES
from zoomapi.spec.schedule import AUDIO, RECORDING


class HostFilter(ByAccountName):
    q = django_filters.CharFilter(
        label="Host's name, e-mail or department",
        method="by_text",
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    class Meta:
        model = MirrorUser
        fields = ("q", "account_name")

    def by_text(self, rows: QuerySet[MirrorUser], _name: str, value: str) -> QuerySet[MirrorUser]:
        return search.users(rows, value)


@require_GET
def hosts(request: HttpRequest) -> HttpResponse:
    """Choose whose events to see. Zoom lists them host by host, so there is no list of all."""
    kind, scope = kind_of(request), scope_of(request)
    account = chosen_account(request)
    rows = MirrorUser.objects.for_scope(scope).filter(account__gone_since=None, status="active")
    if account:
        rows = rows.filter(account=account)
    if kind.licensed:
        rows = rows.filter(type__in=LICENSED_TYPES)
    found = HostFilter(request.GET, queryset=rows.select_related("account"))
    columns = host_columns(kind, account=account)
    sort, fields = sorting(columns, request, "email")
    bar = FilterBar(found, request, keep=("account",))
    fresh = freshness(scope)
    table = Table(
        columns,
        KeysetPage(found.qs, sort=fields, params=request.GET, count=not search.is_broad(found.qs), count_limit=1000),
        request,
        caption=f"Hosts of {kind.family}",
        sort=sort,
        empty=Empty("No host matches", "Remove a filter to see more.", (("Clear filters", bar.clear_url),), "funnel")
        if bar.is_active
        else Empty("No hosts yet", f"Users who may hold {kind.family} appear here once they have been read from Zoom.",
                   icon="users"),
        freshness=Freshness(fresh.as_of, fresh.complete, fresh.total, stale=fresh.is_stale),
    )  # fmt: skip
    return page_or_part(request, "events/hosts.html", {"kind": kind, "account": account, "bar": bar, "table": table})


def chosen_account(request: HttpRequest) -> SubAccount | None:
    """The sub-account named in the address; out of scope, or no number, is a 404 and never "all"."""
    text = request.GET.get("account", "")
    usable = text.isascii() and text.isdigit() and len(text) < 19
    return account_or_404(request, int(text) if usable else 0) if text else None


@require_GET
def of_host(request: HttpRequest, account_id: int, user_id: str) -> HttpResponse:
    """What one host has scheduled."""
    kind, account = kind_of(request), account_or_404(request, account_id)
    host = live.host_or_404(account, user_id)
    try:
        part = live.events_of(request, kind, host, *place(request.GET))
    except ZoomError as error:
        return unreadable(request, error)
    page = NumberedPage(part.rows, total=part.total, params=request.GET)
    if page.has_previous and not page.rows:
        return redirect(f"{request.path}{page.first_url}")  # what stood there is gone
    table = Table(
        event_columns(kind, account),
        page,
        request,
        caption=f"{kind.title} of {host}",
        empty=Empty(f"No {kind.family}", f"{host} has no {kind.family} scheduled.", icon=kind.icon),
        actions=removing.OFFERED if may_write(request, account) else (),
        action_url=kind.url("choose_events", account.pk, host.zoom_id),
        row_key=lambda row: str(row["id"]),
        row_label=lambda row: str(row.get("topic") or row["id"]),
    )
    return page_or_part(
        request, "events/of_host.html", {"kind": kind, "account": account, "host": host, "table": table}
    )


@require_GET
def detail(request: HttpRequest, account_id: int, event_id: int) -> HttpResponse:
    kind, account = kind_of(request), account_or_404(request, account_id)
    try:
        event = live.read_event(request, kind, account, event_id)
        totals = live.totals(request, event) if event.takes_registrants else {}
    except ZoomError as error:
        return unreadable(request, error)
    host = MirrorUser.objects.filter(account=account, zoom_id=str(event.live.get("host_id") or "")).first()
    context = {
        "kind": kind,
        "account": account,
        "event": event,
        "host": host,
        "facts": facts(kind, event),
        "statuses": [(status, REGISTRANT_STATUSES[status], total) for status, total in totals.items()],
        "may_write": may_write(request, account),
    }
    return render(request, "events/detail.html", context)


def may_write(request: HttpRequest, account: SubAccount) -> bool:
    return scope_of(request).may(Right.WRITE) and not account.gone_since


def facts(kind: Kind, event: live.Event) -> list[tuple[str, object]]:
    told, settings = event.live, event.settings
    times = told.get("occurrences")
    return [
        (f"{kind.one.capitalize()} number", str(event.event_id)),
        ("Type", kind.types.get(told.get("type", 0), told.get("type"))),
        ("Start", event.start),
        ("Duration", f"{told['duration']} minutes" if told.get("duration") else None),
        ("Time zone", TIMEZONES.get(str(told.get("timezone")), told.get("timezone"))),
        ("Occurrences", len(times) if isinstance(times, list) and times else None),
        ("Description", told.get("agenda")),
        ("Registration", event.approval),
        ("Audio", AUDIO.get(settings.get("audio", ""), settings.get("audio"))),
        ("Recorded automatically", RECORDING.get(settings.get("auto_recording", ""), settings.get("auto_recording"))),
    ]
