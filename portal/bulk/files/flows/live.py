"""What is set at Zoom now, for objects that the mirror does not hold: the first rows of a file are compared with it."""

from typing import Any

from portal.access.scope import Scope
from portal.bulk import compare
from portal.bulk.files.plans import Call, RowPlan
from portal.bulk.recipes.base import dotted, same
from portal.bulk.verdicts import is_gone
from portal.directory.models import SubAccount
from portal.gateway.clients import client_for
from portal.ui.forms import flat, nested
from zoomapi import spec
from zoomapi.client.errors import Outcome, ZoomError
from zoomapi.spec.base import leaves

Json = dict[str, Any]
MOST = 300  # reads for one file; each takes its turn at Zoom like any other call
BEYOND = f"Not compared: only the first {MOST} rows are, since each takes a call. It cannot be undone either."


class LiveState:
    """Compares planned changes with what Zoom says. One instance a file."""

    def __init__(self, scope: Scope, reads: str) -> None:
        self.scope, self.reads, self.number = scope, reads, 0
        self.at = ""  # when the latest read began

    def read(self, plan: RowPlan, path: Json, *, gone: str = "") -> Json | None:
        """What is there now; None when it cannot be told, which the row then says.

        ``gone``: what a row says that asks for nothing more, since the object is not there; else that is an error.
        """
        if self.number >= MOST:
            plan.checked.notes.append(BEYOND)
            return None
        self.number, self.at = self.number + 1, compare.stamp()
        account = SubAccount.objects.select_related("connection").get(pk=plan.account or 0)
        endpoint = spec.endpoint(self.reads)
        own = {name: value for name, value in path.items() if name in endpoint.params}
        try:
            answer = client_for(self.scope, account, lane="bulk").call(endpoint, path=own)
        except ZoomError as error:
            self._failed(plan, error, gone)
            return None
        plan.looked = True
        return answer.data if isinstance(answer.data, dict) else {}

    def _failed(self, plan: RowPlan, error: ZoomError, gone: str) -> None:
        plan.looked = is_gone(error)
        if is_gone(error) and gone:
            plan.action, plan.calls = "unchanged", []
            plan.checked.notes.append(gone)
        elif is_gone(error):
            plan.checked.refuse("", str(error))
        else:
            plan.checked.notes.append(f"What is set now could not be read: {error}")
            if error.outcome is not Outcome.REFUSED:
                self.number = MOST  # Zoom does not answer: the other rows shall not wait for it, too

    def compare(self, plan: RowPlan, call: Call) -> None:
        """Leave out of the call what is so already, and keep what was there before."""
        if (now := self.read(plan, call.path)) is not None:
            settle(plan, call, now, self.at)


def settle(plan: RowPlan, call: Call, now: Json, at: str) -> None:
    """Leave out of the call what is ``now`` so; what was there before is kept, but no secret.

    ``at``: when it was read.
    """
    call.body, call.before = difference(call.endpoint, call.body, now)
    call.compared = at
    if not call.body:
        plan.action, plan.calls = "unchanged", []


def difference(operation: str, body: Json, now: Json) -> tuple[Json, Json]:
    """(what of a body is not so ``now``, what is there instead as far as it is no secret)."""
    endpoint = spec.endpoint(operation)
    sent = list(flat(body, [name for name, _ in leaves(endpoint.body())])) if endpoint.body else []
    differing = [(name, value) for name, value in sent if not same(value, dotted(now, name))]
    shown = [name for name, _ in differing if name not in endpoint.secrets and dotted(now, name) is not None]
    return nested(differing), nested((name, dotted(now, name)) for name in shown)
