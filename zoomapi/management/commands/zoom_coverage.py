"""``manage.py zoom_coverage``: every documented operation: in spec, client, sandbox, mirrored."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from zoomapi import coverage

MARKS = {True: "yes", False: "MISSING", None: "-"}
COLUMNS = ("spec", "client", "sandbox", "mirrored")


class Command(BaseCommand):
    help = "Show which documented operations are in the spec, the client and the sandbox. Exit 1 when one is missing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Write JSON instead of a table.")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = coverage.rows(coverage.client_keys(), self._sandbox_keys())
        if options["json"]:
            self.stdout.write(
                json.dumps({**coverage.summary(rows), "operations": [row.as_dict() for row in rows]}, indent=2)
            )
        else:
            self._table(rows)
        if not all(row.complete for row in rows):
            raise SystemExit(1)

    def _sandbox_keys(self) -> set[str]:
        try:
            return coverage.sandbox_keys()
        except (RuntimeError, OSError, ValueError) as problem:
            self.stderr.write(f"The sandbox could not be asked, so all of it counts as missing: {problem}")
            return set()

    def _table(self, rows: list[coverage.Row]) -> None:
        width = max(len(row.path) for row in rows)
        self.stdout.write(f"{'':6} {'operation':{width}} " + " ".join(f"{name:8}" for name in COLUMNS))
        for row in rows:
            marks = " ".join(f"{MARKS[getattr(row, name)]:8}" for name in COLUMNS)
            self.stdout.write(f"{row.method:6} {row.path:{width}} {marks}".rstrip())
        counts = coverage.summary(rows)
        self.stdout.write(
            f"{counts['documented']} documented operations, {counts['complete']} complete; "
            f"{counts['mirrored_documented']} mirrored forms, {counts['mirrored']} served."
        )
