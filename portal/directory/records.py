"""Turning Zoom's objects into mirror rows. Tolerant: a value of the wrong kind becomes empty, never an error."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from portal.audit import rows
from portal.audit.rows import Sql
from portal.directory.models import MirrorUser, SubAccount

USER_FIELDS = (
    "email",
    "first_name",
    "last_name",
    "type",
    "status",
    "pmi",
    "timezone",
    "dept",
    "created_at",
    "last_login_time",
    "last_client_version",
    "group_ids",
    "search_text",
    "seen_at",
)
LICENSED_TYPES = (2, 3)
YEARS = range(1900, 9000)


def text(value: Any, limit: int) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value).replace("\x00", "")[:limit]


def number(value: Any) -> int | None:
    try:
        found = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if abs(found) < 2**31 else None


def moment(value: Any) -> datetime | None:
    """A date-time of Zoom's; None when it cannot be read. Without a zone it is taken as UTC.

    A year that no meeting is in counts as unreadable: the year 1 is how some services write "never", and near the
    ends of the calendar a moment cannot be written in every zone.
    """
    try:
        found = parse_datetime(str(value)) if value else None
    except ValueError:
        return None
    if found is None or found.year not in YEARS:
        return None
    return found if timezone.is_aware(found) else timezone.make_aware(found, timezone.get_fixed_timezone(0))


def fold(value: str) -> str:
    """Lower case without accents, so that "gomez" finds "Gómez"."""
    if value.isascii():
        return value.lower()
    decomposed = unicodedata.normalize("NFKD", value.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def user_row(account: SubAccount, data: Mapping[str, Any], *, status: str, seen_at: datetime) -> MirrorUser:
    """A mirror row of one user as Zoom lists it (section "Users")."""
    pmi = "".join(char for char in text(data.get("pmi"), 20) if char.isdigit())
    values: dict[str, Any] = {
        "id": None,
        "account_id": account.pk,
        "zoom_id": text(data.get("id"), 64),
        "email": text(data.get("email"), 254).lower(),  # looked up by the exact address
        "first_name": text(data.get("first_name"), 128),
        "last_name": text(data.get("last_name"), 128),
        "type": number(data.get("type")),
        "status": status,
        "pmi": pmi,
        "timezone": text(data.get("timezone"), 64),
        "dept": text(data.get("dept"), 200),
        "created_at": moment(data.get("created_at")),
        "last_login_time": moment(data.get("last_login_time")),
        "last_client_version": text(data.get("last_client_version"), 80),
        "group_ids": data.get("group_ids") if isinstance(data.get("group_ids"), list) else [],
        "search_text": "",
        "seen_at": seen_at,
    }
    row = rows.made(MirrorUser, values.items(), adding=True)
    row._state.fields_cache["account"] = account
    row.search_text = search_text(row)
    return row


def search_text(row: MirrorUser) -> str:
    return fold(f"{row.email} {row.first_name} {row.last_name} {row.pmi} {row.dept}")


def save_users(rows: Iterable[MirrorUser]) -> None:
    """Insert or refresh rows. Twins within one batch are joined: the last one read wins."""
    unique = {(row.account_id, row.zoom_id): row for row in rows if row.zoom_id}
    MirrorUser.objects.bulk_create(
        unique.values(),
        update_conflicts=True,
        unique_fields=("account", "zoom_id"),
        update_fields=USER_FIELDS,
        batch_size=500,
    )


def add_user(row: MirrorUser) -> bool:
    """Insert a user and count them; False when the mirror has them already. Costs the same in a large account."""
    if not rows.insert(row, unless=("account_id", "zoom_id")):
        return False
    one_more = {"user_total": Sql("user_total + 1")}
    if row.type in LICENSED_TYPES and row.status != "inactive":
        one_more["seats_used"] = Sql("seats_used + 1")
    counted = "id = %s AND user_total IS NOT NULL AND seats_used IS NOT NULL"
    if not rows.update(SubAccount, one_more, counted, [row.account_id]):
        recount(row.account)
    return True


def recount(account: SubAccount) -> None:
    """Store how many users and how many used seats the mirror holds for an account."""
    with transaction.atomic():
        users = MirrorUser.objects.filter(account=account)
        SubAccount.objects.filter(pk=account.pk).update(user_total=users.count(), seats_used=licensed(users).count())


def licensed(users: QuerySet[MirrorUser]) -> QuerySet[MirrorUser]:
    """Users who take a seat of the plan."""
    return users.filter(type__in=LICENSED_TYPES).exclude(status="inactive")
