"""What Zoom allows for a sub-account's plans, told before any call is made."""

from dataclasses import dataclass
from typing import Any

from portal.directory.models import SubAccount
from zoomapi.spec.catalogue import ADDON_PLANS, BASE_PLANS


@dataclass(frozen=True)
class Allowed:
    """Each is an empty text when the act is allowed, else the reason in plain words."""

    subscribe: str
    change_base: str
    addons: str
    contact: str


SUB_PAYS = (
    "The sub-account pays for itself: its plans and billing contact are not the master account's to see or change."
)
NO_PLAN = "There is no base plan yet. Subscribe to one first."
HAS_PLAN = "There is a base plan already: change it, or add to it."
LEGACY = (
    "The base plan is of a legacy type, which Zoom shows but refuses to change through the API (code 2100). "
    "Zoom's support can move the account to a plan of today."
)
LEFT = "The sub-account has left the master account."


def allowed(account: SubAccount, plans: dict[str, Any]) -> Allowed:
    """Judge by what Zoom just answered. ``plans`` is the answer of GET plans, empty without a plan."""
    if account.gone_since:
        return Allowed(LEFT, LEFT, LEFT, LEFT)
    if account.pay_mode == "sub":
        return Allowed(SUB_PAYS, SUB_PAYS, SUB_PAYS, SUB_PAYS)
    base = str((plans.get("plan_base") or {}).get("type") or "")
    if not base:
        return Allowed("", NO_PLAN, NO_PLAN, NO_PLAN)
    if base not in BASE_PLANS:
        return Allowed(HAS_PLAN, LEGACY, "", "")
    return Allowed(HAS_PLAN, "", "", "")


def plan_rows(plans: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything held, one row a plan: what it is, how many, and whether it can be changed."""
    rows = []
    for member, label in MEMBERS.items():
        held = plans.get(member)
        for one in held if isinstance(held, list) else [held]:
            if not one:
                continue
            entry = {"type": one} if isinstance(one, str) else dict(one)
            code = str(entry.get("type", ""))
            known = {**ADDON_PLANS, **BASE_PLANS}.get(code)
            extra = {k: v for k, v in entry.items() if k not in ("type", "hosts") and v not in (None, "")}
            rows.append(
                {
                    "member": label,
                    "is_base": member == "plan_base",
                    "code": code,
                    "label": known.label if known else f"{code} (legacy)",
                    "known": known is not None,
                    "hosts": entry.get("hosts"),
                    "extra": ", ".join(f"{k.replace('_', ' ')}: {v}" for k, v in extra.items()),
                }
            )
    return rows


MEMBERS = {
    "plan_base": "Base plan",
    "plan_zoom_rooms": "Zoom Rooms",
    "plan_room_connector": "Room connectors",
    "plan_large_meeting": "Large meetings",
    "plan_webinar": "Webinars",
    "plan_recording": "Cloud recording",
    "plan_audio": "Audio conferencing",
}
