"""What an item sends: its secrets put back, and references to an earlier step filled in."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from portal.audit.redact import redact, secret_names
from portal.bulk.models import Item, ItemState
from portal.directory import writethrough
from portal.directory.models import SubAccount
from portal.gateway.crypto import seal, unseal
from zoomapi import spec
from zoomapi.spec.base import Endpoint
from zoomapi.spec.user_shapes import DELETE_ACTIONS

REFERENCE = "{after.remote_id}"
PASSED = (ItemState.DONE, ItemState.SKIPPED)  # a follower may go on after these

Json = dict[str, Any]


def title_of(item: Item) -> str:
    """What the call of an item does, in words; for a removal of a user which of its two kinds."""
    how = DELETE_ACTIONS.get(item.query.get("action", "")) if item.endpoint == "users.delete" else None
    return str(how or spec.endpoint(item.endpoint).title) if item.endpoint else ""


class Unsendable(Exception):
    """The item cannot be sent as it stands; the message says why."""


@dataclass(frozen=True)
class Request:
    """A resolved item. ``body`` and ``query`` hold secrets, so they stay out of the repr."""

    endpoint: Endpoint
    account: SubAccount | None
    path: Json
    query: Json = field(repr=False)
    body: Json = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Tells two requests apart without telling what is in them."""
        content = json.dumps([self.endpoint.key, self.path, self.query, self.body], sort_keys=True, default=str)
        return hmac.new(settings.SECRET_KEY.encode(), content.encode(), hashlib.sha256).hexdigest()


def split_secrets(endpoint: Endpoint, query: Json, body: Json) -> tuple[Json, Json, str]:
    """Return (query, body, sealed): the first two without the secret members, which the third holds encrypted."""
    names = {name.split("[].")[0] for name in endpoint.secrets}
    query, hidden_query = _take(query, names)
    body, hidden_body = _take(body, names)
    sealed = seal({"query": hidden_query, "body": hidden_body}) if hidden_query or hidden_body else ""
    return query, body, sealed


def without_secrets(endpoint: Endpoint, data: Any) -> Json:
    """A copy of an answer without its secret members; {} when it is no object."""
    if not isinstance(data, dict):
        return {}
    return _take(data, {name.split("[].")[0] for name in endpoint.secrets})[0]


def found_without_secrets(operation: str, data: Json) -> Json:
    """A copy of an object that some operation of the same family has shown, alone or in a list, without its secrets."""
    family = operation.partition(".")[0]
    names = {name for other in spec.all_endpoints() if other.family == family for name in other.secrets}
    return _take(data, {part for name in names for part in (name.split("[].")[0], name.rpartition("[].")[2])})[0]


def shown(operation: str, data: Json) -> Json:
    """What was read, for a person who decides: each secret in it, however deep, is hidden."""
    found: Json = redact(data, secret_names(operation))
    return found


def _take(data: Json, names: Iterable[str]) -> tuple[Json, dict[str, Any]]:
    """A copy without the members of these dotted names, and these members. What has none of them is not copied."""
    kept, taken = dict(data), {}
    for name in names:
        *parents, last = name.split(".")
        box: Any = kept
        for parent in parents:
            inner = box.get(parent)
            if not isinstance(inner, dict):
                break
            box[parent] = inner = dict(inner)
            box = inner
        else:
            if last in box:
                taken[name] = box.pop(last)
    return kept, taken


def _put(data: Json, taken: dict[str, Any]) -> Json:
    for name, value in taken.items():
        *parents, last = name.split(".")
        box = data
        for parent in parents:
            box = box.setdefault(parent, {})
        box[last] = value
    return data


def request_of(item: Item) -> Request:
    """Resolve an item whose predecessor, if any, is done. Raises Unsendable."""
    endpoint = spec.endpoint(item.endpoint)
    account = account_of(item)
    taken = unseal(item.secret) if item.secret else {"query": {}, "body": {}}
    earlier = item.after.remote_id if item.after else ""
    return Request(
        endpoint,
        account,
        filled(item.path, earlier),
        _put(filled(item.query, earlier), taken["query"]),
        _put(filled(item.body, earlier), taken["body"]),
    )


def filled(value: Any, remote_id: str) -> Any:
    """A copy of ``value`` with every reference to the earlier step replaced by the id it made."""
    if isinstance(value, dict):
        return {key: filled(inner, remote_id) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, remote_id) for inner in value]
    if isinstance(value, str) and REFERENCE in value:
        if not remote_id:
            raise Unsendable("The step before this one gave no id, so there is nothing to send this to.")
        return value.replace(REFERENCE, remote_id)
    return value


def account_of(item: Item) -> SubAccount | None:
    """The sub-account an item acts on: its own, or the one its chain of steps has created."""
    if item.account is not None or item.after is None:
        return item.account
    creation = item.after
    while creation.after is not None and creation.endpoint != "accounts.create":
        creation = creation.after
    if creation.endpoint != "accounts.create":
        return creation.account
    mine = SubAccount.objects.filter(connection=item.job.connection, zoom_id=creation.remote_id)
    account = mine.first()
    if account is None:
        # The process may have died between the creation's result and its write-through.
        writethrough.applied(creation, {**creation.answer, "id": creation.remote_id})
        account = mine.first()
    if account is None:
        raise Unsendable("The new sub-account is not in the directory yet.")
    Item.objects.filter(pk=item.pk).update(account=account)
    item.account = account
    return account
