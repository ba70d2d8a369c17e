"""What needs a person: running and failed work, plans about to end, seats nearly used, a stale mirror."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F, FloatField, Max, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from portal.access.scope import Scope
from portal.bulk.approval import waiting_for
from portal.bulk.discarding import UNSTARTED
from portal.bulk.models import Approval, Item, ItemState, Job, JobState
from portal.bulk.twins import unsettled
from portal.directory.models import SubAccount
from zoomapi.spec.catalogue import BASE_PLANS

NEARLY_USED = 0.9
SOON = timedelta(days=30)
SHOWN = 8
LIVE_JOBS = (JobState.VALIDATING, JobState.PREPARING, JobState.RUNNING, JobState.PAUSED, JobState.CANCELLING)
OPEN_ENDED = (JobState.READY, JobState.NEEDS_REVIEW, JobState.DONE_WITH_ERRORS)


@dataclass(frozen=True)
class Group:
    """Some rows of one kind: the first few, and how many there are."""

    rows: list[SubAccount]
    total: int


def first(rows: QuerySet[SubAccount]) -> Group:
    found = list(rows[: SHOWN + 1])
    return Group(found[:SHOWN], len(found) if len(found) <= SHOWN else rows.count())


def live(scope: Scope) -> QuerySet[SubAccount]:
    return SubAccount.objects.for_scope(scope).filter(gone_since=None, is_master=False)


def trials(scope: Scope) -> Group:
    return first(live(scope).filter(plan_type="trial").order_by("subscription_end_time", "name"))


def legacy(scope: Scope) -> Group:
    """Accounts on a plan that is no longer in the catalogue: Zoom shows it and refuses to change it."""
    return first(live(scope).exclude(plan_type="").exclude(plan_type__in=BASE_PLANS).order_by("name"))


def seats(scope: Scope) -> Group:
    share = Cast("seats_used", FloatField()) / F("plan_hosts")
    rows = live(scope).filter(plan_hosts__gt=0, seats_used__isnull=False).annotate(share=share)
    return first(rows.filter(share__gte=NEARLY_USED).order_by("-share", "name"))


def ending(scope: Scope) -> Group:
    until = timezone.now() + SOON
    return first(live(scope).filter(subscription_end_time__lte=until).order_by("subscription_end_time", "name"))


def unread(scope: Scope) -> Group:
    return first(live(scope).exclude(sync_problem="").order_by("name"))


def jobs(scope: Scope, states: tuple[JobState, ...]) -> list[Job]:
    """The latest jobs in those states, each with how many of its items failed or wait for a decision.

    Those that nobody started are counted only: they would fill the page.
    """
    recent = timezone.now() - timedelta(days=7)
    rows = Job.objects.for_scope(scope).filter(state__in=states, created_at__gte=recent).exclude(kind="interactive")
    rows = rows.exclude(UNSTARTED).exclude(~Q(owner_id=scope.staff_id), state=JobState.READY)
    counted = rows.select_related("owner").annotate(
        failed=Count("items", filter=Q(items__state=ItemState.FAILED)),
        undecided=Count("items", filter=Q(items__state=ItemState.REVIEW)),
    )
    return list(counted.order_by("-created_at")[:SHOWN])


def unstarted(scope: Scope) -> int:
    """How many of the person's own jobs were not started: only its owner can start a job."""
    return Job.objects.filter(UNSTARTED, owner_id=scope.staff_id).count()


def approvals(scope: Scope) -> list[Approval]:
    """Jobs of others that wait for this person's word, the longest first."""
    return list(waiting_for(scope)[:SHOWN])


def twins(scope: Scope) -> list[Item]:
    """Rows beside whose thing Zoom has a second copy, the latest first; one more than are shown, where there are more.

    Resellers see those in their accounts, whoever has run the job.
    """
    rows = unsettled(scope).select_related("account").annotate(found_at=Max("twins__found_at"))
    return list(rows.order_by("-found_at", "pk")[: SHOWN + 1])


def undecided(scope: Scope) -> int:
    """Items anywhere that wait for a person's decision."""
    return Item.objects.filter(state=ItemState.REVIEW, job__in=Job.objects.for_scope(scope)).count()
