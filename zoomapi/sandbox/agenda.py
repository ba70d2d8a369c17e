"""What the background threads of a sandbox wait for."""

import threading


class Agenda:
    """``due`` is when the next meeting starts or ends (seconds); 0 means: look. ``posted``: an event waits."""

    def __init__(self) -> None:
        self.due = 0.0
        self.posted = threading.Event()

    def changed(self) -> None:
        """A meeting was scheduled, moved, started or ended."""
        self.due = 0.0
