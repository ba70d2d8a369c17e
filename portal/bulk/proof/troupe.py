"""The parts of a portal as processes that can be killed, frozen, and started again; each in a group of its own."""

import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection

from portal.supervisor import plan
from portal.supervisor.part import Part

GOODBYE = 40  # seconds a worker may take to bring its calls to their end
LOCKED = 3.0  # seconds for which an SQLite cannot be written
OURS = ("worker 1", "worker 2", "web", "beat")  # the portal's own parts: Zoom's, and the broker's, are others' affair
SMALLEST = 4096  # bytes: beyond it no file can be written while the disk is said to be full


class Troupe:
    """Two workers, web, beat, broker and sandbox. ``log`` receives all they say."""

    def __init__(self, log: Path) -> None:
        self._log: IO[bytes] = log.open("ab")
        broker = plan.valkey()
        self._parts: dict[str, Part] = {
            **({"broker": broker} if broker else {}),
            "sandbox": plan.sandbox(settings.SANDBOX_API_KEY, settings.SANDBOX_API_SECRET),
            "worker 1": plan.worker(),
            "worker 2": plan.worker(),
            "web": plan.web(),
            "beat": plan.beat(),
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._full_since = 0.0
        self.dead: list[tuple[float, float]] = []  # when the web could not answer, by the monotonic clock

    @property
    def names(self) -> list[str]:
        return list(self._parts)

    def start(self, name: str) -> None:
        part = self._parts[name]
        own = {"CHAOS_CLOCK": str(self._clock(name))} if name in OURS else {}
        self._running[name] = subprocess.Popen(  # noqa: S603  # our own programs
            part.argv, env={**os.environ, **part.env, **own}, cwd=part.folder, stdin=subprocess.DEVNULL,
            stdout=self._log, stderr=self._log, start_new_session=True,
        )  # fmt: skip
        end = time.monotonic() + part.start_limit
        while part.ready_check is not None and not part.ready_check() and time.monotonic() < end:
            time.sleep(0.1)

    def kill(self, name: str, *, again: bool = True) -> None:
        """kill -9 of the part and all its children; a broker also loses its files. Then it is started ``again``."""
        began = time.monotonic()
        self._signal(name, signal.SIGKILL)
        self._running[name].wait()
        if name == "broker":
            shutil.rmtree(settings.DATA_DIR / plan.VALKEY_FOLDER, ignore_errors=True)
            (settings.DATA_DIR / plan.VALKEY_FOLDER).mkdir()
        if again:
            self.start(name)
        if name == "web":
            self.dead.append((began, time.monotonic()))

    def deploy(self) -> None:
        """Stop the workers as a deployment does, one after the other, and start each again."""
        for name in ("worker 1", "worker 2"):
            os.kill(self._running[name].pid, signal.SIGTERM)
            try:
                self._running[name].wait(GOODBYE)
            except subprocess.TimeoutExpired:
                self._signal(name, signal.SIGKILL)
                self._running[name].wait()
            self.start(name)

    def crash_database(self) -> None:
        """End every connection to a PostgreSQL; keep an SQLite from writing for a while."""
        began = time.monotonic()
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                self._cut(cursor)
            else:
                cursor.execute("BEGIN IMMEDIATE")
                time.sleep(LOCKED)
                cursor.execute("ROLLBACK")
        self.dead.append((began, time.monotonic()))

    def fill_disk(self) -> None:
        """Let no process of ours write: neither logs and uploads, nor the database.

        On SQLite all three by the same means: a write beyond the largest permitted size of a file fails, as it fails
        on a full disk. Another server's disk is not ours to fill: a PostgreSQL refuses to write instead.
        """
        self._full_since = time.monotonic()
        self._limit_files(SMALLEST)
        self._forbid_writing(forbidden=True)

    def empty_disk(self) -> None:
        self._forbid_writing(forbidden=False)
        self._limit_files(None)
        self.dead.append((self._full_since, time.monotonic()))

    def _limit_files(self, size: int | None) -> None:
        """Of all processes of ours, those included that were born since the last time; None for no limit of ours."""
        for pid in self._processes(OURS):
            with suppress(ProcessLookupError):
                _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (most if size is None else size, most))

    def _forbid_writing(self, *, forbidden: bool) -> None:
        """Of our own database on a PostgreSQL; its sessions learn of it when they begin."""
        if connection.vendor != "postgresql":
            return
        with connection.cursor() as cursor:
            name = connection.ops.quote_name(connection.settings_dict["NAME"])
            change = "SET default_transaction_read_only = on" if forbidden else "RESET default_transaction_read_only"
            cursor.execute("SET default_transaction_read_only = off")
            cursor.execute(f"ALTER DATABASE {name} {change}")
            self._cut(cursor)

    def _cut(self, cursor: Any) -> None:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    def _processes(self, names: Iterable[str]) -> Iterator[int]:
        """All processes of the groups of these parts."""
        groups = {self._running[name].pid for name in names if name in self._running}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if os.getpgid(int(folder.name)) in groups:
                    yield int(folder.name)

    def set_clocks(self, names: Iterable[str], offset: float) -> None:
        """Put the clocks of these parts forward; 0.0 sets them right."""
        for name in names:
            self._clock(name).write_text(str(offset))

    def _clock(self, name: str) -> Path:
        return Path(settings.DATA_DIR) / f"clock-{name.replace(' ', '-')}"

    def freeze(self, name: str, seconds: float) -> None:
        self._signal(name, signal.SIGSTOP)
        time.sleep(seconds)
        self._signal(name, signal.SIGCONT)

    def stop(self) -> None:
        for name in reversed(self._running):
            with suppress(ProcessLookupError):  # one that was killed for good
                self._signal(name, signal.SIGKILL)
            self._running[name].wait()
        self._log.close()

    def _signal(self, name: str, number: int) -> None:
        """To the whole group, but to the children first: a frozen parent must not see them die."""
        os.killpg(self._running[name].pid, number)
