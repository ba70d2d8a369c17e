"""What an app of today must be allowed to do: the scope each operation needs.

These are the classic scopes. Apps with granular scopes name them per operation; the service's own refusal (code 4711)
then says which one is missing.
"""

from collections.abc import Iterable

from zoomapi.spec.base import Endpoint

SCOPES = {
    "accounts": "account:master",
    "billing": "billing:master",
    "users": "user:master",
    "meetings": "meeting:master",
    "webinars": "webinar:master",
    "groups": "group:master",
    "im_groups": "imgroup:master",
    "im_chat": "imchat:master",
    "recordings": "recording:master",
    "reports": "report:master",
    "dashboards": "dashboard:master",
    "tsp": "tsp:master",
    "pac": "pac:master",
    "devices": "h323:master",
}
"""Family to scope. Webhooks have none: there are no calls for them any more."""

ALL_SCOPES = tuple(SCOPES.values())
CODE = 4711


def scope_of(endpoint: Endpoint) -> str:
    """Return the scope the operation needs; empty when it needs none."""
    return SCOPES.get(endpoint.family, "")


def missing(granted: Iterable[str]) -> list[str]:
    """Return the classic scopes that are not granted; none for an app with granular scopes, which nobody can tell."""
    held = set(granted)
    if any(scope.count(":") > 1 for scope in held):
        return []
    return [scope for scope in ALL_SCOPES if scope not in held]
