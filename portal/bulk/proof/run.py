"""One chaos run, from the first part's start to the last invariant."""

import random
import sys
import time
from collections import Counter

from django.conf import settings
from django.db import DatabaseError, connections

from portal.access import demo
from portal.access.models import Staff
from portal.access.rights import Role
from portal.access.scope import scope_of
from portal.bulk import jobs, operations
from portal.bulk.models import Item, Job
from portal.bulk.operations import Step
from portal.bulk.proof import remote
from portal.bulk.proof.invariants import broken
from portal.bulk.proof.troupe import Troupe
from portal.directory.models import SubAccount
from portal.gateway.clients import master_client
from portal.gateway.models import Connection
from portal.supervisor import prepare
from zoomapi.client import errors

LEAST_DOUBLES = 0.05  # of the naive client's rows; fewer, and the rig would prove nothing
LARGE = 1000  # rows from which on that share is sure to be met; a smaller run is content with one
GROUP_EVERY = 10  # one row in so many creates a group, which Zoom would not refuse to create twice
REFUSED = 2.0, 6.0  # seconds during which the credentials are not accepted, in a small and in a large run


class Run:
    def __init__(self, rows: int, kills: int, chance: random.Random, seed: int) -> None:
        self.rows, self.kills, self.chance, self.seed = rows, kills, chance, seed
        self.troupe = Troupe(settings.DATA_DIR / "chaos.log")
        self.done: Counter[str] = Counter()

    def perform(self) -> int:
        began = time.monotonic()
        job = self.prepare()
        self.turmoil(job)
        self.calm(job)
        seconds = time.monotonic() - began
        problems = list(broken(job, remote.applied()))
        stats = remote.control("GET", "stats")
        numbers = {state: number for state, number in jobs.counts(job.pk).items() if number}
        self.say(f"{self.rows:,} rows, seed {self.seed}, {connections['default'].vendor}: {numbers} in {seconds:.0f} s")
        self.say(f"met: {dict(self.done)}")
        self.say(f"faults struck: {sum(rule['struck'] for rule in self.struck)}, answers {stats['statuses']}")
        self.say(f"429 by our own rate: {stats['refused']}")
        self.say(f"adopted: {self.adopted(job)}, sent more than once: {job.items.filter(attempt__gt=1).count()}")
        self.say(f"invariants broken: {len(problems)}" + "".join(f"\n  {text}" for text in problems[:20]))
        doubled = self.control_run()
        naive = max(self.rows, remote.LEAST_NAIVE)
        wanted = round(LEAST_DOUBLES * naive) if naive >= LARGE else 1
        self.say(f"naive client on the same faults: {doubled} of {naive:,} doubled (at least {wanted} wanted)")
        return int(bool(problems) or doubled < wanted)

    def say(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    # ---------------------------------------------------------------------------------------------------------- begin

    def prepare(self) -> Job:
        prepare.database()
        prepare.static_files()
        for name in self.troupe.names:
            self.troupe.start(name)
            if name == "sandbox":
                self.wait_for_sandbox()
                demo.load()
        owner = Staff.objects.filter(role=Role.OPERATOR).first() or Staff.objects.create_user(
            "chaos@portal.example", role=Role.OPERATOR
        )
        connection = Connection.objects.get()
        accounts = list(self.accounts(connection, owner))
        steps = (self.step(accounts[row % len(accounts)], row) for row in range(1, self.rows + 1))
        job = operations.plan(
            scope=scope_of(owner), actor=owner, connection=connection, kind="chaos", title="Chaos", steps=steps
        )
        remote.control("POST", "faults", remote.plan(self.seed))
        operations.start(job, owner)
        return job

    def wait_for_sandbox(self) -> None:
        for _ in range(600):
            try:
                remote.control("GET", "stats")
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise TimeoutError("The sandbox did not start.")

    def accounts(self, connection: Connection, owner: Staff) -> list[SubAccount]:
        rows = master_client(scope_of(owner), connection).accounts.list(page_size=300)["accounts"]
        rows.sort(key=lambda row: -(row.get("seats") or 0))
        found = []
        for row in rows[:10]:
            names = {"name": row["account_name"], "owner_email": row["owner_email"]}
            found.append(
                SubAccount.objects.update_or_create(connection=connection, zoom_id=row["id"], defaults=names)[0]
            )
        return found

    def step(self, account: SubAccount, row: int) -> Step:
        if row % GROUP_EVERY == 0:
            name = f"Chaos {row}"
            return Step(row=row, account=account, endpoint="groups.create", body={"name": name}, label=name)
        email = f"chaos{row}@chaos.example"
        body = {"action": "create", "user_info": {"email": email, "type": 1, "first_name": "Chaos"}}
        return Step(row=row, account=account, endpoint="users.create", body=body, label=email)

    # -------------------------------------------------------------------------------------------------------- turmoil

    def turmoil(self, job: Job) -> None:
        """Do one evil after another, spread over the job's progress."""
        each = 1 if self.rows < LARGE else 2
        evils = ["worker"] * self.kills + ["web", "beat", "broker", "freeze"] * each + ["refuse"]
        self.chance.shuffle(evils)
        for number, evil in enumerate(evils):
            self.wait_for(job, self.rows * (number + 0.5) / (len(evils) + 1))
            self.befall(evil, job)
            self.done[evil] += 1

    def befall(self, evil: str, job: Job) -> None:
        worker = self.chance.choice(("worker 1", "worker 2"))
        if evil == "freeze":
            self.troupe.freeze(worker, self.chance.choice((1.0, 5.0, 12.0)))
        elif evil == "refuse":
            self.struck_before = remote.control("GET", "stats")["faults"]
            remote.control("POST", "faults", remote.refuse_credentials())
            time.sleep(REFUSED[self.rows >= LARGE])
            remote.control("POST", "faults", remote.plan(self.seed + 1))
            self.accept_again(job)
        elif evil == "worker":
            self.troupe.kill(worker)
        else:
            self.troupe.kill(evil)

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

    def calm(self, job: Job) -> None:
        """Faults end; everything must come to its end by itself."""
        self.struck = remote.control("GET", "stats")["faults"] + getattr(self, "struck_before", [])
        remote.control("POST", "faults", [])
        end = time.monotonic() + self.rows / 5 + 120
        while time.monotonic() < end:
            job.refresh_from_db()
            if job.state not in jobs.LIVE:
                return
            time.sleep(0.5)
        self.say(f"The job did not end: {job.state} {job.paused_reason}")

    # ------------------------------------------------------------------------------------------------------- verdicts

    def adopted(self, job: Job) -> int:
        return job.items.filter(state="done", message__startswith="Checked at Zoom").count()

    def control_run(self) -> int:
        connection = Connection.objects.get()
        zoom = master_client(scope_of(Staff.objects.filter(role=Role.OPERATOR).first() or demo_error()), connection)
        account = SubAccount.objects.filter(is_master=False).order_by("pk")[0].zoom_id
        return remote.naive(
            account, lambda: zoom.auth.header(time.time()), max(self.rows, remote.LEAST_NAIVE), self.seed
        )


def demo_error() -> Staff:
    raise LookupError("There is no operator.")
