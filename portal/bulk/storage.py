"""Transactions and time as the engine needs them."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Any, TypeVar

from django.db import (
    DatabaseError,
    DataError,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
    transaction,
)
from django.db.models import Manager, Model, QuerySet

from portal.gateway import clock

# The database itself fails: it is locked, full, read-only, restarting or gone. Not: what it was asked makes no sense.
TROUBLE = (OperationalError, InterfaceError, InternalError)
ANY_ERROR = (DatabaseError, InterfaceError)
BROKEN = ("08", "57P")  # PostgreSQL's classes of errors: no connection, server shut down
CLASHES = ("40001", "40P01", "55P03")  # its errors when two transactions stand in each other's way

M = TypeVar("M", bound=Model)


class Unstorable(Exception):
    """A value that no column takes. It is about one row, and no sign that the database cannot be written."""


_sqlite_writer = threading.RLock()


@contextmanager
def write() -> Iterator[None]:
    """One short transaction. Raises Unstorable where a value fits in no column.

    SQLite lets one writer in and makes the others poll; the threads of one process queue here instead, which is
    quicker and fair. PostgreSQL needs no such queue.
    """
    turn: AbstractContextManager[object] = _sqlite_writer if connection.vendor == "sqlite" else nullcontext()
    try:
        with turn, transaction.atomic():
            yield
    except DataError as problem:
        raise Unstorable(str(problem)) from problem


def locked(found: Manager[M] | QuerySet[M]) -> QuerySet[M]:
    """Rows that nobody else changes until the transaction ends.

    Only these, not those that are read along with them; and others may go on to write rows that refer to them. Else two
    transactions that both write into the audit could wait for each other: a reference is checked at the COMMIT.
    """
    return found.select_for_update(of=("self",), no_key=True)


def hold(table: type[Model], keys: Iterable[Any]) -> None:
    """Let nobody change these rows until the transaction ends; others may hold them as well.

    What is read of them afterwards stays so. SQLite has one writer at a time and needs nothing.
    """
    if connection.vendor == "postgresql":
        wanted = sorted(keys)
        places = ", ".join(["%s"] * len(wanted))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {table._meta.db_table} WHERE id IN ({places}) ORDER BY id FOR SHARE", wanted)  # noqa: S608  # a name of ours


def reconnect() -> None:
    """After an error: drop this thread's connection if it is broken, so that the next query opens a new one."""
    if not connection.in_atomic_block and connection.connection is not None and not connection.is_usable():
        connection.close()


def is_lost(error: Exception) -> bool:
    """Whether it passes by itself: its server restarts, somebody cut the connection, two transactions met."""
    cause = error.__cause__
    if not hasattr(cause, "sqlstate"):
        return False  # SQLite has no connections that end
    code: str = getattr(cause, "sqlstate", None) or ""
    return not code or code.startswith(BROKEN) or code in CLASHES


def now() -> datetime:
    """The database's clock, which all workers share; a worker's own clock may jump."""
    return clock.now()
