"""Comparing a row with Zoom once more, right before its write: what somebody changed since the check is left alone.

Rows that were compared with Zoom's own state when they were checked say so, and when, in ``Item.source``. Those that
are still to be compared say that, and get their first comparison here. Rows about users were compared with the mirror,
which may be an hour old, so they are compared with Zoom in any case (``user_looks``), but for a single change that a
person waits for: its form has compared. The others are never compared, so there is nothing to lose.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from portal.bulk import batches, first_look, storage, user_looks
from portal.bulk.batches import COMPARED, LISTED, UNCOMPARED, Division
from portal.bulk.calls import Request
from portal.bulk.first_look import Seen
from portal.bulk.models import INTERACTIVE, Item, ItemState
from portal.bulk.reading import Reader
from portal.bulk.readings import Readings
from portal.bulk.recheck import NAMES
from portal.bulk.recipes.base import WITHIN, dotted, same
from portal.bulk.recipes.places import PLACE
from portal.bulk.recipes.registrants import AFTER
from portal.bulk.timing import Timing
from portal.bulk.undo.reasons import REMOVABLE, RESTORABLE
from portal.bulk.verdicts import Verdict, is_final
from zoomapi import spec
from zoomapi.client import errors
from zoomapi.spec.base import Endpoint
from zoomapi.spec.registration import REGISTRANT_STATUSES

# The operation that shows what another one changes or removes.
READS = {
    **RESTORABLE, **dict(REMOVABLE.values()), "tsp.update": "tsp.list", "tsp.delete": "tsp.list",
    **{operation: f"{operation.partition('.')[0]}.registrants" for operation in LISTED},
}  # fmt: skip
SHOWN, LONGEST = 3, 60  # differences told, and signs of a value
UNSENT = "Nothing was sent."
NOTHING: tuple[Any, ...] = (None, "", [])
Json = dict[str, Any]


def stamp() -> str:
    """What a row keeps when it is compared with what is read now."""
    return storage.now().isoformat()


def by_its_id(endpoint: Endpoint) -> bool:
    """Whether what a call changes in part, or removes, can be read at Zoom alone, so that a row can be compared."""
    reads = READS.get(endpoint.key)
    return reads is not None and not spec.endpoint(reads).item_key and (endpoint.partial or endpoint.method == "DELETE")


class Looks(Counter[str]):
    """How many reads the rows of a job may need before their writes, by operation. A list is read once for all."""

    def __init__(self) -> None:
        super().__init__()
        self._lists: set[tuple[Any, ...]] = set()
        self._users: dict[int | None, tuple[int, int]] = {}

    def note(self, operation: str, account: int | None, path: Mapping[str, Any]) -> None:
        """Count what one call needs."""
        reads = spec.endpoint(READS[operation])
        if reads.item_key:
            key = (account, reads.key, *(path.get(name) for name in reads.params))
            if key in self._lists:
                return
            self._lists.add(key)
        self[reads.key] += len(REGISTRANT_STATUSES) if operation in LISTED else 1

    def note_user(self, operation: str, account: int | None, total: int) -> None:
        """Count what one call about a user needs, together with the others of its sub-account of ``total`` users."""
        rows, by_status = self._users.get(account, (0, 0))
        former = user_looks.reads_of(rows, by_status, total)
        self._users[account] = rows, by_status = rows + 1, by_status + (operation in user_looks.BY_STATUS)
        needed = user_looks.reads_of(rows, by_status, total)
        self.update(needed - former)
        self.subtract(former - needed)
        for key in [key for key in former if not self[key]]:
            del self[key]


def in_list(rows: list[Json], path: Mapping[str, Any]) -> Json | None:
    """The object that a path means among those of a list; None when it is not there."""
    if place := str(path.get(PLACE, "")):
        return rows[int(place) - 1] if place.isdecimal() and 1 <= int(place) <= len(rows) else None
    return next((row for row in rows if str(row.get("id")) in path.values()), None)


def present(operation: str, found: Any, path: Mapping[str, Any]) -> Json | None:
    """What an operation is about, in the answer of the one that shows it; None when it is not there."""
    now = in_list(found, path) if isinstance(found, list) else found
    if now is not None and operation in WITHIN:
        now = now.get(WITHIN[operation]) or {}
    return now


readings = Readings()


def is_due(item: Item, timing: Timing) -> bool:
    """Whether the row is still to be compared with Zoom, or was so long ago that it is to be compared again."""
    if UNCOMPARED in item.source:
        return True
    if user_looks.concerns(item.endpoint, item.before, item.source):
        return item.account is not None and item.job.lane != INTERACTIVE
    compared = item.source.get(COMPARED)
    if not compared or item.endpoint not in READS or not (item.before or item.body):
        return False
    age = (storage.now() - datetime.fromisoformat(compared)).total_seconds()
    return not 0 <= age <= timing.fresh


def look(item: Item, request: Request, timing: Timing) -> Verdict | Division | Seen | None:
    """Read what is there now. The end of the row, when that is not what it was at the check; None when it may be sent.

    A division, when that is so for some of the rows that travel in one call; what was seen, at a first comparison.

    Raises ZoomError when it could not be read, and another try may bring it.
    """
    reader = Reader(item, request.account, deadline=min(timing.deadline, timing.lease - timing.deadline))
    try:
        if user_looks.concerns(item.endpoint, item.before, item.source):
            return _of_user(item, request.endpoint, user_looks.look(readings, reader, item, timing))
        reads, at = spec.endpoint(READS[item.endpoint]), stamp()
        if item.endpoint in LISTED:
            return _decided(item, reader, reads, timing)
        found = readings.of(reader, item, reads, request.path, timing.fresh)
    except errors.Refused as error:
        if not is_final(error):
            raise
        return Verdict(ItemState.FAILED, "not_sent", f"What is there now could not be read: {error} {UNSENT}")
    now = present(item.endpoint, found, request.path)
    if UNCOMPARED in item.source:
        return first_look.seen(item, request, now, at)
    return _gone(request.endpoint) if now is None else _against(item, request.endpoint, reads, now)


def _decided(item: Item, reader: Reader, reads: Endpoint, timing: Timing) -> Division | None:
    """Who of a call's registrants is still where the check found them; about the others nothing is decided."""
    rows = batches.rows_of(item)
    if rows is None:
        return None
    now: dict[str, str] = {}
    for status in REGISTRANT_STATUSES:
        for person in readings.of(reader, item, reads, item.path, timing.fresh, {"status": status}) or []:
            now |= dict.fromkeys((str(person.get(name, "")).casefold() for name in ("id", "email")), status)
    wanted = AFTER.get(str(item.body.get("action", "")), "")
    out: dict[int, str] = {}
    for place, (row, ref) in enumerate(zip(rows, item.body[LISTED[item.endpoint]], strict=True)):
        was, there = row.before.get("status") or "", now.get(str(ref.get("id") or ref.get("email")).casefold(), "")
        if there == wanted:
            out[place] = f"It is so by now. {UNSENT}"
        elif there != was:
            out[place] = f"{_told('status', was, there, hidden=False)}: somebody changed it since. {UNSENT}"
    return batches.leave_out(item, rows, out, stamp()) if out and not item.checks else None


