"""A job of 100,000 rows: how long its page takes, and the claim of the next row.

Run: python -m benchmarks.big_job [rows]. A fifth of the rows is done, as in the middle of a run. The page is asked for
as its owner, whole and as the part that follows the progress. Goals: 200 ms for the page, 5 ms in p95 for the claim of
one row and of a batch.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.bulk_rate import USERS, plan, setup
from tests.support.sandbox import start_sandbox

PAGES, CLAIMS = 21, 200


def tell(name: str, taken: list[float]) -> None:
    values = [statistics.median(taken), statistics.quantiles(taken, n=20)[-1], max(taken)]
    print(
        f"| {name} | {' | '.join(f'{1000 * value:.1f} ms' for value in values)} | {os.getloadavg()[0]:.1f} |",
        flush=True,
    )


def timed(number: int, call: Callable[[], object]) -> list[float]:
    call()
    taken = []
    for _ in range(number):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return taken


def measure(rows: int) -> None:
    from django.conf import settings  # noqa: PLC0415  # after the environment is set
    from django.test import Client  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from portal.bulk import claims  # noqa: PLC0415
    from portal.bulk.models import Item, Job  # noqa: PLC0415
    from portal.bulk.timing import Timing  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder, start_sandbox(Path(folder)) as sandbox:
        job = Job.objects.select_related("owner").get(pk=plan(sandbox, rows, USERS))
    Job.objects.filter(pk=job.pk).update(state="running", started_at=timezone.now())
    Item.objects.filter(job=job, row__lte=rows // 5).update(state="done", ended_at=timezone.now())
    browser = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    browser.force_login(job.owner)
    page = reverse("bulk:job", args=[job.pk])
    assert browser.get(page).status_code == 200
    print(f"{rows:,} rows\n\n| What | Median | p95 | Longest | Load |\n|---|---|---|---|---|")
    tell("job page", timed(PAGES, lambda: browser.get(page)))
    tell("its rows, last page", timed(PAGES, lambda: browser.get(page, {"page": "last"})))
    tell("claim of one row", timed(CLAIMS, lambda: claims.claim(job.pk, "bench", 1, Timing())))
    tell("claim of eight rows", timed(CLAIMS, lambda: claims.claim(job.pk, "bench", 8, Timing())))


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as data:
        setup(Path(data), "sql:")
        from django.core.management import call_command  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        measure(rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
