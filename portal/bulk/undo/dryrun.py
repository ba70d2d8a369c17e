"""The dry run of an undo: every row of the job, with what would take it back, or why nothing would.

What users are now is asked of the mirror, and of Zoom right before each write; settings, options, billing contacts and
what has a page of its own are read at Zoom.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from portal.access.scope import scope_of
from portal.bulk import compare, user_looks
from portal.bulk.batches import COMPARED
from portal.bulk.files.checkrun import Pulse, beat, forget_items, save
from portal.bulk.files.plans import ACTIONS
from portal.bulk.files.summary import seconds
from portal.bulk.models import UNDOES, Item, ItemState, Job, JobState
from portal.bulk.operations import Step, item_of
from portal.bulk.reading import Reader
from portal.bulk.recheck import NAMES
from portal.bulk.recipes.base import WITHIN, dotted, same
from portal.bulk.storage import write
from portal.bulk.undo.reversal import Reversal, reversal_of, told
from portal.bulk.undo.taken import undone
from portal.bulk.verdicts import is_gone
from portal.directory.models import MirrorUser, SubAccount
from zoomapi import spec
from zoomapi.client.errors import ZoomError
from zoomapi.spec.base import leaves

AT_ONCE = 200
DEADLINE = 15.0
GONE = "It is not there any more."
MIRRORED = ("first_name", "last_name", "type", "pmi", "timezone", "dept", "status", "email")
SIGNS = ("status", "last_login_time")  # that somebody has begun to use Zoom
STATES = {"unchanged": ItemState.SKIPPED, "impossible": ItemState.INVALID, "conflict": ItemState.INVALID}


class DryRun:
    """One run. The items it makes are those that would be sent."""

    def __init__(self, job: Job) -> None:
        if job.parent is None:
            raise ValueError("An undo has a job that it undoes.")
        self.job, self.of, self.run_id = job, job.parent, job.options["run"]
        self.scope = scope_of(job.owner)
        self.actions: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.reads = compare.Looks()  # before the writes, of what is compared with Zoom then
        self.accounts: set[int] = set()
        self.looked: set[int] = set()  # rows that were compared with what Zoom says
        self.done_before = undone(self.of)

    def run(self) -> None:
        done = Item.objects.filter(job=self.of, state=ItemState.DONE).exclude(endpoint="")
        total = done.values("row").distinct().count()
        forget_items(self.job, self.run_id, total)
        rows = done.select_related("account__connection", "after", "job__owner", "job__connection")
        batch: list[Item] = []
        pulse = Pulse()
        for number, (_, items) in enumerate(groupby(rows.order_by("row", "step").iterator(500), lambda i: i.row), 1):
            batch += self._row(list(items))
            if len(batch) >= AT_ONCE or pulse.due():
                batch = self._write(batch, number, total)
        self._write(batch, total, total)
        summary = {
            "actions": {action: self.actions[action] for action in ACTIONS},
            "calls": dict(self.calls),
            "reads": dict(self.reads),
            "seconds": seconds(self.calls + self.reads, self.job.connection.zoom),
            "accounts": len(self.accounts),
            "looked": len(self.looked),
        }
        state = JobState.READY if self.calls else JobState.INVALID
        with write():
            save(self.job, self.run_id, state, summary=summary)

    def _write(self, batch: list[Item], done: int, total: int) -> list[Item]:
        with write():
            beat(self.job, self.run_id, done, total)
            Item.objects.bulk_create(batch)
        return []

    def _row(self, items: list[Item]) -> Iterator[Item]:
        """A creation takes its followers with it; other items of a row are taken back last first."""
        first, rest = items[0], items[1:]
        if first.endpoint == "users.create":
            yield self._item(first, reversal_of(first, rest), 0)
            return
        for step, item in enumerate(reversed(items)):
            yield self._item(item, reversal_of(item, []), step)

    def _item(self, item: Item, reversal: Reversal, step: int) -> Item:
        action, message = reversal.action, " ".join(told(reversal))
        call = reversal.call
        source: dict[str, Any] = {UNDOES: item.pk}
        if call is not None and reversal.reads:
            source[COMPARED] = compare.stamp()
        if item.pk in self.done_before:
            action, message = "unchanged", "Taken back already."
        elif call is not None:
            action, message = self._against_now(item, reversal, message)
        if step == 0:
            self.actions[action] += 1
        base: dict[str, Any] = {
            "row": item.row, "step": step, "line": item.line, "account": item.account, "label": item.label,
            "action": action, "message": message, "source": source,
        }  # fmt: skip
        if call is None or action in STATES:
            return item_of(self.job, Step(**base, state=STATES.get(action, ItemState.INVALID)), [])
        self.calls[call.endpoint] += 1
        if COMPARED in source:
            self.reads.note(call.endpoint, item.account_id, call.path)
        elif item.account and user_looks.concerns(call.endpoint, call.before, source):
            self.reads.note_user(call.endpoint, item.account_id, item.account.user_total or 0)
        self.accounts.add(item.account_id or 0)
        sent = Step(
            **base, endpoint=call.endpoint, path=call.path, query=call.query, body=call.body, before=call.before
        )
        return item_of(self.job, sent, [])

    def _against_now(self, item: Item, reversal: Reversal, message: str) -> tuple[str, str]:
        """The action that the present state allows."""
        if item.account is None or not self.scope.covers(item.account.pk):
            return "impossible", "The sub-account is not one of yours any more."
        if item.account.gone_since:
            return "impossible", f"{item.account} has left the master account."
        if reversal.reads:
            self.looked.add(item.row)
            return self._at_zoom(item, item.account, reversal, message)
        user = self._user(item.account, reversal.user)
        if user is None:
            if reversal.action == "delete":
                return "unchanged", "The user is not there any more."
            return "conflict", f"The user is not in {item.account} any more."
        changed = "" if item.endpoint.startswith("groups.") else _differences(user, reversal.left)
        if "group" in reversal.left and (reversal.left["group"] in user.group_ids) is not reversal.left["member"]:
            return "unchanged", "The membership is as it was before."
        if reversal.action == "delete" and not changed:
            changed = self._leaving(user, reversal)
        if reversal.call and "memberId" in reversal.call.path:
            reversal.call.path["memberId"] = user.zoom_id
        return ("conflict", f"{changed} Nothing will be done for this row.") if changed else (reversal.action, message)

    def _leaving(self, user: MirrorUser, reversal: Reversal) -> str:
        """Who has begun to use Zoom is not removed; who was invited only has the invitation withdrawn."""
        if user.last_login_time is not None:
            return "The user has signed in since."
        if reversal.call is None:
            return ""
        kept = [name for name in (*MIRRORED, "last_login_time") if name in reversal.left or name in SIGNS]
        reversal.call.before = {name: getattr(user, name) for name in kept}  # looked at again before the start
        if user.status == "pending":
            reversal.call.query["action"] = "disassociate"
        return ""

    def _user(self, account: SubAccount, name: str) -> MirrorUser | None:
        users = MirrorUser.objects.filter(account=account)
        by_email = users.filter(email__iexact=name) if "@" in name else users.none()
        return users.filter(zoom_id=name).first() or by_email.first()

    def _at_zoom(self, item: Item, account: SubAccount, reversal: Reversal, message: str) -> tuple[str, str]:
        path = reversal.call.path if reversal.call else item.path
        try:
            now = self._present(item, account, reversal.reads, path)
        except ZoomError as error:
            if is_gone(error) and reversal.action == "delete":
                return "unchanged", GONE
            return "conflict", f"What is there now could not be read: {error}"
        if now is None:
            return ("unchanged", GONE) if reversal.action == "delete" else ("conflict", GONE)
        if item.endpoint in WITHIN:
            now = now.get(WITHIN[item.endpoint]) or {}
        told_now = [(name, value, dotted(now, name)) for name, value in reversal.left.items()]
        if reversal.action == "delete":  # Zoom does not show all that a creation takes
            told_now = [(name, value, there) for name, value, there in told_now if there is not None]
        changed = [name for name, value, there in told_now if not same(value, there)]
        if changed:
            return "conflict", f"Changed since: {_called(item, changed)}. Nothing will be done for this row."
        return reversal.action, message

    @staticmethod
    def _present(item: Item, account: SubAccount, reads: str, path: dict[str, Any]) -> dict[str, Any] | None:
        """The object as it is now, from its own address or from the list it stands in."""
        reader, endpoint = Reader(item, account, deadline=DEADLINE), spec.endpoint(reads)
        if not endpoint.item_key:
            return reader.read(endpoint, path)
        return compare.in_list(list(reader.rows(endpoint, path)), path)


def _called(item: Item, names: list[str]) -> str:
    """Fields as people know them."""
    shape = spec.endpoint(item.endpoint).body
    fields = dict(leaves(shape())) if shape else {}
    return ", ".join(str(getattr(fields.get(name), "label", None) or name) for name in names)


def _differences(user: MirrorUser, left: dict[str, Any]) -> str:
    changed = [
        f"{NAMES.get(name, name)} is “{getattr(user, name)}”, the job had left “{value}”"
        for name, value in left.items()
        if name in MIRRORED and not same(value, getattr(user, name))
    ]
    return f"Changed since: {', '.join(changed)}." if changed else ""
