"""Billing contact and plans of a sub-account. Who may do what depends on who pays and on what is subscribed."""

from datetime import UTC, datetime
from typing import Any

from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.errors import Refusal, bad_base_plan, invalid, no_permission
from zoomapi.sandbox.models import Account
from zoomapi.sandbox.registry import serves
from zoomapi.sandbox.seats import seats, seats_used
from zoomapi.sandbox.validation import Json, merged
from zoomapi.spec.billing import Billing, BillingContact
from zoomapi.spec.catalogue import ADDON_PLANS, BASE_PLANS

NOT_FREE = 2101
NOT_PAID = 2102
ADDON_HELD = 2103
ADDON_MISSING = 2104

MEMBERS = {
    group: f"plan_{group}" for group in ("zoom_rooms", "room_connector", "large_meeting", "webinar", "recording")
}
SEVERAL = ("large_meeting", "webinar")  # plans of different sizes may be held side by side


def _paid_by_master(call: Call) -> Account:
    account = call.sub_account()
    if account.options.get("pay_mode", "master") != "master":
        raise no_permission("This sub account pays for itself; its plans and billing are not yours to see or change.")
    return account


def _subscribed(call: Call) -> Account:
    account = _paid_by_master(call)
    if not account.plans.get("plan_base"):
        raise Refusal(400, NOT_PAID, "This is a free sub account. Subscribe it to a base plan first.")
    return account


@serves(Billing.get)
def get(call: Call) -> Json:
    return merged(dict.fromkeys(BillingContact().get_fields(), ""), call.sub_account().billing)


@serves(Billing.update)
def update(call: Call) -> None:
    account = _subscribed(call)
    account.billing = merged(account.billing, call.body)
    account.save(update_fields=["billing"])


@serves(Billing.plans)
def plans(call: Call) -> Json:
    return merged(_paid_by_master(call).plans, {})


@serves(Billing.subscribe, refusals={"plan_base.type": bad_base_plan})
def subscribe(call: Call) -> Json:
    account = _paid_by_master(call)
    if account.plans.get("plan_base"):
        raise Refusal(400, NOT_FREE, "This sub account has a base plan already. Change that one instead.")
    body = dict(call.body)
    account.billing = body.pop("contact")
    account.plans = {name: value for name, value in body.items() if value}
    _start(account, call)
    account.save(update_fields=["billing", "plans", "subscription_start", "subscription_end"])
    return merged(account.plans, {})


@serves(Billing.update_base, refusals={"type": bad_base_plan})
def update_base(call: Call) -> None:
    account = _subscribed(call)
    before = account.plans
    account.plans = {**before, "plan_base": {"type": call.body["type"], "hosts": call.body["hosts"]}}
    used = seats_used(account.id)
    if used > seats(account) and seats(account) < seats(Account(plans=before)):
        raise invalid("hosts", message=f"{used} licences are in use; the plan cannot have fewer hosts.")
    _start(account, call)
    account.save(update_fields=["plans", "subscription_start", "subscription_end"])


@serves(Billing.add_addon)
def add_addon(call: Call) -> None:
    _change_addon(call, held=False)


@serves(Billing.update_addon)
def update_addon(call: Call) -> None:
    _change_addon(call, held=True)


def _change_addon(call: Call, *, held: bool) -> None:
    account = _subscribed(call)
    group = ADDON_PLANS[call.body["type"]].group
    name = MEMBERS.get(group, "plan_audio")
    old = account.plans.get(name)
    same = [plan for plan in old or [] if plan["type"] == call.body["type"]] if group in SEVERAL else old
    if held and not same:
        raise Refusal(400, ADDON_MISSING, f"This sub account does not have the plan {call.body['type']}. Add it first.")
    if same and not held:
        raise Refusal(400, ADDON_HELD, "This sub account has such a plan already. Change that one instead.")
    new = _addon(group, call.body)
    if group in SEVERAL:
        new = [*[plan for plan in old or [] if plan["type"] != call.body["type"]], new]
    account.plans = {**account.plans, name: new}
    account.save(update_fields=["plans"])


def _addon(group: str, body: Json) -> Any:
    """Return a plan as GET shows it: a bare code for recording, countries with audio, else type and hosts."""
    if group == "recording":
        return body["type"]
    if group == "audio":
        return {name: value for name, value in body.items() if name != "hosts"}
    return {"type": body["type"], "hosts": body["hosts"]}


def _start(account: Account, call: Call) -> None:
    """A plan begins now and ends after its period; a trial, and plans without a period, after a year."""
    plan = BASE_PLANS[account.plans["plan_base"]["type"]]
    now = datetime.fromtimestamp(call.setup.clock.now(), UTC)
    months = 1 if plan.period == "monthly" else 12
    month = now.month - 1 + months
    end = now.replace(year=now.year + month // 12, month=month % 12 + 1, day=min(now.day, 28))
    account.subscription_start = call.now
    account.subscription_end = end.strftime("%Y-%m-%dT%H:%M:%SZ")
