"""The embedded broker: keeps its data, and is recognised when an earlier run left it alive."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import redis

from portal.supervisor.part import port_problem
from portal.supervisor.running import Adopted, Running
from portal.supervisor.valkey import embedded_valkey, pid_of_ours
from portal.supervisor.voice import Voice
from tests.portal.supervisor.conftest import wait_until


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(port: int, tmp_path: Path) -> Iterator[Running]:
    running = start(port, tmp_path)
    yield running
    running.kill()


def start(port: int, folder: Path) -> Running:
    running = Running(embedded_valkey(port, folder), Voice(StringIO()), os.environ)
    wait_until(running.ready, 10, "the embedded broker")
    return running


def test_data_survive_a_kill_and_a_new_start(port: int, tmp_path: Path) -> None:
    first = start(port, tmp_path)
    with redis.Redis(port=port) as client:
        client.rpush("bell", "job 7")
        time.sleep(1.2)  # the append-only file is written through every second
    first.kill()
    second = start(port, tmp_path)
    with redis.Redis(port=port) as client:
        assert client.lrange("bell", 0, -1) == [b"job 7"]
    second.kill()


def test_a_living_broker_of_ours_is_recognised(server: Running, port: int, tmp_path: Path) -> None:
    assert pid_of_ours(port, tmp_path) == server.pid


def test_a_broker_with_other_data_is_not_ours(server: Running, port: int, tmp_path: Path) -> None:
    assert pid_of_ours(port, tmp_path / "elsewhere") is None


def test_a_port_without_a_broker_has_none_of_ours(port: int, tmp_path: Path) -> None:
    assert pid_of_ours(port, tmp_path) is None


def test_a_stranger_that_accepts_and_says_nothing_is_not_ours(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        assert pid_of_ours(stranger.getsockname()[1], tmp_path) is None


def test_an_adopted_broker_is_watched_and_ended_like_our_own(server: Running, port: int, tmp_path: Path) -> None:
    adopted = Adopted(embedded_valkey(port, tmp_path), server.pid)
    assert adopted.ended() is None
    adopted.terminate()
    wait_until(lambda: server.ended() is not None, 5, "the broker's end")
    assert adopted.ended() == "ended (it was left by an earlier run and used again)"


def test_the_broker_listens_on_this_machine_only(server: Running, port: int) -> None:
    with redis.Redis(port=port) as client:
        assert client.config_get("bind") == {"bind": "127.0.0.1"}


def test_a_server_that_shuts_down_by_itself_is_reported(server: Running) -> None:
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: server.ended() is not None, 5, "the broker's end")
    assert str(server.ended()).startswith("was killed by SIGKILL")


def test_a_port_in_use_is_told_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]
        told = port_problem(taken, "PORT", "portal")
    assert told is not None
    assert told.startswith(f"Port {taken} for the portal is in use by another program, so nothing was started: ")


def test_a_free_port_is_no_problem(port: int) -> None:
    assert port_problem(port, "PORT", "portal") is None
