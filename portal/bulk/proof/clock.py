"""A clock of this process that can be set while it runs: a file holds the seconds by which it is wrong.

What reads the time of day through ``time.time`` or Django's ``timezone.now`` sees it: tokens, the comparison with
Zoom's clock, times in the audit and in logs. The monotonic clock, and the database's, are nobody's to set.
"""

import time
from datetime import UTC, datetime
from pathlib import Path

from django.utils import timezone

LOOK_EVERY = 0.2  # seconds


def install(file: Path) -> None:
    """Put the clock in. Modules that took ``time.time`` as a default before keep the true one, so this comes first."""
    true = time.time
    known, due = 0.0, 0.0

    def offset() -> float:
        nonlocal known, due
        if time.monotonic() >= due:
            due = time.monotonic() + LOOK_EVERY
            try:
                known = float(file.read_text())
            except (OSError, ValueError):
                known = 0.0
        return known

    time.time = lambda: true() + offset()
    timezone.now = lambda: datetime.fromtimestamp(time.time(), UTC)
