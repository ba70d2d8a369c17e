"""``ZoomClient``: every documented operation as a method, and the one path all of them take to the wire."""

import hashlib
import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from urllib3.filepost import encode_multipart_formdata

from zoomapi import spec
from zoomapi.client import answers, errors, paths, validation
from zoomapi.client.auth import Auth
from zoomapi.client.calls import Answer, Call, Hooks
from zoomapi.client.operations import FamilyCalls, family_calls
from zoomapi.client.permits import Lane, MemoryPermits, Permit, Permits
from zoomapi.client.rate_headers import http_date
from zoomapi.client.retry import ConnectionHandler, FreshTokenHandler, Handler, RateLimitHandler
from zoomapi.client.transport import Reply, Transport, shared
from zoomapi.spec.base import Endpoint
from zoomapi.spec.limits import HOST_WRITES, is_host_write
from zoomapi.spec.profiles import Profile

logger = logging.getLogger(__name__)

DEADLINE = 20.0  # seconds for a write and all its attempts
READ_DEADLINE_SHARE = 1.5  # a read may take longer
PATIENCE = 10.0  # seconds to wait for a permit

_process_permits = MemoryPermits()

File = tuple[str, bytes, str]  # file name, content, media type


@dataclass(frozen=True)
class _Request:
    """A checked call, ready to be sent any number of times.

    ``patience``: seconds for the first permit. ``host``: name of the count of a host's writes, where there is one.
    """

    call: Call
    headers: Mapping[str, str]
    content: bytes | None
    url: str
    patience: float
    host: str = ""


