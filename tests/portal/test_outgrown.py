"""The larger brothers of the embedded parts, chosen by environment: PostgreSQL, Redis, RabbitMQ."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULE = "portal.settings"


def portal(folder: Path, *words: str, **variables: str) -> str:
    """Run a command with the settings of a real start and return what it printed."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": MODULE, "PORTAL_DATA": str(folder), **variables}
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.postgres
def test_all_tables_can_be_made_on_postgresql_and_taken_back(tmp_path: Path, postgres_url: str) -> None:
    made = portal(tmp_path, "manage.py", "migrate", DATABASE_URL=postgres_url)
    assert made.count("... OK") > 0
    assert "No migrations to apply" in portal(tmp_path, "manage.py", "migrate", DATABASE_URL=postgres_url)
    portal(tmp_path, "manage.py", "migrate", "bulk", "zero", DATABASE_URL=postgres_url)


def answer_over(broker: str, folder: Path) -> str:
    """Start a worker on ``broker`` and ask it for a sign of life."""
    variables = {"BROKER_URL": broker, "PORTAL_DATA": str(folder), "DJANGO_SETTINGS_MODULE": MODULE}
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "--app", "portal", "--quiet", "worker", "--pool", "solo", "-l", "INFO"],
        cwd=ROOT,
        env={**os.environ, **variables, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert worker.stdout
        seen = []
        for line in worker.stdout:
            seen.append(line)
            if " ready." in line:
                break
        assert worker.poll() is None, "".join(seen)
        return portal(folder, "-m", "celery", "--app", "portal", "inspect", "ping", "--timeout", "10", **variables)
    finally:
        worker.terminate()
        worker.communicate(timeout=30)


@pytest.mark.redis
def test_a_worker_answers_over_redis(tmp_path: Path, redis_url: str) -> None:
    assert "pong" in answer_over(redis_url, tmp_path)


@pytest.mark.rabbitmq
def test_a_worker_answers_over_rabbitmq(tmp_path: Path, rabbitmq_url: str) -> None:
    assert "pong" in answer_over(rabbitmq_url, tmp_path)
