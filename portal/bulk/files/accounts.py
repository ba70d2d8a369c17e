"""Which sub-account a text means: its name, its Zoom id or its owner's e-mail; only within a scope."""

from collections import defaultdict
from dataclasses import dataclass

from portal.access.scope import Scope
from portal.bulk.files.refusal import Bad
from portal.directory.models import SubAccount
from portal.gateway.models import Connection


@dataclass(frozen=True)
class Account:
    """What a plan needs of a sub-account. ``seats`` and ``used`` are None when not known."""

    pk: int
    zoom_id: str
    name: str
    seats: int | None
    used: int | None
    mirrored: bool
    users: int = 0  # as far as it is known


class AccountIndex:
    """Sub-accounts of a connection that a scope covers and that are still there, by every way to name them."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        rows = SubAccount.objects.for_scope(scope).filter(connection=connection, gone_since=None).order_by("pk")
        self.by_pk: dict[int, Account] = {}
        self._by_id: dict[str, int] = {}
        self._by_text: defaultdict[str, list[int]] = defaultdict(list)
        fields = ("pk", "zoom_id", "name", "owner_email", "seats", "plan_hosts", "seats_used", "users_at",
                  "user_total")  # fmt: skip
        for pk, zoom_id, name, owner, seats, hosts, used, users_at, users in rows.values_list(*fields).iterator():
            total = seats if seats is not None else hosts
            called, mirrored = name or owner or zoom_id, users_at is not None
            self.by_pk[pk] = Account(pk, zoom_id, called, total, used, mirrored, users or 0)
            self._by_id[zoom_id] = pk
            for text in {name.strip().casefold(), owner.strip().casefold()} - {""}:
                self._by_text[text].append(pk)

    def __len__(self) -> int:
        return len(self.by_pk)

    def find(self, text: str) -> Account:
        """Return the sub-account of that id, name or owner; ``Bad`` when none or several fit."""
        pk = self._by_id.get(text)
        if pk is not None:
            return self.by_pk[pk]
        hits = self._by_text.get(text.casefold(), [])
        if len(hits) == 1:
            return self.by_pk[hits[0]]
        if hits:
            ids = ", ".join(self.by_pk[hit].zoom_id for hit in hits[:5])
            raise Bad(f"{len(hits)} sub-accounts are called this. Write the account id instead: {ids}.")
        raise Bad("No such sub-account. Write its name, its account id or its owner's e-mail address.")
