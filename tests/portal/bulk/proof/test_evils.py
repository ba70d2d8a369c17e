"""What the chaos driver does to the parts: it must really happen, and end."""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from portal.bulk.proof import clock
from portal.bulk.proof.troupe import Troupe
from portal.supervisor.part import Part

WRITER = """
import sys, time
while True:
    time.sleep(0.02)
    try:
        with open(sys.argv[1], "a") as file:
            file.write("x" * 8192)
    except OSError:
        pass
"""


def eventually(what: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not what():
        time.sleep(0.05)
    return what()


@pytest.mark.django_db
def test_nothing_of_ours_writes_while_the_disk_is_full(tmp_path: Path) -> None:
    file = tmp_path / "written"
    file.touch()
    troupe = Troupe(tmp_path / "log")
    troupe._parts = {"web": Part("web", (sys.executable, "-c", WRITER, str(file)))}
    troupe.start("web")
    try:
        assert eventually(lambda: file.stat().st_size > 0)
        troupe._limit_files(4096)
        time.sleep(0.2)
        size = file.stat().st_size
        time.sleep(0.5)
        assert file.stat().st_size == size
        troupe._limit_files(None)
        assert eventually(lambda: file.stat().st_size > size)
    finally:
        troupe.stop()


def test_a_clock_can_be_set_while_a_process_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true = time.time
    monkeypatch.setattr(time, "time", time.time)
    monkeypatch.setattr(timezone, "now", timezone.now)
    file = tmp_path / "clock"
    clock.install(file)
    assert abs(time.time() - true()) < 1
    file.write_text("-3600.0")
    assert eventually(lambda: time.time() - true() < -3599)
    assert timezone.now().timestamp() - true() < -3599
    file.write_text("0.0")
    assert eventually(lambda: abs(timezone.now().timestamp() - true()) < timedelta(seconds=1).total_seconds())
