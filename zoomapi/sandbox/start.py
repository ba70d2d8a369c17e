"""Putting the sandbox together: store, world, application, server."""

import json
import time
from argparse import Namespace
from pathlib import Path

from django.db import connection

from zoomapi.sandbox import store, subscriptions, world
from zoomapi.sandbox.app import Api
from zoomapi.sandbox.auth import Gate
from zoomapi.sandbox.calls import Setup
from zoomapi.sandbox.clock import Clock
from zoomapi.sandbox.control import PREFIX, Control
from zoomapi.sandbox.days import DayRows
from zoomapi.sandbox.delivery import Postman
from zoomapi.sandbox.docs import Docs
from zoomapi.sandbox.faults import BadPlan, Faults
from zoomapi.sandbox.http import Request, Response
from zoomapi.sandbox.life import Ticker
from zoomapi.sandbox.limits import Limiter
from zoomapi.sandbox.oauth import App, TokenDesk
from zoomapi.sandbox.paging import Tokens
from zoomapi.sandbox.server import Server
from zoomapi.sandbox.store import Keepsake
from zoomapi.spec.limits import Tier
from zoomapi.spec.profiles import CLASSIC, current
from zoomapi.spec.scopes import ALL_SCOPES


class BadStart(Exception):
    """The sandbox cannot start; the message says why and what to do."""


def start(options: Namespace) -> tuple[Server, list[str]]:
    """Return the running server and what to tell about its database."""
    clock = Clock()
    setup = _setup(options, clock)
    profile = setup.profile
    notes = _prepare(options, clock)
    faults = _faults(options.faults, options.seed)
    scopes = tuple(options.scopes.replace(",", " ").split()) or ALL_SCOPES
    desk = TokenDesk(App(options.api_key, options.api_secret, options.account_id, scopes), clock)
    gate = Gate(options.api_key, options.api_secret, desk, jwt_ended=profile.is_current)
    api = Api(setup, gate, Limiter(clock, enforce=not options.no_limits, days=DayRows()), faults, profile)

    rebuilt = Rebuilt(options, clock)

    def rebuild() -> None:
        rebuilt()
        _subscribe(setup, options)

    control = Control(api, rebuild) if options.control else None
    docs = Docs(setup.profile)

    def application(request: Request) -> Response:
        if control and request.target.startswith(PREFIX):
            return control(request)
        return docs(request) or api(request)

    try:
        server = Server(options.host, options.port, application, clock)
    except OSError as problem:
        raise BadStart(
            f"port {options.port} on {options.host} cannot be used: {problem.strerror}. Nothing was started; "
            "stop what is using it or choose another with --port."
        ) from None
    server.start()
    Ticker(setup).start()
    notes += _subscribe(setup, options)
    Postman(setup).start()
    return server, notes


class Rebuilt:
    """Brings the first world back; for a while as it was built the last time, since its moments count from then."""

    FRESH = 300.0  # seconds
    LARGE = "big"  # this world would fill the memory

    def __init__(self, options: Namespace, clock: Clock) -> None:
        self._options, self._clock = options, clock
        self._kept: Keepsake | None = None
        self._at = 0.0

    def __call__(self) -> None:
        if self._kept is not None and time.monotonic() - self._at < self.FRESH:
            self._kept.put_back()
            return
        self._at = time.monotonic()
        world.build(self._options.world, self._options.seed, self._clock)
        self._kept = None if self._options.world == self.LARGE else Keepsake()


def _setup(options: Namespace, clock: Clock) -> Setup:
    setup = Setup(
        clock,
        Tokens(options.api_secret),
        options.api_secret,
        doubles=options.allow_doubles,
        deliver_anywhere=options.deliver_anywhere,
        profile=current(Tier(options.tier)) if options.profile == "current" else CLASSIC,
    )
    if options.subscribe:
        try:
            subscriptions.checked(setup, options.subscribe, options.webhook_secret)
        except ValueError as problem:
            raise BadStart(f"--subscribe {options.subscribe}: {problem}") from None
    return setup


def _subscribe(setup: Setup, options: Namespace) -> list[str]:
    """Enter the subscription of the command line, if there is one; return what to tell about it."""
    if not options.subscribe:
        return []
    problem = subscriptions.enter(setup, options.subscribe, options.webhook_secret)
    told = f"not yet: {problem}; it is asked again before the first event" if problem else "it answered the challenge"
    return [f"events go to {options.subscribe}: {told}"]


def _prepare(options: Namespace, clock: Clock) -> list[str]:
    path = str(connection.settings_dict["NAME"])
    try:
        new = store.open_store(path)
    except (store.WrongSchema, OSError) as problem:
        raise BadStart(str(problem)) from None
    if new:
        world.build(options.world, options.seed, clock)
        store.seal()
        return [f"database {path}: new, world {options.world}"]
    kept = world.built()
    notes = [f"database {path}: kept, world {kept}"]
    if kept != f"{options.world}/{options.seed}":
        notes.append(f"note: it is kept as it is; delete the file to get {options.world}/{options.seed}")
    connection.close()
    return notes


def _faults(path: Path | None, seed: int) -> Faults:
    faults = Faults(seed)
    if path is not None:
        try:
            faults.load(json.loads(path.read_text()))
        except (OSError, ValueError, BadPlan) as problem:
            raise BadStart(f"the fault plan {path} cannot be used: {problem}") from None
    return faults
