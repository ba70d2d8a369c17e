"""The database itself refuses to change or remove entries."""

from typing import Any

from django.db import migrations

from portal.audit import triggers


def install(_apps: Any, editor: Any) -> None:
    triggers.install(editor.connection)


def remove(_apps: Any, editor: Any) -> None:
    triggers.remove(editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
