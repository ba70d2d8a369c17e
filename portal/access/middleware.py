"""The door of every page: who asks, what they may do, and no for everything that is not said in the matrix."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from portal.access.kept import keep, remember
from portal.access.matrix import Open, need
from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import Scope, scope_of
from portal.access.sign_in import may_sign_in
from portal.audit import log
from portal.audit.verbs import Verb
from portal.ui.errors import explain_not_allowed


class AccessMiddleware:
    """Sets ``request.scope`` (None for anonymous), the person's time zone, and asks the matrix before each view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if isinstance(request.user, Staff) and not may_sign_in(request.user):
            logout(request)
        staff = request.user if isinstance(request.user, Staff) else None
        scope = scope_of(staff) if staff else None
        request.scope = scope  # type: ignore[attr-defined]  # the one attribute we add to requests
        with timezone.override(_zone(staff)):
            response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.method == "GET" and not response.content:
            explain_not_allowed(request, response)
        if staff:
            remember(staff, request, response)
        # Pages hold other people's data: no browser keeps them, nor does the back button after signing out.
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponseBase | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        needed = need(name, request.method or "GET")
        if needed is None:
            raise Http404(f"{name} is not in the access matrix.")
        if needed is Open.PUBLIC:
            return None
        scope: Scope | None = getattr(request, "scope", None)
        if scope is None:
            return _to_sign_in(request)
        if isinstance(needed, Right) and not scope.may(needed):
            refuse(request, needed)
        return None


def refuse(request: HttpRequest, right: Right) -> None:
    """Write the refusal down and answer 403."""
    staff = request.user if isinstance(request.user, Staff) else None
    log.record(
        Verb.REFUSED,
        actor=staff,
        target=request.path,
        result="refused",
        status=403,
        message=f"{request.method} needs the right '{right}'.",
    )
    raise PermissionDenied


def _zone(staff: Staff | None) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(staff.timezone if staff else settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Send to the sign-in page; a part of a page must not be replaced by it, so HTMX is told to move the whole page.

    A form that was sent is kept, and offered again after signing in.
    """
    if not request.headers.get("HX-Request"):
        here = resolve_url("access:kept") if keep(request) else request.get_full_path()
        return redirect_to_login(here, resolve_url(settings.LOGIN_URL))
    here = request.headers.get("HX-Current-URL", "")
    safe = url_has_allowed_host_and_scheme(here, {request.get_host()}, require_https=request.is_secure())
    address = resolve_url(settings.LOGIN_URL) + (f"?{urlencode({'next': _path(here)})}" if safe else "")
    return HttpResponse(status=401, headers={"HX-Redirect": address})


def _path(address: str) -> str:
    """An own absolute address without scheme and host."""
    _, _, rest = address.partition("://")
    return "/" + rest.partition("/")[2] if rest else address
