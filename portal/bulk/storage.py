"""Transactions and time as the engine needs them."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime

from django.db import connection, transaction

_sqlite_writer = threading.RLock()


@contextmanager
def write() -> Iterator[None]:
    """One short transaction.

    SQLite lets one writer in and makes the others poll; the threads of one process queue here instead, which is
    quicker and fair. PostgreSQL needs no such queue.
    """
    turn: AbstractContextManager[object] = _sqlite_writer if connection.vendor == "sqlite" else nullcontext()
    with turn, transaction.atomic():
        yield


def now() -> datetime:
    """The database's clock, which all workers share; a worker's own clock may jump."""
    sqlite = connection.vendor == "sqlite"
    query = "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')" if sqlite else "SELECT clock_timestamp()"
    with connection.cursor() as cursor:
        cursor.execute(query)
        (value,) = cursor.fetchone()
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(UTC)
