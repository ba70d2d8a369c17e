"""``manage.py sandbox``: becomes ``python -m zoomapi.sandbox``, which has settings and a database of its own."""

from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management.base import BaseCommand

from zoomapi.sandbox.__main__ import arguments, begin_again, own_flags


class Command(BaseCommand):
    help = "Serve a Zoom v2 API for this machine."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        begin_again(Namespace(**{name: options[name] for name in own_flags()}))
