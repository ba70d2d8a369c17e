"""From bytes to an ``Answer`` or an error. Nothing of a body that is not JSON is ever shown to anybody."""

import json
import logging
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from zoomapi.client import errors
from zoomapi.client.rate_headers import day_reset, is_daily, is_narrow, retry_after, their_now
from zoomapi.client.transport import Flaw, Reply, redact
from zoomapi.spec.base import Effect, Endpoint
from zoomapi.spec.scopes import CODE as NO_SCOPE

logger = logging.getLogger(__name__)

DEEPEST = 64
LONGEST_MESSAGE = 300
MOST_FIELD_ERRORS = 100
LARGEST_CODE = 2**31 - 1  # a column holds no more; a larger number is no code of the service's

_BY_STATUS: dict[int, type[errors.Refused]] = {
    400: errors.BadRequest,
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    429: errors.RateLimited,
}
# Codes that say more than their status (the service also sends them with 200 and 400).
_BY_CODE: dict[int, type[errors.Refused]] = {
    124: errors.Unauthorized,
    200: errors.Forbidden,
    300: errors.ValidationFailed,
    NO_SCOPE: errors.Forbidden,
}
# Codes that decide only when the status is 200.
_BY_CODE_IN_200: dict[int, type[errors.Refused]] = {
    404: errors.NotFound,
    429: errors.RateLimited,
    1001: errors.NotFound,
    1005: errors.Conflict,
    2001: errors.NotFound,
    3001: errors.NotFound,
    3301: errors.NotFound,
    4130: errors.NotFound,
    4132: errors.Conflict,
    5010: errors.NotFound,
}
OWN_CODES = 1000  # from here on the service numbers its own refusals: 1001 no such user, 4130 no such group …
_WORDS: dict[type[errors.Refused], str] = {
    errors.BadRequest: "Zoom refused the request",
    errors.ValidationFailed: "Zoom did not accept some of the values",
    errors.Unauthorized: "Zoom did not accept the API credential",
    errors.Forbidden: "The API credential has no permission for this",
    errors.NotFound: "Zoom does not know this object",
    errors.Conflict: "This exists already at Zoom",
    errors.RateLimited: "Zoom asks for a pause: too many requests",
    errors.Rejected: "Zoom refused the request",
}


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float | str:
    """A number beyond what a float holds is kept as it was written: "infinity" is no JSON, and no database takes it."""
    number = float(text)
    return number if math.isfinite(number) else text


