"""Delivering events: HTTP POST, tried again when it fails.

A webhook of the document gets HTTP Basic credentials, an event subscription of today a signature.

The queue is in the database, so nothing is lost by a stop. Waiting times count on the sandbox's clock: a test that
moves the clock need not wait. Only addresses of this machine are called unless the sandbox was started with
``--deliver-anywhere``.
"""

import base64
import json
import sys
import threading
import traceback
from typing import Any

from django.db.models import Min

from zoomapi.sandbox import subscriptions
from zoomapi.sandbox.calls import Setup
from zoomapi.sandbox.events import SUBSCRIPTION, WEBHOOK
from zoomapi.sandbox.models import Delivery, Record
from zoomapi.sandbox.posting import NO_ANSWER, Reply, post, refused
from zoomapi.sandbox.store import writing
from zoomapi.spec.signatures import RETRIES

PATIENCE = 5.0  # seconds for a webhook to answer
LOOK_SECONDS = 1.0


class Postman(threading.Thread):
    """Takes what is due from the queue, one at a time, in order."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(name="webhooks", daemon=True)
        self._setup = setup
        self._next: float | None = 0.0

    def run(self) -> None:
        posted = self._setup.agenda.posted
        while True:
            woken = posted.wait(LOOK_SECONDS)
            posted.clear()
            if woken or (self._next is not None and self._setup.clock.now() >= self._next):
                try:
                    self._deliver_due()
                except Exception:  # noqa: BLE001  # a bug must not end all deliveries; it is tried again
                    traceback.print_exc(file=sys.stderr)

    def _deliver_due(self) -> None:
        with writing():  # an event that woke us may not be committed yet
            due = list(Delivery.objects.filter(next_at__lte=self._setup.clock.now()).order_by("n"))
        for delivery in due:
            self._deliver(delivery)
        self._next = Delivery.objects.aggregate(at=Min("next_at"))["at"]

    def _deliver(self, delivery: Delivery) -> None:
        hook = Record.objects.filter(id=delivery.webhook_id).first()
        final = hook is None
        if hook is None:
            status, problem = NO_ANSWER, "the webhook was deleted"
        elif problem := refused(hook.data["url"], anywhere=self._setup.deliver_anywhere):
            status, final = NO_ANSWER, True
        else:
            status, problem, _ = self._send(hook, delivery.body.encode())
            final = not Record.objects.filter(id=delivery.webhook_id).exists()
        with writing():
            self._note(delivery, status, problem, final=final)

    def _send(self, hook: Record, body: bytes) -> Reply:
        if hook.kind == SUBSCRIPTION:
            return subscriptions.deliver(self._setup, hook, body)
        return post(hook.data["url"], body, headers_for(hook.data), PATIENCE)

    def _note(self, delivery: Delivery, status: int, problem: str, *, final: bool) -> None:
        now, done = self._setup.clock.now(), len(delivery.attempts)
        delivery.attempts.append({"at": now, "status": status, "problem": problem})
        if 200 <= status < 300:
            delivery.state, delivery.next_at = "delivered", None
        elif final or done >= len(RETRIES):
            delivery.state, delivery.next_at = "failed", None
        else:
            delivery.next_at = now + RETRIES[done]
        if Delivery.objects.filter(n=delivery.n).exists():  # a reset may have wiped it meanwhile
            delivery.save(update_fields=["attempts", "state", "next_at"])


def headers_for(hook: dict[str, Any]) -> dict[str, str]:
    """Return the headers of the document's time."""
    credentials = f"{hook['auth_user']}:{hook['auth_password']}".encode()
    return {
        "Authorization": f"Basic {base64.b64encode(credentials).decode()}",
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "zoom-sandbox",
    }


def log() -> list[dict[str, Any]]:
    """Return every delivery, oldest first, with what was sent and each attempt; without passwords."""
    hooks = {hook.id: hook.data["url"] for hook in Record.objects.filter(kind__in=(WEBHOOK, SUBSCRIPTION))}
    return [
        {
            "n": row.n,
            "webhook_id": row.webhook_id,
            "url": hooks.get(row.webhook_id, ""),
            "account_id": row.account_id,
            "event": row.event,
            "at": row.at,
            "state": row.state,
            "next_at": row.next_at,
            "attempts": row.attempts,
            "body": json.loads(row.body),
        }
        for row in Delivery.objects.order_by("n")
    ]
