"""What can be done to a job: start, pause, resume, cancel."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from portal.bulk import jobs, operations, schedule
from portal.bulk.approval import TooManyDeletes
from portal.bulk.files import jobs as imports
from portal.bulk.models import OPEN_STATES, ItemState, Job, JobState
from portal.bulk.progress import progress_of
from portal.bulk.views.job import job_of
from portal.bulk.views.posted import takes_form_of
from portal.bulk.views.words import account, state_of
from portal.ui.confirm import Confirmation, ConfirmMixin
from portal.ui.requests import person

CANCELLED = (JobState.CANCELLING, JobState.CANCELLED, JobState.NEEDS_REVIEW)  # what a cancel leads to
ENDED = (JobState.CANCELLED, JobState.DONE, JobState.DONE_WITH_ERRORS)
PAUSED_BY_HAND = "Paused by {name}. Nothing is sent until it is resumed."


def own_job(request: HttpRequest, job_id: uuid.UUID) -> Job:
    job = job_of(request, job_id)
    if job.owner_id != person(request).pk:
        raise Http404
    return job


@takes_form_of("bulk:job")
def start(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """Begin a prepared job; only its owner may, since it runs with the owner's rights."""
    job = own_job(request, job_id)
    if imports.is_open(job):
        return redirect("bulk:import_check", job.pk)
    begin = schedule.begin if job.state == JobState.SCHEDULED else operations.start
    try:
        started = begin(job, person(request))
    except TooManyDeletes as refusal:
        messages.error(request, str(refusal))
        return redirect("bulk:job", job.pk)
    if started:
        messages.success(request, "The job is running. You may leave this page.")
    return redirect("bulk:job", job.pk)


@takes_form_of("bulk:job")
def pause(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    job, actor = job_of(request, job_id), person(request)
    if jobs.pause(job.pk, "person", PAUSED_BY_HAND.format(name=actor), actor):
        messages.success(request, "The job is paused. Calls already on their way are brought to their end.")
    return redirect("bulk:job", job.pk)


@takes_form_of("bulk:job")
def resume(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    job = job_of(request, job_id)
    if operations.resume(job, person(request)):
        messages.success(request, "The job goes on.")
    elif job.state == JobState.PAUSED:
        messages.info(request, "The job goes on by itself when its daily window opens. Nothing was changed.")
    return redirect("bulk:job", job.pk)


class Cancel(ConfirmMixin):
    """Cancel what was not sent yet."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        job = job_of(request, kwargs["job_id"])
        if not jobs.may_cancel(job):
            return self.in_vain(request, job)
        return super().dispatch(request, *args, **kwargs)

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        job = job_of(request, kwargs["job_id"])
        now = progress_of(job).counts
        facts = [
            ("Done", now[ItemState.DONE] + now[ItemState.SKIPPED]),
            ("Under way", now[ItemState.SENDING] + now[ItemState.UNKNOWN]),
            ("Waiting, and not sent after this", now[ItemState.PENDING]),
        ]
        rest = (ItemState.REVIEW, ItemState.FAILED, ItemState.INVALID)
        return Confirmation(
            title=f"Cancel “{job.title}”",
            action="Cancel the job",
            consequences=(
                "Rows that were not sent yet are not sent.",
                "Calls on their way are brought to their end, and unclear outcomes are looked up.",
                "What is done stays done.",
            ),
            facts=facts + [(str(state_of(job, state).label), now[state]) for state in rest if now[state]],
            back_url=reverse("bulk:job", args=[job.pk]),
            back="Keep it running" if job.state == JobState.RUNNING else "Keep the job",
            reason_required=False,
        )

    def confirmed(
        self, request: HttpRequest, reason: str, operation_key: uuid.UUID, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        job = job_of(request, kwargs["job_id"])
        if not jobs.cancel(job.pk, person(request), reason):
            job.refresh_from_db()
            return self.in_vain(request, job)
        messages.success(request, f"Cancelled: {self.told(job)}")
        return redirect("bulk:job", job.pk)

    def in_vain(self, request: HttpRequest, job: Job) -> HttpResponse:
        """Say why there is nothing to cancel."""
        if job.state in CANCELLED and job.cancel_requested:
            messages.info(request, f"This job is cancelled already: {self.told(job)} Nothing was changed.")
        elif job.state in ENDED:
            messages.info(request, f"This job has ended: {self.told(job)} Nothing was changed.")
        else:
            messages.info(request, "This job was not started, so there is nothing to cancel. Nothing was changed.")
        return redirect("bulk:job", job.pk)

    def told(self, job: Job) -> str:
        """What became of the rows, as whole sentences."""
        left = progress_of(job).counts
        going = sum(left[state] for state in OPEN_STATES)
        rest = f" {going:,} on their way; what becomes of them is told here." if going else ""
        return f"{account(job, left)}.{rest}"
