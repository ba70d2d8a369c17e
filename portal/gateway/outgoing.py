"""A call as it would go out, without sending it: for pages that show a request before, or beside, its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from portal.directory.models import SubAccount
from zoomapi.client import errors, paths, validation
from zoomapi.spec.base import Endpoint

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Outgoing:
    """``url`` is complete, quoted, with its query; ``body`` is what will be JSON, None without one."""

    method: str
    url: str
    body: Json | None = field(default=None, repr=False)


def problems(endpoint: Endpoint, account: SubAccount | None, path: Json, query: Json, body: Json) -> errors.FieldErrors:
    """Everything the client would refuse, by name: path parameters, query members, dotted body members."""
    found: errors.FieldErrors = {}
    try:
        _path(endpoint, account, path)
    except errors.InvalidArguments as refusal:
        found.update(refusal.field_errors or {"": [str(refusal)]})
    try:
        validation.check(endpoint, query, body if endpoint.body is not None else None)
    except errors.InvalidArguments as refusal:
        found.update(refusal.field_errors)
    return found


def outgoing(
    endpoint: Endpoint, base_url: str, account: SubAccount | None, path: Json, query: Json, body: Json
) -> Outgoing:
    """Build it. ``account`` None is the master account itself. Raises InvalidArguments for a bad path parameter."""
    pairs = validation.wire_query(query)
    address = base_url.rstrip("/") + _path(endpoint, account, path)
    sent = validation.wire_body(endpoint, body) if endpoint.body is not None else None
    return Outgoing(endpoint.method, f"{address}?{urlencode(pairs)}" if pairs else address, sent)


def _path(endpoint: Endpoint, account: SubAccount | None, path: Json) -> str:
    if account is not None and "accountId" in endpoint.params:
        return paths.build(endpoint, {**path, "accountId": account.zoom_id})
    return paths.build(endpoint, path, None if account is None or account.is_master else account.zoom_id)
