"""``python -m zoomapi.sandbox``: build or reuse the database, then serve until SIGTERM or SIGINT."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import django

DEFAULT_KEY = "sandbox-key"
DEFAULT_SECRET = "sandbox-secret-for-local-use-only"  # noqa: S105  # everybody may know it
SETTINGS = "zoomapi.sandbox.settings"
SECRET = ("api_key", "api_secret", "webhook_secret")
WORLDS = ("demo", "empty", "big")
ACCOUNT_ID = "sandbox-account"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags; ``manage.py sandbox`` has the same."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8001, help="port to listen on; 0 takes a free one")
    parser.add_argument("--api-key", default=os.environ.get("SANDBOX_API_KEY", DEFAULT_KEY))
    parser.add_argument("--api-secret", default=os.environ.get("SANDBOX_API_SECRET", DEFAULT_SECRET))
    parser.add_argument("--world", choices=WORLDS, default="demo", help="what a new database is filled with")
    parser.add_argument("--seed", type=int, default=1, help="makes the world and the faults repeatable")
    parser.add_argument("--no-limits", action="store_true", help="answer no 429")
    parser.add_argument("--faults", type=Path, help="JSON file with a fault plan")
    parser.add_argument("--database", default=os.environ.get("SANDBOX_DATABASE", ""), help="SQLite file to keep")
    parser.add_argument("--allow-doubles", action="store_true", help="create users with an e-mail that is in use")
    parser.add_argument("--deliver-anywhere", action="store_true", help="call webhooks on other machines, too")
    parser.add_argument("--profile", choices=("classic", "current"), default="classic", help="the Zoom it behaves like")
    parser.add_argument(
        "--tier", choices=("pro", "business"), default="pro", help="whose limits, with --profile current"
    )
    parser.add_argument("--account-id", default=ACCOUNT_ID, help="account id for which /oauth/token issues tokens")
    parser.add_argument("--scopes", default="", help="scopes of those tokens, separated by blanks; all when not given")
    parser.add_argument("--subscribe", metavar="URL", default="", help="tell this address of all events, signed")
    parser.add_argument(
        "--webhook-secret",
        default=os.environ.get("SANDBOX_WEBHOOK_SECRET", ""),
        help="what those events are signed with",
    )
    parser.add_argument("--control", action="store_true", help="serve /control to programs on this machine")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="sandbox", description="A Zoom v2 API server for this machine.", allow_abbrev=False
    )
    arguments(parser)
    options = parser.parse_args()
    if options.database:
        os.environ["SANDBOX_DATABASE"] = options.database
    if os.environ.get("DJANGO_SETTINGS_MODULE") != SETTINGS:
        begin_again(options)
    django.setup()
    from zoomapi.sandbox.start import BadStart, start  # noqa: PLC0415  # its models need the settings of the line above

    try:
        server, notes = start(options)
    except BadStart as problem:
        print(f"sandbox: {problem}", file=sys.stderr)
        return 2
    address = f"http://{options.host}:{server.port}/v2"
    print("\n".join([*notes, address, f"ready {address}"]), flush=True)
    wait_for_signal(server.stop)
    return 0


def own_flags() -> list[str]:
    """Return the names of the sandbox's own options, without those of Django's commands."""
    parser = argparse.ArgumentParser(add_help=False)
    arguments(parser)
    return [action.dest for action in parser._actions]


def begin_again(options: argparse.Namespace) -> NoReturn:
    """Replace this process by one that runs on the sandbox's own settings and shows no key in its command line."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE=SETTINGS,
        SANDBOX_API_KEY=options.api_key,
        SANDBOX_API_SECRET=options.api_secret,
        SANDBOX_WEBHOOK_SECRET=options.webhook_secret,
    )
    rest = [str(part) for name, value in vars(options).items() for part in _flag(name, value)]
    os.execv(sys.executable, [sys.executable, "-m", "zoomapi.sandbox", *rest])  # noqa: S606  # our own program


def _flag(name: str, value: object) -> tuple[object, ...]:
    if name in SECRET or value is None or value is False or value == "":
        return ()
    flag = "--" + name.replace("_", "-")
    return (flag,) if value is True else (flag, value)


def wait_for_signal(stop: Callable[[], None]) -> None:
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    over.wait()
    stop()


if __name__ == "__main__":
    sys.exit(main())
