"""``manage.py rotate_field_keys``: after a new key was put first in FIELD_KEYS, seal everything with it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from portal.audit import log
from portal.audit.verbs import Verb
from portal.gateway.rotation import rotate


class Command(BaseCommand):
    help = "Seal every credential anew with the first key of FIELD_KEYS. Afterwards the older keys can be dropped."

    def handle(self, *_args: Any, **_options: Any) -> None:
        done = rotate()
        text = f"Sealed {done.sealed} values with the first key."
        log.record(Verb.KEYS_ROTATED, actor=None, result="refused" if done.unreadable else "done", message=text)
        self.stdout.write(text)
        if done.unreadable:
            self.stderr.write(
                "No key of FIELD_KEYS opens these; they were left as they are:\n  " + "\n  ".join(done.unreadable)
            )
            sys.exit(1)
        self.stdout.write("Keys after the first one are no longer needed and can be taken out of FIELD_KEYS.")
