"""Starting, stopping, starting again."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from tests.support.sandbox import KEY, ROOT, SECRET, Sandbox, launch, start_sandbox
from tests.zoomapi.sandbox.conftest import fresh_email


def create(sandbox: Sandbox) -> str:
    email = fresh_email()
    body = {"action": "custCreate", "user_info": {"email": email, "type": 1}}
    assert sandbox.call("POST", "/users", json=body).status_code == 201
    return email


def run(*flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zoomapi.sandbox", *flags]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_what_was_written_survives_a_stop_and_a_kill(tmp_path: Path) -> None:
    database = tmp_path / "kept.sqlite3"
    emails = []
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
        running = launch(database, "--world", "demo", "--no-limits")
        emails.append(create(running))
        running.stop(number)
    running = launch(database, "--world", "demo", "--no-limits")
    assert running.output[0].endswith("kept, world demo/1")
    assert [running.call("GET", f"/users/{email}").status_code for email in emails] == [200, 200, 200]
    assert [write["key"] for write in running.ledger()] == emails
    assert running.stop() == 0


def test_a_kept_world_is_not_replaced_by_another(tmp_path: Path) -> None:
    launch(tmp_path / "kept.sqlite3", "--world", "empty").stop()
    running = launch(tmp_path / "kept.sqlite3", "--world", "demo", "--seed", "5")
    assert running.output[1] == "note: it is kept as it is; delete the file to get demo/5"
    assert running.call("GET", "/accounts").json()["total_records"] == 0
    running.stop()


def test_stopping_is_quick_and_ends_kept_connections(tmp_path: Path) -> None:
    running = launch(tmp_path / "a.sqlite3", "--world", "empty")
    address = ("127.0.0.1", int(running.base_url.split(":")[2].split("/")[0]))
    with socket.create_connection(address) as idle:
        running.call("GET", "/users")
        begun = time.monotonic()
        assert running.stop() == 0
        assert time.monotonic() - begun < 1.5
        idle.settimeout(5)
        assert idle.recv(10) == b""


def test_a_start_that_was_killed_half_way_is_begun_anew(tmp_path: Path) -> None:
    database = tmp_path / "half.sqlite3"
    launch(database, "--world", "empty").stop()
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 0")
    connection.close()
    running = launch(database, "--world", "demo")
    assert running.output[0].endswith("new, world demo")
    running.stop()


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "other.sqlite3"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE precious (id)")
    connection.close()
    ended = run("--port", "0", "--database", str(database))
    assert (ended.returncode, "Nothing was changed" in ended.stderr, ended.stdout) == (2, True, "")


def test_a_port_in_use_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run("--port", port, "--world", "empty", "--database", str(tmp_path / "a.sqlite3"))
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"sandbox: port {port} on 127.0.0.1 cannot be used: ")
    assert "Traceback" not in ended.stderr


def test_a_fault_plan_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    ended = run("--port", "0", "--faults", str(tmp_path / "none.json"), "--database", str(tmp_path / "a.sqlite3"))
    assert (ended.returncode, "cannot be used" in ended.stderr) == (2, True)


def test_key_and_secret_do_not_show_in_the_command_line(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "sandbox", "--port", "0", "--world", "empty"]
    flags = ["--api-key", KEY, "--api-secret", SECRET, "--database", str(tmp_path / "a.sqlite3")]
    process = subprocess.Popen([*command, *flags], cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ})
    assert process.stdout is not None
    try:
        address = next(line.split()[1] for line in process.stdout if line.startswith("ready "))
        shown = Path(f"/proc/{process.pid}/cmdline").read_bytes().decode().split("\0")
        assert shown[1:3] == ["-m", "zoomapi.sandbox"]
        assert [part for part in shown if KEY in part or SECRET in part] == []
        assert Sandbox(address, KEY, SECRET, process).call("GET", "/users/me").status_code == 200
    finally:
        process.terminate()
        assert process.wait(timeout=10) == 0
        process.stdout.close()


def test_a_free_port_is_found_and_said(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, "--world", "empty") as running:
        assert running.output[-2:] == [running.base_url, f"ready {running.base_url}"]
