"""Which operations there are, who may perform them, and where."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

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
    "Hit",
    "creates_account",
    "direct",
    "groups",
    "in_accounts",
    "is_grave",
    "label",
    "news",
    "operation_or_404",
    "right_of",
    "typed",
]

GRAVE = (Effect.DELETE, Effect.MONEY, Effect.PEOPLE)


@dataclass(frozen=True)
class Hit:
    """An operation, and what the search said of its arguments: ``given`` is the query of its page's address."""

    endpoint: Endpoint
    given: str = ""


@dataclass(frozen=True)
class Group:
    label: str
    operations: list[Hit]


def groups(words: str = "", zoom: Profile = CLASSIC) -> list[Group]:
    """Families with those of their operations, as that Zoom has them, that match a search.

    Every word of it must be in the name, title, path or family; or it is a call as one finds it in a log: an address
    with its ids, perhaps after the method.
    """
    wanted = words.lower().split()
    found = [
        Group(label(name), [Hit(e) for e in map(zoom.view, family.endpoints()) if _matches(e, wanted)])
        for name, family in _families()
    ]
    if "/" in words and not any(group.operations for group in found):
        found = [
            Group(label(name), [hit for e in map(zoom.view, family.endpoints()) if (hit := typed(e, words))])
            for name, family in _families()
        ]
    return [group for group in found if group.operations]


def _families() -> Iterator[tuple[str, type[Family]]]:
    return iter(sorted(Family.registry.items(), key=lambda pair: label(pair[0])))


def label(family: str) -> str:
    return Family.registry[family].label or family.replace("_", " ").capitalize()


def _matches(endpoint: Endpoint, words: list[str]) -> bool:
    text = f"{endpoint.key} {endpoint.title} {endpoint.method} {endpoint.path} {label(endpoint.family)}".lower()
    return all(word in text for word in words)


def typed(endpoint: Endpoint, text: str) -> Hit | None:
    """The operation with the arguments of a call typed out, such as ``GET /v2/users/me/meetings?type=live``."""
    method, _, address = text.strip().rpartition(" ")
    if method and method.strip().upper() != endpoint.method:
        return None
    parts = urlsplit(address)
    path = parts.path.removeprefix("/v2").rstrip("/")
    forms = [endpoint.path, *([endpoint.mirror_path] if endpoint.mirror else [])]
    found = next((match for form in forms if (match := _pattern(endpoint, form).fullmatch(path))), None)
    if found is None:
        return None
    pairs = [(f"path-{name}", unquote(value)) for name, value in found.groupdict().items()]
    known = endpoint.query().fields if endpoint.query else {}
    plain = known.keys() - endpoint.secrets
    pairs += [(f"query-{name}", value) for name, value in parse_qsl(parts.query) if name in plain]
    return Hit(endpoint, urlencode(pairs))


def _pattern(endpoint: Endpoint, form: str) -> re.Pattern[str]:
    """Ids have no slashes, UUIDs may."""
    parts = re.split(r"{(\w+)}", form)
    names = [f"(?P<{name}>{'.+' if name in endpoint.uuid else '[^/]+'})" for name in parts[1::2]]
    fixed = [re.escape(part) for part in parts[::2]]
    return re.compile("".join(text for pair in zip_longest(fixed, names, fillvalue="") for text in pair))


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
