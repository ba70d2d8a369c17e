"""Reading the audit log. Nothing here changes it, except by adding that somebody exported or verified it."""

import json
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from portal.access.middleware import refuse
from portal.access.rights import Right
from portal.access.scope import Scope
from portal.audit import chain, checkpoints, log
from portal.audit.differences import differences
from portal.audit.filters import EntryFilter
from portal.audit.models import Entry
from portal.audit.verbs import Verb
from portal.ui.export import csv_response
from portal.ui.filters import FilterBar
from portal.ui.paging import KeysetPage
from portal.ui.requests import person, scope_of
from portal.ui.tables import Column, Empty, Table, page_or_part, sorting

EXPORTED = (
    "number", "at", "actor", "verb", "phase", "account", "target", "reason", "before", "after", "result", "status",
    "code", "message", "operation", "trace_id", "previous", "digest",
)  # fmt: skip


LABELS = {verb.value: verb.label for verb in Verb}


def verb_label(entry: Entry) -> str:
    """A sentence's beginning for our own verbs, the operation's name for calls to Zoom."""
    return LABELS.get(entry.verb, entry.verb)


COLUMNS = (
    Column("No.", "number", numeric=True, sort="number", link=lambda entry: f"/audit/{entry.number}/", head=True),
    Column("When", "at"),
    Column("Who", "actor"),
    Column("What", render=verb_label),
    Column("Sub-account", "account", priority=2),
    Column("Target", "target", priority=2),
    Column("Phase", "get_phase_display", priority=3),
    Column("Result", template="audit/_result.html"),
)


def entries(scope: Scope) -> QuerySet[Entry]:
    """What a person may read: a reseller only what concerns the own sub-accounts."""
    return Entry.objects.filter(scope.where("account_id"))


@require_GET
def entry_list(request: HttpRequest) -> HttpResponse:
    scope = scope_of(request)
    found = EntryFilter(request.GET, entries(scope))
    word, order = sorting(COLUMNS, request, "-number")
    page = KeysetPage(found.qs, sort=order, params=request.GET)
    empty = Empty("No entry matches", "Take a filter away, or choose a longer period.", icon="shield-check")
    context = {
        "bar": FilterBar(found, request),
        "table": Table(COLUMNS, page, request, caption="Audit log", sort=word, empty=empty),
        "may_export": scope.may(Right.EXPORT),
        "may_verify": scope.everywhere,
    }
    return page_or_part(request, "audit/list.html", context)


@require_GET
def entry(request: HttpRequest, number: int) -> HttpResponse:
    """One entry in full, with the others of the same operation."""
    rows = entries(scope_of(request))
    found = get_object_or_404(rows, number=number)
    siblings = rows.filter(operation=found.operation).exclude(pk=found.pk) if found.operation else Entry.objects.none()
    context = {
        "entry": found,
        "verb": verb_label(found),
        "differences": differences(found.before, found.after),
        "siblings": siblings.order_by("number")[:50],
    }
    return render(request, "audit/entry.html", context)


@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """The filtered log as CSV. The export is itself an entry, made before the first line leaves."""
    found = EntryFilter(request.GET, entries(scope_of(request)))
    rows = found.qs.order_by("number")
    filters = {name: value for name, value in request.GET.items() if value}
    log.record(Verb.EXPORTED, actor=person(request), target="audit log", after=filters or None, result="done")
    name = f"audit-{timezone.localtime():%Y-%m-%d-%H%M}.csv"
    return csv_response(name, EXPORTED, _lines(rows))


def _lines(rows: QuerySet[Entry]) -> Iterator[list[Any]]:
    for row in rows.iterator(chunk_size=1000):
        yield [_cell(getattr(row, name)) for name in EXPORTED]


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict | list) else value


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Check the whole chain; only for those who see all of it."""
    if not scope_of(request).everywhere:
        refuse(request, Right.AUDIT)
    finding = chain.verify()
    made = log.record(
        Verb.AUDIT_VERIFIED,
        actor=person(request),
        target=f"{finding.entries:,} entries",
        result="done" if finding.intact else "refused",
        message=str(finding),
    )
    if finding.intact:
        checkpoints.write_when_committed(made.number, made.digest)
        messages.success(request, str(finding))
    else:
        messages.error(request, f"{finding} Everything before it is as it was written. Keep a copy of the database.")
    return redirect("audit:list")
