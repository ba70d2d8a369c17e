"""Typed access to what the middleware put on a request."""

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest

if TYPE_CHECKING:
    from portal.access.models import Staff
    from portal.access.scope import Scope


def scope_of(request: HttpRequest) -> "Scope":
    """The scope of the signed-in person (set by AccessMiddleware; every page behind sign-in has one)."""
    return cast("Scope", request.scope)  # type: ignore[attr-defined]  # set by AccessMiddleware


def person(request: HttpRequest) -> "Staff":
    """The signed-in person."""
    return cast("Staff", request.user)


def belongs_to(request: HttpRequest, place: str) -> None:
    """Mark the link of the navigation (by its URL name) that this page belongs to, where several share a room."""
    request.place = place  # type: ignore[attr-defined]  # read by portal.ui.context
