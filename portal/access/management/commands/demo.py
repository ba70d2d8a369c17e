"""``manage.py demo``: the connection to the sandbox and five people to try the portal with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.access import demo
from portal.access.sign_in import demo_allowed


class Command(BaseCommand):
    help = "Connect the sandbox and add five demo people. Running it again changes nothing that is there."

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.SANDBOX_URL:
            raise CommandError("There is no sandbox: set SANDBOX_URL first. Nothing was added.")
        if not demo_allowed():
            raise CommandError(
                "A connection to something else than the sandbox is in use, and beside it demo people could not sign "
                "in. Nothing was added."
            )
        missing = demo.load()
        if options["verbosity"] > 0:
            for player in demo.CAST:
                self.stdout.write(f"{player.email:<20} {player.role.label}")
            self.stdout.write(f"Password of all: {settings.DEMO_PASSWORD}")
        if missing:
            self.stderr.write(missing)
