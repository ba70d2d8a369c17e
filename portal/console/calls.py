"""Performing what the form asks for: reads at once, with a line in the audit; writes as operations of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.access.models import Staff
from portal.access.scope import Scope
from portal.audit import log
from portal.bulk.calls import split_secrets
from portal.bulk.models import Item, ItemState
from portal.bulk.operations import perform
from portal.console.catalogue import creates_account, right_of
from portal.console.masking import cut, headers_shown, masked, pretty
from portal.directory.models import SubAccount
from portal.gateway.clients import client_for, master_client
from portal.gateway.models import Connection
from zoomapi.client.errors import Outcome, ZoomError
from zoomapi.spec import Endpoint, Paging

CONSOLE = "Asked for in the console."
Json = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """Where a call goes: a sub-account, or with ``account`` None the master account itself."""

    connection: Connection
    account: SubAccount | None = None


@dataclass
class Shown:
    """An answer for the page. ``next_page`` holds the query members that lead on; ``errors`` are Zoom's, by field."""

    tone: str
    headline: str
    status: int | None = None
    text: str = ""
    left_out: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    milliseconds: int | None = None
    tracking_id: str = ""
    next_page: dict[str, str] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    note: str = ""
    item: Item | None = None


def read(
    scope: Scope, actor: Staff, target: Target, endpoint: Endpoint, path: Json, query: Json, address: str
) -> Shown:
    """Perform a read and write one line about it to the audit log."""
    shown = _read(scope, actor, target, endpoint, path, query)
    log.record(
        endpoint.key,
        actor=actor,
        account=target.account,
        connection=target.connection,
        target=address,
        after={"path": path, "query": query},
        result="done" if shown.tone == "good" else "failed",
        status=shown.status,
        message=CONSOLE,
        trace_id=shown.tracking_id,
    )
    return shown


def _read(scope: Scope, actor: Staff, target: Target, endpoint: Endpoint, path: Json, query: Json) -> Shown:
    try:
        if target.account is not None:
            answer = client_for(scope, target.account, actor=actor).call(endpoint, path, query)
        else:
            answer = master_client(scope, target.connection, actor=actor).call(endpoint, path, query)
    except ZoomError as error:
        return failed(error)
    text, left_out = cut(pretty(masked(endpoint, answer.data)))
    return Shown(
        tone="good",
        headline="Answered",
        status=answer.status,
        text=text,
        left_out=left_out,
        headers=headers_shown(answer.headers),
        milliseconds=round(answer.elapsed * 1000),
        tracking_id=answer.tracking_id,
        next_page=next_page(endpoint, answer.data),
        note=moved(query, answer.data),
    )


def moved(query: Json, data: Any) -> str:
    """Say so when the answer is about other days than were asked for: Zoom shortens what is too long, silently."""
    if not isinstance(data, Mapping):
        return ""
    pairs = [
        (name, str(query[name])[:10], str(data[name])[:10])
        for name in ("from", "to")
        if query.get(name) and data.get(name)
    ]
    told = [f"“{name}” is {got}, not {asked}" for name, asked, got in pairs if got != asked]
    return f"The answer is about other days than were asked for: {', and '.join(told)}." if told else ""


def failed(error: ZoomError) -> Shown:
    words = {Outcome.NOT_SENT: "Not sent", Outcome.REFUSED: "Refused", Outcome.UNKNOWN: "No usable answer"}
    code = f" (code {error.code})" if error.code is not None else ""
    return Shown(
        tone="bad",
        headline=f"{words[error.outcome]}{code}",
        status=error.status,
        text=str(error),
        tracking_id=error.tracking_id,
        errors=error.field_errors,
    )


def next_page(endpoint: Endpoint, data: Any) -> dict[str, str]:
    """The query members that ask for the page after this one; empty on the last page and where there are no pages."""
    if endpoint.paging is None or not isinstance(data, Mapping):
        return {}
    token = data.get("next_page_token")
    if isinstance(token, str) and token:
        return {"next_page_token": token}
    number, last = data.get("page_number"), data.get("page_count")
    if endpoint.paging is Paging.NUMBERED and isinstance(number, int) and isinstance(last, int) and number < last:
        return {"page_number": str(number + 1)}
    return {}


def write(  # noqa: PLR0913  # a write has this many sides
    scope: Scope,
    actor: Staff,
    target: Target,
    endpoint: Endpoint,
    *,
    path: Json,
    query: Json,
    body: Json,
    files: Json | None,
    key: str,
    reason: str,
) -> Shown:
    """Perform a write as an operation with its own item; the right was asked for before. Raises OutOfScope, NoRight."""
    account = target.account
    if account is None and not creates_account(endpoint):
        account = SubAccount.objects.filter(connection=target.connection, is_master=True).first()
    item = perform(
        scope=scope,
        actor=actor,
        account=account,
        connection=target.connection,
        endpoint=endpoint.key,
        path=path,
        query=query,
        body=body,
        files=files,
        key=key,
        reason=reason,
        title=f"Console: {endpoint.title}",
        label=" ".join(str(value) for value in path.values())[:254],
        right=right_of(endpoint),
    )
    asked = endpoint.key, path, *split_secrets(endpoint, query, body)[:2]
    same = (item.endpoint, item.path, item.query, item.body) == asked
    return of_item(endpoint, item) if same else sent_before(item)


ENDED = {
    ItemState.DONE: ("good", "Done"),
    ItemState.FAILED: ("bad", "Not done"),
    ItemState.CANCELLED: ("bad", "Not done"),
    ItemState.INVALID: ("bad", "Not sent"),
    ItemState.UNKNOWN: ("warn", "The outcome is not known yet"),
    ItemState.REVIEW: ("warn", "A person must decide"),
}


def sent_before(item: Item) -> Shown:
    """The page of an operation was gone back to and changed: its key stands for what was sent first."""
    text = (
        "This form was sent before, with other values, and is sent once only. Nothing was sent now: press Send again."
    )
    return Shown(tone="info", headline="Not sent", text=text, item=item)


def of_item(endpoint: Endpoint, item: Item) -> Shown:
    tone, headline = ENDED.get(ItemState(item.state), ("info", "On its way"))
    code = f" (code {item.code})" if item.code is not None else ""
    answer = pretty(masked(endpoint, item.answer)) if item.answer else ""
    text, left_out = cut(answer if tone == "good" else item.message)
    return Shown(
        tone=tone,
        headline=f"{headline}{code}",
        status=item.http_status,
        text=text or item.message,
        left_out=left_out,
        tracking_id=item.trace_id,
        errors={name: texts if isinstance(texts, list) else [str(texts)] for name, texts in item.errors.items()},
        item=item,
    )
