"""Showing requests and answers: secrets hidden, JSON made readable, curl made copyable, nothing of any size."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from portal.audit.redact import HIDDEN, redact, secret_names
from portal.gateway.outgoing import Outgoing
from zoomapi.spec import Endpoint

__all__ = ["HIDDEN", "curl", "cut", "headers_shown", "holds_mask", "http_text", "masked", "pretty"]

MOST_SHOWN = 100_000  # characters
PAGE_TOKEN = "next_page_token"  # noqa: S105  # it opens the next page, nothing else
HEADERS = ("content-type", "content-length", "retry-after", "location", "date", "x-zm-trackingid")


def masked(endpoint: Endpoint, value: Any) -> Any:
    """A JSON value with every secret of this operation replaced."""
    shown = redact(value, secret_names(endpoint.key))
    if isinstance(value, Mapping) and isinstance(value.get(PAGE_TOKEN), str):
        shown[PAGE_TOKEN] = value[PAGE_TOKEN]
    return shown


def holds_mask(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(holds_mask(inner) for inner in value.values())
    if isinstance(value, list):
        return any(holds_mask(inner) for inner in value)
    return bool(value == HIDDEN)


def pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def cut(text: str) -> tuple[str, int]:
    """The beginning of a long text, and how many characters are left out."""
    return text[:MOST_SHOWN], max(0, len(text) - MOST_SHOWN)


def headers_shown(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Those that say something: kind, limits, tracking id."""
    return [(name, value) for name, value in headers.items() if name in HEADERS or name.startswith("x-ratelimit")]


def http_text(out: Outgoing, upload: str = "") -> str:
    """The request as it goes over the wire, as far as people read it."""
    host, _, target = out.url.partition("://")[2].partition("/")
    lines = [
        f"{out.method} /{target} HTTP/1.1",
        f"Host: {host}",
        "Authorization: Bearer $TOKEN",
        "Accept: application/json",
    ]
    if upload:
        lines += ["Content-Type: multipart/form-data; boundary=…", "", f"(the file, as {upload})"]
    elif out.body is not None:
        lines += ["Content-Type: application/json", "", pretty(out.body)]
    return "\n".join(lines)


def curl(out: Outgoing, upload: str = "") -> str:
    """The same as a line for a shell. The token is read from the environment variable TOKEN."""
    parts = ["curl", "--request", out.method, shlex.quote(out.url), "--header", '"Authorization: Bearer $TOKEN"']
    if upload:
        parts += ["--form", shlex.quote(f"{upload}=@FILE")]
    elif out.body is not None:
        text = json.dumps(out.body, ensure_ascii=False, default=str)
        parts += ["--header", "'Content-Type: application/json'", "--data", shlex.quote(text)]
    return " ".join(parts)
