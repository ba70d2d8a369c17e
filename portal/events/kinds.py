"""Meetings and webinars: what differs between the two. All else in this room is written once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from zoomapi import spec
from zoomapi.spec.schedule import MEETING_TYPES, WEBINAR_TYPES


@dataclass(frozen=True)
class Kind:
    """``family`` is the specification's name and that of the addresses; ``licensed``: only licensed users hold it.

    ``asked``: what the list of a host's events must be asked for, since without it Zoom leaves most of them out.
    ``lists_start``: whether that list tells when they start.
    """

    family: str
    one: str
    icon: str
    types: Mapping[int, str]
    licensed: bool
    lists_start: bool
    asked: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.family.capitalize()

    @property
    def id_name(self) -> str:
        """What the operations call the id: ``webinarId``."""
        return spec.endpoint(f"{self.family}.get").params[0]

    @property
    def import_flow(self) -> str:
        """The kind of file that registers people."""
        return f"{self.one}_registrants"

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"{self.family}:{name}", args=args)


KINDS = {
    "meetings": Kind(
        "meetings",
        "meeting",
        "video-camera",
        MEETING_TYPES,
        licensed=False,
        lists_start=True,
        asked={"type": "scheduled"},
    ),
    "webinars": Kind("webinars", "webinar", "presentation-chart-line", WEBINAR_TYPES, licensed=True, lists_start=False),
}


def kind_of(request: HttpRequest) -> Kind:
    """The kind an address is about."""
    return KINDS[request.resolver_match.namespace if request.resolver_match else ""]
