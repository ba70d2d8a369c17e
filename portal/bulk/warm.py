"""What a worker builds once, at its start, so that no row has to wait for it."""

from django.core.validators import validate_email

from portal.bulk import claims


def up(**_: object) -> None:
    """Build the queries of a claim, and Django's patterns for addresses, which take longer than a whole row."""
    for sending in (True, False):
        claims.prepared(sending)
    validate_email("warm@up.example")
