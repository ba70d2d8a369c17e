"""The chain and its triggers on PostgreSQL, in a process of its own since the other tests run on SQLite."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import django; django.setup()
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from portal.audit import chain, log
call_command("migrate", verbosity=0)
for value in (1.0, 1e22, 0.1, 1e-7, float("nan"), "a\\x00b", "\\ud800", 2**70, -0.0):
    log.record("users.update", actor=None, target=str(value), after={"value": value})
print(chain.verify())
for sql in ("UPDATE audit_entry SET target = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry",
            "DELETE FROM audit_head", "TRUNCATE audit_head"):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
        print("done")
    except DatabaseError as error:
        print(str(error).splitlines()[0])
"""


@pytest.mark.postgres
def test_fault_a27_postgresql_keeps_the_chain_and_refuses_to_change_it(postgres_url: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": postgres_url,
        "PORTAL_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "portal.settings_test",
    }
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.stdout.splitlines() == [
        "Chain intact, 9 entries.",
        *["audit entries are never changed or removed"] * 5,
    ], ran.stderr
