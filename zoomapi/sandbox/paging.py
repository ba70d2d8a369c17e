"""Lists in pages, by number or by token. The handler gives a query set, or a list, and how to write one row."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from zoomapi.sandbox.errors import Refusal

TOKEN_SECONDS = 15 * 60


class Rows(Protocol):
    """A query set or the like: it can be counted and cut."""

    def count(self) -> int: ...
    def __getitem__(self, part: slice) -> Iterable[Any]: ...


@dataclass(frozen=True)
class Listed:
    """A plain list as ``Rows``."""

    items: list[Any]

    def count(self) -> int:
        return len(self.items)

    def __getitem__(self, part: slice) -> Iterable[Any]:
        return self.items[part]


def numbered(rows: Rows, key: str, query: dict[str, Any], write: Callable[[list[Any]], list[Any]]) -> dict[str, Any]:
    """Answer one page by number. A page beyond the end is empty; there is always at least one page."""
    size, number, total = query["page_size"], query["page_number"], rows.count()
    start = (number - 1) * size
    part = list(rows[start : start + size]) if start < total else []
    return {
        "page_count": max(1, -(-total // size)),
        "page_number": number,
        "page_size": size,
        "total_records": total,
        key: write(part),
    }


class Tokens:
    """Page tokens: signed, bound to the list and its page size, good for 15 minutes, valid after a restart."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def issue(self, offset: int, scope: str, now: float) -> str:
        body = json.dumps([offset, now + TOKEN_SECONDS]).encode()
        return base64.urlsafe_b64encode(self._sign(body, scope) + body).decode()

    def offset(self, token: str, scope: str, now: float) -> int:
        """Return where the page begins; Refusal 300 when the token is not of this list or too old."""
        problem = Refusal(400, 300, "The next page token is either invalid or expired.")
        try:
            raw = base64.urlsafe_b64decode(token.encode())
        except ValueError:
            raise problem from None
        signature, body = raw[:32], raw[32:]
        if not hmac.compare_digest(signature, self._sign(body, scope)):
            raise problem
        offset, good_until = json.loads(body)
        if now > good_until:
            raise problem
        return int(offset)

    def _sign(self, body: bytes, scope: str) -> bytes:
        return hmac.digest(self._secret, scope.encode(errors="replace") + b"\0" + body, hashlib.sha256)

    def page(
        self,
        rows: Rows,
        key: str,
        query: dict[str, Any],
        scope: str,
        now: float,
        write: Callable[[list[Any]], list[Any]],
        *,
        start: int = 0,
        numbered: bool = False,
    ) -> dict[str, Any]:
        """Answer one page by token, or from ``start`` without one; the last page's token is empty.

        ``numbered`` tells the page's number, too.
        """
        size, total = query["page_size"], rows.count()
        scope = f"{scope}|{size}"
        token = query.get("next_page_token") or ""
        start = self.offset(token, scope, now) if token else start
        part = list(rows[start : start + size]) if start < total else []  # no database counts as far as callers may
        return {
            "page_count": max(1, -(-total // size)),
            **({"page_number": start // size + 1} if numbered else {}),
            "page_size": size,
            "total_records": total,
            "next_page_token": self.issue(start + size, scope, now) if start + size < total else "",
            key: write(part),
        }
