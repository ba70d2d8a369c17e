"""The table in which processes tell one another how long the latest calls took."""

from typing import Any

from django.db import migrations

from zoomapi.client.permits.statements import SCHEMA


def create(_apps: Any, editor: Any) -> None:
    for statement in SCHEMA:
        editor.execute(statement)


def remove(_apps: Any, editor: Any) -> None:
    editor.execute("DROP TABLE IF EXISTS zoom_call")


class Migration(migrations.Migration):
    dependencies = [("gateway", "0004_usage")]

    operations = [migrations.RunPython(create, remove)]
