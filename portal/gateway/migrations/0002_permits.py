"""Tables of the rate limits. They belong to the client, which words their statements itself."""

from typing import Any

from django.db import migrations

from zoomapi.client.permits.statements import SCHEMA


def create(_apps: Any, editor: Any) -> None:
    for statement in SCHEMA:
        editor.execute(statement)


def remove(_apps: Any, editor: Any) -> None:
    for name in ("zoom_quota", "zoom_call", "zoom_permit", "zoom_rate"):
        editor.execute(f"DROP TABLE IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("gateway", "0001_initial")]

    operations = [migrations.RunPython(create, remove)]
