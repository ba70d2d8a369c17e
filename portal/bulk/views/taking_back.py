"""Undo and a later start of a job."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.bulk.files import jobs as files
from portal.bulk.files.checked import launch
from portal.bulk.models import JobState
from portal.bulk.pages import operation_key, reason
from portal.bulk.starting import StartForm
from portal.bulk.undo.planning import can_undo, parts, prepare
from portal.bulk.views.actions import own_job
from portal.bulk.views.job import job_of
from portal.ui.requests import person, scope_of


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """What of a job can be taken back; a POST has every row looked at, and still sends nothing."""
    job = job_of(request, job_id)
    if not can_undo(job):
        messages.info(request, "There is nothing to take back: nothing of this job was done, or it is still at work.")
        return redirect("bulk:job", job.pk)
    if request.method == "POST":
        made = prepare(
            job, scope=scope_of(request), actor=person(request), key=operation_key(request), reason=reason(request)
        )
        return redirect("bulk:import_check", made.pk)
    found = parts(job)
    context = {
        "job": job,
        "possible": [part for part in found if not part.why],
        "impossible": [part for part in found if part.why],
        "operation_key": uuid.uuid4(),
    }
    return render(request, "bulk/undo.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """Start a prepared job at a later time or within a window; only its owner may."""
    job = own_job(request, job_id)
    if files.is_open(job):
        return redirect("bulk:import_check", job.pk)
    if job.state != JobState.READY:
        return redirect("bulk:job", job.pk)
    form = StartForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        launch(job, form, request)
        return redirect("bulk:job", job.pk)
    return render(request, "bulk/schedule.html", {"job": job, "form": form}, status=422 if form.errors else 200)
