"""What an earlier run left behind is recognised and ended; strangers are not touched."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.supervisor.leftovers import Notebook, Noted, end, started_at
from tests.portal.supervisor.conftest import House, gone


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def test_a_living_process_of_an_earlier_run_is_found(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    noted = Noted("worker", sleeper.pid, started_at(sleeper.pid))
    write(tmp_path, noted)
    assert Notebook(tmp_path).left_alive() == [noted]


def test_a_stranger_with_the_same_number_is_not_ours(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    write(tmp_path, Noted("worker", sleeper.pid, "1"))
    assert Notebook(tmp_path).left_alive() == []


def test_a_dead_process_is_not_left_alive(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    write(tmp_path, Noted("worker", sleeper.pid, started_at(sleeper.pid)))
    sleeper.kill()
    sleeper.wait()
    assert Notebook(tmp_path).left_alive() == []


@pytest.mark.parametrize("content", ["", "{", '[{"name": 1}]', '"text"'])
def test_a_spoiled_note_means_that_nothing_is_known(tmp_path: Path, content: str) -> None:
    (tmp_path / "parts.json").write_text(content)
    assert Notebook(tmp_path).left_alive() == []


def test_ending_leftovers_ends_them(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    end([Noted("worker", sleeper.pid, started_at(sleeper.pid))])
    assert sleeper.wait(timeout=5) == -signal.SIGTERM


def test_the_lock_is_free_again_after_a_kill(house: Callable[..., House], tmp_path: Path) -> None:
    first = house("web=polite")
    first.wait_for("portal   │ all up")
    first.process.kill()
    first.process.wait()
    with Notebook(tmp_path).lock() as lock:
        lock.seek(0)
        assert lock.read() == str(os.getpid())


def test_a_process_that_is_gone_has_no_time_of_start(sleeper: subprocess.Popen[bytes]) -> None:
    sleeper.kill()
    sleeper.wait()
    assert gone(sleeper.pid)


def write(folder: Path, *noted: Noted) -> None:
    (folder / "parts.json").write_text(json.dumps([vars(one) for one in noted]))
