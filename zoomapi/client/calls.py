"""The two records that travel through the client: a ``Call`` on its way out and its ``Answer``, and the hooks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from zoomapi.client.errors import ZoomError
from zoomapi.client.rate_headers import RateLimit, rate_limit
from zoomapi.spec.base import Endpoint


@dataclass(frozen=True)
class Call:
    """One attempt on the wire. ``url`` is the path below the base URL, quoted. ``attempt`` counts from 1.

    The repr leaves query and body out: they may hold secrets.
    """

    endpoint: Endpoint
    method: str
    url: str
    query: Mapping[str, Any] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    account: str | None = None
    attempt: int = 1

    @property
    def idempotent(self) -> bool:
        """Whether repeating it after an unknown outcome does no harm to the data read."""
        return self.method == "GET"


@dataclass(frozen=True)
class Answer:
    """What came back. ``data``: parsed JSON, None when there is no body. ``headers``: names in lower case.

    ``elapsed``: seconds on the wire. ``server_time``: the service's clock, seconds since 1970, None if not told.
    """

    status: int
    data: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    elapsed: float
    tracking_id: str = ""
    server_time: float | None = None

    @property
    def rate_limit(self) -> RateLimit | None:
        """What the answer says about limits; None when it says nothing."""
        return rate_limit(self.headers)


class Hooks(Protocol):
    """Called around every attempt on the wire of every operation that is not a GET."""

    def before(self, call: Call) -> None:
        """Permit in hand, nothing sent yet. Raise ``Stopped`` to prevent the send."""

    def after(self, call: Call, answer: Answer | None, error: ZoomError | None) -> None:
        """The attempt ended, in an answer or in an error."""
