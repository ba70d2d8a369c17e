"""What this process has read at Zoom a moment ago, so that rows of one object, or of one list, share a read."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from portal.bulk.models import Item
from portal.bulk.reading import Reader
from portal.bulk.verdicts import is_gone
from zoomapi.client import errors
from zoomapi.spec.base import Endpoint

Json = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """``at`` is monotonic, when the read began. ``found`` is a list for an operation that lists, None for what is not
    there; ``size`` is how many objects it holds.
    """

    at: float
    found: Any
    size: int = 1


class Readings:
    """Rows of one object share a read, and so do two tries of one row. What was read for one job is not for another:
    a later job is about what the earlier one has left.
    """

    MOST = 10_000  # objects
    IN_LISTS = 9_000  # of them; beside a full list those that are read alone must not push it out

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, Reading] = OrderedDict()
        self._lock = threading.Lock()
        self._turns: dict[Any, tuple[threading.Lock, int]] = {}  # with how many hold it or wait for it

    def of(
        self, reader: Reader, item: Item, reads: Endpoint, path: Json, fresh: float, query: Json | None = None
    ) -> Any:
        own = {name: value for name, value in path.items() if name in reads.params}
        key = (item.job_id, item.account_id, reads.key, str(own), str(query))
        if kept := self.kept(key, fresh):
            return kept.found
        began = time.monotonic()
        found: Any
        try:
            found = list(reader.rows(reads, own, query)) if reads.item_key else reader.read(reads, own)
        except errors.Refused as error:
            if not is_gone(error):
                raise
            found = None
        self.keep(key, Reading(began, found, len(found) if isinstance(found, list) else 1), fresh)
        return found

    def kept(self, key: Any, fresh: float) -> Reading | None:
        with self._lock:
            kept = self._kept.get(key)
        return kept if kept is not None and time.monotonic() - kept.at < fresh else None

    def keep(self, key: Any, reading: Reading, fresh: float) -> None:
        with self._lock:
            self._kept[key] = reading
            self._kept.move_to_end(key)
            self._forget(time.monotonic() - fresh)

    def has_room(self, size: int, fresh: float) -> bool:
        """Whether a list of so many objects can be kept without dropping what still counts."""
        since = time.monotonic() - fresh
        with self._lock:
            return size + sum(reading.size for reading in self._kept.values() if reading.at >= since) <= self.IN_LISTS

    @contextmanager
    def turn(self, key: Any, patience: float) -> Iterator[bool]:
        """Let one thread at a time read what many need. False when another has been at it for too long."""
        with self._lock:
            lock, number = self._turns.get(key, (threading.Lock(), 0))
            self._turns[key] = lock, number + 1
        mine = lock.acquire(timeout=patience)
        try:
            yield mine
        finally:
            if mine:
                lock.release()
            with self._lock:
                lock, number = self._turns.pop(key)
                if number > 1:
                    self._turns[key] = lock, number - 1

    def _forget(self, before: float) -> None:
        """Drop what is too old, and the oldest of too much: a list may be long."""
        rows = sum(reading.size for reading in self._kept.values())
        while len(self._kept) > 1:
            key, oldest = next(iter(self._kept.items()))
            if oldest.at >= before and rows <= self.MOST:
                return
            rows -= oldest.size
            del self._kept[key]