class ZoomClient:
    """The service, or a sandbox, at ``base_url``, as one credential. Safe to share between threads.

    ``zoom.users.get("id")`` takes path parameters by position, query and body members by keyword, and returns the
    parsed answer, None when there is no body. ``zoom.account("id")`` is the same below a sub account.

    ``permits``: the rate limits' keeper, by default one per process. ``lane``: "interactive" or "bulk".
    ``deadline``: seconds for a write from its first departure on, repeats included; a read gets half as much again.
    ``patience``: seconds to wait for a permit before anything is sent. ``clock`` is the time since 1970; the deadline
    itself runs on the monotonic clock. All failures are ``errors.ZoomError``.
    """

    def __init__(  # noqa: PLR0913  # every one is a keyword with a default
        self,
        base_url: str,
        auth: Auth,
        *,
        permits: Permits | None = None,
        lane: str = Lane.INTERACTIVE,
        deadline: float = DEADLINE,
        read_deadline: float | None = None,
        patience: float = PATIENCE,
        hooks: Hooks | None = None,
        transport: Transport | None = None,
        handlers: Sequence[Handler] | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.auth = auth
        self.permits: Permits = permits if permits is not None else _process_permits
        self.lane = Lane(lane)
        self.deadline = deadline
        self.read_deadline = read_deadline if read_deadline is not None else deadline * READ_DEADLINE_SHARE
        self.patience = patience
        self.hooks = hooks
        self.offset: float | None = None
        self.corrects_clock = True  # tokens are dated by the service's clock where ours is known to differ
        self._transport = transport or shared(self.base_url)
        self._rate_limits = RateLimitHandler()
        self._handlers = handlers or (self._rate_limits, FreshTokenHandler(auth), ConnectionHandler())
        self._clock, self._sleep = clock, sleep

    def __getattr__(self, family: str) -> FamilyCalls:
        calls = family_calls(self, family, None)
        self.__dict__[family] = calls
        return calls

    @property
    def profile(self) -> Profile:
        """The Zoom this client speaks with: that of the specification, or today's."""
        return self.auth.profile

    @property
    def unreachable_since(self) -> float | None:
        """Since when (seconds since 1970) no connection could be made; None while the service can be reached."""
        return self._transport.circuit.since

    def account(self, account: str) -> "AccountClient":
        """Return the same operations as performed in a sub account."""
        return AccountClient(self, account)

    def call(
        self,
        endpoint: Endpoint | str,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        account: str | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Perform one operation, waiting for permits and repeating where that is safe.

        ``path``, ``query`` and ``body`` are checked against the specification first. ``files`` maps the multipart
        field to bytes or to (name, bytes, media type). On today's Zoom an operation goes to its present path; one
        that is no more is an InvalidArguments. Raises a ``ZoomError``; see ``zoomapi.client.errors``.
        """
        found = spec.endpoint(endpoint) if isinstance(endpoint, str) else endpoint
        retired = self.profile.retired(found)
        if retired:
            raise errors.InvalidArguments(f"Zoom has withdrawn {found.key}. {retired} Nothing was sent.")
        return self._perform(self._prepare(self.profile.view(found), path or {}, query or {}, body, account, files))

    def _prepare(
        self,
        endpoint: Endpoint,
        path: Mapping[str, Any],
        query: Mapping[str, Any],
        body: Mapping[str, Any] | None,
        account: str | None,
        files: Mapping[str, Any] | None,
    ) -> _Request:
        url = paths.build(endpoint, path, account)
        if endpoint.body is not None:
            body = validation.wire_body(endpoint, body or {})
        checked = validation.check(endpoint, query, body) if query or body or endpoint.body is not None else b""
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "zoomapi"}
        content: bytes | None = None
        if endpoint.upload or files:
            content, headers["Content-Type"] = _multipart(endpoint, files or {})
        elif endpoint.body is not None:
            content, headers["Content-Type"] = checked, "application/json"
        pairs = validation.wire_query(query) if query else None
        call = Call(endpoint, endpoint.method, url, query, body, account)
        target = f"{url}?{urlencode(pairs)}" if pairs else url
        return _Request(call, headers, content, target, self.patience, self._host_count(endpoint, path))

    def _host_count(self, endpoint: Endpoint, path: Mapping[str, Any]) -> str:
        """Name the count of a host's meeting writes; empty where none is kept, or the path does not name the host."""
        if "userId" not in path or not self.profile.counts_by_host(endpoint):
            return ""
        host = hashlib.sha256(str(path["userId"]).lower().encode()).hexdigest()[:16]
        return f"{self.auth.identity}/{host}"

    def _perform(self, request: _Request) -> Answer:
        self._transport.admit()
        if not request.host:
            return self._send(request)
        self.permits.spend(request.host, HOST_WRITES)
        try:
            return self._send(request)
        except errors.NotSent:
            self.permits.refund(request.host, HOST_WRITES)
            raise

    def _send(self, request: _Request) -> Answer:
        failed: list[errors.ZoomError] = []
        patience, deadline = request.patience, 0.0
        while True:
            permit = self._take(request.call.endpoint, patience, failed)
            if not deadline:
                allowed = self.read_deadline if request.call.idempotent else self.deadline
                deadline = time.monotonic() + allowed
            try:
                return self._attempt(request, permit, deadline)
            except (errors.Refused, errors.OutcomeUnknown, errors.Unreachable) as error:
                failed.append(error)
                wait = self._wait_after(request, failed)
                patience = deadline - time.monotonic()
                if wait is None or wait >= patience:
                    raise
            self._sleep(wait)
            patience = max(deadline - time.monotonic(), 0.0)
            request = replace(request, call=replace(request.call, attempt=request.call.attempt + 1))

    def _take(self, endpoint: Endpoint, patience: float, failed: Sequence[errors.ZoomError] = ()) -> Permit:
        """Take a permit; a repeat that gets none in time ends as what it was to repeat, unless that proves nothing."""
        try:
            return self.permits.take(self.auth.identity, endpoint.rate, self.lane, patience)
        except errors.NoPermit:
            if failed and not isinstance(failed[-1], errors.Unauthorized):  # perhaps only the token was old
                raise failed[-1] from None
            raise

    def _attempt(self, request: _Request, permit: Permit, deadline: float) -> Answer:
        call, hooks = request.call, self.hooks if request.call.method != "GET" else None
        try:
            # The token comes first: fetching one may fail, and then nothing has been begun.
            now = self._transport.their_time(self._clock()) if self.corrects_clock else self._clock()
            headers = {**request.headers, "Authorization": self.auth.header(now)}
            if hooks is not None:
                hooks.before(call)
        except BaseException:
            permit.give_back()
            raise
        answer, error = None, None
        try:
            permit = self._depart(call.endpoint, permit, deadline)
            answer = self._exchange(request, headers, deadline, permit)
        except errors.ZoomError as problem:
            error = problem
        if hooks is not None:
            hooks.after(call, answer, error)
        if error is not None or answer is None:
            raise error or errors.ConnectionLost("The call was interrupted.")
        return answer

    def _depart(self, endpoint: Endpoint, permit: Permit, deadline: float) -> Permit:
        """Stamp the departure. A permit that lapsed meanwhile (a long hook, a pause) is replaced by a new one."""
        while not permit.departed():
            permit = self._take(endpoint, max(deadline - time.monotonic(), 0.0))
        return permit

    def _exchange(self, request: _Request, headers: Mapping[str, str], deadline: float, permit: Permit) -> Answer:
        call, began = request.call, time.monotonic()
        reply = self._transport.send(call.method, request.url, headers, request.content, deadline, permit.left)
        permit.answered(f"{call.endpoint.key} {reply.status}")
        elapsed, tracking = time.monotonic() - began, answers.tracking_id(reply.headers)
        level = logging.DEBUG if reply.status < 400 else logging.INFO
        logger.log(
            level, "%s HTTP %d in %.3f s, x-zm-trackingid %s", call.endpoint.key, reply.status, elapsed, tracking
        )
        server_time = self._note_time(reply)
        data = answers.parse(call.endpoint, reply)
        return Answer(reply.status, data, reply.headers, elapsed, tracking, server_time)

    def _note_time(self, reply: Reply) -> float | None:
        date = reply.headers.get("date")
        server_time = http_date(date) if date else None
        if server_time is not None:
            self.offset = self._transport.learn_offset(server_time - self._clock())
        return server_time

    def _wait_after(self, request: _Request, failed: Sequence[errors.ZoomError]) -> float | None:
        """Pause everybody after a 429, then ask the handlers whether and when to try again."""
        error = failed[-1]
        waits = (handler.wait(request.call, failed) for handler in self._handlers)
        wait = next((wait for wait in waits if wait is not None), None)
        if isinstance(error, errors.RateLimited):
            with suppress(errors.NoPermit):  # the keeper is out of reach: the refusal itself is the news
                self._hold_back(request, error, wait if wait is not None else self._rate_limits.pause(failed))
        return wait

    def _hold_back(self, request: _Request, error: errors.RateLimited, pause: float) -> None:
        identity, rate = self.auth.identity, request.call.endpoint.rate
        if error.daily and request.host:
            self.permits.exhaust(request.host, HOST_WRITES, error.retry_after)
        elif error.daily and (error.narrow or is_host_write(request.call.method, request.call.endpoint.path)):
            return  # the day of a host whom the path does not name: others may go on, so only this call waits
        elif error.daily:
            self.permits.exhaust(identity, rate, error.retry_after)
            self.permits.pause(identity, rate, pause)  # also those who have asked for the day already
        elif not error.locked:
            self.permits.pause(identity, rate, pause, named=error.retry_after is not None)


class AccountClient:
    """The operations of one sub account: the same families, below ``/accounts/{account}``."""

    def __init__(self, client: ZoomClient, account: str) -> None:
        self._client, self._account = client, account

    def __getattr__(self, family: str) -> FamilyCalls:
        calls = family_calls(self._client, family, self._account)
        self.__dict__[family] = calls
        return calls


def _multipart(endpoint: Endpoint, files: Mapping[str, Any]) -> tuple[bytes, str]:
    if set(files) != ({endpoint.upload} if endpoint.upload else set()):
        wanted = f"one file, named {endpoint.upload}" if endpoint.upload else "no file"
        raise errors.InvalidArguments(f"{endpoint.key} takes {wanted}. Nothing was sent.")
    given = files[endpoint.upload]
    name, content, kind = given if isinstance(given, tuple) else ("upload", given, "application/octet-stream")
    if not isinstance(content, bytes):
        raise errors.InvalidArguments(
            f"{endpoint.key}: {endpoint.upload} must be bytes, or (file name, bytes, media type). Nothing was sent."
        )
    if not re.fullmatch(r"[\w.+-]+/[\w.+-]+", str(kind)):
        raise errors.InvalidArguments(f"{endpoint.key}: that is no media type. Nothing was sent.")
    safe_name = re.sub(r"[^\w.\-]", "_", str(name))[-100:] or "upload"
    return encode_multipart_formdata({endpoint.upload: (safe_name, content, kind)})
