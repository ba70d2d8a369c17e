"""What is set at Zoom now, for objects that the mirror does not hold: the first rows of a file are compared with it."""

from portal.access.scope import Scope
from portal.bulk.files.plans import Call, RowPlan
from portal.bulk.recipes.base import dotted, same
from portal.directory.models import SubAccount
from portal.gateway.clients import client_for
from portal.ui.forms import flat, nested
from zoomapi import spec
from zoomapi.client.errors import Outcome, ZoomError
from zoomapi.spec.base import leaves

MOST = 300  # reads for one file; each takes its turn at Zoom like any other call
BEYOND = f"Not compared: only the first {MOST} rows are, since each takes a call. It cannot be undone either."


class LiveState:
    """Compares planned changes with what Zoom says. One instance a file."""

    def __init__(self, scope: Scope, reads: str) -> None:
        self.scope, self.reads, self.number = scope, reads, 0

    def compare(self, plan: RowPlan, call: Call) -> None:
        """Leave out of the call what is so already, and keep what was there before."""
        if self.number >= MOST:
            plan.checked.notes.append(BEYOND)
            return
        self.number += 1
        account = SubAccount.objects.select_related("connection").get(pk=plan.account or 0)
        try:
            answer = client_for(self.scope, account, lane="bulk").call(self.reads, path=dict(call.path))
        except ZoomError as error:
            plan.checked.notes.append(f"What is set now could not be read: {error}")
            if error.outcome is not Outcome.REFUSED:
                self.number = MOST  # Zoom does not answer: the other rows shall not wait for it, too
            return
        now = answer.data if isinstance(answer.data, dict) else {}
        shape = spec.endpoint(call.endpoint).body
        sent = list(flat(call.body, [name for name, _ in leaves(shape())])) if shape else []
        differing = [(name, value) for name, value in sent if not same(value, dotted(now, name))]
        call.body = nested(differing)
        call.before = nested((name, dotted(now, name)) for name, _ in differing)
        if not differing:
            plan.action, plan.calls = "unchanged", []
