"""What the portal knows about each connection: refused credentials, an unreachable host, a clock that differs.

The gateway notes it after every call. Jobs ask ``paused``, pages show ``problems``.
"""

import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from portal.gateway import clock
from portal.gateway.models import Connection

FAILURES = 5  # connect failures …
WITHIN = 30.0  # … within so many seconds open the circuit
CLOCK_TOLERANCE = 30.0  # seconds; a token lives longer than that
CLOCK_NEWS = 2.0  # a change smaller than this is not worth a write

_failures: dict[int, deque[float]] = defaultdict(lambda: deque(maxlen=FAILURES))
_lock = threading.Lock()
_skew = {"seconds": 0.0}  # this process's clock minus the database's, when that was last looked at


@dataclass(frozen=True)
class Problem:
    """One sentence for a banner. ``kind``: "credentials", "unreachable" or "clock"."""

    connection: Connection
    kind: str
    since: datetime | None
    text: str


def answered(connection: Connection, offset: float | None) -> None:
    """Zoom answered and took the credentials: nothing stands against this connection any more."""
    with _lock:
        _failures.pop(connection.pk, None)
    changes: dict[str, object] = {}
    if connection.bad_since is not None:
        changes["bad_since"] = None
    if connection.unreachable_since is not None:
        changes["unreachable_since"] = None
    if offset is not None and (news := _news(connection.clock_offset, offset)) is not None:
        changes["clock_offset"] = news
    _save(connection, changes)


def _news(known: float | None, offset: float) -> float | None:
    """Zoom's clock minus the database's, where that is news. ``offset`` is against this process's own clock.

    The database is asked for its time only when something seems to have changed.
    """
    if known is not None and abs(known - offset - _skew["seconds"]) <= CLOCK_NEWS:
        return None
    _skew["seconds"] = time.time() - clock.now().timestamp()
    found = offset + _skew["seconds"]
    return found if known is None or abs(known - found) > CLOCK_NEWS else None


def refused(connection: Connection) -> bool:
    """Zoom refuses the credentials. True when that is news."""
    now = timezone.now()
    connection.bad_since = connection.bad_since or now
    return bool(Connection.objects.filter(pk=connection.pk, bad_since=None).update(bad_since=now))


def unreachable(connection: Connection) -> None:
    """A connection could not be made; the fifth time in 30 s it counts as an outage."""
    now = time.monotonic()
    with _lock:
        times = _failures[connection.pk]
        times.append(now)
        is_outage = len(times) == FAILURES and now - times[0] <= WITHIN
    if is_outage and connection.unreachable_since is None:
        connection.unreachable_since = timezone.now()
        Connection.objects.filter(pk=connection.pk, unreachable_since=None).update(
            unreachable_since=connection.unreachable_since
        )


def paused(connection: Connection) -> str:
    """Why jobs of this connection must wait; empty when nothing stands against them."""
    connection.refresh_from_db(fields=("is_active", "bad_since", "unreachable_since"))
    if not connection.is_active:
        return f"The connection {connection.name} is switched off."
    if connection.bad_since:
        return f"Zoom refuses the credentials of {connection.name}."
    if connection.unreachable_since:
        return f"Zoom cannot be reached over {connection.name}."
    return ""


def problems() -> list[Problem]:
    """Everything a person should know about the connections in use, worst first."""
    found: list[Problem] = []
    for connection in Connection.objects.filter(is_active=True):
        name = connection.name
        if connection.bad_since:
            text = f"Zoom refuses the credentials of {name}. Jobs wait; lists show what was read before."
            found.append(Problem(connection, "credentials", connection.bad_since, text))
        if connection.unreachable_since:
            text = f"Zoom cannot be reached over {name}. Jobs wait; lists show what was read before."
            found.append(Problem(connection, "unreachable", connection.unreachable_since, text))
        offset = connection.clock_offset
        if offset is not None and abs(offset) > CLOCK_TOLERANCE:
            found.append(Problem(connection, "clock", None, clock_text(offset, "The portal's clock")))
    order = ("credentials", "unreachable", "clock")
    return sorted(found, key=lambda problem: order.index(problem.kind))


def clock_text(offset: float, whose: str = "This machine's clock") -> str:
    """``offset``: Zoom's clock minus that one, in seconds."""
    direction = "behind" if offset > 0 else "ahead of"
    return f"{whose} is {abs(offset):.0f} s {direction} Zoom's."


def _save(connection: Connection, changes: dict[str, object]) -> None:
    if changes:
        Connection.objects.filter(pk=connection.pk).update(**changes)
        for name, value in changes.items():
            setattr(connection, name, value)
