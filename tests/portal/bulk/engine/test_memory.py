"""A worker with little memory: the check of a large file stays flat, and one that is cut off is done again."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from portal.access.models import Staff
from portal.bulk import storage
from portal.bulk.files import jobs
from portal.bulk.files.plans import RowPlan
from portal.bulk.files.users import Constants
from portal.bulk.files.validate import Check, validate
from portal.bulk.models import Job, JobState
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.worker import ROOT, address
from tests.portal.bulk.files.conftest import stored

pytestmark = pytest.mark.django_db(transaction=True)

SMALL, LARGE = 600, 3_000
ROOM = 8 * 2**20  # less than the rows of the large file take when they are all held at once
CHECKER = """
import json, resource, sys
import django
django.setup()
from portal.bulk.files.validate import validate

def pages():
    return int(open("/proc/self/statm").read().split()[0])

small, large, room = sys.argv[1:4]
validate(small)  # everything is loaded and warm now
most = pages() * resource.getpagesize() + int(room)
resource.setrlimit(resource.RLIMIT_AS, (most, most))
try:
    validate(large)
except MemoryError:
    print(json.dumps("out of memory"))
else:
    print(json.dumps("done"))
"""


def people(rows: int) -> str:
    lines = (f"p{n:06}@file.example,First{n},Last{n},1,Department {n % 40}\n" for n in range(rows))
    return "email,first_name,last_name,type,dept\n" + "".join(lines)


def waiting(actor: Staff, account: SubAccount, rows: int) -> Job:
    job = jobs.create(actor, account.connection, stored(people(rows)), "people.csv")
    jobs.submit(job, job.options["mapping"], Constants(account=account.zoom_id))
    return job


def check(small: Job, large: Job, room: int) -> Any:
    """Check both files in a process that may use ``room`` more bytes for the second than it had after the first."""
    environment = {
        **os.environ,
        "PORTAL_DATA": str(settings.DATA_DIR),
        "DATABASE_URL": address(connection.settings_dict),
        "DJANGO_SETTINGS_MODULE": "portal.settings_test",
    }
    command = [sys.executable, "-c", CHECKER, str(small.pk), str(large.pk), str(room)]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the size of a process where Linux tells it")
def test_fault_P24_a_file_five_times_as_long_needs_no_more_memory(olga: Staff, acme: SubAccount) -> None:
    small, large = waiting(olga, acme, SMALL), waiting(olga, acme, LARGE)
    assert check(small, large, ROOM) == "done"
    large.refresh_from_db()
    assert (large.state, large.items.filter(step=0).count()) == (JobState.READY, LARGE)


def test_fault_P24_a_check_that_ran_out_of_memory_is_made_again_from_the_beginning(
    olga: Staff, acme: SubAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = waiting(olga, acme, 700)
    insert = Check._insert

    def run_out(self: Check, plans: list[RowPlan]) -> None:
        if self.done:
            raise MemoryError
        insert(self, plans)

    monkeypatch.setattr(Check, "_insert", run_out)
    with pytest.raises(MemoryError):
        validate(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.items.filter(step=0).count()) == (JobState.VALIDATING, 500)
    monkeypatch.undo()
    job.options["progress"]["beat"] = (storage.now() - jobs.LEASE - timedelta(seconds=1)).isoformat()
    job.save(update_fields=["options"])
    validate(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.items.filter(step=0).count()) == (JobState.READY, 700)
