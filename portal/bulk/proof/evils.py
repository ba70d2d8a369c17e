"""What befalls a chaos run, one evil after another, in an order that the seed decides."""

import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connections

from portal.access.scope import scope_of
from portal.audit.models import Entry
from portal.bulk import jobs
from portal.bulk.models import Item, Job
from portal.bulk.proof import remote, stage
from portal.bulk.proof.replay import JUMP
from portal.bulk.proof.troupe import OURS, Troupe
from portal.gateway.clients import master_client
from portal.gateway.models import Connection
from zoomapi.client import errors

LARGE = 1000  # rows from which on a run is a large one
REFUSED = 2.0, 6.0  # seconds during which the credentials are not accepted, in a small and in a large run
FULL = 3.0, 10.0  # seconds during which nothing can be written
SHUT = 1.0  # seconds after which the last write must have come through
SHIFTED = 5.0, 20.0  # seconds during which clocks of our own are wrong by an hour
ZOOM_CLOCK = 20  # seconds by which Zoom's clock is put forward, for the rest of the run
HALF = 40.0  # seconds at most until half of the job is done that is to be cancelled
SMALL_RUN = {
    "broker": 1, "freeze": 1, "refuse": 1, "database": 1, "disk": 1, "own clock": 1, "cancel": 1,
}  # fmt: skip
LARGE_RUN = {
    "web": 2, "beat": 2, "broker": 3, "database": 5, "freeze": 5, "deploy": 2, "refuse": 1, "clock": 1,
    "disk": 1, "own clock": 2, "cancel": 1,
}  # fmt: skip
WORKERS = ("worker 1", "worker 2")


class Evils:
    """``done`` counts them; ``struck`` is what the sandbox's faults had done when they were replaced."""

    def __init__(self, troupe: Troupe, job: Job, kills: int, chance: random.Random, seed: int, *, large: bool) -> None:
        self.troupe, self.job, self.chance, self.seed, self.large = troupe, job, chance, seed, large
        others = LARGE_RUN if large else SMALL_RUN
        self.order = ["worker"] * kills + [name for name, number in others.items() for _ in range(number)]
        chance.shuffle(self.order)
        self.done: Counter[str] = Counter()
        self.struck: list[dict[str, Any]] = []
        self.problems: list[str] = []  # an evil that did not do what it should
        self.cancelled: Job | None = None
        self.halted = max(5, len(self.order))  # rows of the job that is cancelled
        self._special: dict[str, Callable[[], None]] = {
            "freeze": self.freeze, "refuse": self.refuse, "database": self.troupe.crash_database,
            "deploy": self.troupe.deploy, "clock": self.set_zoom, "disk": self.fill_disk, "own clock": self.set_ours,
            "cancel": self.cancel,
        }  # fmt: skip

    def befall(self, evil: str) -> None:
        if evil in self._special:
            self._special[evil]()
        else:
            self.troupe.kill(self.chance.choice(WORKERS) if evil == "worker" else evil)
        self.done[evil] += 1

    def kill_web(self) -> None:
        self.befall("web")

    def freeze(self) -> None:
        seconds = self.chance.choice((1.0, 5.0, 12.0) if self.large else (1.0,))
        self.troupe.freeze(self.chance.choice(WORKERS), seconds)

    def set_zoom(self) -> None:
        remote.control("POST", "clock", {"offset": ZOOM_CLOCK})

    def fill_disk(self) -> None:
        """While nothing can be written there is no intent, and without an intent nothing is sent (I4)."""
        self.troupe.fill_disk()
        time.sleep(SHUT)
        before = last_entry()
        time.sleep(FULL[self.large] - SHUT)
        after = last_entry()
        self.troupe.empty_disk()
        if after != before:
            self.problems.append(f"The disk was full, but the audit grew from {before} to {after}.")

    def set_ours(self) -> None:
        """First one worker is behind, so that its tokens have ended before they begin; later all parts are ahead."""
        first = not self.done["own clock"]
        parts, offset = ((self.chance.choice(WORKERS),), -JUMP) if first else (OURS, JUMP)
        self.troupe.set_clocks(parts, offset)
        time.sleep(SHIFTED[self.large])
        self.troupe.set_clocks(parts, 0.0)

    def cancel(self) -> None:
        """A job beside the others is cancelled in the middle."""
        self.cancelled = stage.start(self.job.owner, self.halted, "halted")
        end = time.monotonic() + HALF
        while ended(self.cancelled) < self.halted // 2 and time.monotonic() < end:
            time.sleep(0.2)
        while True:
            try:
                jobs.cancel(self.cancelled.pk, self.job.owner)
            except DatabaseError:
                connections.close_all()
                time.sleep(0.5)
            else:
                return

    def refuse(self) -> None:
        self.note_struck()
        began = time.monotonic()
        remote.control("POST", "faults", remote.refuse_credentials())
        time.sleep(REFUSED[self.large])
        remote.control("POST", "faults", remote.plan(self.seed + 1))
        self._accept_again()
        self.troupe.dead.append((began, time.monotonic()))  # pages that need Zoom's answer cannot be shown

    def note_struck(self) -> None:
        self.struck += remote.control("GET", "stats")["faults"]

    def _accept_again(self) -> None:
        """What a person does who has corrected the credentials: test the connection. Then the jobs go on."""
        for _ in range(20):
            try:
                master_client(scope_of(self.job.owner), self.job.connection).accounts.list(page_size=1)
            except errors.ZoomError:
                time.sleep(1)
            else:
                Connection.objects.filter(pk=self.job.connection_id).update(bad_since=None)
                return


def last_entry() -> int:
    """Number of the audit's last entry."""
    return Entry.objects.order_by("-number").values_list("number", flat=True)[0]


def ended(job: Job) -> int:
    """Rows of a job that have ended; 0 while the database does not tell."""
    try:
        return Item.objects.filter(job=job, ended_at__isnull=False).count()
    except DatabaseError:
        connections.close_all()
        return 0