_decoder = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
# As bytes neither is JSON; but both can be written as escapes, and PostgreSQL takes neither into text or JSON.
_MAY_BE_UNSTORABLE = re.compile(r"\\u(0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL, and halves of pairs: whole pairs are one character by now


def parse(endpoint: Endpoint, reply: Reply) -> Any:
    """Return the parsed body (None when there is none); raise what the answer means when it is not a success."""
    status = reply.status
    if not 200 <= status < 300:
        raise failure(reply, _json_or_none(reply))
    if reply.flaw is not None:
        kind = errors.TimedOut if reply.flaw is Flaw.LATE else errors.BadAnswer
        raise _unknown(kind, reply, f"{reply.flaw.value}")
    if status == 204:
        return None
    if not reply.body.strip():
        # Also where a 204 is documented, which the service sometimes sends as 200 or 201. A page there proves nothing.
        if endpoint.status == 204 or endpoint.reply is None or endpoint.effect in (Effect.SET, Effect.DELETE):
            return None
        raise _unknown(errors.BadAnswer, reply, "the answer is empty")
    data = _json(reply)
    if _is_error(data):
        raise failure(reply, data)
    _check_shape(endpoint, reply, data)
    return data


def failure(reply: Reply, data: Any) -> errors.ZoomError:
    """Build the error of an answer that is not a success; ``data`` is its parsed body or None."""
    body = data if isinstance(data, dict) else {}
    code = _code(body)
    said, fields = _said(body.get("message")), _field_errors(body.get("errors"))
    tracking = tracking_id(reply.headers)
    if reply.status >= 500 or (200 <= reply.status < 300 and not _refuses(code or 0)):
        logger.debug("HTTP %d %s: %s", reply.status, tracking, redact(reply.body))
        told = f"HTTP {reply.status}" if reply.status >= 500 else f"HTTP {reply.status}, code {code}"
        return errors.ServerError(
            f"Zoom had an internal error ({told}).", status=reply.status, code=code, tracking_id=tracking
        )
    kind = _kind(reply.status, code)
    words = _WORDS[kind] if kind is not errors.Rejected else f"{_WORDS[kind]} (HTTP {reply.status})"
    scopes = _scopes(said) if code == NO_SCOPE else ()
    message = f"{words}{': ' + said if said else ''}{'' if said.endswith('.') else '.'} Nothing was changed."
    error = kind(
        message if not scopes else _lacking(scopes),
        status=reply.status,
        code=code,
        field_errors=fields,
        retry_after=retry_after(reply.headers) if kind is errors.RateLimited else None,
        tracking_id=tracking,
    )
    if isinstance(error, errors.RateLimited):
        _limited(error, reply, said)
    if isinstance(error, errors.Forbidden):
        error.scopes = scopes
    return error


def _limited(error: errors.RateLimited, reply: Reply, said: str) -> None:
    """Tell a refusal of the day, which names when it ends, from one of the rate and from a lock."""
    error.daily = is_daily(reply.headers, said)
    error.narrow = error.daily and is_narrow(said)
    error.locked = not error.daily and "concurren" in said.lower()
    if error.daily:
        error.retry_after = day_reset(reply.headers)
        again = datetime.fromtimestamp(their_now(reply.headers) + error.retry_after, UTC)
        error.message += f" It is a limit of the day, whose count starts again at {again:%Y-%m-%d %H:%M} UTC."


def _refuses(code: int) -> bool:
    """Whether an error code under a 2xx says that surely nothing was done. 500 and its like do not: something broke."""
    return code in _BY_CODE or 400 <= code < 500 or code >= OWN_CODES


def tracking_id(headers: Mapping[str, str]) -> str:
    return re.sub(r"[^\w.:\-]", "", headers.get("x-zm-trackingid", ""))[:100]


def _scopes(said: str) -> tuple[str, ...]:
    """The scopes a refusal names: "… does not contain scopes:[user:read:admin, user:write:admin]."."""
    _, _, listed = said.partition("scope")
    return tuple(re.findall(r"[a-z_0-9]+(?::[a-z_0-9]+)+", listed))


def _lacking(scopes: tuple[str, ...]) -> str:
    return (
        f"The app in Zoom lacks a scope for this; it needs {' or '.join(scopes)}. Nothing was changed. "
        "Add the scope to the app; it counts from the next access token on."
    )


def _kind(status: int, code: int | None) -> type[errors.Refused]:
    if code == NO_SCOPE and status < 500:
        return errors.Forbidden
    if status in (401, 403, 404, 409, 429):
        return _BY_STATUS[status]
    if code in _BY_CODE and (status == 400 or 200 <= status < 300):
        return _BY_CODE[code]
    if 200 <= status < 300:
        return _BY_CODE_IN_200.get(code or 0, errors.BadRequest)
    return _BY_STATUS.get(status, errors.Rejected)


def _looks_like_json(reply: Reply) -> bool:
    kind = reply.headers.get("content-type", "")
    return bool(reply.body) and (not kind or "json" in kind.lower())


def _json(reply: Reply) -> Any:
    if not _looks_like_json(reply):
        raise _unknown(errors.BadAnswer, reply, "the answer is not JSON")
    try:
        text = reply.body.decode("utf-8-sig")
        data = _decoder.decode(text)
    except (ValueError, RecursionError):
        raise _unknown(errors.BadAnswer, reply, "the answer is not JSON, or was cut off") from None
    if not _is_shallow(data):
        raise _unknown(errors.BadAnswer, reply, "the answer is nested too deeply")
    return _storable(data) if _MAY_BE_UNSTORABLE.search(text) else data


def _storable(data: Any) -> Any:
    """A copy without the characters that cannot be kept."""
    if isinstance(data, str):
        return _UNSTORABLE.sub("", data)
    if isinstance(data, list):
        return [_storable(value) for value in data]
    if isinstance(data, dict):
        return {_storable(name): _storable(value) for name, value in data.items()}
    return data


def _json_or_none(reply: Reply) -> Any:
    try:
        return _json(reply) if reply.flaw is None else None
    except errors.BadAnswer:
        return None


def _is_shallow(data: Any) -> bool:
    level = [data]
    for _ in range(DEEPEST):
        level = [
            value
            for box in level
            for value in (box.values() if isinstance(box, dict) else box if isinstance(box, list) else ())
            if isinstance(value, (dict, list))
        ]
        if not level:
            return True
    return False


def _is_error(data: Any) -> bool:
    """An error in a 2xx: nothing but a code that is not 0, a message, and perhaps field errors."""
    return (
        isinstance(data, dict) and "code" in data and data.keys() <= {"code", "message", "errors"} and bool(_code(data))
    )


def _check_shape(endpoint: Endpoint, reply: Reply, data: Any) -> None:
    if not isinstance(data, dict) and endpoint.reply is not None and not getattr(endpoint.reply, "many", False):
        raise _unknown(errors.BadAnswer, reply, "the answer has a wrong shape")
    if endpoint.status != 201 or endpoint.reply is None or "id" not in _names(endpoint.reply):
        return
    if not isinstance(data.get("id"), (str, int)) or data["id"] == "":
        raise _unknown(errors.BadAnswer, reply, "the answer does not name the new object's id")


@lru_cache(maxsize=1024)
def _names(shape: type[Any]) -> frozenset[str]:
    return frozenset(shape().fields)


def _unknown(kind: type[errors.OutcomeUnknown], reply: Reply, what: str) -> errors.OutcomeUnknown:
    tracking = tracking_id(reply.headers)
    logger.debug("HTTP %d %s: %s: %s", reply.status, tracking, what, redact(reply.body))
    return kind(f"Zoom's answer cannot be used: {what}.", status=reply.status, tracking_id=tracking)


def _code(body: Mapping[str, Any]) -> int | None:
    value = body.get("code")
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_CODE else None


def _said(value: Any) -> str:
    """The service's own words, on one line, short, without control characters or anything like a token."""
    if not isinstance(value, str):
        return ""
    text = "".join(c if c.isprintable() else " " for c in value[: LONGEST_MESSAGE + 1])
    text = re.sub(r"[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}", "[token]", text).strip()
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"


def _field_errors(value: Any) -> errors.FieldErrors:
    found: errors.FieldErrors = {}
    for entry in value[:MOST_FIELD_ERRORS] if isinstance(value, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("field"), str):
            found.setdefault(_said(entry["field"])[:100], []).append(_said(entry.get("message")) or "Not accepted.")
    return found
