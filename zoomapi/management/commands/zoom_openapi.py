"""``manage.py zoom_openapi``: the API as an OpenAPI 3 document."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from zoomapi.openapi import document


class Command(BaseCommand):
    help = "Write the OpenAPI 3 description of the sandbox, derived from the specification."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, help="File to write; without it the document goes to the output.")
        parser.add_argument("--server", default="/v2", help="Address of the API the document names.")

    def handle(self, *args: Any, **options: Any) -> None:
        text = json.dumps(document(server=options["server"]), indent=2, ensure_ascii=False)
        if options["out"]:
            options["out"].write_text(f"{text}\n", encoding="utf-8")
            self.stdout.write(f"Written: {options['out']}")
        else:
            self.stdout.write(text)
