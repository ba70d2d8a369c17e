"""Triggers by which the database itself refuses to change or remove entries, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

_REFUSAL = "audit entries are never changed or removed"
_SQLITE = {
    "audit_entry_no_update": "BEFORE UPDATE ON audit_entry",
    "audit_entry_no_delete": "BEFORE DELETE ON audit_entry",
    "audit_head_no_delete": "BEFORE DELETE ON audit_head",
}
# INSERT OR REPLACE removes the old row without its DELETE trigger unless recursive triggers are on: so a number that is
# there already, and any number but the next one, is refused before the insert.
_SQLITE_INSERT = """
CREATE TRIGGER audit_entry_only_append BEFORE INSERT ON audit_entry
WHEN NEW.number <= (SELECT COALESCE(MAX(number), 0) FROM audit_entry)
  OR EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id OR digest = NEW.digest)
BEGIN SELECT RAISE(ABORT, 'audit entries are only appended'); END
"""
_POSTGRES = f"""
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$;
CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
"""
_POSTGRES_REMOVE = """
DROP TRIGGER IF EXISTS audit_entry_no_change ON audit_entry;
DROP TRIGGER IF EXISTS audit_entry_no_truncate ON audit_entry;
DROP TRIGGER IF EXISTS audit_head_no_delete ON audit_head;
DROP TRIGGER IF EXISTS audit_head_no_truncate ON audit_head;
DROP FUNCTION IF EXISTS audit_refuse();
"""


def install(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES)
            return
        for name, event in _SQLITE.items():
            cursor.execute(f"CREATE TRIGGER {name} {event} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END")
        cursor.execute(_SQLITE_INSERT)


def remove(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES_REMOVE)
            return
        for name in (*_SQLITE, "audit_entry_only_append"):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without the triggers for a while: what somebody with full rights on the database could do. For tests."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)
