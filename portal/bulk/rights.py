"""Which right an operation takes, and where it can be performed. Told by the specification alone."""

from portal.access.rights import Right
from zoomapi.spec import Endpoint
from zoomapi.spec.base import Effect
from zoomapi.spec.limits import BILLING, rate_class

ACCOUNT = "accountId"


def creates_account(endpoint: Endpoint) -> bool:
    return (endpoint.method, endpoint.path) == ("POST", "/accounts")


def right_of(endpoint: Endpoint) -> Right:
    """The right it takes: reading needs only the right to look."""
    if endpoint.is_read:
        return Right.VIEW
    if creates_account(endpoint):
        return Right.CREATE_ACCOUNT
    return Right.BILLING if endpoint.effect is Effect.MONEY or rate_class(endpoint.path) is BILLING else Right.WRITE


def in_accounts(endpoint: Endpoint) -> bool:
    """Whether it can be performed in a sub-account; otherwise it exists for the master account only."""
    return endpoint.mirror or ACCOUNT in endpoint.params
