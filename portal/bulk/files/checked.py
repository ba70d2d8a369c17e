"""Pages of a job that a worker checks before a person starts it: what would happen, and the start."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.bulk import approval, operations, schedule
from portal.bulk.approval import TooManyDeletes
from portal.bulk.files import comparing, jobs, preview
from portal.bulk.files.flows import flow_of
from portal.bulk.files.plans import ACTIONS
from portal.bulk.jobs import UNDO
from portal.bulk.models import Job, JobState
from portal.bulk.progress import duration
from portal.bulk.starting import StartForm
from portal.bulk.views.posted import takes_form_of
from portal.ui.paging import KeysetPage
from portal.ui.requests import belongs_to, person, scope_of

NOT_COMPARED = (
    "1 row was not compared with Zoom. It is compared right before it is written.",
    "{number:,} rows were not compared with Zoom. Each of them is compared right before it is written.",
)


def job_of(request: HttpRequest, job_id: UUID) -> Job:
    """A checked job of the person's own, since it runs with its owner's rights; anything else is a 404."""
    mine = Job.objects.for_scope(scope_of(request)).filter(kind__in=jobs.CHECKED_KINDS, owner=person(request))
    job = get_object_or_404(mine.select_related("owner", "connection", "parent"), pk=job_id)
    if job.kind != UNDO:
        belongs_to(request, flow_of(job).place)
    return job


@require_GET
def check(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    """Progress of the check, then its outcome, and how far its rows are compared with Zoom."""
    job, part = job_of(request, job_id), request.GET.get("part")
    if part and not jobs.is_open(job):
        return HttpResponse(headers={"HX-Redirect": reverse("bulk:job", args=[job.pk])})
    if job.state == JobState.UPLOADED:
        return redirect("bulk:import_columns", job.pk)
    if not jobs.is_open(job):
        return redirect("bulk:job", job.pk)
    if part == "compared" and job.state != JobState.VALIDATING:
        figures = preview.figures(job)
        return render(request, "bulk/_import_compared.html", _compared(job, figures, request) | {"polled": True})
    if part:
        if job.state == JobState.VALIDATING:
            return render(request, "bulk/_import_progress.html", _progress(job))
        return HttpResponse(headers={"HX-Redirect": reverse("bulk:import_check", args=[job.pk])})
    if job.state == JobState.VALIDATING:
        return render(request, "bulk/import_wait.html", _progress(job))
    return _outcome(request, job, _start_form(request, job), 200)


def _progress(job: Job) -> dict[str, Any]:
    address = f"{reverse('bulk:import_check', args=[job.pk])}?part=progress"
    return {"job": job, "progress": job.options["progress"], "live_id": "check", "live_url": address, "running": True}


def _start_form(request: HttpRequest, job: Job) -> StartForm:
    figures = preview.figures(job)
    return StartForm(
        request.POST if request.method == "POST" else None,
        bad=0 if job.kind == UNDO else figures["bad"],
        told=preview.warnings(job, scope_of(request)),
        typed=preview.phrase(job, figures),
        initial={"reason": job.reason},
    )


def _outcome(request: HttpRequest, job: Job, form: StartForm, status: int) -> HttpResponse:
    figures = preview.figures(job)
    compared = _compared(job, figures, request)
    action = compared["action"]
    page = KeysetPage(preview.items(job, action), sort=("row",), params=request.GET)
    context = {
        **compared,
        "job": job,
        "flow": None if job.kind == UNDO else flow_of(job),
        "figures": figures,
        "left_out": preview.left_out(job),
        "form": form,
        "page": page,
        "rows": list(preview.rows(job, page)),
        "can_run": job.state == JobState.READY,
        "needs_two": job.state == JobState.READY and approval.lacks_word(job),
        "unasked": approval.unasked(job),
    }
    return render(request, "bulk/import_check.html", context, status=status)


def _compared(job: Job, figures: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    """How many rows there are of each action, and how far they are compared with Zoom."""
    action = request.GET.get("action", "problems" if figures["bad"] and job.kind != UNDO else "")
    unusable = "Cannot be taken back" if job.kind == UNDO else "Cannot be used"
    tabs = [("", "All rows", figures["total"]), ("problems", unusable, figures["bad"])]
    counts = figures.get("actions", {})
    tabs += [(name, label, counts[name]) for name, label in ACTIONS.items() if counts.get(name)]
    left = comparing.left_of(job)
    query = urlencode({"part": "compared", "action": action})
    return {
        "action": action,
        "tabs": tabs,
        "left": left,
        "time_left": f"About {duration(left.seconds)} left." if left and left.seconds else "",
        "live_id": "compared",
        "live_url": f"{reverse('bulk:import_check', args=[job.pk])}?{query}",
        "running": left is not None and left.goes_on,
    }


@takes_form_of("bulk:import_check")
def start(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    """Run the rows that can be run: now, later, or within a window."""
    job = job_of(request, job_id)
    if job.state != JobState.READY or job.awaits_approval:
        return redirect("bulk:import_check", job.pk)  # pressed twice, or gone back to: the page says where it stands
    form = _start_form(request, job)
    if not form.is_valid():
        return _outcome(request, job, form, 422)
    job.reason = form.cleaned_data["reason"].strip() or job.reason
    job.save(update_fields=["reason"])
    left = comparing.left_of(job)
    try:
        launch(job, form, request, grave=bool(form.phrase))
    except TooManyDeletes as refusal:
        form.add_error(None, str(refusal))
        return _outcome(request, job, form, 422)
    if left and left.number:
        messages.info(request, NOT_COMPARED[left.number > 1].format(number=left.number))
    return HttpResponseRedirect(reverse("bulk:job", args=[job.pk]))


def launch(job: Job, form: StartForm, request: HttpRequest, *, grave: bool = False) -> None:
    """Start as the form says. What was checked a while ago is looked at again first; so is what was approved, then.

    Raises TooManyDeletes.
    """
    actor = person(request)
    at_once = form.at_time is None and form.window is None
    if not at_once or (jobs.is_old(job) and not approval.hold(job)):
        scheduled = schedule.schedule(job, actor, at=form.at_time, window=form.window)
        if grave:
            schedule.give_grace(job)
        if scheduled and at_once:
            schedule.begin(job, actor)
        return
    if grave:
        schedule.give_grace(job)
    operations.start(job, actor)
