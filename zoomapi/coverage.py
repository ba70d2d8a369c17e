"""Which documented operations exist in the spec, the client and the sandbox, and which of them are mirrored."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Sequence, Set
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

from zoomapi.client import JwtAuth, ZoomClient
from zoomapi.spec import Endpoint, all_endpoints
from zoomapi.spec.base import snake
from zoomapi.spec.documented import DIRECT, MASTER, Documented, nameless

PREFIX = "/accounts/{accountId}"
HANDLERS = Path(__file__).parent / "sandbox" / "handlers"

# Handlers need the sandbox's own settings and database models, so they are asked for in a process of its own.
_ASK_SANDBOX = """
import importlib, json, pkgutil
import django
django.setup()
from zoomapi.sandbox import handlers
for module in pkgutil.iter_modules(handlers.__path__):
    importlib.import_module(f"zoomapi.sandbox.handlers.{module.name}")
from zoomapi.sandbox.registry import HANDLERS
print(json.dumps(sorted(HANDLERS)))
"""


@dataclass(frozen=True)
class Row:
    """One documented operation. ``mirrored`` is None where no mirrored form is documented.

    ``direct`` is false for a mirrored form without a direct twin.
    """

    family: str
    method: str
    path: str
    operation: str
    spec: bool
    client: bool
    sandbox: bool
    mirrored: bool | None
    direct: bool = True

    @property
    def complete(self) -> bool:
        return self.spec and self.client and self.sandbox and self.mirrored is not False

    def as_dict(self) -> dict[str, str | bool | None]:
        return {**asdict(self), "complete": self.complete}


def rows(client: Set[str], sandbox: Set[str]) -> list[Row]:
    """Compare the documented list with the spec and with the operation keys the client and the sandbox know.

    A mirrored operation that has no direct twin gets a row of its own, after the direct ones.
    """
    direct = {(e.method, nameless(e.path)): e for e in all_endpoints()}
    mirrored = mirrored_forms()
    wanted = {documented.form for documented in MASTER}
    found, twins = [], set()
    for documented in DIRECT:
        below = documented.method, nameless(PREFIX + documented.path)
        twins.add(below)
        served = below in mirrored if below in wanted else None
        found.append(_row(documented, direct.get(documented.form), client, sandbox, served))
    for documented in MASTER:
        if documented.form not in twins:
            endpoint = mirrored.get(documented.form)
            row = _row(documented, endpoint, client, sandbox, endpoint is not None)
            found.append(replace(row, direct=False))
    return found


def mirrored_forms() -> dict[tuple[str, str], Endpoint]:
    """Return every declared mirrored (method, nameless path) with its operation."""
    forms = {(e.method, nameless(e.mirror_path)): e for e in all_endpoints() if e.mirror}
    for endpoint in all_endpoints():
        for odd in endpoint.odd_mirrors:
            forms[odd.method, nameless(odd.path)] = endpoint
    return forms


def _row(
    documented: Documented, endpoint: Endpoint | None, client: Set[str], sandbox: Set[str], mirrored: bool | None
) -> Row:
    key = endpoint.key if endpoint else ""
    family, method, path, _ = documented
    return Row(family, method, path, key, bool(key), key in client, key in sandbox, mirrored)


def client_keys() -> set[str]:
    """Return the operations a client has a method for. Nothing is sent."""
    client = ZoomClient("http://127.0.0.1", JwtAuth("coverage", "nothing is signed with this secret"))
    return {e.key for e in all_endpoints() if callable(getattr(getattr(client, e.family, None), e.name, None))}


def sandbox_keys() -> set[str]:
    """Ask the sandbox which operations it serves. Raises RuntimeError with its complaint when it does not start."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "zoomapi.sandbox.settings"}
    command = [sys.executable, "-c", _ASK_SANDBOX]
    answer = subprocess.run(  # noqa: S603 - our own interpreter and our own program
        command, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    if answer.returncode:
        raise RuntimeError(answer.stderr.strip().rpartition("\n")[2])
    return set(json.loads(answer.stdout.strip().rpartition("\n")[2]))


def written_handlers() -> set[str]:
    """Read in the sandbox's source which operations it serves, by the ``@serves(Family.name)`` of its handlers.

    Nothing is imported or started, so a page may ask; a test compares it with what ``sandbox_keys`` answers.
    """
    found = set()
    for path in HANDLERS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("serves"), args=[ast.Attribute(ast.Name(family), name), *_]):
                    found.add(f"{snake(family)}.{name}")
    return found


@lru_cache(maxsize=1)
def known_rows() -> tuple[Row, ...]:
    """The table as the installed code stands, made once a process and without starting another."""
    return tuple(rows(client_keys(), written_handlers()))


def summary(found: Sequence[Row]) -> dict[str, int]:
    """Count direct operations and mirrored forms."""
    direct = [row for row in found if row.direct]
    return {
        "documented": len(direct),
        "complete": sum(row.complete for row in direct),
        "mirrored_documented": sum(row.mirrored is not None for row in found),
        "mirrored": sum(row.mirrored is True for row in found),
    }
