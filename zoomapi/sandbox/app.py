"""From request to response: authentication, route, scope, rate limit, faults, validation, handler, ledger."""

import json
import sys
import threading
import traceback
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl

from zoomapi.sandbox import handlers, ledger, life, validation
from zoomapi.sandbox.auth import Gate
from zoomapi.sandbox.calls import Call, Setup, sub_account
from zoomapi.sandbox.errors import Refusal
from zoomapi.sandbox.faults import Faults
from zoomapi.sandbox.http import Request, Response
from zoomapi.sandbox.limits import Limiter
from zoomapi.sandbox.oauth import PATH as TOKEN_PATH
from zoomapi.sandbox.oauth import must_hold
from zoomapi.sandbox.registry import HANDLERS, Served
from zoomapi.sandbox.routing import ACCOUNT, Match, NoSuchPath, WrongMethod
from zoomapi.sandbox.store import new_id, writing
from zoomapi.sandbox.today import Former, host_of, retype_people, router
from zoomapi.sandbox.uploads import read_files
from zoomapi.spec import all_endpoints
from zoomapi.spec.limits import GENERAL, HOST_WRITES
from zoomapi.spec.profiles import CLASSIC, Profile
from zoomapi.spec.scopes import scope_of

PREFIX = "/v2"


class Api:
    """Everything below /v2, and the tokens for it."""

    def __init__(self, setup: Setup, gate: Gate, limiter: Limiter, faults: Faults, profile: Profile = CLASSIC) -> None:
        handlers.load()
        served = [endpoint for endpoint in all_endpoints() if endpoint.key in HANDLERS]
        self.setup = setup
        self.limiter = limiter
        self.faults = faults
        self.statuses: Counter[int] = Counter()
        self._counting = threading.Lock()
        self.gate = gate
        self._profile = profile
        self._router = router(profile, served)
        self._former = Former(profile, all_endpoints())
        self.restart()

    def restart(self) -> None:
        """Begin counting anew, with the world as it is now."""
        self.limiter.reset()
        self.statuses.clear()
        self.setup.agenda.changed()
        retype_people(self._profile)
        self._master_id = self.setup.master().id

    def __call__(self, request: Request) -> Response:
        path, _, query = _split_target(request.target)
        try:
            response = self._answer(request, path, query)
        except Refusal as refusal:
            response = refused(refusal)
        except Exception:  # noqa: BLE001  # whatever a bug raises, the caller gets an answer
            # A bug of the sandbox; say so on the terminal and keep serving.
            traceback.print_exc(file=sys.stderr)
            response = as_json(500, {"code": 500, "message": "The sandbox failed; its terminal says why."})
        response.headers["x-zm-trackingid"] = f"SANDBOX_{new_id()}"
        with self._counting:
            self.statuses[response.status] += 1
        return response

    def _answer(self, request: Request, path: str, query_text: str) -> Response:
        query = dict(parse_qsl(query_text, errors="replace"))  # an empty argument counts as not given
        authorization, token = request.headers.get("authorization", ""), query.pop("access_token", "")
        method = "GET" if request.method == "HEAD" else request.method
        if path.rstrip("/") == TOKEN_PATH:
            return self.faults.around(method, TOKEN_PATH, GENERAL, lambda: self.gate.desk(request))
        if not path.startswith(PREFIX + "/"):
            raise Refusal(404, 404, "There is nothing at this address; the API begins at /v2.")
        caller = self.gate.caller(authorization, token, self.setup.clock.now())
        match = self._match(method, path.removeprefix(PREFIX))
        must_hold(caller.scopes, scope_of(match.route.endpoint))
        headers = self._count(caller.credential, match)
        rate = match.route.endpoint.rate
        response = self.faults.around(method, path, rate, lambda: self._perform(request, path, query, match))
        response.headers = {**headers, **response.headers}
        return response

    def _match(self, method: str, path: str) -> Match:
        self._former.refuse(method, path)
        try:
            return self._router.match(method, path)
        except NoSuchPath:
            raise Refusal(404, 404, "The API has no such path.") from None
        except WrongMethod as wrong:
            allowed = {"Allow": ", ".join(wrong.allowed)}
            raise Refusal(405, 405, f"Request method '{method[:16]}' is not supported.", headers=allowed) from None

    def _count(self, credential: str, match: Match) -> dict[str, str]:
        """Count a request against the limits; return the headers that tell what is left."""
        headers = self.limiter.take(credential, match.route.endpoint.rate)
        if self._profile.counts_by_host(match.route.endpoint):
            self.limiter.count_day(f"{credential}/{host_of(match, self._master_id)}", HOST_WRITES)
        return headers

    def _perform(self, request: Request, path: str, query: dict[str, str], match: Match) -> Response:
        """Apply one call. Refusals come back as responses, so that a fault can spoil them too."""
        try:
            life.catch_up(self.setup)
            call = self._call(request, query, match)
            handler = HANDLERS[call.endpoint.key].handler
            if call.endpoint.is_read:
                return _response(call, handler(call))
            with writing():
                response = _response(call, handler(call))
                ledger.enter(call, path, response.status)
        except Refusal as refusal:
            return refused(refusal)
        return response

    def _call(self, request: Request, query: dict[str, str], match: Match) -> Call:
        endpoint, params = match.route.endpoint, match.params
        mirrored = match.route.mirrored
        account_id = sub_account(params[ACCOUNT]).id if mirrored else self._master_id
        call = Call(endpoint, self.setup, account_id, params)
        call.query = validation.check(endpoint.query, {**query, **dict(match.route.query)})
        if endpoint.upload:
            call.files = read_files(request)
        if endpoint.body is not None and request.method != "GET":
            call.raw = validation.parse(request.body, endpoint.key)
            call.body = _checked(call, HANDLERS[endpoint.key])
        return call


def _checked(call: Call, served: Served) -> dict[str, Any]:
    try:
        return validation.check(call.endpoint.body, call.raw, partial=call.endpoint.partial)
    except Refusal as refusal:
        for field, _ in refusal.errors:
            value = _dig(call.raw, field)
            if field in served.refusals and isinstance(value, str):
                raise served.refusals[field](value) from None
        raise


def _dig(data: Any, dotted: str) -> Any:
    for part in dotted.split("."):
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _response(call: Call, result: dict[str, Any] | Response | None) -> Response:
    return result if isinstance(result, Response) else as_json(call.endpoint.status, result)


def as_json(status: int, data: Any) -> Response:
    """Encode an answer. No members at all still makes ``{}``, except with 204, which has no body."""
    body = b"" if status == 204 else json.dumps({} if data is None else data, ensure_ascii=False).encode()
    return Response(status, body)


def refused(refusal: Refusal) -> Response:
    body = json.dumps(refusal.body(), ensure_ascii=False).encode("utf-8", "replace")
    return Response(refusal.status, body, headers=dict(refusal.headers))


def _split_target(target: str) -> tuple[str, str, str]:
    """Split the request line's target into path and query; an absolute address loses its host."""
    if target.startswith(("http://", "https://")):
        target = "/" + target.split("/", 3)[3] if target.count("/") >= 3 else "/"
    path, mark, query = target.partition("?")
    return path, mark, query
