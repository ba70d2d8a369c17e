"""One change for many sub-accounts: what each has now is read at Zoom before its row is written down."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.db.models import QuerySet

from portal.access.models import Staff
from portal.access.scope import Scope
from portal.bulk.files.flows.live import difference
from portal.bulk.models import ItemState, Job
from portal.bulk.operations import Chunk, Step, plan
from portal.bulk.verdicts import is_gone
from portal.directory.models import SubAccount
from portal.gateway.clients import client_for
from zoomapi import spec
from zoomapi.client.errors import Outcome, ZoomError

OPTIONS, SETTINGS, DELETE = "accounts.update_options", "accounts.update_settings", "accounts.delete"
READS = {OPTIONS: "accounts.get", SETTINGS: "accounts.settings"}
ACCOUNTS = "accounts"  # the kind of what is no change of users
AT_ONCE = 5  # accounts read for one transaction: a worker must stir more often than its lease ends
DEADLINE = 5.0  # seconds for one answer
UNREAD = "What is set now could not be read, so it is set all the same and cannot be undone."
Json = dict[str, Any]


@dataclass(frozen=True)
class AccountChange:
    """``endpoint``: OPTIONS or SETTINGS; ``body``: what each of the sub-accounts gets; ``what``: in words."""

    endpoint: str
    body: Json
    what: str

    @property
    def kind(self) -> str:
        return "accounts_options" if self.endpoint == OPTIONS else "accounts_settings"

    def title(self, number: int) -> str:
        return f"Set {self.what} for {number:,} sub-account{'' if number == 1 else 's'}"

    def kept(self) -> Json:
        return asdict(self) | {"kind": ACCOUNTS}

    @classmethod
    def of(cls, kept: Json) -> Self:
        return cls(kept["endpoint"], kept["body"], kept["what"])


def changeable(scope: Scope) -> QuerySet[SubAccount]:
    """Sub-accounts in scope that are still part of their master account."""
    rows = SubAccount.objects.for_scope(scope).filter(is_master=False, gone_since=None)
    return rows.select_related("connection")


class AccountRows:
    """Makes the steps, a few at a time. Zoom is asked before their transaction begins."""

    what = "the chosen sub-accounts"
    removes = False

    def __init__(self, change: AccountChange, scope: Scope) -> None:
        self.change, self.scope, self.silent = change, scope, False

    def chunk(self, keys: list[int], start: int, size: int) -> Chunk:
        part = keys[start : start + min(size, AT_ONCE)]
        accounts = changeable(self.scope).in_bulk(part)
        steps = [self._step(start + n, accounts[key]) for n, key in enumerate(part, 1) if key in accounts]
        return Chunk(steps, start + len(part))

    def _step(self, row: int, account: SubAccount) -> Step:
        step = Step(row=row, account=account, label=str(account))
        body, before = self.change.body, Json()
        try:
            now = self._now(account)
        except ZoomError as error:
            if is_gone(error):
                step.action, step.state, step.message = "error", ItemState.INVALID, f"Zoom does not know it: {error}"
                return step
            self.silent = error.outcome is not Outcome.REFUSED  # Zoom does not answer: the others need not wait for it
            now = None
        if now is None:
            step.message = UNREAD
        else:
            body, before = difference(self.change.endpoint, body, now)
        if not body:
            step.action, step.state, step.message = "unchanged", ItemState.SKIPPED, "Already so."
            return step
        step.endpoint, step.action, step.body, step.before = self.change.endpoint, "update", body, before
        return step

    def _now(self, account: SubAccount) -> Json | None:
        """What is set now; None when Zoom did not answer for another one."""
        if self.silent:
            return None
        zoom = client_for(self.scope, account, lane="bulk", deadline=DEADLINE)
        data = zoom.call(spec.endpoint(READS[self.change.endpoint])).data
        found = data if isinstance(data, dict) else {}
        return (found.get("options") or {}) if self.change.endpoint == OPTIONS else found


def plan_departures(
    scope: Scope, actor: Staff, accounts: Sequence[SubAccount], *, key: str | None = None, reason: str = ""
) -> Job:
    """Write down a READY job that disassociates sub-accounts of one master account; each keeps existing."""
    return plan(
        scope=scope,
        actor=actor,
        connection=accounts[0].connection,
        kind="accounts_disassociate",
        title=f"Disassociate {len(accounts):,} sub-account{'' if len(accounts) == 1 else 's'}",
        steps=_departures(accounts),
        key=key,
        reason=reason,
    )


def _departures(accounts: Sequence[SubAccount]) -> Iterator[Step]:
    for row, account in enumerate(accounts, 1):
        before = {"account_name": account.name, "owner_email": account.owner_email}
        yield Step(row=row, account=account, endpoint=DELETE, label=str(account), action="delete", before=before)
