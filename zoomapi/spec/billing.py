"""Billing contact and plans of a sub-account (sections "Billing" and "Plans")."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from zoomapi.spec.base import AnyField, Effect, Endpoint, Family, Shape
from zoomapi.spec.catalogue import (
    ADDON_PLANS,
    BASE_PLANS,
    CALLOUT_COUNTRIES,
    COUNTRIES,
    PREMIUM_COUNTRIES,
    STATES,
    TOLLFREE_COUNTRIES,
    Plan,
    addons,
    labels,
)
from zoomapi.spec.fields import choice, codes, known, mail_address, number, several, text

STATE_COUNTRIES = ("US", "CA")  # the listed states and provinces are theirs
SIZED_GROUPS = ("pro", "business", "education")  # what a customer with that many hosts could take instead


class BillingContact(Shape):
    """Who receives the invoices. A state is checked against the list in the United States and Canada only."""

    first_name = text("First name", "Of the person who receives the invoices.")
    last_name = text("Last name", "Of the person who receives the invoices.")
    email = mail_address("E-mail", "Where invoices are sent.")
    phone_number = text("Phone", "With the country's code.")
    address = text("Address", "Street and number.")
    apt = text("Apartment", "Apartment or suite, when there is one.", allow_blank=True)
    city = text("City", "Town of the billing address.")
    state = known("State", "State or province; free text outside the United States and Canada.", STATES)
    zip = text("Postal code", "Zip or postal code.")
    country = choice("Country", "Country of the billing address.", COUNTRIES)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        state = attrs.get("state")
        if state is not None and attrs.get("country", "US") in STATE_COUNTRIES and state not in STATES:
            raise serializers.ValidationError({"state": "Not a state or province of the United States or Canada."})
        return attrs


class NewBillingContact(BillingContact):
    """A complete contact, for a first subscription."""

    def get_fields(self) -> dict[str, AnyField]:
        fields: dict[str, AnyField] = super().get_fields()
        for name, value in fields.items():
            value.required = name != "apt"
        return fields


class HostedPlan(Shape):
    """Base of every (type, hosts) pair: the number of hosts must be one the plan allows."""

    plans: ClassVar[Mapping[str, Plan]] = {}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("type" in attrs) != ("hosts" in attrs):
            missing = "hosts" if "type" in attrs else "type"
            raise serializers.ValidationError({missing: "A plan needs both its type and its number of hosts."})
        plan = self.plans.get(attrs.get("type", ""))
        if plan and not plan.allows(attrs["hosts"]):
            raise serializers.ValidationError({"hosts": host_advice(plan, attrs["hosts"])})
        return attrs


def host_advice(plan: Plan, hosts: int) -> str:
    """Say what the plan allows and what would take that many: "Pro allows 1–9; Business allows 10–49"."""
    others = [p.bounds for p in BASE_PLANS.values() if p.group in SIZED_GROUPS and p.allows(hosts)]
    return "; ".join(dict.fromkeys([plan.bounds, *others])) + "."


class BasePlan(HostedPlan):
    """The plan everything else is added to."""

    plans = BASE_PLANS
    type = choice("Plan", "The base plan.", labels(BASE_PLANS), required=True)
    hosts = number("Hosts", "How many hosts; each plan has its own bounds.", min_value=1, required=True)


class RoomsPlan(HostedPlan):
    plans = addons("zoom_rooms")
    type = choice("Plan", "How Zoom Rooms are paid.", labels(plans))
    hosts = number("Rooms", "How many rooms.", min_value=1)


class RoomConnectorPlan(HostedPlan):
    plans = addons("room_connector")
    type = choice("Plan", "How room connectors are paid.", labels(plans))
    hosts = number("Ports", "How many devices can connect at a time.", min_value=1)


class LargeMeetingPlan(HostedPlan):
    plans = addons("large_meeting")
    type = choice("Plan", "Participants and period.", labels(plans), required=True)
    hosts = number("Hosts", "How many hosts may hold large meetings.", min_value=1, required=True)


class WebinarPlan(HostedPlan):
    plans = addons("webinar")
    type = choice("Plan", "Participants and period.", labels(plans), required=True)
    hosts = number("Hosts", "How many hosts may hold webinars.", min_value=1, required=True)


class AudioCountries(Shape):
    """The countries an audio conferencing plan serves."""

    tollfree_countries = codes(
        "Toll-free countries", "Codes of countries people call from free of charge.", TOLLFREE_COUNTRIES
    )
    premium_countries = codes("Premium countries", "Codes of countries at the premium rate.", PREMIUM_COUNTRIES)
    callout_countries = codes("Call-out countries", "Codes of countries Zoom may call.", CALLOUT_COUNTRIES)
    ddi_numbers = number("Dial-in numbers", "How many dedicated dial-in numbers.", min_value=0)


class AudioPlan(AudioCountries):
    type = choice("Plan", "How audio conferencing is paid.", labels(addons("audio")))


class AddonPlan(HostedPlan, AudioCountries):
    """One additional plan. The countries and numbers belong to the audio conferencing plans."""

    plans = ADDON_PLANS
    type = choice("Plan", "The additional plan.", labels(ADDON_PLANS), required=True)
    hosts = number("Hosts", "How many hosts or rooms.", min_value=1, required=True)


class Subscription(Shape):
    """A first subscription: the contact, a base plan and any additional plans."""

    contact = NewBillingContact(label="Billing contact")
    plan_base = BasePlan(label="Base plan")
    plan_zoom_rooms = RoomsPlan(required=False, label="Zoom Rooms")
    plan_room_connector = RoomConnectorPlan(required=False, label="Room connectors")
    plan_large_meeting = several(LargeMeetingPlan(), "Large meetings")
    plan_webinar = several(WebinarPlan(), "Webinars")
    plan_recording = choice("Cloud recording", "Recording space to add.", labels(addons("recording")))
    plan_audio = AudioPlan(required=False, label="Audio conferencing")


class HeldPlan(Shape):
    """A plan somebody has: a type we do not know (a legacy plan) is kept."""

    type = known("Plan", "The plan held.", labels(ADDON_PLANS | BASE_PLANS))
    hosts = number("Hosts", "How many hosts or rooms.")


class HeldAudioPlan(Shape):
    """Audio conferencing as held; codes are not checked."""

    type = known("Plan", "How audio conferencing is paid.", labels(addons("audio")))
    tollfree_countries = codes("Toll-free countries", "Countries people call from free of charge.")
    premium_countries = codes("Premium countries", "Countries at the premium rate.")
    callout_countries = codes("Call-out countries", "Countries Zoom may call.")
    ddi_numbers = number("Dial-in numbers", "How many dedicated dial-in numbers.")


class HeldPlans(Shape):
    """Everything a sub-account has subscribed to. Members of plans not held may be missing."""

    plan_base = HeldPlan(required=False, label="Base plan")
    plan_zoom_rooms = HeldPlan(required=False, label="Zoom Rooms")
    plan_room_connector = HeldPlan(required=False, label="Room connectors")
    plan_large_meeting = several(HeldPlan(), "Large meetings")
    plan_webinar = several(HeldPlan(), "Webinars")
    plan_recording = known("Cloud recording", "The recording plan held.", labels(addons("recording")))
    plan_audio = HeldAudioPlan(required=False, label="Audio conferencing")


class BillingContactAnswer(BillingContact):
    country = known("Country", "Country of the billing address.", COUNTRIES)


class Billing(Family):
    label = "Billing"

    get = Endpoint(
        "GET", "/accounts/{accountId}/billing", title="Show a sub-account's billing contact", reply=BillingContactAnswer
    )
    update = Endpoint(
        "PATCH",
        "/accounts/{accountId}/billing",
        title="Change a sub-account's billing contact",
        body=BillingContact,
        status=204,
        partial=True,
    )
    plans = Endpoint("GET", "/accounts/{accountId}/plans", title="Show a sub-account's plans", reply=HeldPlans)
    subscribe = Endpoint(
        "POST",
        "/accounts/{accountId}/plans",
        title="Subscribe a sub-account to plans",
        body=Subscription,
        reply=HeldPlans,
        status=201,
        effect=Effect.MONEY,
    )
    update_base = Endpoint(
        "PUT",
        "/accounts/{accountId}/plans/base",
        title="Change a sub-account's base plan",
        body=BasePlan,
        status=204,
        effect=Effect.MONEY,
    )
    add_addon = Endpoint(
        "POST",
        "/accounts/{accountId}/plans/addons",
        title="Add an additional plan to a sub-account",
        body=AddonPlan,
        status=201,
        effect=Effect.MONEY,
    )
    update_addon = Endpoint(
        "PUT",
        "/accounts/{accountId}/plans/addons",
        title="Change an additional plan of a sub-account",
        body=AddonPlan,
        status=204,
        effect=Effect.MONEY,
    )
