"""What may be written to the audit log: secrets hidden, values that survive a round trip through any database."""

import math
import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from zoomapi import spec

HIDDEN = "(hidden)"
# Compared with names in lower case without dashes and underscores.
_GENERIC = re.compile(
    r"passw|passcode|secret|token|hostkey|starturl|apikey|authorization|cookie|credential|privatekey|signature|zpk"
)
_TO_CLEAN = re.compile(r"(?i)[^\x01-\x7f]|=|bearer")  # what is in every text that cannot stay as it is
_IN_TEXT = re.compile(
    r"(?i)((?:access_token|token|zak|tk|pwd|password|secret|api_key)=)[^&\s\"']+|(bearer\s+)[\w.~+/=-]+"
)


@lru_cache(maxsize=1000)
def secret_names(operation: str) -> frozenset[str]:
    """Last parts of the dotted names of an operation's secret fields; empty when it is no operation of the spec."""
    try:
        endpoint = spec.endpoint(operation)
    except KeyError:
        return frozenset()
    return frozenset(name.rpartition(".")[2].removesuffix("[]") for name in endpoint.secrets)


def redact(value: Any, names: frozenset[str] = frozenset()) -> Any:
    """Return a JSON value with every secret replaced. ``names`` are further field names to hide."""
    return _redact(value, names, hide=False)


def _redact(value: Any, names: frozenset[str], *, hide: bool) -> Any:
    if value is None or isinstance(value, bool):
        return value  # "require_password": true is a setting, not a secret
    if isinstance(value, dict):
        return {
            text(key): _redact(item, names, hide=hide or _is_secret(str(key), names)) for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact(item, names, hide=hide) for item in value]
    if hide:
        return HIDDEN if value != "" else ""
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        # JSON columns turn 1.0 into 1 here and keep it there: one form only, or the chain would seem broken.
        if not math.isfinite(value):
            return str(value)
        return int(value) if value.is_integer() else value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return text(value)


def _is_secret(name: str, names: frozenset[str]) -> bool:
    return name in names or _sounds_secret(name)


@lru_cache(maxsize=2000)
def _sounds_secret(name: str) -> bool:
    return bool(_GENERIC.search(re.sub(r"[-_\s]", "", name.lower())))


def text(value: Any, limit: int | None = None) -> str:
    """Text that every database can hold, with tokens in addresses hidden, cut to ``limit`` characters."""
    cleaned = value if type(value) is str else str(value)
    if _TO_CLEAN.search(cleaned):
        cleaned = cleaned.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
        cleaned = _IN_TEXT.sub(lambda match: f"{match[1] or match[2]}{HIDDEN}", cleaned)
    return cleaned if limit is None or len(cleaned) <= limit else f"{cleaned[: limit - 1]}…"
