"""Which operations there are, who may perform them, and where."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import Http404

from portal.access.rights import Right
from portal.access.scope import Scope
from portal.bulk.rights import ACCOUNT, creates_account, in_accounts, right_of
from zoomapi import spec
from zoomapi.spec import Endpoint, Family
from zoomapi.spec.base import Effect
from zoomapi.spec.corrections import RENAMED, RETIRED
from zoomapi.spec.profiles import CLASSIC, Profile

__all__ = [
    "ACCOUNT",
    "Group",
    "creates_account",
    "direct",
    "groups",
    "in_accounts",
    "is_grave",
    "label",
    "news",
    "operation_or_404",
    "right_of",
]

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


def is_grave(endpoint: Endpoint) -> bool:
    """Whether its name must be typed before it is sent: it removes, costs, or is noticed by people."""
    return endpoint.effect in GRAVE


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
