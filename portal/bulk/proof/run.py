"""One chaos run, from the first part's start to the last invariant."""

import os
import random
import sys
import time

from django.conf import settings
from django.db import connections

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk import jobs
from portal.bulk.models import Job
from portal.bulk.proof import invariants, people, remote, stage
from portal.bulk.proof.evils import LARGE, Evils, ended
from portal.bulk.proof.people import Bystander
from portal.bulk.proof.troupe import Troupe
from portal.directory.models import SubAccount
from portal.gateway.clients import master_client
from portal.gateway.models import Connection

LEAST_DOUBLES = 0.05  # of the naive client's rows; fewer, and the rig would prove nothing
NAIVE_ROWS = 1000  # of the naive client at most: what it shows, it shows with these
NEWS_EVERY = 60.0  # seconds between two lines that say how far the run is
STALLED = 60.0  # seconds without a row that ends, after which the next evil comes all the same
ROWS_A_SECOND = 5  # half of what is permitted: a run must not take longer
REST = 120.0  # seconds beyond that


class Run:
    def __init__(self, rows: int, kills: int, chance: random.Random, seed: int) -> None:
        self.rows, self.kills, self.chance, self.seed = rows, kills, chance, seed
        self.large = rows >= LARGE
        self.troupe = Troupe(settings.DATA_DIR / "chaos.log")
        self.began = self.news = time.monotonic()

    def perform(self) -> int:
        vendor = connections["default"].vendor
        if connections["default"].introspection.table_names():
            self.say("The database is not empty; what an earlier run left would be counted with this one's. Empty it.")
            return 1
        self.say(f"{self.rows:,} rows, {self.kills} kills, seed {self.seed}, {vendor}, load {load()}")
        stage.set_up(self.troupe)
        self.owner = Staff.objects.get(email=stage.OPERATOR)
        job = stage.start(self.owner, self.rows, "chaos")
        self.evils = Evils(self.troupe, job, self.kills, self.chance, self.seed, large=self.large)
        remote.control("POST", "faults", remote.plan(self.seed))
        pages = ("/", "/jobs/", f"/jobs/{job.pk}/", "/users/")
        self.bystander = Bystander(stage.ADMINISTRATOR, pages, stage.page_of_a_user())
        self.bystander.start()
        beside, uploaded = max(5, self.rows // 5), max(5, self.rows // 10)
        self.jobs = {job: self.rows, stage.start(Staff.objects.get(email=stage.RESELLER), beside, "beside"): beside}
        file = stage.file(self.owner, uploaded)
        self.jobs[people.upload(stage.OPERATOR, file, uploaded, self.evils.kill_web)] = uploaded
        self.turmoil(job)
        if self.evils.cancelled is not None:
            self.jobs[self.evils.cancelled] = self.evils.halted
        self.calm()
        self.bystander.stop()
        return self.verdict()

    def verdict(self) -> int:
        seconds = time.monotonic() - self.began
        stats = remote.control("GET", "stats")
        problems = list(invariants.broken(self.jobs, remote.applied()))
        problems += invariants.too_fast(stats["refused"], stats["requests"])
        problems += self.bystander.failures(self.troupe.dead) + self.evils.problems
        problems += invariants.leaks(
            settings.DATA_DIR, (settings.SANDBOX_API_SECRET, settings.SECRET_KEY, stage.CANARY)
        )
        self.say(
            f"{self.rows:,} rows, seed {self.seed}, {connections['default'].vendor}: {seconds:.0f} s, load {load()}"
        )
        for job in self.jobs:
            numbers = {state: number for state, number in jobs.counts(job.pk).items() if number}
            self.say(f"  {job.title} of {job.owner}: {numbers}")
        self.say(f"met: {dict(self.evils.done)}")
        struck = sum(rule["struck"] for rule in self.evils.struck)
        self.say(f"faults struck: {struck}, answers {stats['statuses']}")
        self.say(f"429 by our own rate: {stats['refused']}")
        ways = invariants.ways(job.pk for job in self.jobs)
        self.say(", ".join(f"{way}: {number}" for way, number in ways.items()))
        self.say(f"pages beside it: {self.bystander.told()}")
        self.say(f"invariants broken: {len(problems)}" + "".join(f"\n  {text}" for text in problems[:20]))
        proved = self.naive_fails()
        return int(bool(problems) or not proved)

    def say(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def pulse(self, job: Job) -> None:
        """Say now and then how far it is."""
        if time.monotonic() - self.news < NEWS_EVERY:
            return
        self.news = time.monotonic()
        evils = f"{self.evils.done.total()} evils of {len(self.evils.order) + 1}"
        passed = self.news - self.began
        self.say(f"  after {passed:.0f} s: {ended(job):,} rows of {self.rows:,} ended, {evils}, load {load()}")

    # -------------------------------------------------------------------------------------------------------- turmoil

    def turmoil(self, job: Job) -> None:
        """Do one evil after another, spread over the job's progress."""
        for number, evil in enumerate(self.evils.order):
            self.wait_for(job, self.rows * (number + 0.5) / (len(self.evils.order) + 1))
            self.evils.befall(evil)

    def wait_for(self, job: Job, wanted: float) -> None:
        """Until so many rows have ended, or nothing has happened for a while."""
        last, since = -1, time.monotonic()
        while time.monotonic() - since < STALLED:
            self.pulse(job)
            number = ended(job)
            if number >= wanted:
                return
            if number != last:
                last, since = number, time.monotonic()
            time.sleep(0.3)

    def calm(self) -> None:
        """Faults end; everything must come to its end by itself."""
        self.evils.note_struck()
        remote.control("POST", "faults", [])
        keys = [job.pk for job in self.jobs]
        end = time.monotonic() + sum(self.jobs.values()) / ROWS_A_SECOND + REST
        while time.monotonic() < end:
            if not Job.objects.filter(pk__in=keys, state__in=jobs.LIVE).exists():
                return
            self.pulse(next(iter(self.jobs)))
            time.sleep(0.5)
        for job in Job.objects.filter(pk__in=keys, state__in=jobs.LIVE):
            self.say(f"“{job.title}” did not end: {job.state} {job.paused_reason}")

    # -------------------------------------------------------------------------------------------------------- control

    def naive_fails(self) -> bool:
        """A client that repeats what failed must create doubles here, else the run has proved nothing."""
        rows = min(max(self.rows, remote.LEAST_NAIVE), NAIVE_ROWS)
        zoom = master_client(scope_of(self.owner), Connection.objects.get())
        account = SubAccount.objects.filter(is_master=False).order_by("pk")[0].zoom_id
        doubled = remote.naive(account, lambda: zoom.auth.header(time.time()), rows, self.seed)
        wanted = round(LEAST_DOUBLES * rows) if rows >= LARGE else 1
        self.say(f"naive client on the same faults: {doubled} of {rows:,} doubled (at least {wanted} wanted)")
        return doubled >= wanted


def load() -> str:
    return f"{os.getloadavg()[0]:.1f}"
