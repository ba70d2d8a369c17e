"""Building the path of a call: every id is checked against its kind's own form, then quoted.

A meeting UUID is base64 text; one that begins with a slash or holds two in a row must be quoted twice, else the
service reads the slashes as path separators.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from zoomapi.client.errors import FieldErrors, InvalidArguments
from zoomapi.spec.base import Endpoint

ID = re.compile(r"[A-Za-z0-9_\-]{1,128}={0,2}")
NUMBER = re.compile(r"[0-9]{1,20}")
UUID = re.compile(r"[A-Za-z0-9+/_\-]{1,128}={0,2}")
EMAIL = re.compile(r"[A-Za-z0-9!#$&'*+=^_`{|}~\-]+(\.[A-Za-z0-9!#$&'*+=^_`{|}~\-]+)*@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+")
LONGEST_EMAIL = 254

NUMBERED = frozenset({"meetingId", "webinarId"})
PERSON = frozenset({"userId", "assistantId", "schedulerId", "memberId"})


def is_valid(kind: str, value: str, uuid: bool = False) -> bool:
    """Tell whether ``value`` can be the path parameter ``kind``."""
    if uuid:
        return UUID.fullmatch(value) is not None
    if kind in NUMBERED:
        return NUMBER.fullmatch(value) is not None
    if kind in PERSON and "@" in value:
        return len(value) <= LONGEST_EMAIL and EMAIL.fullmatch(value) is not None
    return ID.fullmatch(value) is not None


def quote_uuid(value: str) -> str:
    """Quote a meeting UUID: once, or twice where its slashes would otherwise be taken for path separators."""
    once = quote(value, safe="")
    return quote(once, safe="") if value.startswith("/") or "//" in value else once


def by_position(endpoint: Endpoint, values: Sequence[object]) -> dict[str, object]:
    """Name positional path parameters; InvalidArguments when there are too few or too many."""
    if len(values) != len(endpoint.params):
        wanted = ", ".join(endpoint.params) or "none"
        raise InvalidArguments(
            f"{endpoint.key} takes these path parameters by position: {wanted}; {len(values)} given. Nothing was sent."
        )
    return dict(zip(endpoint.params, values, strict=True))


def build(endpoint: Endpoint, path: Mapping[str, object], account: str | None = None) -> str:
    """Return the quoted path below the base URL, under ``/accounts/{account}`` when one is named.

    Raises InvalidArguments, with one entry in ``field_errors`` for each bad or missing parameter.
    """
    if account is not None and not endpoint.mirror:
        raise InvalidArguments(f"{endpoint.key} does not exist for a sub account. Nothing was sent.")
    problems: FieldErrors = {}
    quoted = {}
    for name in endpoint.params:
        quoted[name] = _part(endpoint, name, path.get(name), problems)
    for name in path.keys() - set(endpoint.params):
        problems[name] = ["There is no such path parameter."]
    prefix = ""
    if account is not None:
        prefix = f"/accounts/{_part(endpoint, 'accountId', account, problems)}"
    if problems:
        raise InvalidArguments(
            f"{endpoint.key}: not a usable id: {', '.join(sorted(problems))}. Nothing was sent.", field_errors=problems
        )
    return prefix + endpoint.path.format_map(quoted) if quoted else prefix + endpoint.path


def _part(endpoint: Endpoint, name: str, value: object, problems: FieldErrors) -> str:
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    uuid = name in endpoint.uuid
    if not text:
        problems[name] = ["This must be given."]
    elif not is_valid(name, text, uuid):
        problems[name] = ["This does not have the form of such an id."]
    return quote_uuid(text) if uuid else quote(text, safe="")
