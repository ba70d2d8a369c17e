"""The list of users: its columns, on the page and in the export."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.directory.models import MirrorUser
from portal.ui.formats import badge, day
from portal.ui.tables import Column
from zoomapi.spec.catalogue import USER_STATUSES
from zoomapi.spec.profiles import Profile


def type_name(code: Any, zoom: Profile) -> str:
    """What a person calls the type at that Zoom; one that it does not know is shown as its number."""
    return zoom.user_types.get(code, "" if code is None else f"Type {code}")


def status_badge(status: str) -> SafeString:
    return badge(USER_STATUSES.get(status, status or "Not known"), {"inactive": "muted"}.get(status, ""))


def detail_url(row: MirrorUser) -> str:
    """Without an address when the id cannot stand in one: a strange row must not take the list with it."""
    usable = row.zoom_id and "/" not in row.zoom_id
    return reverse("users:detail", args=[row.account_id, row.zoom_id]) if usable else ""


def account_link(row: MirrorUser) -> Any:
    if row.account.is_master:
        return str(row.account)
    return format_html('<a href="{}">{}</a>', account_url(row.account_id), row.account)


@lru_cache(maxsize=4096)
def account_url(pk: int) -> str:
    return reverse("accounts:detail", args=[pk])


ACCOUNT = Column("Sub-account", render=account_link, css="below")
COLUMNS = (
    Column("E-mail", "email", link=detail_url, sort="email", head=True),
    Column("Name", "full_name", sort="name", sort_fields=("last_name",), priority=2),
    ACCOUNT,
    Column("Type", render=lambda row: type_name(row.type, row.account.connection.zoom), priority=2),
    Column("Status", render=lambda row: status_badge(row.status)),
    Column("Department", "dept", priority=2),
    Column("PMI", "pmi", priority=3, css="nowrap"),
    Column(
        "Last sign-in",
        render=lambda row: day(row.last_login_time),
        sort="last_login",
        sort_fields=("last_login_time",),
        priority=2,
        css="nowrap",
    ),
    Column("Created", render=lambda row: day(row.created_at), sort="created", sort_fields=("created_at",), priority=3),
)

EXPORT: tuple[tuple[str, Callable[[MirrorUser], Any]], ...] = (
    ("account_id", lambda row: row.account.zoom_id),
    ("account_name", lambda row: row.account.name),
    ("user_id", lambda row: row.zoom_id),
    ("email", lambda row: row.email),
    ("first_name", lambda row: row.first_name),
    ("last_name", lambda row: row.last_name),
    ("type", lambda row: row.type),
    ("status", lambda row: row.status),
    ("dept", lambda row: row.dept),
    ("pmi", lambda row: row.pmi),
    ("timezone", lambda row: row.timezone),
    ("created_at", lambda row: row.created_at),
    ("last_login_time", lambda row: row.last_login_time),
    ("last_client_version", lambda row: row.last_client_version),
    ("as_of", lambda row: row.seen_at),
)
