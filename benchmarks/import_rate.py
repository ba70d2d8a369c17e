"""How near an import of new users comes to the rate Zoom permits, through the whole product.

Run: python -m benchmarks.import_rate [rows]. Starts the product on free ports with a folder of its own and a sandbox
that enforces its limits, sends a CSV over ten sub-accounts as an operator would, and waits. The share is the time the
calls need at the permitted ten a second, divided by the time they took. The goals are 0.97 and not one 429.
"""

import os
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

import django
from django.db import connections

from tests.support.running import Running, started
from tests.support.visitor import Visitor, new_people, some_accounts

PERMITTED = 10  # calls a second


def moments(folder: Path, job: str) -> tuple[datetime, datetime]:
    """When the portal says the job was started and ended."""
    os.environ |= {"PORTAL_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "portal.settings"}
    django.setup()
    from portal.bulk.models import Job  # noqa: PLC0415  # models need the settings of the measured portal

    found = Job.objects.get(pk=job.strip("/").rpartition("/")[2])
    connections.close_all()
    assert found.started_at
    assert found.ended_at
    return found.started_at, found.ended_at


def measure(product: Running, rows: int) -> bool:
    olga = Visitor(product, "olga")
    olga.wait_for_mirror()
    refused_before = product.stats()["refused"]
    began = time.monotonic()
    job = olga.import_users(new_people(some_accounts(product, 10), rows))
    checked = time.monotonic() - began
    olga.wait_for(job, "Done", patience=rows / PERMITTED * 3 + 60)
    writes = [write for write in product.ledger() if write["operation"] == "users.create"]
    keys = Counter(write["key"] for write in writes)
    refused = product.stats()["refused"] - refused_before
    start, end = (moment.timestamp() for moment in moments(product.folder, job))
    first, last = min(write["at"] for write in writes), max(write["at"] for write in writes)
    ideal = rows / PERMITTED
    seconds = Counter(int(write["at"] - first) for write in writes)
    slow = sum(1 for second in range(int(last - first)) if seconds[second] < PERMITTED - 1)
    print(f"rows {rows}, file sent and checked in {checked:.1f} s, one user a row: {set(keys.values()) == {1}}")
    print(f"start to last applied: {last - start:.1f} s, share of the permitted rate {ideal / (last - start):.3f}")
    print(f"start to job done:     {end - start:.1f} s, share of the permitted rate {ideal / (end - start):.3f}")
    print(f"start to first applied: {first - start:.2f} s; seconds with fewer than 9 calls: {slow}")
    print(f"answers 429: {refused}")
    return len(keys) == rows == len(writes) and refused == 0 and ideal / (end - start) >= 0.97


def main(rows: int) -> bool:
    with tempfile.TemporaryDirectory() as folder, started(Path(folder) / "data") as product:
        return measure(product, rows)


if __name__ == "__main__":
    sys.exit(not main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000))
