"""The form of a new sub-account: the bodies of the two calls it makes, on one page."""

from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict

from portal.access.scope import Scope
from portal.accounts.onboarding import Onboarding
from portal.directory.places import with_states
from portal.gateway.models import Connection
from portal.ui.forms import FormSection, SpecForm, body_from, form_for
from zoomapi.spec.accounts import NewAccount
from zoomapi.spec.billing import BasePlan, NewBillingContact

PLAN = "plan"
CONTACT = "contact"


def connections_for(scope: Scope) -> Any:
    """Master accounts in which this person may create: all, or those of the sub-accounts they already look after."""
    active = Connection.objects.filter(is_active=True)
    return active if scope.everywhere else active.filter(Q(sub_accounts__in=scope.accounts or ())).distinct()


def typed(data: QueryDict, prefix: str) -> dict[str, str]:
    """What was typed into the fields of one part."""
    return {name.removeprefix(f"{prefix}-"): str(data[name]) for name in data if name.startswith(f"{prefix}-")}


class OnboardingForm:
    """Three forms that act as one: owner and options, base plan, billing contact."""

    def __init__(self, scope: Scope, data: QueryDict | None = None, initial: dict[str, Any] | None = None) -> None:
        initial = initial or {}
        self.connections = connections_for(scope)
        self.owner: SpecForm = form_for(NewAccount)(data, initial=initial)
        self.start = StartForm(data, connections=self.connections)
        self.wants_plan = data is None or bool(data.get(f"{PLAN}-type"))
        # Without a plan its fields and the contact's may stay empty: they are shown again, but not checked.
        checked = data if self.wants_plan else None
        plan = initial.get(PLAN) if data is None else typed(data, PLAN)
        contact = (initial.get(CONTACT) or {}) if data is None else typed(data, CONTACT)
        self.plan: SpecForm = form_for(BasePlan)(checked, prefix=PLAN, initial=plan)
        contact_form = with_states(form_for(NewBillingContact), str(contact.get("country", "")))
        self.contact: SpecForm = contact_form(checked, prefix=CONTACT, initial=contact)
        if checked is None:
            for field in [*self.plan.fields.values(), *self.contact.fields.values()]:
                field.required = False

    @property
    def parts(self) -> list[forms.Form]:
        """The forms that count: without a plan no contact is needed."""
        return [self.start, self.owner, *([self.plan, self.contact] if self.wants_plan else [])]

    def is_valid(self) -> bool:
        good = False not in [part.is_valid() for part in self.parts]  # every part must say all its problems
        if good and self.wants_plan and self._pay_mode() == "sub":
            self.plan.add_error(
                "type", "A plan can be subscribed here only when the master account pays. Choose that, or no plan."
            )
            return False
        return good

    def _pay_mode(self) -> str:
        options = body_from(self.owner).get("options") or {}
        return str(options.get("pay_mode") or "master")

    def wanted(self) -> Onboarding:
        subscription = None
        if self.wants_plan:
            subscription = {"contact": body_from(self.contact), "plan_base": body_from(self.plan)}
        return Onboarding(self.start.cleaned_data["connection"], body_from(self.owner), subscription)

    def owner_sections(self) -> list[FormSection]:
        return self.owner.sections()


class StartForm(forms.Form):
    """Which master account the new one will belong to."""

    connection = forms.ModelChoiceField(queryset=Connection.objects.none(), label="Master account", empty_label=None)

    def __init__(self, *args: Any, connections: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["connection"]
        field.queryset = connections  # type: ignore[attr-defined]  # it is the ModelChoiceField above
        field.initial = connections.first()
