"""Scope: which sub-accounts a person may touch, and with which rights. Every read and every call starts from one."""

from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Now

from portal.access.models import Grant, Staff
from portal.access.rights import RIGHTS, SYSTEM, Right, Role


@dataclass(frozen=True)
class Scope:
    """``accounts`` holds primary keys of sub-accounts; None means all of them."""

    staff_id: int
    role: str
    accounts: frozenset[int] | None

    def may(self, right: Right) -> bool:
        return right in RIGHTS.get(self.role, frozenset())

    def covers(self, account_id: int) -> bool:
        return self.accounts is None or account_id in self.accounts

    @property
    def everywhere(self) -> bool:
        return self.accounts is None

    def where(self, field: str) -> Q:
        """A filter that keeps rows whose ``field`` (a sub-account's key) is in scope."""
        return Q() if self.accounts is None else Q(**{f"{field}__in": self.accounts})


def scope_of(staff: Staff) -> Scope:
    """The scope of a person now: disabled people have no rights, expired grants do not count."""
    return scope_by(staff.pk, staff.role, is_active=staff.is_active)


def scope_by(staff_id: int, role: str, *, is_active: bool) -> Scope:
    """The same, told by what it depends on."""
    if not is_active:
        return Scope(staff_id, "", frozenset())
    if role != Role.RESELLER:
        return Scope(staff_id, role, None)
    # By the database's clock, which all processes share: none of them ends a grant early, or lets it live on.
    live = Grant.objects.filter(Q(expires_at=None) | Q(expires_at__gt=Now()), staff_id=staff_id)
    return Scope(staff_id, role, frozenset(live.values_list("account_id", flat=True)))


SYSTEM_SCOPE = Scope(0, SYSTEM, None)
