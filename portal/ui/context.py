"""What the frame of every page needs. No query is made here: a page's own view pays for its data."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from portal.ui import nav


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give the frame its navigation, as far as the signed-in person's rights go."""
    sign_in_url = nav.address(settings.LOGIN_URL)
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"sign_in_url": sign_in_url}
    scope = getattr(request, "scope", None)

    def may(right: str) -> bool:
        return scope is not None and bool(scope.may(right))

    match = request.resolver_match
    role = getattr(scope, "role", "")
    return {
        "nav": nav.sections(may, request.path, match.view_name if match else "", getattr(request, "place", "")),
        "person_links": [link for _, link in nav.links(nav.PERSON, may)],
        "sign_in_url": sign_in_url,
        "sign_out_url": nav.address("account_logout"),
        "search_url": nav.address("directory:search"),
        "switcher_url": nav.address("directory:switcher"),
        "environment": "Sandbox" if getattr(settings, "SANDBOX", False) else "",
        "role": getattr(role, "label", str(role)),
        "zone": str(timezone.get_current_timezone()),
    }
