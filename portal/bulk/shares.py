"""Whose turn it is at Zoom: what is permitted is shared between the owners of running jobs by deficit round robin.

Every pump takes turns by itself, so several pumps are fair together without telling each other anything. An owner's
turn is so many rows, whatever job of theirs they come from; their jobs follow each other.
"""

import time
import uuid
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from portal.audit import rows
from portal.bulk import claims, jobs
from portal.bulk.claims import Claim
from portal.bulk.crew import Crew
from portal.bulk.timing import Timing
from portal.gateway.models import Connection
from zoomapi import spec
from zoomapi.spec.limits import GENERAL, RateClass

TURN = 8  # rows
LOOK = 2.0  # seconds between two looks for other jobs
LONGEST_REST = 2.0  # seconds until a job that had nothing to claim is asked again
FEW = 2  # rows of a job whose class is not known yet
MOST = 200  # jobs that are looked at
OWN = "SELECT id, owner_id FROM bulk_job WHERE id = %s"
RUNNING = """SELECT id, owner_id FROM bulk_job WHERE connection_id = %s AND lane = 'bulk' AND state = 'running'
    ORDER BY started_at LIMIT %s"""


@dataclass
class Stand:
    """A job in its owner's line."""

    job_id: Any
    rate: RateClass | None = None  # of its latest row
    rest: float = 0.0  # how long it was last left alone
    until: float = 0.0  # monotonic


@dataclass
class Tenant:
    """``credit``: the rows that are left of the turn."""

    line: deque[Stand] = field(default_factory=deque)
    credit: int = 0


class Turns:
    """Claims for one pump, whose own job is looked after even when it is only to be wound up."""

    def __init__(self, job_id: Any, connection: Connection) -> None:
        self.job_id, self.connection = job_id, connection
        self._tenants: dict[int, Tenant] = {}
        self._order: deque[int] = deque()
        self._looked = float("-inf")
        self._held: dict[int, RateClass] = {}
        self._lock = Lock()

    @property
    def rate(self) -> float:
        """Calls a second that all classes of rows in hand permit together."""
        with self._lock:
            classes = {rate.name: rate for rate in self._held.values()}
        return sum(rate.calls / rate.period for rate in classes.values()) or GENERAL.calls / GENERAL.period

    def claim(self, owner: str, crew: Crew, most: int, timing: Timing) -> list[Claim]:
        """Claim up to ``most`` rows, of whomever it is the turn."""
        self._look()
        found: list[Claim] = []
        for _ in range(len(self._order)):
            tenant = self._tenants[self._order[0]]
            tenant.credit = tenant.credit or (TURN if len(self._order) > 1 else most)
            found += self._serve(tenant, owner, crew, most - len(found), timing)
            if len(found) >= most and tenant.credit:
                break  # the turn goes on next time
            tenant.credit = 0
            self._order.rotate(-1)
            if len(found) >= most:
                break
        crew.rate = self.rate
        return found

    @property
    def held(self) -> list[int]:
        """Keys of the rows in hand."""
        with self._lock:
            return list(self._held)

    def done(self, claim: Claim) -> None:
        """The row is not in hand any more."""
        with self._lock:
            self._held.pop(claim.item.pk, None)

    def _serve(self, tenant: Tenant, owner: str, crew: Crew, most: int, timing: Timing) -> list[Claim]:
        found: list[Claim] = []
        for _ in range(len(tenant.line)):
            stand = tenant.line[0]
            tenant.line.rotate(-1)
            wanted = min(most - len(found), tenant.credit, self._space(stand, crew))
            if wanted <= 0 or time.monotonic() < stand.until:
                continue
            got = claims.claim(stand.job_id, owner, wanted, timing)
            tenant.credit -= len(got)
            self._keep(stand, got)
            if not got:
                self._rest(stand, timing)
            found += got
            if not tenant.credit or len(found) >= most:
                break
        return found

    def _space(self, stand: Stand, crew: Crew) -> int:
        """Rows of a slow class must not fill all hands while they wait for their permits."""
        if self._is_alone():
            return crew.most or 1
        if stand.rate is None:
            return FEW
        with self._lock:
            busy = Counter(rate.name for rate in self._held.values())[stand.rate.name]
        return round(stand.rate.calls / stand.rate.period * (crew.taken + crew.AHEAD)) + 2 - busy

    def _keep(self, stand: Stand, got: Iterable[Claim]) -> None:
        for claim in got:
            rate = self.connection.zoom.view(spec.endpoint(claim.item.endpoint)).rate
            stand.rate, stand.rest = rate, 0.0
            with self._lock:
                self._held[claim.item.pk] = rate

    def _rest(self, stand: Stand, timing: Timing) -> None:
        """Others need not wait while a job that may have come to its end is asked again and again."""
        if self._is_alone():
            return
        stand.rest = min(stand.rest * 2 or timing.poll, LONGEST_REST)
        stand.until = time.monotonic() + stand.rest
        jobs.finish(stand.job_id)

    def _is_alone(self) -> bool:
        return len(self._order) == 1 and len(self._tenants[self._order[0]].line) == 1

    def _look(self) -> None:
        """Find the running jobs of the connection; the turns of those that are known go on."""
        if time.monotonic() - self._looked < LOOK:
            return
        found = rows.every(OWN, rows.adapted([uuid.UUID(str(self.job_id))]))
        found += rows.every(RUNNING, [self.connection.pk, MOST])
        wanted = {uuid.UUID(str(key)): owner for key, owner in found}
        for key, tenant in self._tenants.items():
            tenant.line = deque(stand for stand in tenant.line if wanted.get(stand.job_id) == key)
        known = {stand.job_id for tenant in self._tenants.values() for stand in tenant.line}
        for job_id, key in wanted.items():
            if job_id not in known:
                self._tenants.setdefault(key, Tenant()).line.append(Stand(job_id))
        self._tenants = {key: tenant for key, tenant in self._tenants.items() if tenant.line}
        staying = [key for key in self._order if key in self._tenants]
        self._order = deque([*staying, *(key for key in self._tenants if key not in staying)])
        self._looked = time.monotonic()
