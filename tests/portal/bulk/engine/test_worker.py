"""A real Celery worker: it finds work at its start, without any message, and stops when asked."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from portal.bulk.models import ItemState, Job, JobState
from tests.portal.bulk.engine.conftest import created, states
from tests.portal.bulk.engine.worker import ROOT
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("broker", ["", "redis://127.0.0.1:9/0"], ids=["broker", "P16, nothing listens there"])
def test_fault_P15_a_worker_sweeps_at_its_start_and_needs_no_beat_and_no_message(
    creations: Callable[..., Job], clean: Sandbox, tmp_path: Path, broker: str
) -> None:
    job = creations(5, run=False)
    Job.objects.update(state=JobState.RUNNING)
    environment = {
        **os.environ,
        "PORTAL_DATA": str(settings.DATA_DIR),
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "DJANGO_SETTINGS_MODULE": "portal.settings_test",
    }
    celery = [sys.executable, "-m", "celery", "-A", "portal.celery", *(["--broker", broker] if broker else [])]
    command = [*celery, "worker", "--concurrency", "2", "-l", "WARNING"]
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    end = time.monotonic() + 60
    try:
        while time.monotonic() < end and job.state != JobState.DONE:
            time.sleep(0.2)
            job.refresh_from_db()
    finally:
        worker.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        status = worker.wait(30)
    said = (tmp_path / "worker.log").read_text()
    assert states(job) == {ItemState.DONE: 5}, said
    assert set(created(clean).values()) == {1}
    assert status == 0
    assert time.monotonic() - asked < 25
    assert "Traceback" not in said