def _gone(endpoint: Endpoint) -> Verdict:
    if endpoint.method == "DELETE" and PLACE not in endpoint.params:
        return Verdict(ItemState.SKIPPED, "skipped", f"It is not there any more. {UNSENT}")
    return Verdict(ItemState.FAILED, "not_sent", f"It was there at the check and is not there any more. {UNSENT}")


def _of_user(item: Item, endpoint: Endpoint, found: tuple[Json, Json, Json] | None) -> Verdict | None:
    """What the mirror did not know, or Zoom does not tell, is no difference."""
    if found is None:
        return _gone(endpoint)
    wanted, before, now = ({NAMES.get(name, name): value for name, value in side.items()} for side in found)
    changed = [name for name in before if not _as_it_was(name, before, now, removes=False)]
    return _judged(item, changed, {} if item.endpoint == user_looks.REMOVAL else wanted, before, now)


def _against(item: Item, endpoint: Endpoint, reads: Endpoint, now: Json) -> Verdict | None:
    removes = endpoint.method == "DELETE"
    wanted, before = dict(_members(item.body)), dict(_members(item.before))
    names = before if removes else wanted
    changed = [name for name in names if not _as_it_was(name, before, now, removes=removes)]
    return _judged(item, changed, {} if removes else wanted, before, now, endpoint.secrets | reads.secrets)


def _judged(
    item: Item, changed: list[str], wanted: Json, before: Json, now: Json, hidden: Collection[str] = ()
) -> Verdict | None:
    """The end of a row of which something changed since the check, or all is so by now."""
    if wanted and not item.secret and all(same(wanted[name], dotted(now, name)) for name in wanted):
        # An earlier attempt may have done it: to set it once more does no harm, to call it somebody else's would.
        return None if item.checks else Verdict(ItemState.SKIPPED, "skipped", f"It is so by now. {UNSENT}")
    changed = [name for name in changed if name not in wanted or not same(wanted[name], dotted(now, name))]
    if not changed:
        return None
    told = [_told(name, before.get(name), dotted(now, name), hidden=name in hidden) for name in changed[:SHOWN]]
    told += [f"{len(changed) - SHOWN} more"] if len(changed) > SHOWN else []
    text = f"{'; '.join(told)}: somebody changed it since."
    if item.checks:
        text = f"{text} It was sent before, and that had not been carried out when it was checked. Not sent again."
        return Verdict(ItemState.FAILED, "not_sent", text)
    return Verdict(ItemState.SKIPPED, "skipped", f"{text} {UNSENT}")


def _as_it_was(name: str, before: Json, now: Json, *, removes: bool) -> bool:
    """What the check did not keep was not set then. Zoom does not show all that a creation takes."""
    was, there = before.get(name), dotted(now, name)
    if there is None and removes:
        return True
    return same(was, there) or (was in NOTHING and there in NOTHING)


def _members(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values of a nested object by their dotted names."""
    for name, value in data.items():
        if isinstance(value, Mapping) and value:
            yield from _members(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _told(name: str, was: Any, there: Any, *, hidden: bool) -> str:
    if hidden or isinstance(was, list | Mapping) or isinstance(there, list | Mapping):
        return f"{name} is not what it was at the check"
    return f"{name} was {_worded(was)} at the check and is {_worded(there)} now"


def _worded(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return "empty" if value in (None, "") else f"“{str(value)[:LONGEST]}”"
