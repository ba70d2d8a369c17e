"""Faults on demand: a seeded plan that makes chosen requests go wrong in chosen ways.

A plan is a list of rules, or ``{"seed": 7, "rules": [...]}``. A rule is
``{"match": {"method": "POST", "path": "/users$"}, "do": "delay", "value": 2, "rate": 0.2}``; ``times`` in place of
``rate`` strikes the first so many matches. The first rule that strikes wins. Whether the n-th match of a rule is struck
depends on seed, rule and n only, so the same calls in the same order meet the same faults.

What ``do`` can be, and its ``value``:
``status`` (number, or ``{"status", "body", "headers"}``), ``html`` (status), ``reset``, ``429`` (Retry-After text,
or "daily"), ``expired`` act before anything is applied; ``delay`` (seconds) waits, then goes on as usual;
``cut``, ``slow`` (seconds a byte), ``empty``, ``null_id``, ``apply_then_status``, ``apply_then_html``,
``apply_then_reset``, ``apply_then_delay``, ``merge`` (members put into the answer), ``bomb`` (megabytes, gzipped) apply
first and spoil the answer; ``apply_late`` (seconds) resets the connection now and applies later.
"""

import gzip
import json
import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from zoomapi.sandbox.errors import bad_token
from zoomapi.sandbox.http import Response, Wire
from zoomapi.sandbox.limits import DAY, daily_refusal, rate_refusal
from zoomapi.spec.limits import REPORT, RateClass

PAGE = b"<html><head><title>Error</title></head><body><h1>Something is wrong here</h1></body></html>"

Perform = Callable[[], Response]


class BadPlan(Exception):
    """A plan that cannot be understood."""


@dataclass
class Rule:
    do: str
    value: Any = None
    method: str = ""
    path: re.Pattern[str] = re.compile("")
    rate: float = 1.0
    times: int | None = None
    seen: int = 0
    struck: int = 0

    def strikes(self, seed: int, place: int) -> bool:
        """Count one matching request and decide its fate."""
        self.seen += 1
        if self.times is not None:
            strike = self.struck < self.times
        else:
            strike = random.Random(f"{seed}/{place}/{self.seen}").random() < self.rate
        self.struck += strike
        return strike


@dataclass
class Faults:
    """The plan in force. ``around`` performs a request, or what the plan makes of it."""

    seed: int = 0
    rules: list[Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self, plan: Any) -> None:
        """Replace the plan; raises BadPlan and keeps the old one when it makes no sense."""
        rules = plan.get("rules", []) if isinstance(plan, dict) else plan
        if not isinstance(rules, list):
            raise BadPlan("A plan is a list of rules.")
        new = [_rule(entry) for entry in rules]
        with self._lock:
            self.rules = new
            if isinstance(plan, dict) and isinstance(plan.get("seed"), int):
                self.seed = plan["seed"]

    def chosen(self, method: str, path: str) -> Rule | None:
        with self._lock:
            for place, rule in enumerate(self.rules):
                fits = (not rule.method or rule.method == method) and rule.path.search(path)
                if fits and rule.strikes(self.seed, place):
                    return rule
        return None

    def around(self, method: str, path: str, rate: RateClass, perform: Perform) -> Response:
        rule = self.chosen(method, path) if self.rules else None
        if rule is None:
            return perform()
        before = BEFORE.get(rule.do)
        if before is not None:
            return before(rule.value, rate, perform)
        return AFTER[rule.do](rule.value, perform())

    def stats(self) -> list[dict[str, Any]]:
        with self._lock:
            return [{"do": rule.do, "matched": rule.seen, "struck": rule.struck} for rule in self.rules]


def _rule(entry: Any) -> Rule:
    if not isinstance(entry, dict) or entry.get("do") not in {*BEFORE, *AFTER}:
        raise BadPlan(f'A rule needs a known "do", one of: {", ".join(sorted({*BEFORE, *AFTER}))}.')
    match = entry.get("match") or {}
    try:
        pattern = re.compile(match.get("path", ""))
        rate, times = float(entry.get("rate", 1.0)), entry.get("times")
        _example(entry["do"], entry.get("value"))
    except (re.error, TypeError, ValueError, AttributeError) as problem:
        raise BadPlan(f"The rule {json.dumps(entry)[:200]} cannot be read: {problem}") from None
    return Rule(entry["do"], entry.get("value"), str(match.get("method", "")).upper(), pattern, rate, times)


