"""One user as Zoom describes it now, and the mirror row beside it. Secrets (host key, tokens) never leave here."""

from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone

from portal.bulk.calls import without_secrets
from portal.directory import records
from portal.directory.asking import account_or_404, reader
from portal.directory.models import MirrorUser, SubAccount
from zoomapi import spec
from zoomapi.client.errors import NotFound
from zoomapi.spec.catalogue import USER_STATUSES

RESERVED = ("me",)  # names the owner of the credentials, whoever's sub-account the address says
GONE = (1001, 1010)  # codes: no such user; not in this account
CACHED = ("group_ids", "last_login_time", "last_client_version", "dept", "pmi", "timezone", "created_at")


@dataclass(frozen=True)
class Member:
    """A user of a sub-account in scope. ``live`` is Zoom's answer without its secrets."""

    account: SubAccount
    user_id: str
    live: dict[str, Any] = field(default_factory=dict)
    row: MirrorUser | None = None

    @property
    def email(self) -> str:
        return str(self.live.get("email") or (self.row.email if self.row else "") or self.user_id)

    @property
    def name(self) -> str:
        names = (self.live.get("first_name"), self.live.get("last_name"))
        return " ".join(str(name) for name in names if name) or (self.row.full_name if self.row else "")

    @property
    def status(self) -> str:
        """Zoom's answer about one user may leave the status out; the lists, and so the mirror, tell it."""
        return str(self.live.get("status") or (self.row.status if self.row else ""))

    @property
    def is_pending(self) -> bool:
        return self.status == "pending"

    @property
    def is_owner(self) -> bool:
        owners = {self.account.owner_id, self.account.owner_email.casefold()} - {""}
        return bool(owners & {self.user_id, self.email.casefold()})

    def __str__(self) -> str:
        return self.name or self.email


def mirrored(request: HttpRequest, account_id: int, user_id: str) -> Member:
    """The user as the mirror knows it; ``row`` is None for one that was not read yet."""
    account = account_or_404(request, account_id)
    if user_id.casefold() in RESERVED:
        raise Http404
    row = MirrorUser.objects.filter(account=account, zoom_id=user_id).first()
    return Member(account, user_id, {}, row)


def read(request: HttpRequest, account_id: int, user_id: str) -> Member:
    """The user as Zoom has it now, brought into the mirror.

    Raises Http404 for what the person may not see or nobody has, ``NotFound`` for one that was there when the mirror
    was read, any other ``ZoomError`` when Zoom cannot be read.
    """
    known = mirrored(request, account_id, user_id)
    try:
        live = reader(request, known.account).users.get(user_id) or {}
    except NotFound as error:
        if known.row is None:
            raise Http404 from None
        if error.code in GONE:
            known.row.delete()
            records.recount(known.account)
        raise
    told = str(live.get("account_id") or "")
    if told and not known.account.is_master and told != known.account.zoom_id:
        raise Http404
    live = without_secrets(spec.endpoint("users.get"), live)
    zoom_id = str(live.get("id") or user_id)
    row = known.row or MirrorUser.objects.filter(account=known.account, zoom_id=zoom_id).first()
    return Member(known.account, zoom_id, live, refreshed(known.account, row, live))


def refreshed(account: SubAccount, row: MirrorUser | None, live: dict[str, Any]) -> MirrorUser | None:
    """Write what Zoom just said into the mirror. Without a known status there is no row to write."""
    status = str(live.get("status") or "")
    status = status if status in USER_STATUSES else (row.status if row else "")
    if not status or not live.get("id"):
        return row
    if row:
        # What this answer leaves out is not news.
        held = {name: getattr(row, name) for name in CACHED}
        live = {**{name: value for name, value in held.items() if value not in (None, "", [])}, **live}
    records.save_users([records.user_row(account, live, status=status, seen_at=timezone.now())])
    return MirrorUser.objects.filter(account=account, zoom_id=str(live["id"])).first()
