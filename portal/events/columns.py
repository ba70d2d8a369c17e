"""The tables of this room: hosts, their events, registrants."""

from typing import Any

from portal.directory.models import MirrorUser, SubAccount
from portal.directory.records import moment
from portal.events.kinds import Kind
from portal.ui.formats import when
from portal.ui.tables import Column


def host_columns(kind: Kind, *, account: SubAccount | None) -> tuple[Column, ...]:
    found = (
        Column("Host", "email", link=lambda row: host_url(kind, row), sort="email", head=True),
        Column("Name", "full_name", sort="name", sort_fields=("last_name",), priority=2),
        Column("Sub-account", "account"),
        Column("Department", "dept", priority=3),
    )
    return tuple(column for column in found if not (account and column.key == "account"))


def host_url(kind: Kind, row: MirrorUser) -> str:
    """Without an address when the id cannot stand in one: a strange row must not take the list with it."""
    usable = row.zoom_id and "/" not in row.zoom_id
    return kind.url("host", row.account_id, row.zoom_id) if usable else ""


def event_columns(kind: Kind, account: SubAccount) -> tuple[Column, ...]:
    def url(row: dict[str, Any]) -> str:
        number = str(row["id"])
        return kind.url("detail", account.pk, int(number)) if number.isascii() and number.isdigit() else ""

    start = Column("Start", render=lambda row: when(moment(row.get("start_time"))), priority=2)
    return (
        Column("Topic", render=lambda row: row.get("topic") or f"({row['id']})", link=url, head=True),
        Column("Number", render=lambda row: str(row["id"]), css="nowrap", priority=2),
        Column("Type", render=lambda row: kind.types.get(row.get("type", 0), row.get("type"))),
        *((start,) if kind.lists_start else ()),
        Column("Scheduled", render=lambda row: when(moment(row.get("created_at"))), priority=3),
    )


def full_name(row: dict[str, Any]) -> str:
    return " ".join(str(row[name]) for name in ("first_name", "last_name") if row.get(name))


def remarks(row: dict[str, Any]) -> str:
    """What the registrant wrote, for whoever decides: the comment, then the answers to the event's own questions."""
    answers = row.get("custom_questions")
    given = [one for one in answers if isinstance(one, dict)] if isinstance(answers, list) else []
    told = [f"{one.get('title')}: {one['value']}" for one in given if one.get("value")]
    return "; ".join([str(row["comments"]), *told] if row.get("comments") else told)


REGISTRANT_COLUMNS = (
    Column("E-mail", render=lambda row: row.get("email") or row["id"], head=True),
    Column("Name", render=full_name),
    Column("Organization", "org", priority=2),
    Column("Job title", "job_title", priority=3),
    Column("Remarks", render=remarks, priority=3),
    Column("Registered", render=lambda row: when(moment(row.get("create_time"))), priority=2),
)
