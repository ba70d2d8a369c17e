"""The supervisor with real processes."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.portal.supervisor.conftest import House, gone, group_of, wait_until

OpenHouse = Callable[..., House]


def test_each_line_begins_with_the_name_of_the_part_that_speaks(house: OpenHouse) -> None:
    running = house("web=polite", "sandbox=polite")
    running.wait_for("portal   │ all up")
    running.process.send_signal(signal.SIGINT)
    running.end()
    assert sorted(running.lines[:2]) == ["sandbox  │ up", "web      │ up"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_all_parts_the_last_started_first(house: OpenHouse, number: signal.Signals) -> None:
    running = house("valkey=polite", "worker=polite", "web=polite")
    running.wait_for("portal   │ all up")
    parts = running.noted()
    running.process.send_signal(number)
    assert running.end() == 0
    assert running.lines[4:] == ["web      │ bye", "worker   │ bye", "valkey   │ bye", "portal   │ stopped"]
    assert [gone(one.pid) for one in parts] == [True, True, True]


def test_a_part_that_ignores_the_request_is_killed_and_named(house: OpenHouse) -> None:
    running = house("valkey=polite", "worker=stubborn")
    running.wait_for("portal   │ all up")
    parts = running.noted()
    begun = time.monotonic()
    running.process.send_signal(signal.SIGINT)
    assert running.end() == 0
    assert time.monotonic() - begun < 3
    assert "portal   │ The worker did not end in 1.0 s and was killed." in running.lines
    assert [gone(one.pid) for one in parts] == [True, True]


def test_children_of_a_part_do_not_outlive_it(house: OpenHouse) -> None:
    running = house("worker=parent")
    running.wait_for("portal   │ all up")
    (part,) = running.noted()
    wait_until(lambda: len(group_of(part.pid)) == 2, 10, "the part's child")
    running.process.send_signal(signal.SIGINT)
    running.end()
    assert group_of(part.pid) == []


def test_a_part_that_dies_takes_the_rest_down_with_its_reason(house: OpenHouse) -> None:
    running = house("web=polite", "worker=dying")
    running.wait_for("portal   │ all up")
    parts = running.noted()
    assert running.end() == 1
    reason = "portal   │ The worker ended with exit code 3; its last words: up / no more coal."
    assert running.lines[-2:] == ["web      │ bye", reason]
    assert [gone(one.pid) for one in parts] == [True, True]


def test_a_killed_part_is_reported_with_its_signal(house: OpenHouse) -> None:
    running = house("web=polite", "worker=polite")
    running.wait_for("portal   │ all up")
    os.kill(running.noted()[1].pid, signal.SIGKILL)
    assert running.end() == 1
    assert running.lines[-1] == "portal   │ The worker was killed by SIGKILL; its last words: up."


def test_a_part_that_never_gets_ready_ends_the_start(house: OpenHouse) -> None:
    running = house("web=polite", "sandbox=mute")
    assert running.end() == 1
    assert running.lines[-1] == "portal   │ The sandbox was not ready after 1 s."


def test_a_second_ctrl_c_does_not_wait(house: OpenHouse) -> None:
    running = house("valkey=stubborn", "sandbox=stubborn", "web=stubborn")
    running.wait_for("portal   │ all up")
    running.process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    begun = time.monotonic()
    running.process.send_signal(signal.SIGINT)
    assert running.end() == 0
    assert time.monotonic() - begun < 1.5


def test_parts_end_even_when_the_supervisor_is_killed(house: OpenHouse) -> None:
    running = house("valkey=polite", "web=polite")
    running.wait_for("portal   │ all up")
    parts = running.noted()
    running.process.kill()
    running.process.wait()
    wait_until(lambda: all(gone(one.pid) for one in parts), 5, "the parts' end")


def test_a_second_supervisor_in_the_same_folder_is_refused(house: OpenHouse) -> None:
    first = house("web=polite")
    first.wait_for("portal   │ all up")
    second = house("web=polite")
    assert second.end() == 1
    told = f"Master Portal already runs from this folder (process {first.process.pid}), so nothing was started: "
    assert [line for line in second.lines if told in line] == [
        f"portal.supervisor.leftovers.AlreadyRunning: {told}use that one, or end it with Ctrl-C in its window first."
    ]
