"""Servers that some tests need beside the embedded ones. Absent: the test is skipped, and .ci/run fails on that."""

import os
import shutil
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis
from kombu import Connection

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://portal_tests:portal_tests@127.0.0.1:5432/postgres")
RUNNER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))  # each has a Redis database of its own
REDIS = os.environ.get("TEST_REDIS_URL", f"redis://127.0.0.1:6379/{9 + RUNNER}")
RABBITMQ = os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """Address of an empty PostgreSQL database, dropped afterwards. Mark the test ``postgres``."""
    try:
        server = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL to test with: {error}")
    name = f"portal_{uuid.uuid4().hex[:12]}"
    with server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def redis_url() -> Iterator[str]:
    """Address of an empty Redis database. Mark the test ``redis``."""
    with redis.Redis.from_url(REDIS, socket_connect_timeout=3) as client:
        try:
            client.flushdb()
        except redis.ConnectionError as error:
            pytest.skip(f"no Redis to test with: {error}")
        yield REDIS
        client.flushdb()


@pytest.fixture(scope="session")
def rabbitmq_url() -> str:
    """Address of a RabbitMQ server. Mark the test ``rabbitmq``."""
    with Connection(RABBITMQ, connect_timeout=3) as connection:
        try:
            connection.ensure_connection(max_retries=1)
        except connection.connection_errors as error:
            pytest.skip(f"no RabbitMQ to test with: {error}")
    return RABBITMQ


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Debian's browser, for ``playwright`` (``executable_path``). Mark the test ``chromium``."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.skip("no Chromium to test with")
    return path
