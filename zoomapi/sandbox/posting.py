"""Calling the addresses of those who listen to events."""

import http.client
import ipaddress
import time
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

NO_ANSWER = 0
MOST_BYTES = 64 * 1024  # of an answer are read
ELSEWHERE = "not sent: the address is not on this machine"


class Reply(NamedTuple):
    """``status`` is 0 without an answer; ``problem`` says what went wrong, and is empty for 2xx."""

    status: int
    problem: str
    body: bytes = b""


def refused(url: str, *, anywhere: bool) -> str:
    """Why an address is not called; empty when it is."""
    return "" if anywhere or on_this_machine(urlsplit(url)) else ELSEWHERE


def on_this_machine(address: SplitResult) -> bool:
    """Tell whether an address means this machine; no name but localhost is looked up."""
    try:
        return address.hostname == "localhost" or ipaddress.ip_address(address.hostname or "").is_loopback
    except ValueError:
        return False


def post(url: str, body: bytes, headers: dict[str, str], patience: float) -> Reply:
    """Send one event and wait ``patience`` seconds for the whole answer. Redirects are not followed."""
    begun = time.monotonic()
    try:
        address = urlsplit(url)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = kind(address.hostname or "", address.port, timeout=patience)
        try:
            path = (address.path or "/") + (f"?{address.query}" if address.query else "")
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            text = answer.read(MOST_BYTES)
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException) as problem:
        return Reply(NO_ANSWER, type(problem).__name__)
    if time.monotonic() - begun > patience:
        return Reply(NO_ANSWER, "TimeoutError")
    return Reply(answer.status, "" if 200 <= answer.status < 300 else f"answered {answer.status}", text)
