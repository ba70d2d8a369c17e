"""The other ways to make many calls that ``bulk_rate`` measures beside the engine, as one finds them in practice."""

import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests
from celery import Celery

from tests.support.sandbox import KEY, SECRET, Sandbox

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0  # seconds beyond one a call, for Celery to work through its queue
READY = 60.0  # seconds a worker may take to start

app = Celery("rate_others")
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=1, broker_connection_retry_on_startup=True)


def create(sandbox: Sandbox, account: str, email: str) -> int:
    headers = {"Authorization": f"Bearer {sandbox.token()}"}
    body = {"action": "create", "user_info": {"email": email, "type": 1}}
    url = f"{sandbox.base_url}/accounts/{account}/users"
    return requests.post(url, json=body, headers=headers, timeout=30).status_code


def sequential(sandbox: Sandbox, account: str, rows: int) -> None:
    """One call after the other."""
    for row in range(rows):
        while create(sandbox, account, f"other{row}@bench.example") == 429:
            time.sleep(1)


def retrying(sandbox: Sandbox, account: str, rows: int) -> None:
    """Ten threads that send as fast as they can, and again a second after a refusal."""
    numbers, lock = itertools.count(), threading.Lock()

    def work() -> None:
        while True:
            with lock:
                number = next(numbers)
            if number >= rows:
                return
            while create(sandbox, account, f"other{number}@bench.example") == 429:
                time.sleep(1)

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@app.task(bind=True, rate_limit="10/s", max_retries=None)
def one_call(self: object, base_url: str, account: str, email: str) -> None:
    """What a Celery task for a limited API usually looks like."""
    process: subprocess.Popen[str] | None = None
    sandbox = Sandbox(base_url, KEY, SECRET, process)  # type: ignore[arg-type]  # only its token is asked for
    if create(sandbox, account, email) == 429:
        raise self.retry(countdown=1)  # type: ignore[attr-defined]  # Celery binds the task


def celery(sandbox: Sandbox, account: str, rows: int) -> None:
    """Send the tasks and wait until all users exist, or long enough; the workers run already."""
    for row in range(rows):
        one_call.delay(sandbox.base_url, account, f"other{row}@bench.example")
    end = time.monotonic() + rows + PATIENCE
    while time.monotonic() < end and len(sandbox.ledger()) < rows:
        time.sleep(1)


@contextmanager
def celery_workers(number: int, broker: str) -> Iterator[None]:
    """So many workers of ten processes, each worker with the task's rate limit to itself, as Celery keeps it."""
    app.conf.broker_url = broker
    # The program takes BROKER_URL for the broker whatever the app says, and loads the portal if it finds its settings.
    # With those of the tests each worker had a broker in its own memory, and nobody heard it.
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    environment["BROKER_URL"] = broker
    # The pool that gave one worker the most. Each task that waits for the limit adds a timer; kombu runs ten at a time,
    # then sleeps up to a second unless something wakes it, as results of processes do. Threads fell to one a second.
    command = [sys.executable, "-m", "celery", "-A", "benchmarks.rate_others", "worker", "-P", "prefork", "-c", "10"]
    with tempfile.TemporaryFile("w+") as log:
        workers = [
            subprocess.Popen(
                [*command, "-l", "warning", "-n", f"w{n}@bench"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
            for n in range(number)
        ]
        try:
            if not answering(number):
                log.seek(0)
                raise RuntimeError(f"not all Celery workers answer: {log.read()[-2000:]}")
            yield
        finally:
            ended(workers)
            if workers:
                app.control.purge()  # what was not done is nothing the next way should do


def answering(number: int) -> bool:
    """Whether so many workers answer before long."""
    end = time.monotonic() + READY
    while number and len(app.control.ping(timeout=1.0)) < number:
        if time.monotonic() > end:
            return False
    return True


def ended(workers: list[subprocess.Popen[bytes]]) -> None:
    for worker in workers:
        worker.terminate()
    for worker in workers:
        with suppress(subprocess.TimeoutExpired):
            worker.wait(20)
        worker.kill()
