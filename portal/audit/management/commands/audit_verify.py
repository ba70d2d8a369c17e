"""``manage.py audit_verify``: check the chain; exit status 1 and the first broken entry's number when it is broken."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from portal.audit import chain, checkpoints
from portal.audit.models import Entry


class Command(BaseCommand):
    help = "Check the whole audit log. Names the first broken entry and exits with 1 when there is one."

    def handle(self, *_args: Any, **_options: Any) -> None:
        finding = chain.verify()
        if not finding.intact:
            self.stderr.write(str(finding))
            sys.exit(1)
        self.stdout.write(str(finding))
        last = Entry.objects.order_by("-number").first()
        if last is not None and last.number not in checkpoints.read():
            checkpoints.write(last.number, last.digest)
