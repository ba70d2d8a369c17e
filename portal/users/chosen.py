"""Which users are meant, and what one change would do to them: counted in the mirror, just now."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet
from django.http import QueryDict

from portal.access.scope import Scope
from portal.bulk.selection import NOT_WHILE_PENDING, Change, Kind, SelectionRefused
from portal.directory.models import MirrorGroup, MirrorUser, SubAccount
from portal.directory.records import LICENSED_TYPES
from portal.users.filters import chosen_account, filtered
from portal.users.removal import TRANSFERS
from portal.users.seats import seats_of

MOST = 100_000
NAMED = 5  # sub-accounts named in a sentence, the rest is counted
LISTED = 300  # groups offered by name


@dataclass(frozen=True)
class Chosen:
    """Ticked rows (``ids``), or with ``ids`` None all rows that match the filters' text."""

    users: QuerySet[MirrorUser]
    ids: tuple[int, ...] | None
    count: int


def chosen(scope: Scope, params: QueryDict) -> Chosen:
    """Read the choice from an address: ``ids=1.2.3``, or ``all=1`` with ``filters``. Raises SelectionRefused."""
    if params.get("all") == "1":
        return everything(scope, QueryDict(params.get("filters", "")))
    words = params.get("ids", "").split(".")
    if not all(word.isascii() and word.isdigit() and len(word) < 19 for word in words):
        raise SelectionRefused("No user was chosen. Tick some, then choose what to do.")
    ids = tuple(dict.fromkeys(int(word) for word in words))
    users = MirrorUser.objects.for_scope(scope).filter(pk__in=ids, account__gone_since=None)
    count = users.count()
    if count < len(ids):
        raise SelectionRefused("Some of the chosen users are not there any more. Nothing was done. Choose again.")
    return Chosen(users, ids, count)


def everything(scope: Scope, filters: QueryDict) -> Chosen:
    """All that match. A filter that cannot be read must not mean "no filter" here."""
    found = filtered(scope, filters, chosen_account(scope, filters))
    if not found.form.is_valid():
        raise SelectionRefused("One of the filters could not be understood, so nothing was chosen. Filter again.")
    count = found.qs.order_by()[: MOST + 1].count()
    if count > MOST:
        raise SelectionRefused(f"More than {MOST:,} users match. Narrow the list, and do it in parts.")
    if not count:
        raise SelectionRefused("No user matches any more. Nothing was done.")
    return Chosen(found.qs.order_by(), None, count)


def group_names(users: QuerySet[MirrorUser]) -> list[str]:
    """Names of the groups in the sub-accounts of the chosen users."""
    rows = MirrorGroup.objects.filter(account__in=users.order_by().values("account").distinct())
    return list(rows.order_by("name").values_list("name", flat=True).distinct()[:LISTED])


def consequences(chosen: Chosen, change: Change) -> list[str]:
    """Whole sentences: whom it concerns, for whom it cannot be done, for whom nothing changes, which seats it needs."""
    users = chosen.users.order_by()
    accounts = users.aggregate(n=Count("account", distinct=True))["n"]
    impossible = users.filter(blocked(change))
    same = users.exclude(blocked(change)).filter(unchanged(change, users))
    left_out, already = impossible.count(), same.count()
    sentences = [f"{chosen.count:,} user{_s(chosen.count)} in {accounts:,} sub-account{_s(accounts)} chosen."]
    if left_out:
        why = "invited users who have not accepted, and owners" if _spares_owners(change) else "they have not accepted"
        sentences.append(f"For {left_out:,} of them it cannot be done ({why}); they are left as they are.")
    if already:
        sentences.append(f"{already:,} {'is' if already == 1 else 'are'} so already; nothing is sent for them.")
    number = chosen.count - left_out - already
    sentences.append(
        f"{number:,} change{_s(number)} will be sent to Zoom; each user has a result of their own. Right before it, "
        "each is compared with Zoom: who was changed there meanwhile is left alone."
    )
    return [*sentences, *outcome(change), *seat_sentences(users.exclude(blocked(change)), change)]


def _s(number: int) -> str:
    return "" if number == 1 else "s"


def _spares_owners(change: Change) -> bool:
    return change.removes or change.kind == Kind.DEACTIVATE


def blocked(change: Change) -> Q:
    """Users for whom Zoom would refuse it."""
    found = Q(status="pending") if change.kind in NOT_WHILE_PENDING else Q(pk__in=[])
    return found | Q(zoom_id=F("account__owner_id")) if _spares_owners(change) else found


def unchanged(change: Change, users: QuerySet[MirrorUser]) -> Q:
    """Users who are as wanted already. Membership of groups is judged user by user when the job is written."""
    match change.kind:
        case Kind.ACTIVATE:
            return Q(status="active")
        case Kind.DEACTIVATE:
            return Q(status="inactive")
        case Kind.TYPE:
            return Q(type=change.value)
        case Kind.DEPARTMENT:
            return Q(dept=change.value)
    return Q(pk__in=[])


def outcome(change: Change) -> list[str]:
    """What it means for the people."""
    if change.kind == Kind.DEACTIVATE:
        return ["They cannot sign in any more. Their settings, meetings and recordings are kept."]
    if change.kind == Kind.DISASSOCIATE:
        return ["They leave their sub-accounts for good and keep existing as free accounts.", *_handed_over(change)]
    if change.kind == Kind.DELETE:
        return ["They are deleted for ever, with everything that is not handed over.", *_handed_over(change)]
    if change.kind == Kind.GROUP:
        return ["Users of sub-accounts without a group of that name, and members already, are left as they are."]
    if change.kind == Kind.LEAVE:
        return [
            "Users of sub-accounts without a group of that name, and those who are no members, are left as they are."
        ]
    return []


def _handed_over(change: Change) -> list[str]:
    if not change.transfers:
        return ["Nothing is handed over to another user."]
    what = ", ".join(TRANSFERS[f"transfer_{name}"] for name in change.transfers)
    return [
        f"{change.transfer_email} takes over: {what}.",
        "Users of sub-accounts without that active user are left as they are.",
    ]


def seat_sentences(users: QuerySet[MirrorUser], change: Change) -> list[str]:
    """Sub-accounts whose free seats do not suffice, told before anything is sent."""
    if change.kind == Kind.TYPE and change.value in LICENSED_TYPES:
        needing = users.exclude(type__in=LICENSED_TYPES).exclude(status="inactive")
    elif change.kind == Kind.ACTIVATE:
        needing = users.filter(type__in=LICENSED_TYPES, status="inactive")
    else:
        return []
    needed = dict(needing.values_list("account").annotate(n=Count("pk")))
    short = []
    for account in SubAccount.objects.filter(pk__in=needed).order_by("name", "pk"):
        free = seats_of(account).free
        if free is not None and free < needed[account.pk]:
            short.append(f"{account} needs {needed[account.pk]:,} and has {free:,}")
    if not short:
        total = sum(needed.values())
        are = "it is" if total == 1 else "they are"
        return [f"{total:,} seat{_s(total)} needed; as far as the portal knows {are} free."] if total else []
    return [f"Not enough seats: {_some(short)}. Zoom will refuse the users who do not fit."]


def _some(texts: Sequence[str]) -> str:
    more = len(texts) - NAMED
    return "; ".join(texts[:NAMED]) + (f"; and {more:,} more sub-accounts" if more > 0 else "")
