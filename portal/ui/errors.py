"""Pages for what went wrong. They never repeat what was asked for, so a missing object and a foreign one look alike.

They need neither the session nor the database, and give the same bytes to everybody.
"""

import sys
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from portal.ui import nav

SENTENCES = {
    400: "The request could not be understood. Nothing was changed.",
    403: "You may not do that. Nothing was changed.",
    404: "That does not exist, or it is not yours to see.",
    405: "This address only takes a form that is sent to it. Nothing was changed.",
    429: "Too many requests in a short time. Wait a moment, then try again.",
    500: "Something broke in the portal. Look at the audit log and the job list before you repeat a change.",
    503: "The portal is busy or being updated. Try again in a minute.",
}

DATABASE_FAILS = (
    "The portal's database does not answer or cannot be written. "
    "Look at the audit log and the job list before you repeat a change."
)


def error_page(request: HttpRequest, status: int, context: dict[str, Any] | None = None) -> HttpResponse:
    """Answer with that status: a page for people, JSON for programs that ask for JSON and nothing else."""
    if request.headers.get("Accept", "").strip() == "application/json":
        message = DATABASE_FAILS if context and "database_fails" in context else SENTENCES[status]
        return JsonResponse({"status": status, "message": message}, status=status)
    return HttpResponse(render_to_string(f"errors/{status}.html", context or {}), status=status)


def _handler(status: int) -> Callable[..., HttpResponse]:
    def handle(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        return error_page(request, status)

    return handle


bad_request = _handler(400)
forbidden = _handler(403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What is gone was perhaps chosen from an old list: the page leads to that list as it is now."""
    match = request.resolver_match
    return error_page(request, 404, {"place": nav.place_of(match.view_name) if match else None})


def server_error(request: HttpRequest) -> HttpResponse:
    """Nobody foresaw it; but a database that is full, locked or gone is told apart, since that passes."""
    if isinstance(sys.exception(), (OperationalError, InterfaceError, InternalError)):
        return error_page(request, 503, {"database_fails": True})
    return error_page(request, 500)


def explain_not_allowed(request: HttpRequest, response: HttpResponse) -> None:
    """Fill the empty answer to a GET of an address for forms: a bookmark of it, or a reload after signing in."""
    match = request.resolver_match
    page = error_page(request, 405, {"place": nav.place_of(match.view_name) if match else None})
    response.content, response["Content-Type"] = page.content, page["Content-Type"]


def too_many(request: HttpRequest, exception: Exception | None = None, *, retry_after: int = 60) -> HttpResponse:
    response = error_page(request, 429, {"retry_after": retry_after})
    response["Retry-After"] = str(retry_after)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """For the setting CSRF_FAILURE_VIEW: the form was too old, or came from elsewhere."""
    return HttpResponse(render_to_string("errors/csrf.html"), status=403)
