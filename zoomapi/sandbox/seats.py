"""Seats: how many licensed users an account's base plan has room for."""

from zoomapi.sandbox.errors import Refusal
from zoomapi.sandbox.models import Account, User
from zoomapi.spec.catalogue import BASE_PLANS

LICENSED = (2, 3)
HOLDING = ("active", "pending")  # an inactive user gives the seat back


def seats(account: Account) -> int:
    """Return the number of licensed users allowed: none on a free account or on a plan for rooms alone."""
    base = account.plans.get("plan_base") or {}
    plan = BASE_PLANS.get(base.get("type", ""))
    if plan is not None and plan.group == "zoom_rooms":
        return 0
    return int(base.get("hosts", 0))


def seats_used(account_id: str) -> int:
    return User.objects.filter(account_id=account_id, status__in=HOLDING, type__in=LICENSED).count()


def need_seat(account: Account) -> None:
    """Refuse (400, code 2034) when one more licensed user does not fit. The master account is not limited."""
    if account.is_master:
        return
    total = seats(account)
    if total == 0:
        raise Refusal(400, 2034, "This account has no licences: on its plan every user has to be Basic (type 1).")
    if seats_used(account.id) >= total:
        raise Refusal(400, 2034, f"All {total} licences of this account are in use.")


def may_hold_webinars(user: User) -> bool:
    """The user's own setting decides; without one, having a licence."""
    setting = user.settings.get("feature", {}).get("webinar")
    return bool(setting) if setting is not None else user.type in LICENSED
