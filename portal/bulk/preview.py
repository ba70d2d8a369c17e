"""Looking at the calls of a prepared job before they are made: the step between a form and the wire."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from portal.bulk.models import Item, Job, JobState
from portal.bulk.operations import start
from portal.ui.requests import person, scope_of
from zoomapi import spec


def preview_page(
    request: HttpRequest, job_id: uuid.UUID, *, kind: str, change_url: str, cancel_url: str
) -> HttpResponse:
    """Show the calls; a POST starts them, a second one changes nothing. Only the job's own person may."""
    job = get_object_or_404(Job.objects.for_scope(scope_of(request)).filter(kind=kind), pk=job_id)
    if job.owner_id != person(request).pk:
        raise Http404
    if job.state != JobState.READY:
        return redirect("bulk:job", job.pk)
    if request.method == "POST":
        start(job, person(request))
        messages.info(request, "The steps run one after the other; this page follows them.")
        return redirect("bulk:job", job.pk)
    items = job.items.select_related("account").order_by("row", "step")
    context = {
        "job": job,
        "calls": [call(item) for item in items],
        "change_url": change_url,
        "cancel_url": cancel_url,
    }
    return render(request, "bulk/preview.html", context)


def call(item: Item) -> dict[str, Any]:
    """One step as method, address and body. Secrets are not in the stored body and are only mentioned."""
    endpoint = item.job.connection.zoom.view(spec.endpoint(item.endpoint))
    account = item.account.zoom_id if item.account else "(the new account)"
    path = (endpoint.path if "accountId" in endpoint.params or not item.account else endpoint.mirror_path).replace(
        "{accountId}", account
    )
    return {
        "title": endpoint.title,
        "call": f"{endpoint.method} /v2{path}",
        "body": item.body,
        "rate": endpoint.rate,
        "sealed": bool(item.secret),
    }
