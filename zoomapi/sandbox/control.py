"""Control for tests, below /control: loopback only, and only when asked for with ``--control``."""

import ipaddress
import json
from collections.abc import Callable
from typing import Any

from zoomapi.sandbox import delivery, events, ledger, life, subscriptions
from zoomapi.sandbox.app import Api, as_json
from zoomapi.sandbox.faults import BadPlan
from zoomapi.sandbox.http import Request, Response
from zoomapi.sandbox.models import Meeting, Session
from zoomapi.sandbox.store import writing

PREFIX = "/control/"


class Control:
    """GET ledger, stats, deliveries; POST faults (a plan), reset (the first world again), clock ({"offset": seconds}).

    POST limits ({"enforce": false}) answers no 429 from then on.
    POST meeting/start and meeting/end ({"id": number}) run a meeting or webinar; start takes "participants", too.
    POST meeting/join ({"id", "name", "email"}) is somebody who comes while it does not run.
    With today's profile, POST subscribe ({"url", "secret", "events"}, all events without the last), POST unsubscribe
    ({"id"}) and GET subscriptions.
    """

    def __init__(self, api: Api, rebuild: Callable[[], None]) -> None:
        self._api = api
        self._rebuild = rebuild
        self._actions: dict[tuple[str, str], Callable[[Any], Any]] = {
            ("GET", "ledger"): lambda _: {"writes": ledger.entries()},
            ("GET", "stats"): lambda _: self._stats(),
            ("POST", "faults"): self._load_faults,
            ("POST", "reset"): lambda _: self._reset(),
            ("POST", "clock"): self._set_clock,
            ("POST", "limits"): self._set_limits,
            ("GET", "deliveries"): lambda _: {"deliveries": delivery.log()},
            ("GET", "subscriptions"): lambda _: {"subscriptions": subscriptions.described()},
            ("POST", "subscribe"): self._subscribe,
            ("POST", "unsubscribe"): self._unsubscribe,
            ("POST", "meeting/start"): self._start_meeting,
            ("POST", "meeting/end"): self._end_meeting,
            ("POST", "meeting/join"): self._join_meeting,
        }

    def __call__(self, request: Request) -> Response:
        if not _from_this_machine(request):
            return as_json(403, {"code": 403, "message": "Control is for programs on this machine only."})
        name = request.target.partition("?")[0].removeprefix(PREFIX).strip("/")
        action = self._actions.get((request.method, name))
        if action is None:
            return as_json(404, {"code": 404, "message": "Control has no such action."})
        try:
            return as_json(200, action(json.loads(request.body or b"null")))
        except (BadPlan, ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
            return as_json(400, {"code": 300, "message": f"Nothing was changed: {problem}"})

    def _stats(self) -> dict[str, Any]:
        api = self._api
        classes = api.limiter.stats()
        statuses = {str(status): count for status, count in sorted(api.statuses.copy().items())}
        refused = sum(counter["refused"] for counter in classes.values())
        return {
            "requests": sum(api.statuses.values()),
            "refused": refused,
            "classes": classes,
            "statuses": statuses,
            "faults": api.faults.stats(),
            "tokens": api.gate.desk.issued,
            "offset": api.setup.clock.offset,
        }

    def _load_faults(self, plan: Any) -> dict[str, Any]:
        self._api.faults.load(plan or [])
        return {"rules": len(self._api.faults.rules)}

    def _set_clock(self, wanted: Any) -> dict[str, Any]:
        offset = float(wanted["offset"])
        if not abs(offset) < 10 * 366 * 86400:
            raise ValueError("the clock moves by ten years at most.")
        self._api.setup.clock.offset = offset
        life.catch_up(self._api.setup)
        self._api.setup.agenda.posted.set()
        return {"offset": offset}

    def _set_limits(self, wanted: Any) -> dict[str, Any]:
        enforce = wanted["enforce"]
        if not isinstance(enforce, bool):
            raise TypeError("enforce is true or false.")
        self._api.limiter.enforce = enforce
        return {"enforce": enforce}

    def _subscribe(self, wanted: Any) -> dict[str, Any]:
        events_wanted = [str(name) for name in wanted.get("events") or ()]
        url, secret = str(wanted.get("url", "")), str(wanted.get("secret", ""))
        return subscriptions.describe(subscriptions.subscribe(self._api.setup, url, secret, events_wanted))

    def _unsubscribe(self, wanted: Any) -> dict[str, Any]:
        subscriptions.end(str(wanted["id"]))
        return {}

    def _start_meeting(self, wanted: Any) -> dict[str, Any]:
        people = wanted.get("participants")
        with writing():
            session = life.run_now(self._api.setup, _meeting(wanted), None if people is None else int(people))
        return {"uuid": session.uuid, "start_time": session.start}

    def _end_meeting(self, wanted: Any) -> dict[str, Any]:
        with writing():
            session = Session.objects.filter(meeting_id=int(wanted["id"]), end="").first()
            if session is None:
                raise LookupError("no such meeting runs.")
            life.end(self._api.setup, session, self._api.setup.clock.stamp())
        return {"uuid": session.uuid, "end_time": session.end, "duration": session.duration}

    def _join_meeting(self, wanted: Any) -> dict[str, Any]:
        with writing():
            events.waiting(self._api.setup, _meeting(wanted), str(wanted["name"]), str(wanted.get("email", "")))
        return {}

    def _reset(self) -> dict[str, Any]:
        self._api.faults.load([])
        self._api.setup.clock.offset = 0.0
        self._rebuild()
        self._api.restart()
        return {}


def _meeting(wanted: Any) -> Meeting:
    found = Meeting.objects.filter(id=int(wanted["id"])).first()
    if found is None:
        raise LookupError("there is no such meeting.")
    return found


def _from_this_machine(request: Request) -> bool:
    """Loopback only; browsers and proxies give themselves away, and may not steer the sandbox for somebody else."""
    relayed = {"origin", "x-forwarded-for", "forwarded"} & request.headers.keys()
    return not relayed and ipaddress.ip_address(request.peer).is_loopback
