"""Onboarding: fill in, look at the calls it will make, let them run."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts import onboarding
from portal.accounts.forms import CONTACT, OnboardingForm
from portal.bulk.models import Job
from portal.bulk.pages import operation_key, reason
from portal.bulk.preview import preview_page
from portal.directory.places import state_field
from portal.ui.forms import form_for
from portal.ui.requests import person, scope_of
from zoomapi.spec.billing import NewBillingContact
from zoomapi.spec.catalogue import BASE_PLANS


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """The form. A valid POST stores the job (password sealed) and leads to its preview."""
    scope = scope_of(request)
    if request.method == "GET":
        job = earlier_job(request)
        made = onboarding.created_by(job) if job else None
        if made:  # only the plan failed: the account must not be created a second time
            return redirect("billing:subscribe", made.pk)
        return page(request, OnboardingForm(scope, initial=filled_in(job) if job else None))
    form = OnboardingForm(scope, request.POST)
    if not form.is_valid():
        return page(request, form, status=422)
    job = onboarding.prepare(scope, person(request), form.wanted(), key=operation_key(request), reason=reason(request))
    return redirect("accounts:preview", job.pk)


def page(request: HttpRequest, form: OnboardingForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "operation_key": uuid.uuid4(),
        "reason": request.POST.get("reason", ""),
        "bounds": list(dict.fromkeys(plan.bounds for plan in BASE_PLANS.values())),
    }
    return render(request, "accounts/create.html", context, status=status)


@require_GET
def state(request: HttpRequest) -> HttpResponse:
    """The state field for a country: htmx asks when the country changes."""
    form = form_for(NewBillingContact)(prefix=CONTACT)
    state_field(form, "state", request.GET.get(f"{CONTACT}-country", ""))
    return render(request, "accounts/_state.html", {"bound": form["state"]})


@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """The calls that will be made. A POST starts them; a second one changes nothing."""
    return preview_page(
        request,
        job_id,
        kind=onboarding.KIND,
        change_url=f"{reverse('accounts:create')}?from={job_id}",
        cancel_url=reverse("accounts:list"),
    )


def earlier_job(request: HttpRequest) -> Job | None:
    """The job of this person that ``?from=`` names: an attempt to be corrected."""
    try:
        job_id = uuid.UUID(request.GET.get("from", ""))
    except ValueError:
        return None
    return Job.objects.filter(pk=job_id, owner=person(request), kind=onboarding.KIND).first()


def filled_in(job: Job) -> dict[str, Any]:
    """What an earlier attempt held; never its password."""
    bodies = {item.endpoint: item.body for item in job.items.all()}
    subscription = bodies.get("billing.subscribe") or {}
    account = bodies.get("accounts.create") or {}
    options = {f"options.{name}": value for name, value in (account.get("options") or {}).items()}
    return {
        **account,
        **options,
        "plan": subscription.get("plan_base") or {},
        "contact": subscription.get("contact") or {},
    }
