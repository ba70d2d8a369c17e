"""Plans and billing contact of a sub-account."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from portal.access.rights import Right
from portal.billing import live, rules
from portal.billing.forms import addon_form, base_plan_form
from portal.bulk.models import ItemState
from portal.bulk.operations import Step, perform, plan
from portal.bulk.pages import Edit, EditView, operation_key, reason, unreadable
from portal.bulk.preview import preview_page
from portal.directory.places import with_states
from portal.ui.confirm import Confirmation, ConfirmMixin
from portal.ui.forms import body_from, form_for
from portal.ui.requests import person, scope_of
from zoomapi.client.errors import ZoomError
from zoomapi.spec.billing import BillingContact, NewBillingContact
from zoomapi.spec.catalogue import ADDON_PLANS, BASE_PLANS

SUBSCRIBE = "subscribe"


class NotChosen(Exception):
    """The address does not hold a valid plan: back to the form, which says why."""


@require_GET
def plans(request: HttpRequest, account_id: int) -> HttpResponse:
    """What is held, who is billed, and what may be done now."""
    try:
        found = live.read(request, account_id, contact=True)
    except ZoomError as error:
        return unreadable(request, error)
    context = {
        "account": found.account,
        "rows": rules.plan_rows(found.plans),
        "contact": [(str(field.label), found.contact.get(name)) for name, field in BillingContact().fields.items()],
        "has_contact": bool(found.contact),
        "allowed": found.allowed,
        "may_bill": scope_of(request).may(Right.BILLING),
    }
    return render(request, "billing/plans.html", context)


@require_http_methods(["GET", "POST"])
def subscribe(request: HttpRequest, account_id: int) -> HttpResponse:
    """The first plan of a free sub-account: contact and base plan, then the preview."""
    try:
        found = live.read(request, account_id)
    except ZoomError as error:
        return unreadable(request, error)
    data = request.POST if request.method == "POST" else None
    base = base_plan_form()(data, prefix="plan")
    contact = with_states(form_for(NewBillingContact), "")(data, prefix="contact")
    good = data is not None and not found.allowed.subscribe and all([base.is_valid(), contact.is_valid()])
    if good:
        body = {"contact": body_from(contact), "plan_base": body_from(base)}
        step = Step(row=1, account=found.account, endpoint="billing.subscribe", body=body, label=str(found.account))
        job = plan(
            scope=scope_of(request),
            actor=person(request),
            connection=found.account.connection,
            kind=SUBSCRIBE,
            title=f"Subscribe {found.account} to {BASE_PLANS[body['plan_base']['type']].label}",
            steps=[step],
            key=operation_key(request),
            reason=reason(request),
            right=Right.BILLING,
        )
        return redirect("billing:preview", found.account.pk, job.pk)
    context = {
        "account": found.account,
        "allowed": found.allowed,
        "base": base,
        "contact": contact,
        "operation_key": uuid.uuid4(),
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "billing/subscribe.html", context, status=422 if data is not None else 200)


@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, account_id: int, job_id: uuid.UUID) -> HttpResponse:
    return preview_page(
        request,
        job_id,
        kind=SUBSCRIBE,
        change_url=reverse("billing:subscribe", args=[account_id]),
        cancel_url=reverse("billing:plans", args=[account_id]),
    )


class ContactView(EditView):
    """PATCH …/billing: who receives the invoices."""

    template_name = "billing/contact.html"
    right = Right.BILLING

    def get_edit(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Edit:
        found = live.read(request, kwargs["account_id"], contact=True)
        return Edit(
            account=found.account,
            endpoint="billing.update",
            form_class=with_states(
                form_for(BillingContact, initial=found.contact), str(found.contact.get("country") or "")
            ),
            title=f"Billing contact of {found.account}",
            label=str(found.account),
            done_url=reverse("billing:plans", args=[found.account.pk]),
            done_text="The billing contact was saved at Zoom.",
            context={"refusal": found.allowed.contact},
        )


@require_GET
def change_base(request: HttpRequest, account_id: int) -> HttpResponse:
    """Choose another base plan or number of hosts; a valid choice leads to the confirm page."""
    return choose(request, account_id, "base")


@require_GET
def addon(request: HttpRequest, account_id: int) -> HttpResponse:
    """Add or change an additional plan; a valid choice leads to the confirm page."""
    return choose(request, account_id, "addon")


def choose(request: HttpRequest, account_id: int, what: str) -> HttpResponse:
    try:
        found = live.read(request, account_id)
    except ZoomError as error:
        return unreadable(request, error)
    refusal = found.allowed.change_base if what == "base" else found.allowed.addons
    form_class = base_plan_form() if what == "base" else addon_form()
    asked = "type" in request.GET and "hosts" in request.GET
    held = found.plans.get("plan_base") if what == "base" else {}
    form = form_class(request.GET) if asked else form_class(initial=held)
    if asked and "check" in request.GET and not refusal and form.is_valid():
        query = request.GET.copy()
        del query["check"]
        return HttpResponseRedirect(f"{reverse(f'billing:{what}_confirm', args=[account_id])}?{query.urlencode()}")
    context = {
        "account": found.account,
        "form": form,
        "refusal": refusal,
        "what": what,
        "rows": rules.plan_rows(found.plans),
    }
    return render(request, "billing/choose.html", context, status=422 if asked and not form.is_valid() else 200)


class PlanConfirm(ConfirmMixin):
    """The last look at a change of plan: what is held, what will be held, and the call."""

    what = "base"

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        found = live.read(request, kwargs["account_id"])
        self.found, self.body = found, self.chosen(request)
        before = self.held(found.plans)
        self.endpoint = self.operation(before)
        name = {**ADDON_PLANS, **BASE_PLANS}[self.body["type"]].label
        held = f"{before.get('type')}, {before.get('hosts')} hosts" if before else "nothing"
        return Confirmation(
            title=f"{name} for {found.account}",
            action="Send to Zoom",
            consequences=(
                f"{found.account} goes from {held} to {self.body['type']}, {self.body['hosts']} hosts.",
                "The master account is billed for it from now on.",
                "It is sent exactly once. If Zoom's answer is lost, the plan is compared and a person decides.",
            ),
            back_url=reverse("billing:plans", args=[found.account.pk]),
            facts=(("Seats used now", found.account.seats_used), ("Held now", held)),
            calls=(f"{self.endpoint} {self.body}",),
            danger=False,
        )

    def chosen(self, request: HttpRequest) -> dict[str, Any]:
        form = (base_plan_form() if self.what == "base" else addon_form())(request.GET)
        if not form.is_valid():
            raise NotChosen
        return body_from(form)

    def held(self, plans: dict[str, Any]) -> dict[str, Any]:
        """The plan the chosen one replaces: the base plan, or an additional plan of the same type."""
        if self.what == "base":
            return dict(plans.get("plan_base") or {})
        rows = [row for row in rules.plan_rows(plans) if not row["is_base"] and row["code"] == self.body["type"]]
        return {"type": rows[0]["code"], "hosts": rows[0]["hosts"]} if rows else {}

    def operation(self, before: dict[str, Any]) -> str:
        if self.what == "base":
            return "billing.update_base"
        return "billing.update_addon" if before else "billing.add_addon"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]  # never a stream here
        except ZoomError as error:
            return unreadable(request, error)
        except NotChosen:
            address = reverse(f"billing:{self.what}", args=[kwargs["account_id"]])
            return HttpResponseRedirect(f"{address}?{request.GET.urlencode()}")

    def confirmed(
        self, request: HttpRequest, reason: str, operation_key: uuid.UUID, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        account = self.found.account
        item = perform(
            scope=scope_of(request),
            actor=person(request),
            account=account,
            endpoint=self.endpoint,
            body=self.body,
            key=str(operation_key),
            reason=reason,
            title=f"{self.body['type']} for {account}",
            label=str(account),
            right=Right.BILLING,
            before=self.found.plans,
        )
        if item.state == ItemState.DONE:
            messages.success(request, f"{account} now holds {self.body['type']} with {self.body['hosts']} hosts.")
            return redirect("billing:plans", account.pk)
        messages.error(request, item.message or "Zoom's answer was lost. The plan is being compared; see below.")
        return redirect("bulk:job", item.job_id)


class AddonConfirm(PlanConfirm):
    what = "addon"
