"""How far a job is, how fast it goes, and when it will be done. All of it by query."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from portal.bulk import compare, jobs, recipes, user_looks
from portal.bulk.batches import LEADER
from portal.bulk.calls import PASSED
from portal.bulk.models import INTERACTIVE, OPEN_STATES, Item, ItemState, Job, JobState
from portal.bulk.pace import share
from portal.ui.formats import clock, zone_name
from zoomapi import spec

WINDOW = 60.0  # seconds over which the pace is measured
MOVING = (JobState.RUNNING, JobState.CANCELLING)
HELD = timedelta(seconds=300)  # no pause of a rate, and no time for second thoughts, lasts longer


@dataclass(frozen=True)
class Progress:
    """``counts``: every state with its number of rows; one that travels in another row's call is in that row's state.

    ``rows``: how many there are, of a job some of whose rows need several calls; there calls are counted, else rows.
    ``rate``: calls a second over the last minute. ``first_at``: when the first call is made, of a job that has not
    sent any yet because it cannot be taken back. ``unclear``: how many outcomes are looked up later, ``looks_at``: the
    last of them. ``held_until``: all that waits has been told to come again so much later, as ``held_by`` says.
    """

    counts: dict[str, int]
    rate: float
    seconds_left: float | None
    first_at: datetime | None = None
    rows: int | None = None
    unclear: int = 0
    looks_at: datetime | None = None
    held_until: datetime | None = None
    held_by: str = ""

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        return self.counts[ItemState.DONE] + self.counts[ItemState.SKIPPED]

    @property
    def unit(self) -> str:
        """What is counted, and as what: "rows done"."""
        what = "row" if self.rows is None else "call"
        rest = " or with nothing to do" if self.counts[ItemState.SKIPPED] else ""
        return f"{what}{'' if self.total == 1 else 's'} done{rest}"

    @property
    def shown(self) -> list[tuple[ItemState, int]]:
        """The states that occur, with their labels."""
        return [(state, self.counts[state]) for state in ItemState if self.counts[state]]

    @property
    def ends_at(self) -> datetime | None:
        return None if self.seconds_left is None else timezone.now() + timedelta(seconds=self.seconds_left)

    @property
    def pace(self) -> str:
        """ "9.8 a second, about 12 min left"; empty when nothing is to be told."""
        if self.seconds_left is None:
            return ""
        if self.held_until:
            return f"Waits until {clock(self.held_until)}. {self.held_by} It goes on by itself"
        if self.first_at:
            at = timezone.localtime(self.first_at)
            return f"The first call is made at {at:%H:%M:%S} {zone_name(at)}, and until then the job can be cancelled"
        if self.looks_at and not self.counts[ItemState.PENDING] + self.counts[ItemState.SENDING]:
            return f"Waits {self._look}"
        left = f"about {duration(self.seconds_left)} left" + (f", waits {self._look}" if self.looks_at else "")
        return f"{self.rate:.1f} a second, {left}" if self.rate else left

    @property
    def _look(self) -> str:
        return f"until {clock(self.looks_at)} to look up {self.unclear:,} unclear outcome{'s' * (self.unclear != 1)}"


def progress_of(job: Job) -> Progress:
    return replace(_pace_of(job), rows=_rows_of(job))


def _rows_of(job: Job) -> int | None:
    """How many rows a job has, if some of them need several calls."""
    items = job.items.order_by()
    return items.values("row").distinct().count() if items.filter(step__gt=0).exists() else None


def _pace_of(job: Job) -> Progress:
    counts = jobs.counts(job.pk)
    waiting = sum(counts[state] for state in OPEN_STATES)
    if counts[ItemState.JOINED]:
        counts = with_their_leaders(job, counts)
    if job.state not in MOVING or not waiting:
        return Progress(counts, 0.0, None)
    now = timezone.now()
    if job.state == JobState.RUNNING and (held := held_back(job, now)):
        left = (held.not_before - now).total_seconds() + forecast(job)
        return Progress(counts, 0.0, left, held_until=held.not_before, held_by=held.message)
    if job.state == JobState.RUNNING and (first := first_call(job, now)):
        return Progress(counts, 0.0, (first - now).total_seconds() + forecast(job), first)
    since = max(now - timedelta(seconds=WINDOW), job.started_at or job.created_at)
    lately = Item.objects.filter(job=job, ended_at__gt=since).aggregate(number=Count("id"), first=Min("ended_at"))
    # From the first that ended: a job that was paused, or had its minute for second thoughts, is not slow for that.
    rate = lately["number"] / max((now - (lately["first"] or now)).total_seconds(), 1.0)
    left = waiting / rate if rate else forecast(job)
    unclear, last = looks_of(job, now)
    if last:
        left = max(left, (last - now).total_seconds())
    return Progress(counts, rate, left, unclear=unclear, looks_at=last)


def looks_of(job: Job, now: datetime) -> tuple[int, datetime | None]:
    """How many unclear outcomes the job waits for, and when the last is looked up.

    Also those of other jobs, where a waiting row is about the same object: its call is made after that only.
    """
    waiting = job.items.filter(state=ItemState.PENDING).exclude(object_key="").order_by()
    unclear = Item.objects.filter(state=ItemState.UNKNOWN, not_before__gt=now)
    ours = unclear.filter(Q(job=job) | Q(object_key__in=waiting.values("object_key")))
    found = ours.aggregate(number=Count("id"), last=Max("not_before"))
    return found["number"], found["last"]


def held_back(job: Job, now: datetime) -> Any:
    """The waiting row that comes first, of a job whose rows all wait for long: Zoom's calls of a day are used up."""
    if job.items.filter(state__in=(ItemState.SENDING, ItemState.UNKNOWN)).exists():
        return None
    waiting = job.items.filter(Q(after=None) | Q(after__state__in=PASSED), state=ItemState.PENDING)
    if waiting.filter(Q(not_before=None) | Q(not_before__lte=now + HELD)).exists():
        return None
    return waiting.exclude(message="").order_by("not_before").first()


