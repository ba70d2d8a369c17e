"""How fresh and how complete the mirror is, for the accounts a person sees."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils import timezone

from portal.access.scope import Scope
from portal.directory.models import SubAccount, Sync


@dataclass(frozen=True)
class Freshness:
    """``complete`` of ``total`` sub-accounts have all their users in the mirror, the oldest read at ``as_of``."""

    total: int
    complete: int
    problems: int
    as_of: datetime | None
    running: bool

    @property
    def is_complete(self) -> bool:
        return self.complete == self.total

    @property
    def is_stale(self) -> bool:
        limit = timedelta(minutes=2 * settings.SYNC_EVERY_MINUTES)
        return self.as_of is not None and timezone.now() - self.as_of > limit


def freshness(scope: Scope) -> Freshness:
    """One aggregate over the accounts in scope, and one look for a running sync."""
    live = SubAccount.objects.for_scope(scope).filter(gone_since=None, is_master=False)
    found = live.aggregate(
        total=Count("pk"),
        complete=Count("pk", filter=Q(users_at__isnull=False)),
        problems=Count("pk", filter=~Q(sync_problem="")),
        as_of=Min("users_at"),
    )
    return Freshness(**found, running=Sync.objects.filter(state=Sync.State.RUNNING).exists())
