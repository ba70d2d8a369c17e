"""A client for the Zoom v2 API that needs nothing but this package."""

from zoomapi.client import errors
from zoomapi.client.auth import Auth, JwtAuth
from zoomapi.client.calls import Answer, Call, Hooks
from zoomapi.client.client import AccountClient, ZoomClient
from zoomapi.client.oauth import OAuthAuth
from zoomapi.client.paging import Page, Walk

__all__ = [
    "AccountClient",
    "Answer",
    "Auth",
    "Call",
    "Hooks",
    "JwtAuth",
    "OAuthAuth",
    "Page",
    "Walk",
    "ZoomClient",
    "errors",
]
