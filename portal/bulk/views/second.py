"""The page on which a second person sees what a job would do, and approves or declines it."""

import uuid
from collections.abc import Iterator

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.views.decorators.http import require_http_methods

from portal.access.scope import Scope
from portal.access.strict import only_own_fields
from portal.audit import log
from portal.audit.verbs import Verb
from portal.bulk.approval import calls_of, covers, may_decide
from portal.bulk.approving import OwnRequest, Stale, decide
from portal.bulk.batches import UNCOMPARED
from portal.bulk.calls import title_of
from portal.bulk.models import Item, Job
from portal.bulk.plan_changes import ADDED, BASE, Json, sums
from portal.bulk.schedule import window_of
from portal.bulk.views.words import last_word
from portal.bulk.worded import groups_of, said_by
from portal.ui.paging import KeysetPage
from portal.ui.requests import person, scope_of
from portal.ui.tables import Column, Empty, Table, page_or_part

APPROVE, DECLINE = "approve", "decline"


class WordForm(forms.Form):
    decision = forms.ChoiceField(choices=((APPROVE, "Approve"), (DECLINE, "Decline")))
    version = forms.CharField(max_length=80)
    reason = forms.CharField(
        required=False,
        max_length=500,
        help_text="Kept in the audit log, and shown to who asked. To decline, you must give one.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, str]:
        if self.cleaned_data.get("decision") == DECLINE and not self.cleaned_data.get("reason", "").strip():
            self.add_error("reason", "Say why you decline it.")
        return self.cleaned_data


def columns(page: KeysetPage) -> tuple[Column, ...]:
    groups, values = groups_of(page), get_template("bulk/_changes.html")
    return (
        Column("Row", "row", numeric=True, priority=2),
        Column("Object", "label", head=True),
        Column("Sub-account", "account", priority=2),
        Column("Operation", render=title_of),
        Column("Changes", render=lambda item: values.render({"changes": said_by(item, groups)}), css="diff below"),
    )


def job_of(request: HttpRequest, job_id: uuid.UUID) -> Job:
    """A job that was asked about, if the person may see it, may decide about it, or has decided. Else 404."""
    found = Job.objects.filter(pk=job_id).select_related("owner", "connection").first()
    if found is None or not _may_see(scope_of(request), found):
        raise Http404
    return found


def _may_see(scope: Scope, job: Job) -> bool:
    if scope.everywhere or job.owner_id == scope.staff_id:
        return True
    word = last_word(job)
    if word is None:
        return False
    return word.decided_by_id == scope.staff_id or (job.awaits_approval and covers(scope, job))


@require_http_methods(["GET", "HEAD", "POST"])
def approval(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """Show the request; a POST decides about it."""
    job = job_of(request, job_id)
    if last_word(job) is None:
        return redirect("bulk:job", job.pk)
    if request.method != "POST":
        return _page(request, job, WordForm(), 200)
    form = WordForm(request.POST)
    only_own_fields(request, form)
    if job.owner_id != person(request).pk and not form.is_valid():
        return _page(request, job, form, 422)
    try:
        _decide(request, job, form)
    except OwnRequest as refusal:
        log.record(
            Verb.REFUSED, actor=person(request), connection=job.connection, target=job.title, result="refused",
            status=403, message=str(refusal), operation=str(job.pk),
        )  # fmt: skip
        return _page(request, job, WordForm(), 403, str(refusal))
    except Stale as refusal:
        return _page(request, job, WordForm(), 409, str(refusal))
    return redirect("bulk:approval", job.pk)


def _decide(request: HttpRequest, job: Job, form: WordForm) -> None:
    data = form.cleaned_data if form.is_valid() else {}
    approve = data.get("decision") == APPROVE
    reason, version = data.get("reason", "").strip(), data.get("version", "")
    decide(job, person(request), approve=approve, reason=reason, version=version)
    messages.success(request, "Approved. The job begins now, or at its time." if approve else "Declined.")


def plans_of(rows: QuerySet[Item]) -> Iterator[tuple[str, Json, Json, Json | None]]:
    """The changes of plans among these rows, as ``plan_changes.sums`` takes them."""
    found = rows.filter(endpoint__in=BASE | ADDED).order_by()
    return found.values_list("endpoint", "body", "before", "account__plans").iterator(500)


def _page(request: HttpRequest, job: Job, form: WordForm, status: int, problem: str = "") -> HttpResponse:
    job.refresh_from_db()
    rows = calls_of(job) if job.awaits_approval else job.items.exclude(endpoint="")
    page = KeysetPage(rows.select_related("account"), sort=("row", "step"), params=request.GET, count=False)
    scope, word = scope_of(request), last_word(job)
    is_file = bool(job.options.get("comparing"))
    context = {
        "job": job,
        "uncompared": rows.filter(source__has_key=UNCOMPARED).count() if is_file and job.awaits_approval else 0,
        "sums": sums(plans_of(rows)) if word is not None and word.money else [],
        "word": word,
        "form": form,
        "problem": problem,
        "window": window_of(job),
        "is_owner": job.owner_id == scope.staff_id,
        "may_decide": job.awaits_approval and may_decide(person(request), job),
        "may_open": scope.everywhere or job.owner_id == scope.staff_id,
        "table": Table(columns(page), page, request, caption="What would be sent", empty=Empty("No rows", "")),
    }
    answer = page_or_part(request, "bulk/approval.html", context) if status == 200 else None
    return answer or render(request, "bulk/approval.html", context, status=status)
