"""The trail of a write: what is put down before and after every attempt on the wire. No trail, no client."""

import uuid
from typing import Any, Protocol

from portal.access.models import Staff
from portal.audit import log
from portal.audit.models import Phase
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from zoomapi.client.calls import Answer, Call
from zoomapi.client.errors import ZoomError


class Trail(Protocol):
    """The client's hooks. ``before`` commits the intent (or raises ``Stopped``), ``after`` writes the outcome."""

    def before(self, call: Call) -> None: ...

    def after(self, call: Call, answer: Answer | None, error: ZoomError | None) -> None: ...


class AuditTrail:
    """The usual trail: an intent and an outcome in the audit log, tied together by one operation number."""

    def __init__(
        self,
        *,
        actor: Staff | None,
        connection: Connection,
        account: SubAccount | None = None,
        reason: str = "",
        target: str = "",
        before: Any = None,
    ) -> None:
        self.actor = actor
        self.connection = connection
        self.account = account
        self.reason = reason
        self.target = target
        self.image = before
        self.operation = uuid.uuid4().hex

    def before(self, call: Call) -> None:
        after = {"query": dict(call.query), "body": dict(call.body)} if call.query and call.body else None
        self._record(call, Phase.INTENT, before=self.image, after=after or dict(call.body or call.query) or None)

    def after(self, call: Call, answer: Answer | None, error: ZoomError | None) -> None:
        if error is not None:
            self._record(
                call,
                Phase.OUTCOME,
                result=str(error.outcome),
                status=error.status,
                code=error.code,
                message=str(error),
                trace_id=error.tracking_id,
            )
        elif answer is not None:
            self._record(
                call,
                Phase.OUTCOME,
                after=answer.data if isinstance(answer.data, dict) else None,
                result="done",
                status=answer.status,
                trace_id=answer.tracking_id,
            )

    def _record(self, call: Call, phase: str, **sides: Any) -> None:
        log.record(
            call.endpoint.key,
            actor=self.actor,
            account=self.account,
            connection=self.connection,
            target=self.target or call.url,
            reason=self.reason,
            phase=phase,
            operation=self.operation,
            **sides,
        )
