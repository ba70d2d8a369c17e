"""Event subscriptions, as an app of today has them: an address that proves it knows the secret, and event names.

The real service keeps them in the settings of the app, out of reach of the API. Here they come from ``--subscribe``
and from ``/control``.
"""

import json
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from zoomapi.sandbox.calls import Setup
from zoomapi.sandbox.events import SUBSCRIPTION
from zoomapi.sandbox.models import Record
from zoomapi.sandbox.posting import Reply, post, refused
from zoomapi.sandbox.store import new_id, writing
from zoomapi.spec import signatures
from zoomapi.spec.events import TODAY

Json = dict[str, Any]
UNPROVED = "the address did not answer the challenge"


def subscribe(setup: Setup, url: str, secret: str, events: Sequence[str] = ()) -> Record:
    """Keep a subscription to these events, or to all, once its address has answered the challenge.

    One that the address had before is replaced. Raises ValueError, saying why, and then keeps nothing new.
    """
    checked(setup, url, secret, events)
    if problem := challenge(setup, url, secret):
        raise ValueError(f"{url} cannot be subscribed: {problem}.")
    return _keep(setup, url, secret, events, proved=True)


def enter(setup: Setup, url: str, secret: str) -> str:
    """Keep a subscription to everything whether or not its address answers now; return what went wrong, if so.

    An address that did not answer is challenged again before it is sent anything: the sandbox is often started first.
    """
    problem = challenge(setup, url, secret)
    _keep(setup, url, secret, (), proved=not problem)
    return problem


def checked(setup: Setup, url: str, secret: str, events: Sequence[str] = ()) -> None:
    """Raise ValueError, in whole words, for what cannot be a subscription."""
    if not setup.profile.is_current:
        raise ValueError("event subscriptions exist with --profile current only; with classic, POST /webhooks.")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ValueError("a subscription needs an address with http or https.")
    if not secret:
        raise ValueError("a subscription needs a secret, with which its events are signed.")
    if unknown := sorted(set(events) - set(TODAY)):
        raise ValueError(f"there are no events {', '.join(unknown)}; there are {', '.join(TODAY)}.")


def _keep(setup: Setup, url: str, secret: str, events: Sequence[str], *, proved: bool) -> Record:
    data = {"url": url, "secret": secret, "events": list(events or TODAY), "proved": proved}
    master_id = setup.master().id
    with writing():
        # An address that is entered again keeps its id: events that wait for it are still sent.
        row, _ = Record.objects.update_or_create(
            kind=SUBSCRIPTION,
            account_id=master_id,
            key=url[:255],
            defaults={"data": data},
            create_defaults={"id": new_id(), "created_at": setup.clock.stamp(), "data": data},
        )
    return row


def challenge(setup: Setup, url: str, secret: str) -> str:
    """Ask an address to prove that it knows the secret; return what went wrong, or nothing."""
    if problem := refused(url, anywhere=setup.deliver_anywhere):
        return problem
    plain = new_id()
    body = {
        "event": signatures.CHALLENGE,
        "event_ts": int(setup.clock.now() * 1000),
        "payload": {"plainToken": plain},
    }
    reply = send(url, secret, json.dumps(body).encode())
    if reply.problem:
        return f"{UNPROVED} ({reply.problem})"
    try:
        answer = json.loads(reply.body)
    except ValueError:
        return f"{UNPROVED} (its answer is not JSON)"
    known = signatures.is_answer(secret, plain, answer)
    return "" if known else f"{UNPROVED} (its answer was not made with the secret)"


def send(url: str, secret: str, body: bytes) -> Reply:
    """Sign and send. The time of the signature is the real one: a receiver compares it with its own clock."""
    headers = {
        **signatures.headers(secret, time.time(), body),
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "zoom-sandbox",
    }
    return post(url, body, headers, signatures.PATIENCE)


def deliver(setup: Setup, row: Record, body: bytes) -> Reply:
    """Send one event; an address that has not proved itself yet is challenged first."""
    url, secret = row.data["url"], row.data["secret"]
    if not row.data["proved"]:
        if problem := challenge(setup, url, secret):
            return Reply(0, problem)
        row.data["proved"] = True
        with writing():
            Record.objects.filter(id=row.id).update(data=row.data)
    return send(url, secret, body)


def described() -> list[Json]:
    """Return all subscriptions without their secrets."""
    rows = Record.objects.filter(kind=SUBSCRIPTION).order_by("created_at", "id")
    return [describe(row) for row in rows]


def describe(row: Record) -> Json:
    shown = {name: row.data[name] for name in ("url", "events", "proved")}
    return {"id": row.id, **shown, "created_at": row.created_at}


def end(subscription_id: str) -> None:
    """Forget a subscription; LookupError when there is none of this id."""
    with writing():
        gone, _ = Record.objects.filter(kind=SUBSCRIPTION, id=subscription_id).delete()
    if not gone:
        raise LookupError("there is no such subscription.")
