"""How long a job stands still when the broker dies with all its files, and nobody but the workers is left.

    python -m benchmarks.silence [--workers 1 2] [--rows 900] [--watch 45]        about 3 minutes for each number

Broker, sandbox and workers run as the product runs them, with its own times; beat never runs. For each number of
workers, three things are measured by the sandbox's ledger: the longest gap between two applied calls after the broker
was killed and its files were deleted, the same after it was started again with nothing in it and killed once more, and
the time from the start of a new job to its first call while there is no broker. The goal is 15 s each. Beside it: the
first call of a job when the workers themselves were started without a broker.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

GOAL = 15.0
PARTS = ("broker", "sandbox")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: str) -> dict[str, str]:
    ports = {name: str(free_port()) for name in ("PORT", "SANDBOX_PORT", "VALKEY_PORT")}
    own = {"PORTAL_DATA": folder, "SANDBOX_FLAGS": "--control", "WORKER_PROCESSES": "1"}
    return {**os.environ, **ports, **own, "DJANGO_SETTINGS_MODULE": "portal.settings"}


class Watch:
    """Moments at which calls were applied, by the sandbox's ledger. It and this process share the machine's clock."""

    def __init__(self) -> None:
        from portal.bulk.proof import remote  # noqa: PLC0415  # needs the settings

        self._control = remote.control

    def applied(self, since: float) -> list[float]:
        return [write["at"] for write in self._control("GET", "ledger")["writes"] if write["at"] >= since]

    def gap(self, seconds: float) -> float:
        """The longest time without a call in the seconds from now on."""
        begun = time.time()
        time.sleep(seconds)
        moments = [begun, *self.applied(begun), time.time()]
        return max(later - earlier for earlier, later in pairwise(moments))

    def first(self, since: float, seconds: float) -> float | None:
        """Seconds from that moment to the first call; None when there is none in time."""
        while time.time() < since + seconds:
            moments = self.applied(since)
            if moments:
                return moments[0] - since
            time.sleep(0.2)
        return None


def tell(number: int, what: str, seconds: float | None) -> None:
    shown = "none" if seconds is None else f"{seconds:.1f} s"
    met = seconds is not None and seconds <= GOAL
    print(f"| {number} | {what} | {shown} | {'yes' if met else 'no'} | {os.getloadavg()[0]:.1f} |", flush=True)


def measure(number: int, rows: int, watched: float) -> None:
    import django  # noqa: PLC0415  # after the environment is set

    django.setup()
    from django.conf import settings  # noqa: PLC0415

    from portal.access.models import Staff  # noqa: PLC0415
    from portal.bulk import jobs  # noqa: PLC0415
    from portal.bulk.proof import stage  # noqa: PLC0415
    from portal.bulk.proof.troupe import Troupe  # noqa: PLC0415

    workers = [f"worker {one}" for one in range(1, number + 1)]
    troupe = Troupe(Path(settings.DATA_DIR) / "silence.log")
    watch = Watch()
    try:
        stage.set_up(troupe, (*PARTS, *workers))
        owner = Staff.objects.get(email=stage.OPERATOR)
        job = stage.start(owner, rows, "long")
        assert watch.first(time.time(), 60) is not None
        time.sleep(5)
        troupe.kill("broker", again=False)
        tell(number, "longest gap, the broker killed and not started again", watch.gap(watched))
        jobs.cancel(job.pk, owner)
        time.sleep(15)  # what is on its way ends
        began = time.time()
        other = stage.start(owner, 50, "new")
        tell(number, "first call of a job begun without a broker", watch.first(began, 60))
        jobs.cancel(other.pk, owner)
        troupe.start("broker")
        time.sleep(15)
        job = stage.start(owner, rows, "empty")
        assert watch.first(time.time(), 60) is not None
        time.sleep(5)
        troupe.kill("broker")
        tell(number, "longest gap, the broker killed and started again empty", watch.gap(watched))
        jobs.cancel(job.pk, owner)
        without_broker(troupe, watch, owner, workers)
    finally:
        troupe.stop()


def without_broker(troupe: Any, watch: Watch, owner: Any, workers: list[str]) -> None:
    """The workers themselves begin when there is no broker, as after a power cut that it did not survive."""
    from portal.bulk.proof import stage  # noqa: PLC0415

    troupe.kill("broker", again=False)
    for name in workers:
        troupe.kill(name)
    time.sleep(15)
    began = time.time()
    stage.start(owner, 50, "late")
    tell(len(workers), "first call, the workers started without a broker", watch.first(began, 60))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], choices=[1, 2])
    parser.add_argument("--rows", type=int, default=900)
    parser.add_argument("--watch", type=float, default=45.0, help="seconds after the broker's death")
    parser.add_argument("--inside", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        measure(options.inside, options.rows, options.watch)
        return
    print("| Workers | Measured | Time | At most 15 s | Load |\n|---|---|---|---|---|", flush=True)
    for number in options.workers:
        with tempfile.TemporaryDirectory(prefix="silence-") as folder:
            inside = ["--inside", str(number), "--rows", str(options.rows), "--watch", str(options.watch)]
            command = [sys.executable, "-m", "benchmarks.silence", *inside]
            subprocess.run(command, env=environment(folder), check=True)


if __name__ == "__main__":
    main()
