"""Forms of plans: what the catalogue offers, grouped as people know it."""

from collections.abc import Mapping

from portal.ui.forms import SpecForm, form_for
from zoomapi.spec.billing import AddonPlan, BasePlan
from zoomapi.spec.catalogue import ADDON_PLANS, BASE_PLANS, PLAN_GROUPS, Plan


def grouped(plans: Mapping[str, Plan]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices under their groups, with the host bounds where a plan has its own."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for plan in plans.values():
        bounds = f" ({plan.min_hosts}–{plan.max_hosts} hosts)" if plan.code in BASE_PLANS else ""
        groups.setdefault(PLAN_GROUPS[plan.group], []).append((plan.code, f"{plan.label}{bounds}"))
    return list(groups.items())


def base_plan_form() -> type[SpecForm]:
    return regrouped(form_for(BasePlan), BASE_PLANS)


def addon_form() -> type[SpecForm]:
    """Countries and numbers belong to audio conferencing; left empty they are not sent."""
    return regrouped(form_for(AddonPlan), ADDON_PLANS)


def regrouped(form_class: type[SpecForm], plans: Mapping[str, Plan]) -> type[SpecForm]:
    field = form_class.base_fields["type"]
    field.widget.choices = [("", "Choose a plan"), *grouped(plans)]
    return form_class
