"""``manage.py chaos``: a job under faults and kills, on data of its own; see ``portal/bulk/proof``."""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Run a job while workers, web, beat and broker are killed and a fifth of the writes meet faults; then check."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rows", type=int, default=200)
        parser.add_argument("--kills", type=int, default=5, help="kill -9 of a worker; others are killed beside it")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--database", default="sqlite", help="sqlite, or the URL of an empty PostgreSQL database")
        parser.add_argument("--keep", action="store_true", help="keep the folder with the data and the log")

    def handle(self, *args: Any, rows: int, kills: int, seed: int, database: str, keep: bool, **options: Any) -> None:
        folder = Path(tempfile.mkdtemp(prefix="chaos-"))
        command = [sys.executable, "-m", "portal.bulk.proof.chaos", str(rows), str(kills), str(seed)]
        environment = {**_inherited(), **_own(folder, seed)}
        if database != "sqlite":
            environment["DATABASE_URL"] = database
        status = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=False).returncode  # noqa: S603
        if keep or status:
            self.stdout.write(f"Data and log: {folder}")
        else:
            subprocess.run(["rm", "-rf", str(folder)], check=False)  # noqa: S603, S607  # our own folder
        if status:
            raise CommandError("The run did not prove what it should; see above.")


def _inherited() -> dict[str, str]:
    """Nothing of the portal that may run here: neither its data, nor its broker, nor its database."""
    ours = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "SECRET_KEY", "FIELD_KEYS", "SANDBOX_URL", "PORTAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in ours}


def _own(folder: Path, seed: int) -> dict[str, str]:
    ports = {name: str(_free_port()) for name in ("PORT", "SANDBOX_PORT", "VALKEY_PORT")}
    return {
        **ports,
        "PORTAL_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "portal.bulk.proof.settings",
        "SANDBOX_FLAGS": f"--control --allow-doubles --seed {seed}",
        "WORKER_PROCESSES": "1",
        "WEB_PROCESSES": "1",
        "SYNC_EVERY_MINUTES": "10080",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
