"""A worker's own heartbeat: it sweeps at its start and every few seconds, and works itself when messages are lost.

So neither a dead scheduler nor an emptied or unreachable broker stops a job for longer than a beat.
"""

import logging
import threading
from typing import Any

from django.db import connections

from portal.bulk import preparing, stopping, storage
from portal.bulk.files import comparing
from portal.bulk.files import jobs as files
from portal.bulk.files.validate import validate
from portal.bulk.pump import pump
from portal.bulk.sweeper import sweep_and_ring
from portal.bulk.timing import Timing, standard

logger = logging.getLogger(__name__)

_stopped = threading.Event()


def start() -> None:
    """Begin to beat, in a thread of the worker's main process."""
    threading.Thread(target=beat, args=(standard(),), name="heart", daemon=True).start()


def stop(**_: Any) -> None:
    """Claim nothing more; the calls on their way are finished."""
    stopping.ask()
    _stopped.set()


def beat(timing: Timing) -> None:
    while not stopping.asked():
        try:
            once(timing)
        except (*storage.ANY_ERROR, storage.Unstorable):
            logger.exception("The sweep could not use the database; it tries again in %.0f s.", timing.heart)
        finally:
            connections.close_all()
        _stopped.wait(timing.heart)


def once(timing: Timing) -> None:
    """One beat: sweep, ring for idle jobs, files and selections, and work on those for which nobody could be rung."""
    for job_id in sweep_and_ring(timing):
        pump(job_id, timing=timing, stop=stopping.asked)
    for job_id in files.sweep():
        validate(job_id)
    for job_id in comparing.sweep():
        comparing.compare_rows(job_id)
    for job_id in preparing.sweep():
        preparing.prepare(job_id)
