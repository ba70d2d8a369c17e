"""One part of the running portal, as data: what to start, how to tell that it works, how long it may take to end."""

import http.client
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """``argv`` is started in ``folder`` (None: where we are) with ``env`` added to our own environment.

    It is ready when it has printed a line that ``ready_line`` finds, or when ``ready_check`` returns true; a part with
    neither is ready at once. Lines that ``hush`` finds are not shown. Times are in seconds.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    ready_line: re.Pattern[str] | None = None
    ready_check: Callable[[], bool] | None = None
    hush: re.Pattern[str] | None = None
    start_limit: float = 60.0
    grace: float = 2.0


def answers_http(port: int, path: str = "/") -> Callable[[], bool]:
    """Return a check: something on this machine answers HTTP on ``port`` with a status below 500."""

    def check() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return check


def port_problem(port: int, variable: str, part: str) -> str | None:
    """Say in one sentence why ``port`` of 127.0.0.1 cannot be used, or return None when it can."""
    with socket.socket() as probe:
        # As servers do: without it a port whose last connections are fading away would look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            return f"Port {port} for the {part} may not be opened by this user: choose one above 1023 with {variable}."
        except OSError:
            return (
                f"Port {port} for the {part} is in use by another program, so nothing was started: "
                f"stop that program, or choose another port, for instance {variable}={_suggest(port)} make run."
            )
    return None


def _suggest(port: int) -> int:
    return port + 100 if port < 65000 else port - 100
