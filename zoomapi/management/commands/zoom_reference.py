"""``manage.py zoom_reference``: a reference page per family, derived from the specification."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from zoomapi.reference import pages

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "reference"


class Command(BaseCommand):
    help = "Write docs/reference from the specification; with --check only say whether it is up to date."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, default=FOLDER, help="Folder to write to.")
        parser.add_argument("--check", action="store_true", help="Write nothing; exit 1 when a page is stale.")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["out"]
        wanted = pages()
        held = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")} if folder.is_dir() else {}
        stale = sorted(name for name in wanted.keys() | held.keys() if wanted.get(name) != held.get(name))
        if options["check"]:
            if stale:
                raise CommandError(f"Stale: {', '.join(stale)}. Run manage.py zoom_reference.")
            self.stdout.write("The reference is up to date.")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name in stale:
            if name in wanted:
                (folder / name).write_text(wanted[name], encoding="utf-8")
            else:
                (folder / name).unlink()
        self.stdout.write(f"{len(wanted)} pages, {len(stale)} of them changed.")
