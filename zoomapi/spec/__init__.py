"""The API as data. Importing this package registers every family."""

from zoomapi.spec import (
    accounts,
    billing,
    dashboards,
    devices,
    groups,
    im_chat,
    im_groups,
    meetings,
    pac,
    recordings,
    reports,
    tsp,
    users,
    webhooks,
    webinars,
)
from zoomapi.spec.base import Effect, Endpoint, Family, Paging, all_endpoints, endpoint

__all__ = [
    "Effect",
    "Endpoint",
    "Family",
    "Paging",
    "accounts",
    "all_endpoints",
    "billing",
    "dashboards",
    "devices",
    "endpoint",
    "groups",
    "im_chat",
    "im_groups",
    "meetings",
    "pac",
    "recordings",
    "reports",
    "tsp",
    "users",
    "webhooks",
    "webinars",
]
