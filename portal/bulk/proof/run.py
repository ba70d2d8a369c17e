"""One chaos run, from the first part's start to the last invariant."""

import random
import sys
import time
from collections import Counter
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk import jobs
from portal.bulk.models import Item, Job
from portal.bulk.proof import people, remote, stage
from portal.bulk.proof.invariants import broken, leaks
from portal.bulk.proof.people import Bystander
from portal.bulk.proof.troupe import Troupe
from portal.directory.models import SubAccount
from portal.gateway.clients import master_client
from portal.gateway.models import Connection
from zoomapi.client import errors

LEAST_DOUBLES = 0.05  # of the naive client's rows; fewer, and the rig would prove nothing
LARGE = 1000  # rows from which on that share is sure to be met; a smaller run is content with one
REFUSED = 2.0, 6.0  # seconds during which the credentials are not accepted, in a small and in a large run
CLOCK = 20  # seconds by which Zoom's clock is put forward, for the rest of the run
SMALL_RUN = {"broker": 1, "freeze": 1, "refuse": 1, "database": 1}
LARGE_RUN = {
    "web": 2, "beat": 2, "broker": 3, "database": 5, "freeze": 5, "deploy": 2, "refuse": 1, "clock": 1,
}  # fmt: skip


class Run:
    def __init__(self, rows: int, kills: int, chance: random.Random, seed: int) -> None:
        self.rows, self.kills, self.chance, self.seed = rows, kills, chance, seed
        self.large = rows >= LARGE
        self.troupe = Troupe(settings.DATA_DIR / "chaos.log")
        self.done: Counter[str] = Counter()
        self.struck: list[dict[str, Any]] = []

    def perform(self) -> int:
        began = time.monotonic()
        stage.set_up(self.troupe)
        self.owner = Staff.objects.get(email=stage.OPERATOR)
        job = stage.start(self.owner, self.rows, "chaos")
        remote.control("POST", "faults", remote.plan(self.seed))
        bystander = Bystander(
            stage.ADMINISTRATOR, ("/", "/jobs/", f"/jobs/{job.pk}/", "/users/"), stage.page_of_a_user()
        )
        bystander.start()
        share = max(5, self.rows // 5)
        self.jobs = [job, stage.start(Staff.objects.get(email=stage.RESELLER), share, "beside")]
        self.jobs.append(people.upload(stage.OPERATOR, stage.file(self.owner, max(5, self.rows // 10)), self.kill_web))
        self.turmoil(job)
        self.calm()
        bystander.stop()
        return self.verdict(bystander, time.monotonic() - began)

    def verdict(self, bystander: Bystander, seconds: float) -> int:
        applied = remote.applied()
        problems = [text for job in self.jobs for text in broken(job, applied)]
        problems += bystander.failures(self.troupe.dead)
        problems += leaks(settings.DATA_DIR, (settings.SANDBOX_API_SECRET, settings.SECRET_KEY, stage.CANARY))
        stats = remote.control("GET", "stats")
        self.say(f"{self.rows:,} rows, seed {self.seed}, {connections['default'].vendor}: {seconds:.0f} s")
        for job in self.jobs:
            numbers = {state: number for state, number in jobs.counts(job.pk).items() if number}
            self.say(f"  {job.title} of {job.owner}: {numbers}")
        self.say(f"met: {dict(self.done)}")
        self.say(f"faults struck: {sum(rule['struck'] for rule in self.struck)}, answers {stats['statuses']}")
        self.say(f"429 by our own rate: {stats['refused']}")
        items = Item.objects.filter(job__in=self.jobs)
        adopted = items.filter(state="done", message__startswith="Checked at Zoom").count()
        self.say(f"adopted: {adopted}, sent more than once: {items.filter(attempt__gt=1).count()}")
        self.say(f"pages beside it: {len(bystander.seen)}, 95 of 100 within {bystander.slowest_of_95():.2f} s")
        self.say(f"invariants broken: {len(problems)}" + "".join(f"\n  {text}" for text in problems[:20]))
        proved = self.naive_fails()
        return int(bool(problems) or not proved)

    def say(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    # -------------------------------------------------------------------------------------------------------- turmoil

    def turmoil(self, job: Job) -> None:
        """Do one evil after another, spread over the job's progress."""
        others = LARGE_RUN if self.large else SMALL_RUN
        evils = ["worker"] * self.kills + [name for name, number in others.items() for _ in range(number)]
        self.chance.shuffle(evils)
        for number, evil in enumerate(evils):
            self.wait_for(job, self.rows * (number + 0.5) / (len(evils) + 1))
            self.befall(evil, job)
            self.done[evil] += 1

    def befall(self, evil: str, job: Job) -> None:
        worker = self.chance.choice(("worker 1", "worker 2"))
        if evil == "freeze":
            self.troupe.freeze(worker, self.chance.choice((1.0, 5.0, 12.0) if self.large else (1.0,)))
        elif evil == "refuse":
            self.refuse(job)
        elif evil == "database":
            self.troupe.crash_database()
        elif evil == "deploy":
            self.troupe.deploy()
        elif evil == "clock":
            remote.control("POST", "clock", {"offset": CLOCK})
        else:
            self.troupe.kill(worker if evil == "worker" else evil)

    def kill_web(self) -> None:
        self.troupe.kill("web")
        self.done["web"] += 1

    def refuse(self, job: Job) -> None:
        self.struck += remote.control("GET", "stats")["faults"]
        began = time.monotonic()
        remote.control("POST", "faults", remote.refuse_credentials())
        time.sleep(REFUSED[self.large])
        remote.control("POST", "faults", remote.plan(self.seed + 1))
        self.accept_again(job)
        self.troupe.dead.append((began, time.monotonic()))  # pages that need Zoom's answer cannot be shown

    def accept_again(self, job: Job) -> None:
        """What a person does who has corrected the credentials: test the connection. Then the jobs go on."""
        for _ in range(20):
            try:
                master_client(scope_of(job.owner), job.connection).accounts.list(page_size=1)
            except errors.ZoomError:
                time.sleep(1)
            else:
                Connection.objects.filter(pk=job.connection_id).update(bad_since=None)
                return

    def wait_for(self, job: Job, ended: float) -> None:
        """Until so many rows have ended, or nothing has happened for a while."""
        last, since = -1, time.monotonic()
        while time.monotonic() - since < 60:
            number = self.ended(job)
            if number >= ended:
                return
            if number != last:
                last, since = number, time.monotonic()
            time.sleep(0.3)

    def ended(self, job: Job) -> int:
        try:
            return Item.objects.filter(job=job, ended_at__isnull=False).count()
        except DatabaseError:
            connections.close_all()
            return 0

    def calm(self) -> None:
        """Faults end; everything must come to its end by itself."""
        self.struck += remote.control("GET", "stats")["faults"]
        remote.control("POST", "faults", [])
        keys = [job.pk for job in self.jobs]
        end = time.monotonic() + self.rows / 5 + 120
        while time.monotonic() < end:
            if not Job.objects.filter(pk__in=keys, state__in=jobs.LIVE).exists():
                return
            time.sleep(0.5)
        for job in Job.objects.filter(pk__in=keys, state__in=jobs.LIVE):
            self.say(f"“{job.title}” did not end: {job.state} {job.paused_reason}")

    # -------------------------------------------------------------------------------------------------------- control

    def naive_fails(self) -> bool:
        """A client that repeats what failed must create doubles here, else the run has proved nothing."""
        rows = max(self.rows, remote.LEAST_NAIVE)
        zoom = master_client(scope_of(self.owner), Connection.objects.get())
        account = SubAccount.objects.filter(is_master=False).order_by("pk")[0].zoom_id
        doubled = remote.naive(account, lambda: zoom.auth.header(time.time()), rows, self.seed)
        wanted = round(LEAST_DOUBLES * rows) if rows >= LARGE else 1
        self.say(f"naive client on the same faults: {doubled} of {rows:,} doubled (at least {wanted} wanted)")
        return doubled >= wanted
