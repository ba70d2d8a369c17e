"""What Zoom says now of objects that the mirror does not hold, where a row cannot be planned without it."""

from collections import OrderedDict
from collections.abc import Sized
from typing import Any, Generic, TypeVar

from portal.access.scope import Scope
from portal.bulk import compare
from portal.bulk.files.plans import RowPlan
from portal.bulk.verdicts import is_gone
from portal.directory.models import SubAccount
from portal.gateway.clients import client_for
from zoomapi import spec
from zoomapi.client.errors import Outcome, ZoomError

Json = dict[str, Any]
Found = TypeVar("Found", bound=Sized)


class Shelf(Generic[Found]):
    """Lists that were read for a file. What was not needed for longest goes first, and is read anew when needed."""

    MOST = 100_000  # entries of all lists

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, Found] = OrderedDict()
        self._size = 0

    def get(self, key: Any) -> Found | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: Any, found: Found) -> None:
        self._kept[key] = found
        self._size += len(found)
        while self._size > self.MOST and len(self._kept) > 1:
            self._size -= len(self._kept.popitem(last=False)[1])


class LiveState:
    """Reads it for one row after the other. One instance a file."""

    def __init__(self, scope: Scope, reads: str) -> None:
        self.scope, self.reads, self.silent = scope, reads, ""
        self.at = ""  # when the latest read began

    def read(self, plan: RowPlan, path: Json) -> Json | None:
        """What is there now; None when it cannot be told, which the row then says."""
        if self.silent:
            plan.checked.notes.append(self.silent)
            return None
        self.at = compare.stamp()
        account = SubAccount.objects.select_related("connection").get(pk=plan.account or 0)
        endpoint = spec.endpoint(self.reads)
        own = {name: value for name, value in path.items() if name in endpoint.params}
        try:
            answer = client_for(self.scope, account, lane="bulk").call(endpoint, path=own)
        except ZoomError as error:
            self._failed(plan, error)
            return None
        plan.looked = True
        return answer.data if isinstance(answer.data, dict) else {}

    def _failed(self, plan: RowPlan, error: ZoomError) -> None:
        plan.looked = is_gone(error)
        if plan.looked:
            plan.checked.refuse("", str(error))
            return
        told = f"What is set now could not be read: {error}"
        plan.checked.notes.append(told)
        if is_silent(error):
            self.silent = told


def is_silent(error: ZoomError) -> bool:
    """Whether Zoom does not answer: the other rows of the file shall not wait for it, too."""
    return error.outcome is not Outcome.REFUSED
