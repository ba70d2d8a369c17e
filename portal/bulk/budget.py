"""How the calls that Zoom permits are used: each rate class now, the day's counts, and by whom."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import F, Q, Sum
from django.utils import timezone

from portal.access.models import Staff
from portal.bulk.models import Item, Job, JobState
from portal.directory.models import SubAccount
from portal.gateway.credentials import auth_of
from portal.gateway.models import Connection, Usage
from portal.gateway.permits import permits
from portal.gateway.usage import today
from zoomapi.client.errors import NoPermit
from zoomapi.spec.limits import RATE_CLASSES, TODAY, RateClass, Tier

LISTED = 15
PORTAL = "The portal itself (mirror)"
MASTER = "The master account"


@dataclass(frozen=True)
class ClassUse:
    """One rate class of one connection. ``used`` and ``left`` are of the day's cap, None where there is none.

    ``spent_until``: when its count starts again, where Zoom said that the day's calls are used up.
    """

    rate: RateClass
    busy: int
    paused: float
    margin: float
    today: int
    people: int
    used: int | None
    problem: str = ""
    spent_until: datetime | None = None

    @property
    def name(self) -> str:
        return self.rate.label or self.rate.name.replace("-", " ").capitalize()

    @property
    def left(self) -> int | None:
        return None if self.used is None or self.rate.per_day is None else max(self.rate.per_day - self.used, 0)


def day_ends() -> datetime:
    """When the counts of this day begin anew."""
    return datetime.combine(today() + timedelta(days=1), time(), tzinfo=UTC)


def classes_of(connection: Connection) -> list[RateClass]:
    found = TODAY[Tier(connection.tier)] if connection.is_current else RATE_CLASSES
    return list(found.values())


def uses(connection: Connection) -> list[ClassUse]:
    rows = Usage.objects.filter(day=today(), connection=connection.pk).values_list("rate", "lane")
    counts = {(rate, lane): calls for rate, lane, calls in rows.annotate(number=Sum("calls"))}
    return [_use(connection, rate, counts) for rate in classes_of(connection)]


def _use(connection: Connection, rate: RateClass, counts: dict[tuple[str, str], int]) -> ClassUse:
    people = counts.get((rate.name, "interactive"), 0)
    made = people + counts.get((rate.name, "bulk"), 0)
    keeper, credential = permits(), auth_of(connection).identity
    try:
        now = keeper.standing(credential, rate)
        used = keeper.used_today(credential, rate)
        spent = keeper.spent_for(credential, rate)
    except NoPermit as problem:
        return ClassUse(rate, 0, 0.0, 0.0, made, people, None, str(problem))
    until = timezone.now() + timedelta(seconds=spent) if spent else None
    return ClassUse(rate, min(now.busy, rate.calls), now.paused, now.margin, made, people, used, spent_until=until)


def by_person(connection: Connection) -> list[tuple[str, int]]:
    found = _callers(connection, "actor")
    names = {staff.pk: str(staff) for staff in Staff.objects.filter(pk__in=[key for key, _ in found[:LISTED]])}
    return _named(found, names, PORTAL)


def by_account(connection: Connection) -> list[tuple[str, int]]:
    found = _callers(connection, "account")
    keys = [key for key, _ in found[:LISTED]]
    names = {account.pk: str(account) for account in SubAccount.objects.filter(pk__in=keys)}
    return _named(found, names, MASTER)


def _callers(connection: Connection, name: str) -> list[tuple[int, int]]:
    rows = Usage.objects.filter(day=today(), connection=connection.pk).values_list(name)
    return list(rows.annotate(number=Sum("calls")).order_by("-number", name))


def _named(found: list[tuple[int, int]], names: dict[int, str], without: str) -> list[tuple[str, int]]:
    """Those with the most calls, and the others in one row, so that the calls add up to those of the day."""
    told = [(names.get(key, without), calls) for key, calls in found[:LISTED]]
    rest = [calls for _, calls in found[LISTED:]]
    return [*told, (others(len(rest)), sum(rest))] if rest else told


def others(number: int) -> str:
    return f"{number:,} other{'' if number == 1 else 's'}"


def by_job(connection: Connection) -> list[dict[str, Any]]:
    """Sends of the day by job, told by the items themselves."""
    midnight = datetime.combine(today(), time(), tzinfo=UTC)
    live = Job.objects.filter(Q(ended_at=None) | Q(ended_at__gte=midnight), connection=connection, lane="bulk")
    sent = Item.objects.filter(job__in=live.exclude(started_at=None), sent_at__gte=midnight).order_by()
    found = sent.values_list("job").annotate(number=Sum(F("attempt") + F("sent_before"))).order_by("-number")
    rows = list(found)
    jobs = Job.objects.select_related("owner").in_bulk([pk for pk, _ in rows[:LISTED]])
    told: list[dict[str, Any]] = [{"job": jobs[pk], "calls": calls} for pk, calls in rows[:LISTED]]
    rest = [calls for _, calls in rows[LISTED:]]
    return [*told, {"others": others(len(rest)), "calls": sum(rest)}] if rest else told


def paused(connection: Connection) -> list[Job]:
    found = Job.objects.filter(connection=connection, state=JobState.PAUSED).select_related("owner")
    return list(found.order_by("-created_at")[:LISTED])
