"""Which operations there are, who may perform them, and where."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import Http404

from portal.access.rights import Right
from portal.access.scope import Scope
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from zoomapi import spec
from zoomapi.spec import Endpoint, Family
from zoomapi.spec.base import Effect
from zoomapi.spec.corrections import RENAMED, RETIRED
from zoomapi.spec.limits import BILLING, Tier, rate_class
from zoomapi.spec.profiles import CLASSIC, Profile, current

ACCOUNT = "accountId"
GRAVE = (Effect.DELETE, Effect.MONEY, Effect.PEOPLE)


@dataclass(frozen=True)
class Group:
    label: str
    operations: list[Endpoint]


def groups(words: str = "", zoom: Profile = CLASSIC) -> list[Group]:
    """Families with those of their operations, as that Zoom has them, that match every word of a search.

    A search goes by name, title, path or family.
    """
    wanted = words.lower().split()
    found = (
        Group(label(name), [e for e in map(zoom.view, family.endpoints()) if _matches(e, wanted)])
        for name, family in _families()
    )
    return [group for group in found if group.operations]


def _families() -> Iterator[tuple[str, type[Family]]]:
    return iter(sorted(Family.registry.items(), key=lambda pair: label(pair[0])))


def label(family: str) -> str:
    return Family.registry[family].label or family.replace("_", " ").capitalize()


def _matches(endpoint: Endpoint, words: list[str]) -> bool:
    text = f"{endpoint.key} {endpoint.title} {endpoint.method} {endpoint.path} {label(endpoint.family)}".lower()
    return all(word in text for word in words)


def operation_or_404(key: str) -> Endpoint:
    try:
        return spec.endpoint(key)
    except KeyError:
        raise Http404 from None


def zoom_of(scope: Scope) -> Profile:
    """The Zoom behind all connections in scope; that of the specification when there are several kinds, or none."""
    mine = SubAccount.objects.for_scope(scope).order_by().values("connection")
    rows = Connection.objects.order_by().filter(is_active=True, pk__in=mine)
    kinds = set(rows.values_list("profile", "tier"))
    zooms = {Connection(profile=profile, tier=tier).zoom.tier for profile, tier in kinds}
    tier = zooms.pop() if len(zooms) == 1 else None
    return current(Tier(tier)) if tier else CLASSIC


def creates_account(endpoint: Endpoint) -> bool:
    return (endpoint.method, endpoint.path) == ("POST", "/accounts")


def right_of(endpoint: Endpoint) -> Right:
    """The right it takes: reading needs only the right to look."""
    if endpoint.is_read:
        return Right.VIEW
    if creates_account(endpoint):
        return Right.CREATE_ACCOUNT
    return Right.BILLING if endpoint.effect is Effect.MONEY or rate_class(endpoint.path) is BILLING else Right.WRITE


def is_grave(endpoint: Endpoint) -> bool:
    """Whether its name must be typed before it is sent: it removes, costs, or is noticed by people."""
    return endpoint.effect in GRAVE


def in_accounts(endpoint: Endpoint) -> bool:
    """Whether it can be performed in a sub-account."""
    return endpoint.mirror or ACCOUNT in endpoint.params


def direct(endpoint: Endpoint, scope: Scope) -> bool:
    """Whether this person may perform it in the master account itself."""
    if ACCOUNT in endpoint.params:
        return False
    return scope.everywhere or (creates_account(endpoint) and scope.may(Right.CREATE_ACCOUNT))


def news(endpoint: Endpoint) -> str:
    """What has become of it since the specification was published; an empty text for most."""
    if endpoint.key in RETIRED:
        return f"Zoom has retired this operation. {RETIRED[endpoint.key]}"
    if endpoint.key in RENAMED:
        return f"Zoom has moved this operation to {RENAMED[endpoint.key].path}. {RENAMED[endpoint.key].reason}"
    return ""
