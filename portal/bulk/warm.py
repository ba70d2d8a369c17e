"""What a worker builds once, at its start, so that no row has to wait for it."""

from django.core.validators import validate_email
from django.db import transaction

from portal.bulk import claims
from portal.celery import app


def up(**_: object) -> None:
    """Build the queries of a claim, Celery's way to its broker, and Django's patterns for addresses.

    Each takes longer than a whole row.
    """
    with transaction.atomic():  # queries that lock rows are built in one only
        for sending in (True, False):
            claims.prepared(sending)
    validate_email("warm@up.example")
    for part in ("amqp", "backend"):
        getattr(app, part)  # what ``send_task`` loads when it is first called
