"""Retrying a job: one click, or where things are removed the same typed confirmation as at first."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from portal.bulk import jobs, operations, schedule
from portal.bulk.again import removes, retryable
from portal.bulk.approval import TooManyDeletes, removal_phrase, removals
from portal.bulk.chosen import calls_told, plural, removal_told
from portal.bulk.models import Job, JobState
from portal.bulk.pages import operation_key
from portal.bulk.retrying import retry_failed
from portal.bulk.views.job import job_of
from portal.ui.confirm import Confirmation, ConfirmMixin
from portal.ui.requests import person, scope_of


class Retry(ConfirmMixin):
    """Make and start a job of the rows that failed or were not done; one of many rows starts by itself."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        job = job_of(request, kwargs["job_id"])
        if job.state not in jobs.LIVE and removals(retryable(job)):
            try:
                return super().dispatch(request, *args, **kwargs)
            except TooManyDeletes as refusal:
                messages.error(request, str(refusal))
                return redirect("bulk:job", job.pk)
        if request.method != "POST":
            return redirect("bulk:job", job.pk)
        return _retry(request, job, operation_key(request))

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        job = job_of(request, kwargs["job_id"])
        rows = retryable(job)
        found, number = removals(rows), rows.count()
        calls = dict(rows.order_by().values_list("endpoint").annotate(calls=Count("id")))
        return Confirmation(
            title=f"Retry “{job.title}”",
            action=f"Retry {number:,} row{plural(number)}",
            consequences=[
                "The rows that failed or were not done are sent again; what is done is left out.",
                calls_told(calls, job.connection),
                *removal_told(sum(found.values()), alone=job.kind == jobs.UNDO),
            ],
            back_url=reverse("bulk:job", args=[job.pk]),
            typed=removal_phrase(found),
            irreversible=True,
            reason_required=False,
        )

    def confirmed(
        self, request: HttpRequest, reason: str, operation_key: uuid.UUID, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        return _retry(request, job_of(request, kwargs["job_id"]), str(operation_key), reason)


def _retry(request: HttpRequest, job: Job, key: str, reason: str = "") -> HttpResponse:
    actor = person(request)
    child = retry_failed(job, scope=scope_of(request), actor=actor, key=key, reason=reason)
    if child is None:
        messages.info(
            request,
            "There is nothing to retry: no row failed, another job retries it already, or this one is still at work.",
        )
        return redirect("bulk:job", job.pk)
    if child.state == JobState.PREPARING:
        messages.success(request, "A new job retries the rows that were not done. They are being written down for it.")
        return redirect("bulk:job", child.pk)
    if child.state == JobState.READY and removes(child):
        schedule.give_grace(child)
    try:
        if operations.start(child, actor):
            messages.success(request, "A new job retries the rows that were not done. What is done was left out.")
    except TooManyDeletes as refusal:
        messages.error(request, str(refusal))
    return redirect("bulk:job", child.pk)
