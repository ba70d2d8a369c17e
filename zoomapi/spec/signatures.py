"""Today's form of a webhook: how its sender signs, how a receiver checks, and the challenge that proves the address.

``x-zm-signature`` is ``v0=`` and the hex HMAC-SHA256 of ``v0:{timestamp}:{raw body}``. The challenge
(``endpoint.url_validation``) is answered with a HMAC of the same secret. Whoever could have any text signed that way
could sign events, so only short plain tokens are ever answered.
"""

import hashlib
import hmac
import re

SIGNATURE = "x-zm-signature"
TIMESTAMP = "x-zm-request-timestamp"
CHALLENGE = "endpoint.url_validation"
TOLERANCE = 300.0  # seconds a timestamp may lie in the past or the future
RETRIES = (5 * 60, 20 * 60, 60 * 60)  # seconds from each failed try to the next; then it is given up
PATIENCE = 3.0  # seconds an address has for its answer

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")


def sign(secret: str, timestamp: int | str, body: bytes) -> str:
    """Return the signature of a body."""
    return "v0=" + _digest(secret, b"v0:" + str(timestamp).encode() + b":" + body)


def headers(secret: str, now: float, body: bytes) -> dict[str, str]:
    """Return the headers a delivery carries."""
    return {TIMESTAMP: str(int(now)), SIGNATURE: sign(secret, int(now), body)}


def is_genuine(secret: str, signature: str, timestamp: str, body: bytes, now: float) -> bool:
    """Tell whether a delivery was signed with the secret, and not long ago nor ahead of time. In constant time."""
    if not secret or not _TIMESTAMP.fullmatch(timestamp) or abs(int(timestamp) - now) > TOLERANCE:
        return False
    wanted = sign(secret, timestamp, body)
    return hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace"))


def answer_challenge(secret: str, plain: str) -> dict[str, str]:
    """Return the answer to a challenge that was itself genuine. ValueError for a text that no service would send."""
    if not _PLAIN.fullmatch(plain):
        raise ValueError("That is no plain token.")
    return {"plainToken": plain, "encryptedToken": _digest(secret, plain.encode())}


def is_answer(secret: str, plain: str, answer: object) -> bool:
    """Tell whether an address has proved, by its parsed answer to a challenge, that it knows the secret."""
    if not isinstance(answer, dict):
        return False
    given = (str(answer.get("plainToken")), str(answer.get("encryptedToken")))
    wanted = (plain, _digest(secret, plain.encode()))
    return all(
        hmac.compare_digest(a.encode(), b.encode("utf-8", "replace")) for a, b in zip(wanted, given, strict=True)
    )


def _digest(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
