"""Undo and a later start of a job."""

import uuid
from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.access.scope import Scope
from portal.bulk.files import jobs as files
from portal.bulk.files.checked import launch
from portal.bulk.models import Job, JobState
from portal.bulk.pages import operation_key, reason
from portal.bulk.starting import StartForm
from portal.bulk.undo.planning import can_undo, has_done, parts, prepare
from portal.bulk.undo.taken import taken
from portal.bulk.views.actions import own_job
from portal.bulk.views.job import job_of
from portal.ui.requests import person, scope_of
from zoomapi import spec


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """What of a job can be taken back; a POST has every row looked at, and still sends nothing."""
    job = job_of(request, job_id)
    if not has_done(job):
        messages.info(request, "There is nothing to take back: nothing of this job was done, or it is still at work.")
        return redirect("bulk:job", job.pk)
    if request.method == "POST" and not can_undo(job):
        messages.info(request, "Nothing of this job is left that can be taken back. Nothing was changed.")
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
        "taken": list(taken_by(job, scope_of(request))),
        "operation_key": uuid.uuid4(),
    }
    return render(request, "bulk/undo.html", context)


def taken_by(job: Job, scope: Scope) -> Iterator[tuple[str, int, Job | None]]:
    """(what was done, how many calls of it, the job that took it back, if this person may see that)."""
    seen = set(job.children.for_scope(scope).values_list("pk", flat=True))
    for undo, numbers in taken(job):
        for key, number in sorted(numbers.items()):
            yield spec.endpoint(key).title, number, undo if undo.pk in seen else None


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
