"""Which Zoom a person works with: that of the document, or today's."""

from portal.access.scope import Scope
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from zoomapi.spec.limits import Tier
from zoomapi.spec.profiles import CLASSIC, Profile, current


def zoom_of(scope: Scope) -> Profile:
    """The Zoom behind all connections in scope; that of the specification when there are several kinds, or none."""
    mine = SubAccount.objects.for_scope(scope).order_by().values("connection")
    rows = Connection.objects.order_by().filter(is_active=True, pk__in=mine)
    kinds = set(rows.values_list("profile", "tier"))
    zooms = {Connection(profile=profile, tier=tier).zoom.tier for profile, tier in kinds}
    tier = zooms.pop() if len(zooms) == 1 else None
    return current(Tier(tier)) if tier else CLASSIC
