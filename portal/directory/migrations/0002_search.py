"""The trigram index behind user search: FTS5 on SQLite, pg_trgm on PostgreSQL."""

from django.db import migrations

SQLITE = (
    """CREATE VIRTUAL TABLE directory_user_search USING fts5(
        search_text, content='directory_mirroruser', content_rowid='id', tokenize='trigram', detail='full')""",
    """CREATE TRIGGER directory_user_search_added AFTER INSERT ON directory_mirroruser BEGIN
        INSERT INTO directory_user_search(rowid, search_text) VALUES (new.id, new.search_text);
    END""",
    """CREATE TRIGGER directory_user_search_removed AFTER DELETE ON directory_mirroruser BEGIN
        INSERT INTO directory_user_search(directory_user_search, rowid, search_text)
        VALUES ('delete', old.id, old.search_text);
    END""",
    # A sync rewrites rows that mostly did not change: only a changed text touches the index.
    """CREATE TRIGGER directory_user_search_changed AFTER UPDATE ON directory_mirroruser
    WHEN old.search_text IS NOT new.search_text BEGIN
        INSERT INTO directory_user_search(directory_user_search, rowid, search_text)
        VALUES ('delete', old.id, old.search_text);
        INSERT INTO directory_user_search(rowid, search_text) VALUES (new.id, new.search_text);
    END""",
)
POSTGRES = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX directory_user_search ON directory_mirroruser USING gin (search_text gin_trgm_ops)",
)


def create(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in ("added", "removed", "changed"):
            schema_editor.execute(f"DROP TRIGGER directory_user_search_{name}")
        schema_editor.execute("DROP TABLE directory_user_search")
    else:
        schema_editor.execute("DROP INDEX directory_user_search")


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]
    operations = [migrations.RunPython(create, remove)]
