"""The list of sub-accounts: its columns, on the page and in the export."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from portal.directory.models import SubAccount
from portal.ui.formats import badge, day, meter
from portal.ui.tables import Column
from zoomapi.spec.catalogue import BASE_PLANS

PAYERS = {"master": "Master", "sub": "Itself"}  # a word each: the column is narrow


def plan_name(account: SubAccount) -> str:
    """What a person calls the plan; a type that is not in the catalogue is named as it is."""
    plan = BASE_PLANS.get(account.plan_type)
    return plan.label if plan else account.plan_type


def plan_cell(account: SubAccount) -> Any:
    if not account.plan_type:
        return account.account_type
    if account.plan_type not in BASE_PLANS:
        return badge(f"{account.plan_type} (legacy)", "warn")
    return badge("Free Trial", "info") if account.plan_type == "trial" else plan_name(account)


def seats_cell(account: SubAccount) -> Any:
    if not account.plan_hosts:
        return account.seats
    return meter(account.seats_used or 0, account.plan_hosts, "seats used")


COLUMNS = (
    Column(
        "Name",
        "name",
        render=str,
        link=lambda row: reverse("accounts:detail", args=[row.pk]),
        sort="name",
        head=True,
    ),
    Column("Owner", "owner_email", sort="owner", sort_fields=("owner_email",), priority=2),
    Column("Plan", render=plan_cell, sort="plan", sort_fields=("plan_type", "name"), css="below"),
    Column("Seats used", render=seats_cell, sort="hosts", sort_fields=("plan_hosts",), numeric=True),
    Column("Users", "user_total", sort="users", sort_fields=("user_total",), numeric=True, priority=2),
    Column("Paid by", render=lambda row: PAYERS.get(row.pay_mode, row.pay_mode), priority=3, css="nowrap"),
    Column(
        "Ends",
        render=lambda row: day(row.subscription_end_time),
        sort="ends",
        sort_fields=("subscription_end_time",),
        priority=3,
    ),
    Column("Created", render=lambda row: day(row.created_at), sort="created", sort_fields=("created_at",), priority=3),
)

EXPORT: tuple[tuple[str, Callable[[SubAccount], Any]], ...] = (
    ("account_id", lambda row: row.zoom_id),
    ("account_name", lambda row: row.name),
    ("owner_email", lambda row: row.owner_email),
    ("plan_type", lambda row: row.plan_type),
    ("plan_hosts", lambda row: row.plan_hosts),
    ("seats_used", lambda row: row.seats_used),
    ("users", lambda row: row.user_total),
    ("pay_mode", lambda row: row.pay_mode),
    ("subscription_start_time", lambda row: row.subscription_start_time),
    ("subscription_end_time", lambda row: row.subscription_end_time),
    ("created_at", lambda row: row.created_at),
    ("as_of", lambda row: row.seen_at),
)