def _example(do: str, value: Any) -> None:
    """Raise ValueError or TypeError when a value does not suit its fault."""
    if do in ("delay", "apply_late", "apply_then_delay", "bomb", "slow"):
        float(value)
    elif do in ("status", "apply_then_status"):
        int(value.get("status", 200) if isinstance(value, dict) else value)
    elif do == "merge":
        dict(value)


def _with_status(value: Any) -> Response:
    wanted = value if isinstance(value, dict) else {"status": value}
    status = int(wanted.get("status", 200))
    body = wanted.get("body", {"code": status, "message": "A fault was asked for."})
    headers = {str(name): str(text) for name, text in (wanted.get("headers") or {}).items()}
    return Response(status, json.dumps(body).encode(), headers=headers)


def _html(value: Any) -> Response:
    return Response(int(value or 502), PAGE, content_type="text/html")


def _delayed(value: Any, _rate: RateClass, perform: Perform) -> Response:
    time.sleep(float(value))
    return perform()


def _too_many(value: Any, rate: RateClass, _perform: Perform) -> Response:
    if value == "daily":
        raise daily_refusal(rate if rate.per_day else REPORT, (time.time() // DAY + 1) * DAY)
    refusal = rate_refusal(rate, 1.0, None if value is None else str(value))
    if value == "":
        del refusal.headers["Retry-After"]
    raise refusal


def _expired(_value: Any, _rate: RateClass, _perform: Perform) -> Response:
    raise bad_token("Access token is expired.")


def _late(value: Any, _rate: RateClass, perform: Perform) -> Response:
    def apply() -> None:
        try:
            perform()  # whatever it answers, nobody is listening any more
        finally:
            connections.close_all()  # this thread ends here, and its database connection with it

    timer = threading.Timer(float(value), apply)
    timer.daemon = True
    timer.start()
    return Response(200, wire=Wire("reset"))


def _altered(response: Response, change: Callable[[dict[str, Any]], Any]) -> Response:
    data = json.loads(response.body or b"{}")
    if isinstance(data, dict):
        change(data)
    return Response(response.status, json.dumps(data).encode(), headers=response.headers)


def _slowed(value: Any, response: Response) -> Response:
    response.wire = Wire("slow", float(value))
    return response


def _slept(value: Any, response: Response) -> Response:
    time.sleep(float(value))
    return response


def _wired(kind: str) -> Callable[[Any, Response], Response]:
    def spoil(_value: Any, response: Response) -> Response:
        response.wire = Wire(kind)
        return response

    return spoil


def _bomb(value: Any, response: Response) -> Response:
    body = gzip.compress(b" " * int(float(value) * 1024 * 1024) + b"{}", 1)
    return Response(response.status, body, headers={"Content-Encoding": "gzip"})


BEFORE: dict[str, Callable[[Any, RateClass, Perform], Response]] = {
    "status": lambda value, rate, perform: _with_status(value),
    "html": lambda value, rate, perform: _html(value),
    "reset": lambda value, rate, perform: Response(200, wire=Wire("reset")),
    "429": _too_many,
    "expired": _expired,
    "delay": _delayed,
    "apply_late": _late,
}
AFTER: dict[str, Callable[[Any, Response], Response]] = {
    "cut": _wired("cut"),
    "slow": _slowed,
    "empty": lambda value, response: Response(response.status, b""),
    "null_id": lambda value, response: _altered(response, lambda data: data.update(id=None)),
    "merge": lambda value, response: _altered(response, lambda data: data.update(value)),
    "bomb": _bomb,
    "apply_then_status": lambda value, response: _with_status(value),
    "apply_then_html": lambda value, response: _html(value or response.status),
    "apply_then_reset": _wired("reset"),
    "apply_then_delay": _slept,
}
