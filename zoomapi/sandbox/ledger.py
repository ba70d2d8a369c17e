"""The ledger: one row for each write that was applied, committed together with its effect."""

from typing import Any

from zoomapi.sandbox.calls import Call
from zoomapi.sandbox.models import Write


def enter(call: Call, path: str, status: int) -> None:
    """Note an applied write. Its key is the spec's remote key if it has one, else what the path names."""
    Write.objects.create(
        at=call.setup.clock.now(),
        method=call.endpoint.method,
        path=path,
        account=call.account_id,
        operation=call.endpoint.key,
        key=_key(call)[:255],
        status=status,
    )


def entries() -> list[dict[str, Any]]:
    return list(
        Write.objects.order_by("n").values("n", "at", "method", "path", "account", "operation", "key", "status")
    )


def _key(call: Call) -> str:
    value: Any = call.body
    for part in call.endpoint.remote_key.split(".") if call.endpoint.remote_key else ():
        value = value.get(part) if isinstance(value, dict) else None
    if call.endpoint.remote_key and value is not None:
        return str(value).lower()
    return "/".join(call.params[name] for name in call.endpoint.params)
