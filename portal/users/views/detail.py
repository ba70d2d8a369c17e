"""One user: read live from Zoom; from the mirror, and saying so, when Zoom cannot be read."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from portal.access.rights import Right
from portal.audit.models import Entry, Phase
from portal.bulk.pages import unreadable
from portal.directory.asking import reader
from portal.directory.models import MirrorGroup
from portal.directory.records import moment
from portal.ui.formats import shown, yes_no
from portal.ui.requests import scope_of
from portal.users.columns import type_name
from portal.users.live import Member, mirrored, read
from zoomapi.client.errors import NotFound, ZoomError
from zoomapi.spec.catalogue import AUTO_RECORDING, TIMEZONES

RECENT = 8
SUMMARY = (
    ("Cloud recording", "recording.cloud_recording"),
    ("Record automatically", "recording.auto_recording"),
    ("Waiting room", "in_meeting.waiting_room"),
    ("Join before host", "scheduled_meeting.join_before_host"),
    ("Meeting capacity", "feature.meeting_capacity"),
    ("Large meetings", "feature.large_meeting"),
    ("Webinars", "feature.webinar"),
    ("Meetings in China", "feature.cn_meeting"),
    ("Meetings in India", "feature.in_meeting"),
)


@dataclass
class Beside:
    """What hangs on a user. A part that could not be read is None, and ``problems`` says why."""

    settings: dict[str, Any] | None = None
    assistants: list[dict[str, Any]] | None = None
    schedulers: list[dict[str, Any]] | None = None
    permissions: list[str] | None = None
    problems: list[str] = field(default_factory=list)


@require_GET
def detail(request: HttpRequest, account_id: int, user_id: str) -> HttpResponse:
    problem, beside = "", Beside()
    try:
        user = read(request, account_id, user_id)
    except NotFound as error:
        return unreadable(request, error)
    except ZoomError as error:
        user, problem = mirrored(request, account_id, user_id), str(error)
        if user.row is None:
            return unreadable(request, error)
    if user.user_id != user_id:
        return redirect("users:detail", account_id, user.user_id)  # the address named the e-mail
    if not problem:
        beside = read_beside(request, user)
    scope = scope_of(request)
    context = {
        "account": user.account,
        "member": user,
        "problem": problem,
        "beside": beside,
        "facts": facts(user),
        "settings": summary(beside.settings or {}),
        "groups": groups(user),
        "may_write": scope.may(Right.WRITE) and not user.account.gone_since,
        "may_audit": scope.may(Right.AUDIT),
        "recent": recent(user) if scope.may(Right.AUDIT) else (),
    }
    return render(request, "users/detail.html", context)


def read_beside(request: HttpRequest, user: Member) -> Beside:
    """The user's settings and helpers. A pending user has none; one part that fails does not hide the others."""
    found = Beside()
    if user.is_pending:
        return found
    zoom = reader(request, user.account)
    parts: list[tuple[str, Any]] = [
        ("settings", lambda: zoom.users.settings(user.user_id) or {}),
        ("assistants", lambda: _helpers(zoom.users.assistants(user.user_id))),
    ]
    if user.account.is_master:
        parts += [
            ("schedulers", lambda: _helpers(zoom.users.schedulers(user.user_id))),
            ("permissions", lambda: list((zoom.users.permissions(user.user_id) or {}).get("permissions") or [])),
        ]
    for name, ask in parts:
        try:
            setattr(found, name, ask())
        except ZoomError as error:
            found.problems.append(f"The {name} could not be read: {error}")
    return found


def _helpers(answer: Any) -> list[dict[str, Any]]:
    return [row for row in ((answer or {}).get("assistants") or []) if isinstance(row, dict)]


def facts(user: Member) -> list[tuple[str, Any]]:
    """From Zoom's answer, or from the mirror row when there is none."""
    row, live = user.row, user.live

    def value(name: str) -> Any:
        return live.get(name) if live else getattr(row, name, None)

    found = [
        ("User id", user.user_id),
        ("E-mail", user.email),
        ("Type", type_name(value("type"), user.account.connection.zoom)),
        ("Department", value("dept")),
        ("Personal meeting id", str(value("pmi") or "")),
        ("Time zone", TIMEZONES.get(str(value("timezone") or ""), value("timezone"))),
        ("Created", moment(value("created_at"))),
        ("Last sign-in", moment(value("last_login_time")) or "Never"),
        ("App at last sign-in", value("last_client_version")),
    ]
    if live:
        verified = live.get("verified")
        found += [
            ("Personal room", live.get("vanity_url")),
            ("Address confirmed", yes_no(verified) if verified is not None else None),
            ("Picture", "There is one" if live.get("pic_url") else "None"),
            ("Kaltura user id", live.get("cms_user_id")),
        ]
    return found


def summary(settings: dict[str, Any]) -> list[tuple[str, Any]]:
    """The settings people ask for most; the rest is on the settings page."""
    found = []
    for label, name in SUMMARY:
        section, _, key = name.partition(".")
        box = settings.get(section)
        if isinstance(box, dict) and key in box:
            value = AUTO_RECORDING.get(box[key], box[key]) if key == "auto_recording" else box[key]
            found.append((label, shown(value)))
    return found


def groups(user: Member) -> list[tuple[str, str]]:
    """(group id, name) of the user's groups; a group the mirror does not know is named by its id."""
    ids = user.live.get("group_ids") if user.live else (user.row.group_ids if user.row else [])
    wanted = [str(one) for one in ids] if isinstance(ids, list) else []
    rows = MirrorGroup.objects.filter(account=user.account, zoom_id__in=wanted)
    names = dict(rows.values_list("zoom_id", "name"))
    return [(one, names.get(one, one)) for one in wanted]


def recent(user: Member) -> QuerySet[Entry]:
    entries = Entry.objects.filter(account_id=user.account.pk, target__in=(user.email, user.user_id))
    return entries.exclude(phase=Phase.INTENT)[:RECENT]
