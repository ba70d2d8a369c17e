"""Run a program that ends when the supervisor ends, even if the supervisor is killed with SIGKILL.

Started as a file (``python -I -S leash.py PARENT_PID PROGRAM ARG…``), so that it loads nothing of the portal: it asks
Linux for a SIGTERM at the parent's death and then becomes the program. Elsewhere it only becomes the program; there the
next ``up`` clears away what was left.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, *program = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != int(parent):  # the parent died before we asked
            sys.exit(1)
    os.execvp(program[0], program)  # noqa: S606  # becoming the program is the point; no shell is involved


if __name__ == "__main__":
    main()
