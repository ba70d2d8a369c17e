"""The same values for many sub-accounts or users: what each has now is read at Zoom before its row is written down."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from portal.access.scope import Scope
from portal.bulk import batches, compare
from portal.bulk.account_changes import changeable
from portal.bulk.first_look import difference
from portal.bulk.models import ItemState
from portal.bulk.operations import Chunk, Step
from portal.bulk.verdicts import is_gone
from portal.directory.models import MirrorUser, SubAccount
from portal.gateway.clients import client_for
from zoomapi import spec
from zoomapi.client.errors import Outcome, ZoomError

OPTIONS, SETTINGS, USER_SETTINGS = "accounts.update_options", "accounts.update_settings", "users.update_settings"
READS = {OPTIONS: "accounts.get", SETTINGS: "accounts.settings", USER_SETTINGS: "users.settings"}
COMPARED = "compared"  # the kind of such a change, where a selection is kept
DEADLINE = 15.0  # seconds for one answer, the turn at Zoom included
UNREAD = "What is set now could not be read, so it is set all the same and cannot be undone."
Json = dict[str, Any]


@dataclass(frozen=True)
class Values:
    """``endpoint``: one of READS; ``body``: what each of the chosen gets; ``what``: in words."""

    endpoint: str
    body: Json
    what: str

    @property
    def noun(self) -> str:
        return "user" if self.endpoint == USER_SETTINGS else "sub-account"

    @property
    def kind(self) -> str:
        """Of the job."""
        return self.endpoint.replace(".update", "")

    def title(self, number: int) -> str:
        return f"Set {self.what} for {number:,} {self.noun}{'' if number == 1 else 's'}"

    def calls(self, number: int) -> dict[str, int]:
        """At most so many: each is read, and changed where it is not so already."""
        return {READS[self.endpoint]: number, self.endpoint: number}

    def kept(self) -> Json:
        return asdict(self) | {"kind": COMPARED}

    @classmethod
    def of(cls, kept: Json) -> Self:
        return cls(kept["endpoint"], kept["body"], kept["what"])


class ComparedRows:
    """Makes the steps. One at a time while Zoom is asked: a worker must stir more often than its lease ends."""

    removes = False

    def __init__(self, values: Values, scope: Scope) -> None:
        self.values, self.scope, self.silent = values, scope, False
        self.what = f"the chosen {values.noun}s"

    def chunk(self, keys: list[int], start: int, size: int) -> Chunk:
        part = keys[start : start + (size if self.silent else 1)]
        found = self._found(part)
        steps = [self._step(start + n, found[key]) for n, key in enumerate(part, 1) if key in found]
        return Chunk(steps, start + len(part))

    def _found(self, part: list[int]) -> Mapping[int, SubAccount | MirrorUser]:
        if self.values.endpoint != USER_SETTINGS:
            return changeable(self.scope).in_bulk(part)
        users = MirrorUser.objects.for_scope(self.scope).filter(account__gone_since=None)
        return users.select_related("account__connection").in_bulk(part)

    def _step(self, row: int, one: SubAccount | MirrorUser) -> Step:
        step = Step(row=row, account=one.account if isinstance(one, MirrorUser) else one, label=str(one))
        step.path = {"userId": one.zoom_id} if isinstance(one, MirrorUser) else {}
        body, before, at = self.values.body, Json(), compare.stamp()
        try:
            now = self._now(step)
        except ZoomError as error:
            if is_gone(error):
                step.action, step.state, step.message = "error", ItemState.INVALID, str(error)
                return step
            self.silent = error.outcome is not Outcome.REFUSED  # Zoom does not answer: the others need not wait for it
            now = None
        if now is None:
            step.message = UNREAD
        else:
            body, before = difference(self.values.endpoint, body, now)
            step.source = {batches.COMPARED: at}
        if not body:
            step.action, step.state, step.message = "unchanged", ItemState.SKIPPED, "Already so."
            return step
        step.endpoint, step.action, step.body, step.before = self.values.endpoint, "update", body, before
        return step

    def _now(self, step: Step) -> Json | None:
        """What is set now; None when Zoom did not answer for another one."""
        if self.silent or step.account is None:
            return None
        zoom = client_for(self.scope, step.account, lane="bulk", deadline=DEADLINE)
        data = zoom.call(spec.endpoint(READS[self.values.endpoint]), path=step.path).data
        found = data if isinstance(data, dict) else {}
        return (found.get("options") or {}) if self.values.endpoint == OPTIONS else found
