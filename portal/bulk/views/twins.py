"""The page of a row beside whose thing Zoom has a second copy: what to compare, and the word that it is settled."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from portal.access.middleware import refuse
from portal.access.rights import Right
from portal.access.scope import Scope
from portal.access.strict import only_own_fields
from portal.bulk.decisions import may_decide
from portal.bulk.models import Item, Job, Twin
from portal.bulk.twins import seen_by, settle, thing, unsettled
from portal.ui.confirm import REASON_LENGTH
from portal.ui.requests import person, scope_of

MOST_NAMED = 20  # rows that a notice names


class SettleForm(forms.Form):
    reason = forms.CharField(
        required=False,
        max_length=REASON_LENGTH,
        help_text="May stay empty. Kept in the audit log, and shown here.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def item_of(request: HttpRequest, item_id: int) -> Item:
    """A row with second copies, if this person may see its account; else 404."""
    found = Item.objects.filter(seen_by(scope_of(request)), pk__in=Twin.objects.values("item"))
    return get_object_or_404(found.select_related("job__owner", "job__connection", "account"), pk=item_id)


@require_http_methods(["GET", "HEAD", "POST"])
def twin(request: HttpRequest, item_id: int) -> HttpResponse:
    """Show what was found; a POST settles it."""
    item = item_of(request, item_id)
    if request.method != "POST":
        return _page(request, item, SettleForm(), 200)
    if not may_decide(scope_of(request), item):
        refuse(request, Right(item.job.right))
    form = SettleForm(request.POST)
    only_own_fields(request, form)
    if not form.is_valid():
        return _page(request, item, form, 422)
    if settle(item, person(request), form.cleaned_data["reason"].strip()):
        messages.success(request, "Settled. That is kept in the audit log.")
    else:
        messages.info(request, "This was settled before; nothing was changed.")
    return redirect("bulk:twin", item.pk)


def _page(request: HttpRequest, item: Item, form: SettleForm, status: int) -> HttpResponse:
    scope, found = scope_of(request), list(item.twins.select_related("settled_by"))
    waits = any(one.settled_at is None for one in found)
    context = {
        "item": item,
        "thing": thing(item) if item.endpoint else "thing",
        "found": found,
        "waits": waits,
        "form": form,
        "may_settle": waits and may_decide(scope, item),
        "may_open": Job.objects.for_scope(scope).filter(pk=item.job_id).exists(),
    }
    return render(request, "bulk/twin.html", context, status=status)


def notice(job: Job, scope: Scope) -> dict[str, Any]:
    """The job's rows with second copies that wait for a person, for ``bulk/_twins.html``."""
    found = list(unsettled(scope).filter(job=job).order_by("row", "step")[: MOST_NAMED + 1])
    return {"twins": found[:MOST_NAMED], "more_twins": len(found) > MOST_NAMED}
