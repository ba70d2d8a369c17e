"""Which function serves which operation."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.errors import Refusal
from zoomapi.sandbox.http import Response
from zoomapi.spec import Endpoint

Handler = Callable[[Call], dict[str, Any] | Response | None]


@dataclass(frozen=True)
class Served:
    """``refusals`` replace the validation failure of one field by a code of its own."""

    handler: Handler
    refusals: dict[str, Callable[[str], Refusal]] = field(default_factory=dict)


HANDLERS: dict[str, Served] = {}


def serves(
    endpoint: Endpoint,
    *,
    refusals: dict[str, Callable[[str], Refusal]] | None = None,
) -> Callable[[Handler], Handler]:
    """Register a handler. It returns the answer's members, None for an answer without any, or a whole Response."""

    def register(handler: Handler) -> Handler:
        HANDLERS[endpoint.key] = Served(handler, refusals or {})
        return handler

    return register
