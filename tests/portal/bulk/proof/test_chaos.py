"""The short chaos run: the whole portal as processes, killed while a fifth of the writes meet faults."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]


def test_a_job_survives_kills_faults_and_refused_credentials_and_the_naive_client_does_not() -> None:
    kept = {name: value for name, value in os.environ.items() if name not in ("PORTAL_DATA", "DJANGO_SETTINGS_MODULE")}
    command = [sys.executable, "manage.py", "chaos", "--rows", "40", "--kills", "2", "--seed", "3"]
    run = subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True, check=False, timeout=500)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "invariants broken: 0" in run.stdout
