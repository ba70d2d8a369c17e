"""The sandbox's database file: opening it, making its tables, one writer at a time."""

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction

from zoomapi.sandbox.models import SCHEMA_VERSION, TABLES

_writing = threading.RLock()


class WrongSchema(Exception):
    """The file holds tables of another version of the sandbox."""


def open_store(path: str) -> bool:
    """Make the tables unless they are there; return True when the file is new (and so without a world)."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with connection.cursor() as cursor:
        version = int(cursor.execute("PRAGMA user_version").fetchone()[0])
    if version == SCHEMA_VERSION:
        return False
    names = set(connection.introspection.table_names())
    if version or names - {table._meta.db_table for table in TABLES}:
        raise WrongSchema(
            f"{path} was not written by this version of the sandbox (schema {version}, needed {SCHEMA_VERSION}). "
            "Nothing was changed. Delete the file for a fresh world, or name another one with --database."
        )
    with connection.schema_editor() as editor:
        for table in TABLES:
            if table._meta.db_table in names:  # left by a start that was killed half way
                editor.delete_model(table)
            editor.create_model(table)
    return True


def seal() -> None:
    """Mark the file as complete: a start that was killed before this begins anew."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def wipe() -> None:
    """Empty every table."""
    for table in TABLES:
        table._base_manager.all().delete()


class Keepsake:
    """The database as it is now, in memory, to be put back later: much quicker than building a world again."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self._kept = sqlite3.connect(":memory:", check_same_thread=False)
        with _writing:
            connection.connection.backup(self._kept)

    def put_back(self) -> None:
        connection.ensure_connection()
        with _writing:
            self._kept.backup(connection.connection)


@contextmanager
def writing() -> Iterator[None]:
    """One transaction, alone. The lock spares writers SQLite's way of waiting, which sleeps and polls."""
    with _writing, transaction.atomic():
        yield


def new_id() -> str:
    """Return 22 URL-safe characters, the look of the service's own ids."""
    return secrets.token_urlsafe(16)
