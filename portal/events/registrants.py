"""Registrants of one event, status by status, live from Zoom."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from portal.bulk.pages import unreadable
from portal.directory.asking import account_or_404
from portal.events import live
from portal.events.columns import REGISTRANT_COLUMNS
from portal.events.kinds import kind_of
from portal.events.live import Event
from portal.events.views import may_write
from portal.ui.numbered import NumberedPage, place
from portal.ui.tables import BulkAction, Empty, Table, page_or_part
from zoomapi.client.errors import ZoomError
from zoomapi.spec.registration import REGISTRANT_STATUSES

BY_HAND = 1
APPROVE = BulkAction("Approve", "approve", "check-circle")
DENY = BulkAction("Deny", "deny", "no-symbol")
CANCEL = BulkAction("Cancel registration…", "cancel", "x-circle", danger=True)
OFFERED = {"pending": (APPROVE, DENY, CANCEL), "approved": (DENY, CANCEL), "denied": (APPROVE, CANCEL)}


def status_of(request: HttpRequest, event: Event) -> str:
    """The status an address asks for; else the one where something is to be done."""
    asked = request.GET.get("status", "")
    if asked in REGISTRANT_STATUSES:
        return asked
    return "pending" if event.settings.get("approval_type") == BY_HAND else "approved"


@require_GET
def listing(request: HttpRequest, account_id: int, event_id: int) -> HttpResponse:
    kind, account = kind_of(request), account_or_404(request, account_id)
    try:
        event = live.read_event(request, kind, account, event_id)
        status = status_of(request, event)
        off = live.Part([], 0)  # Zoom refuses to list who registered where nobody can
        part = live.registrants_of(request, event, status, *place(request.GET)) if event.takes_registrants else off
    except ZoomError as error:
        return unreadable(request, error)
    page = NumberedPage(part.rows, total=part.total, params=request.GET)
    if page.has_previous and not page.rows:
        return redirect(f"{request.path}{page.first_url}")  # what stood there was decided
    writable = may_write(request, account) and event.takes_registrants
    import_url = import_address(event) if writable else ""
    table = Table(
        REGISTRANT_COLUMNS,
        page,
        request,
        caption=f"Registrants of {event}: {REGISTRANT_STATUSES[status]}",
        empty=nothing(event, status, import_url),
        actions=OFFERED[status] if writable else (),
        action_url=f"{event.url('choose')}?status={status}",
        row_key=live.mark,
        row_label=lambda row: str(row.get("email") or row["id"]),
    )
    context = {
        "kind": kind,
        "account": account,
        "event": event,
        "status": status,
        "statuses": [(one, label, f"?status={one}") for one, label in REGISTRANT_STATUSES.items()],
        "table": table,
        "import_url": import_url,
    }
    return page_or_part(request, "events/registrants.html", context)


def import_address(event: Event) -> str:
    """Where a file of people for this event is sent."""
    kind = event.kind
    query: dict[str, str | int] = {"what": kind.import_flow, "account": event.account.pk, kind.id_name: event.event_id}
    return f"{reverse('bulk:upload')}?{urlencode(query)}"


def nothing(event: Event, status: str, import_url: str) -> Empty:
    one = event.kind.one
    if not event.takes_registrants:
        text = f"Nobody can register for this {one}. Who may come is said in its settings at Zoom."
        return Empty("No registration", text, icon="lock-closed")
    actions = (("Import registrants", import_url),) if import_url else ()
    title = {"pending": "Nobody waits for approval", "approved": "Nobody is approved", "denied": "Nobody was denied"}
    return Empty(title[status], "Look at the other tabs, or register people from a file.", actions, "user-group")
