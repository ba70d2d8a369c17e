"""Writing to the audit log: ``record`` is the only way in."""

from datetime import UTC, datetime
from typing import Any

from portal.access.models import Staff
from portal.audit import chain, rows
from portal.audit.models import Entry, Phase
from portal.audit.redact import redact, secret_names, text
from portal.directory.models import SubAccount
from portal.gateway.models import Connection

SYSTEM = "(portal)"


def record(  # noqa: PLR0913  # an entry has this many sides; all but the verb and the actor are optional
    verb: str,
    *,
    actor: Staff | None,
    account: SubAccount | None = None,
    connection: Connection | None = None,
    target: str = "",
    reason: str = "",
    before: Any = None,
    after: Any = None,
    phase: str = Phase.EVENT,
    result: str = "",
    status: int | None = None,
    code: int | None = None,
    message: str = "",
    operation: str = "",
    trace_id: str = "",
) -> Entry:
    """Append one entry and return it. Joins the caller's transaction: rolled back with it, committed with it.

    ``verb`` is a ``Verb`` or an operation's key ("users.create"), whose secret fields are then hidden too. ``before``
    and ``after`` are any JSON values. ``operation`` ties an intent to its outcome.
    """
    hidden = secret_names(verb)
    entry: dict[str, Any] = {
        "id": None,
        "at": datetime.now(UTC),
        "actor_id": actor.pk if actor else None,
        "actor": text(actor.email if actor else SYSTEM, 254),
        "verb": text(verb, 60),
        "phase": str(phase),
        "connection_id": connection.pk if connection else (account.connection_id if account else None),
        "account_id": account.pk if account else None,
        "account": text(account, 200) if account else "",
        "target": text(target, 254),
        "reason": text(reason, 500),
        "before": redact(before, hidden),
        "after": redact(after, hidden),
        "result": text(result, 40),
        "status": status,
        "code": code,
        "message": text(message, 500),
        "operation": text(operation, 64),
        "trace_id": text(trace_id, 80),
    }
    return chain.append(rows.made(Entry, entry.items(), adding=True))
