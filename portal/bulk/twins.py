"""Second copies: things at Zoom beside the one that a creation was to make, which Zoom would not refuse.

A process that is frozen between its last look at the claim and the send for longer than the settle time creates what
another process, which had looked twice and found nothing, has created meanwhile. Nothing here can prevent that, so it
is found: at once where the late process still writes its result, else at night (see ``twin_finder``). A person decides.
"""

from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet

from portal.access.models import Staff
from portal.access.scope import Scope
from portal.audit import log
from portal.audit.models import Entry, Phase
from portal.audit.verbs import Verb
from portal.bulk import storage
from portal.bulk.models import Item, ItemState, Twin
from zoomapi import spec
from zoomapi.spec.base import Effect


def can_double(item: Item) -> bool:
    return bool(item.endpoint) and spec.endpoint(item.endpoint).effect is Effect.CREATE


def thing(item: Item) -> str:
    """What the item creates, in a word or two: its operation's title without the verb and the article."""
    _, _, rest = str(spec.endpoint(item.endpoint).title).partition(" ")
    return rest.removeprefix("an ").removeprefix("a ").partition(" to ")[0]


def tell_late(item: Item) -> None:
    """Report what results that came too late had made, once the row is done with another thing.

    While it is not done yet, a look may still adopt what the late send made. A part of the caller's transaction.
    """
    if not can_double(item):
        return
    done = Item.objects.filter(pk=item.pk, state=ItemState.DONE).exclude(remote_id="")
    row = done.select_related("job__connection", "account").first()  # who came late holds an old picture of it
    if row is not None:
        report(row, late_ids(row) - {row.remote_id})


def late_ids(item: Item) -> set[str]:
    """Ids of what was made by sends whose result lost its claim: only the audit keeps them."""
    outcomes = Entry.objects.filter(operation=item.operation, phase=Phase.OUTCOME, result="fenced")
    return {str(after["id"]) for after in outcomes.values_list("after", flat=True) if after and after.get("id")}


def report(item: Item, ids: Iterable[str]) -> list[str]:
    """Keep second copies and tell the audit of them, within the caller's transaction; those known already are left."""
    new = [one for one in sorted(set(ids)) if Twin.objects.get_or_create(item=item, zoom_id=one)[1]]
    if new:
        _note(Verb.TWIN_FOUND, item, new, None, message=words(item, new))
    return new


def words(item: Item, ids: Collection[str]) -> str:
    """The finding for a person."""
    known = ", ".join(one for one in ids if one) or "unknown"
    sent = "sent this creation more than once" if item.sends > 1 else "did not learn at once whether its own was made"
    more = f"another {thing(item)}" if len(ids) == 1 else f"{len(ids)} other {thing(item)}s"
    name = item.label or item.remote_key or "without a name"
    return (
        f"Zoom has {more} “{name[:120]}” (id {known}) made at about the same time; the portal {sent}."
        " Please compare them and remove one."
    )


def seen_by(scope: Scope) -> Q:
    """Items in accounts of this scope; of those in no account, a person who does not see all has their own only."""
    return Q() if scope.everywhere else scope.where("account_id") | Q(account=None, job__owner_id=scope.staff_id)


def unsettled(scope: Scope) -> QuerySet[Item]:
    """Items with second copies about which nobody has decided, as far as this person may see them."""
    return Item.objects.filter(seen_by(scope), pk__in=Twin.objects.filter(settled_at=None).values("item"))


def settle(item: Item, actor: Staff, reason: str = "") -> bool:
    """Take a person's word that the second copies of an item need nobody any more. False when it was given before."""
    with storage.write():
        waiting = list(storage.locked(Twin.objects).filter(item=item, settled_at=None))
        if not waiting:
            return False
        keys = [twin.pk for twin in waiting]
        Twin.objects.filter(pk__in=keys).update(settled_at=storage.now(), settled_by=actor, reason=reason)
        _note(Verb.TWIN_SETTLED, item, [twin.zoom_id for twin in waiting], actor, reason=reason)
    return True


def _note(verb: Verb, item: Item, ids: list[str], actor: Staff | None, *, message: str = "", reason: str = "") -> None:
    log.record(
        verb,
        actor=actor,
        account=item.account,
        connection=item.job.connection,
        target=item.label or item.remote_key or "",
        reason=reason,
        after={"id": item.remote_id, "others": ids} if item.remote_id else {"others": ids},
        message=message,
        operation=item.operation,
    )
