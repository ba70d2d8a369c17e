"""The database's clock, which all processes share; a process's own clock may jump."""

from datetime import UTC, datetime

from django.db import connection

from portal.audit import rows


def now() -> datetime:
    """The time by the database."""
    sqlite = connection.vendor == "sqlite"
    query = "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')" if sqlite else "SELECT clock_timestamp()"
    ((value,),) = rows.every(query, [])
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(UTC)
