"""What the terminal shows: every line begins with the name of the part that speaks."""

import threading
from typing import TextIO

OWN_NAME = "portal"
WIDTH = 8
LONGEST_LINE = 4000
_COLOURS = {
    OWN_NAME: "1;37",
    "web": "32",
    "worker": "36",
    "beat": "34",
    "sandbox": "33",
    "valkey": "35",
}
_OTHER = "37"


class Voice:
    """Writes whole lines to ``out``; safe to use from many threads."""

    def __init__(self, out: TextIO, *, colour: bool = False) -> None:
        self._out = out
        self._colour = colour
        self._lock = threading.Lock()

    def say(self, text: str, name: str = OWN_NAME) -> None:
        """Write ``text``, each of its lines behind the part's name."""
        label = f"{name:<{WIDTH}} │"
        if self._colour:
            label = f"\x1b[{_COLOURS.get(name, _OTHER)}m{label}\x1b[0m"
        lines = [f"{label} {line[:LONGEST_LINE]}".rstrip() + "\n" for line in text.splitlines() or [""]]
        with self._lock:
            try:
                self._out.writelines(lines)
                self._out.flush()
            except OSError:
                # Nobody reads any more (a closed pipe or terminal). That is no reason to stop serving.
                return
