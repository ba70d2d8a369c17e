"""How much longer a person waits for a change while a large job runs.

Run: python -m benchmarks.interactive [--rows 10000] [--samples 60] [--latency 100]. A sandbox with its strict limits;
two worker processes work on a job of new users; meanwhile this process, as the web process would, changes a user every
second or so. The same changes are made before, without the job. The goal is at most 250 ms more in p95.
"""

import argparse
import os
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.bulk_rate import USERS, begin, delay, plan, setup, started_workers
from tests.support.sandbox import start_sandbox

WARM_UP = 8.0  # seconds of the job before a person comes


def sample(write: Any, number: int) -> list[float]:
    """Seconds of so many writes, with a person's pauses between them."""
    chance, taken = random.Random(1), []
    for turn in range(number):
        time.sleep(chance.uniform(0.3, 1.7))
        began = time.monotonic()
        write(turn)
        taken.append(time.monotonic() - began)
    return taken


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def tell(name: str, taken: list[float]) -> None:
    shown = [f"{1000 * value:.0f} ms" for value in (statistics.median(taken), p95(taken), max(taken))]
    print(f"| {name} | {len(taken)} | {' | '.join(shown)} | {os.getloadavg()[0]:.1f} |", flush=True)


def measure(folder: Path, options: argparse.Namespace) -> None:
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from portal.access.scope import scope_of  # noqa: PLC0415
    from portal.bulk import jobs, operations  # noqa: PLC0415
    from portal.bulk.models import Item, ItemState, Job  # noqa: PLC0415

    with start_sandbox(folder) as sandbox:
        connection.settings_dict["NAME"] = f"{folder}/portal.sqlite3"
        call_command("migrate", verbosity=0)
        job = Job.objects.get(pk=plan(sandbox, options.rows, USERS))
        person = job.owner
        account = job.items.select_related("account__connection").order_by("row")[0].account
        assert account is not None
        users = sandbox.call("GET", f"/accounts/{account.zoom_id}/users").json()["users"]
        delay(sandbox, options.latency)

        def write(turn: int) -> None:
            item = operations.perform(
                scope=scope_of(person), actor=person, endpoint="users.update", account=account,
                path={"userId": users[turn % len(users)]["id"]}, body={"dept": f"Department {turn}"},
            )  # fmt: skip
            assert item.state == ItemState.DONE, item.message

        workers = started_workers(folder, str(job.pk), "sql:", 0)
        print("| A person's write | Samples | Median | p95 | Longest | Load |\n|---|---|---|---|---|---|")
        write(0)
        alone = sample(write, options.samples)
        tell("without a job", alone)
        begin(str(job.pk), workers)
        time.sleep(WARM_UP)
        beside = sample(write, options.samples)
        tell(f"beside a job of {options.rows:,} rows", beside)
        done = Item.objects.filter(job=job, state=ItemState.DONE).count()
        jobs.cancel(job.pk, person)
        for process in workers:
            process.communicate()
        print(f"\nAdded in p95: {1000 * (p95(beside) - p95(alone)):.0f} ms; {done:,} rows were done meanwhile.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--latency", type=int, default=100, help="milliseconds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data, tempfile.TemporaryDirectory() as folder:
        setup(Path(data), "sql:")
        measure(Path(folder), options)


if __name__ == "__main__":
    main()
