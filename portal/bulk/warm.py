"""What a worker builds once, at its start, so that no row has to wait for it."""

from portal.bulk import claims
from zoomapi import spec
from zoomapi.client import validation

SAMPLE = {"action": "create", "user_info": {"email": "warm@up.example", "type": 1}}


def up(**_: object) -> None:
    """Build the queries of a claim, and the patterns that addresses are checked by, which take longer than a call."""
    for sending in (True, False):
        claims.prepared(sending)
    validation.check(spec.endpoint("users.create"), {}, SAMPLE)