def first_call(job: Job, now: datetime) -> datetime | None:
    """When the first call is made, of a job that cannot be taken back and has its time for second thoughts."""
    waiting = job.items.filter(state=ItemState.PENDING)
    if waiting.filter(not_before=None).exists() or job.items.filter(attempt__gt=0).exists():
        return None
    first: datetime | None = waiting.aggregate(at=Min("not_before"))["at"]
    return first if first and first > now else None


def with_their_leaders(job: Job, counts: dict[str, int]) -> dict[str, int]:
    """The same counts, with the rows that travel in another row's call counted where that one is."""
    leaders = Item.objects.filter(job=job, row=OuterRef("leader"), step=0)
    joined = Item.objects.filter(job=job, state=ItemState.JOINED).order_by()
    led = (
        joined.annotate(leader=LEADER)
        .annotate(now=Subquery(leaders.values("state")))
        .values_list("now")
        .annotate(number=Count("id"))
    )
    found = {**counts, ItemState.JOINED: 0}
    for state, number in led:
        found[state or ItemState.JOINED] += number
    return found


def of_state(rows: QuerySet[Item], state: str) -> QuerySet[Item]:
    """Those of a job's rows that are in a state; one that travels in another row's call is where that one is."""
    joined = rows.filter(state=ItemState.JOINED).order_by()
    if not joined.exists():
        return rows.filter(state=state)
    leaders = rows.filter(state=state, step=0).order_by().values("row")
    led = joined.annotate(leader=LEADER).filter(leader__in=leaders).values("pk")
    return rows.filter(Q(state=state) | Q(pk__in=led))


def take_leaders_states(items: Iterable[Item]) -> None:
    """Show the rows that travel in another row's call in that one's state. The items are of one job."""
    joined = {item: item.source.get("with") for item in items if item.state == ItemState.JOINED}
    if not joined:
        return
    job = next(iter(joined)).job_id
    leaders = Item.objects.filter(job=job, row__in=set(joined.values()), step=0)
    states = dict(leaders.values_list("row", "state"))
    for item, leader in joined.items():
        item.leader_state = states.get(leader, "")


def forecast(job: Job) -> float:
    """Seconds the waiting calls, and the reads before them, will take at the permitted rates.

    These are shared between the owners of running jobs of the connection; until when, nobody knows.
    """
    waiting = Item.objects.filter(job=job, state__in=OPEN_STATES).exclude(endpoint="").order_by()
    unsent = Count("id", filter=Q(baseline__isnull=True, first_sent=None))
    looks: dict[str, int] = (job.options.get("summary") or {}).get("reads", {})
    calls: Counter[str] = Counter()
    others: Counter[str] = Counter()  # calls that are not about users whom the mirror described
    people: defaultdict[tuple[Any, int], Counter[str]] = defaultdict(Counter)
    counted = waiting.values_list("endpoint", "account", "account__user_total").annotate(
        number=Count("id"), users=Count("id", filter=user_looks.ROWS), fresh=unsent
    )
    for key, account, total, number, users, fresh in counted:
        calls[key] += number
        others[key] += number - users
        people[account, total or 0][key] += users
        for read, times in recipes.baseline_reads(spec.endpoint(key)).items():
            calls[read] += times * fresh
    for (_, total), rows in people.items():
        by_status = sum(rows[key] for key in user_looks.BY_STATUS)
        calls += user_looks.reads_of(rows.total(), by_status, total)
    for key in others.keys() & compare.READS.keys():
        calls[compare.READS[key]] += min(others[key], looks.get(compare.READS[key], 0))
    classes: Counter[Any] = Counter()
    for key, number in calls.items():
        classes[job.connection.zoom.view(spec.endpoint(key)).rate] += number
    pace = {rate: rate.calls * share(job.connection, rate) / rate.period for rate in classes}
    alone = max((number / pace[rate] for rate, number in classes.items()), default=0.0)
    return alone * sharers(job)


def sharers(job: Job) -> int:
    """How many people's jobs share what is permitted, this one's owner included."""
    running = Job.objects.filter(connection=job.connection_id, state=JobState.RUNNING).exclude(lane=INTERACTIVE)
    return 1 + running.exclude(owner=job.owner_id).order_by().values("owner").distinct().count()


def duration(seconds: float) -> str:
    """ "40 s", "12 min", "2 h 50 min"."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
