"""A form that arrives after the session has ended is kept for whoever was signed in, who is asked to sign in again.

It is kept in the new session, for half an hour, without files and without anything secret, and shown before it is sent.
Who it was tells a signed cookie that outlives the session, so that nobody else who signs in there gets to see it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from portal.access.models import Staff
from portal.audit.redact import HIDDEN, redact

KEY = "kept_form"
WHO = "who"  # the cookie
LIFE = timedelta(minutes=30)
LARGEST = 64 * 1024  # characters: the largest form of settings is half of it
TOKEN = "csrfmiddlewaretoken"  # noqa: S105  # the name of a field
NO_SECRET = frozenset({"", "on", "off", "true", "false"})  # what a box to tick sends, whatever its name


@dataclass(frozen=True)
class Kept:
    """Where the form goes, its fields as (name, value), and the names of those that were not kept."""

    path: str
    fields: list[tuple[str, str]]
    left_out: list[str]


def remember(staff: Staff, request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the browser say later who was signed in here."""
    if request.get_signed_cookie(WHO, None) != str(staff.pk):
        age = settings.SESSION_COOKIE_AGE + int(LIFE.total_seconds())
        response.set_signed_cookie(
            WHO, str(staff.pk), max_age=age, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
        )


def keep(request: HttpRequest) -> bool:
    """Keep the form of a request that nobody has signed in for. False when there is nothing that could be kept."""
    lost = request.method == "POST" and settings.SESSION_COOKIE_NAME in request.COOKIES
    if not lost or request.content_type != "application/x-www-form-urlencoded":
        return False
    fields, left_out = [], []
    for name, values in request.POST.lists():
        if name == TOKEN:
            continue
        if not NO_SECRET.issuperset(values) and redact({name: "x"})[name] == HIDDEN:
            left_out.append(name)
            continue
        fields += [[name, str(value)] for value in values]
    if sum(len(name) + len(value) for name, value in fields) > LARGEST:
        return False
    request.session[KEY] = {
        "path": request.get_full_path(),
        "fields": fields,
        "left_out": left_out,
        "at": timezone.now().isoformat(),
        "who": request.get_signed_cookie(WHO, None),
    }
    return True


def kept(request: HttpRequest) -> Kept | None:
    """What is kept for this person in this browser, unless it is too old."""
    found: dict[str, Any] | None = request.session.get(KEY)
    if found is None or datetime.fromisoformat(found["at"]) < timezone.now() - LIFE:
        return None
    if found["who"] not in (None, str(request.user.pk)):
        return None
    return Kept(found["path"], [(name, value) for name, value in found["fields"]], found["left_out"])
