"""The table of classes whose calls of the day are used up, by the word of the service."""

from typing import Any

from django.db import migrations

from zoomapi.client.permits.statements import SCHEMA


def create(_apps: Any, editor: Any) -> None:
    for statement in SCHEMA:
        editor.execute(statement)


def remove(_apps: Any, editor: Any) -> None:
    editor.execute("DROP TABLE IF EXISTS zoom_spent")


class Migration(migrations.Migration):
    dependencies = [("gateway", "0005_calls")]

    operations = [migrations.RunPython(create, remove)]
