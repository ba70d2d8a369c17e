"""What must be there before the parts start: tables, static files, and at the very first start the demo."""

import io
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from portal.gateway.models import Connection


def database() -> str:
    """Bring the tables up to date; return a sentence about it."""
    told = io.StringIO()
    call_command("migrate", interactive=False, verbosity=1, stdout=told)
    call_command("createcachetable", verbosity=0)
    applied = told.getvalue().count("... OK")
    if not applied:
        return "The database is up to date."
    return f"The database is up to date ({applied} migration{'' if applied == 1 else 's'} applied)."


def static_files() -> None:
    """Collect style sheets and scripts under the names that browsers may keep for ever."""
    call_command("collectstatic", interactive=False, verbosity=0)


def demo_needed(note: Path) -> bool:
    """Tell whether this is a first start: a sandbox is wanted and there is no connection yet.

    ``note`` is a file that exists while the demo loads, so that a start cut off in the middle is made up for.
    """
    return bool(settings.SANDBOX_URL) and (note.exists() or not Connection.objects.exists())


def demo(note: Path) -> str:
    """Load the demo; return what could not be done, in words, or an empty text."""
    note.touch()
    missing = io.StringIO()
    call_command("demo", verbosity=0, stderr=missing)
    note.unlink()
    return missing.getvalue().strip()


def follow_sandbox(note: Path) -> str | None:
    """Point the connection at the sandbox's new address when it moved since the last start; say so.

    ``note`` keeps the address of the last start. Without this a start with another SANDBOX_PORT would leave the demo
    with a connection to a port on which nobody listens.
    """
    before = note.read_text().strip() if note.exists() else ""
    note.write_text(settings.SANDBOX_URL)
    if not before or before == settings.SANDBOX_URL:
        return None
    moved = Connection.objects.filter(base_url=before).update(base_url=settings.SANDBOX_URL, unreachable_since=None)
    return f"The sandbox moved from {before} to {settings.SANDBOX_URL}; its connection follows." if moved else None


def sandbox_credentials() -> tuple[str, str] | None:
    """Return the key and secret the sandbox shall accept, or None when no sandbox is wanted.

    It is wanted by the connection that leads to it, and at a first start by the demo.
    """
    if not settings.SANDBOX:
        return None
    found = Connection.objects.filter(base_url=settings.SANDBOX_URL).order_by("pk").first()
    if found:
        return found.api_key, found.api_secret
    return None if Connection.objects.exists() else (settings.SANDBOX_API_KEY, settings.SANDBOX_API_SECRET)


def release_database() -> None:
    """Close our own connections: from here on only the parts use the database."""
    connections.close_all()
