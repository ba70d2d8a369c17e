"""Two people for what is grave: jobs of many deletions, or of changed plans or payers, wait for another's word.

Three places let a job run (``operations.start``, ``schedule.begin`` and the end of ``preparing``), and each asks here
first. A word is about certain rows, given by their ``version``; other rows need another word. Deciding is in
``approving``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from portal.access.models import Staff
from portal.access.rights import RIGHTS, Right
from portal.access.scope import Scope, scope_of
from portal.audit.verbs import Verb
from portal.bulk import jobs, storage
from portal.bulk.models import Approval, ApprovalState, Item, ItemState, Job, JobState
from zoomapi import spec
from zoomapi.spec.base import Effect

LIFE = timedelta(days=7)
RETURNABLE = frozenset(  # a DELETE at Zoom after which nothing is gone: it can be put back, or signed in again
    {
        *("groups.delete_member", "im_groups.delete_member", "users.delete_assistants", "users.delete_assistant"),
        *("users.delete_schedulers", "users.delete_scheduler", "users.revoke_token"),
    }
)
REMOVED = {
    "accounts.delete": "sub-accounts",
    **{f"{family}.delete": family for family in ("devices", "groups", "meetings", "users", "webinars")},
}
OWN_PAGES = frozenset({"interactive", "onboarding", "subscribe"})  # plans said on a page of their own, for one account
NEW_PLAN = frozenset({"billing.subscribe"})  # for an account that has none yet: what is new is no change of a plan
PAYER = {"accounts.update_options": "pay_mode"}  # the member of a body that decides who is billed: money like a plan
TOO_MANY = (
    "This job would remove {number:,}, and one job may remove {most:,} at most. Nothing was sent. Divide it into"
    " smaller ones, or ask who runs this portal to raise the limit (BULK_MOST_DELETES)."
)
UNAPPROVED = "Skipped: its time came, and no second person who still may do so had approved it. Nothing was sent."
UNASKED = (
    "This removes {number:,} {what}. A job of so many removals otherwise waits for another person's approval; an undo"
    " does not, since it removes only what “{title}” made, and only what is still as that job left it."
)
BEFORE = (JobState.READY, JobState.SCHEDULED)


class TooManyDeletes(Exception):
    """The job may not begin at all; ``str()`` says why."""


@dataclass(frozen=True)
class Gravity:
    """What a job is about to do that one person should not do alone."""

    calls: int
    deletes: int
    money: int

    @property
    def needs_two(self) -> bool:
        return self.deletes > settings.BULK_APPROVAL_DELETES or self.money > 0


def removes(key: str) -> bool:
    """Whether an operation takes something away for good."""
    return spec.endpoint(key).method == "DELETE" and key not in RETURNABLE


def removals(rows: QuerySet[Item]) -> dict[str, int]:
    """How many of these calls take something away, by operation."""
    found = rows.exclude(endpoint="").order_by().values_list("endpoint").annotate(number=Count("id"))
    return {key: number for key, number in found if removes(key)}


def what_goes(keys: Iterable[str]) -> str:
    """What these operations take away: "users", or "objects" where it is of several kinds."""
    kinds = {REMOVED.get(key, "objects") for key in keys if removes(key)}
    return kinds.pop() if len(kinds) == 1 else "objects"


def removal_phrase(found: Mapping[str, int]) -> str:
    """What is typed before so many calls take something away."""
    number, what = sum(found.values()), what_goes(found)
    return f"remove {number} {what.removesuffix('s') if number == 1 else what}"


def calls_of(job: Job) -> QuerySet[Item]:
    """The rows that would be sent."""
    return job.items.filter(state=ItemState.PENDING).exclude(endpoint="")


def gravity(job: Job) -> Gravity:
    calls = deletes = money = 0
    own_page = job.kind in OWN_PAGES
    undo = job.kind == jobs.UNDO  # removes only what another job made, each row checked to be as it was left
    for key, number in calls_of(job).order_by().values_list("endpoint").annotate(number=Count("id")):
        endpoint = spec.endpoint(key)
        calls += number
        deletes += number if removes(key) and not undo else 0
        if endpoint.effect is Effect.MONEY and key not in NEW_PLAN and not own_page:
            money += number
        elif key in PAYER and not own_page:
            money += calls_of(job).filter(endpoint=key, body__has_key=PAYER[key]).count()
    return Gravity(calls, deletes, money)


def unasked(job: Job) -> str:
    """What an undo says that removes as much as another job may not without a second person; else nothing."""
    found = removals(calls_of(job)) if job.kind == jobs.UNDO and job.parent else {}
    number = sum(found.values())
    if number <= settings.BULK_APPROVAL_DELETES:
        return ""
    return UNASKED.format(number=number, what=what_goes(found), title=job.parent)


def check_most(number: int) -> None:
    """Raises TooManyDeletes when no job may remove so many."""
    if number > settings.BULK_MOST_DELETES:
        raise TooManyDeletes(TOO_MANY.format(number=number, most=settings.BULK_MOST_DELETES))


def version_of(job: Job, found: Gravity) -> str:
    """Names the rows: those of a job change only when its file is checked again, as another run."""
    return f"{job.options.get('run', '')}/{found.calls}/{found.deletes}/{found.money}"


def hold(job: Job) -> bool:
    """Whether the job must wait for a second person, who is asked for. Raises TooManyDeletes."""
    found = gravity(job)
    check_most(found.deletes)
    if not found.needs_two or is_granted(job, found):
        if job.awaits_approval:  # for rows that are not there any more
            with storage.write():
                jobs.withdraw(job.pk)
        return False
    ask(job, found)
    return True


def lacks_word(job: Job) -> bool:
    """Whether a second person's word is needed and not there. Asks for nothing."""
    found = gravity(job)
    return found.needs_two and not is_granted(job, found)


def is_granted(job: Job, found: Gravity) -> bool:
    """Whether somebody approved just these rows who may still do so."""
    given = job.approvals.filter(state=ApprovalState.APPROVED, version=version_of(job, found)).select_related(
        "decided_by"
    )
    return any(one.decided_by and may_decide(one.decided_by, job) for one in given)


def ask(job: Job, found: Gravity) -> None:
    """Ask for a second person, once for the same rows."""
    version = version_of(job, found)
    with storage.write():
        locked = storage.locked(Job.objects).select_related("owner", "connection").get(pk=job.pk)
        if locked.state not in BEFORE or job.approvals.filter(state=ApprovalState.WAITING, version=version).exists():
            return
        jobs.withdraw(locked.pk)
        now = storage.now()
        Approval.objects.create(
            job=locked, version=version, deletes=found.deletes, money=found.money, calls=found.calls,
            asked_at=now, expires_at=now + LIFE,
        )  # fmt: skip
        Job.objects.filter(pk=job.pk).update(awaits_approval=True)
        told = f"{found.deletes:,} deletions, {found.money:,} changes of plans or of who pays"
        jobs.tell(Verb.APPROVAL_REQUESTED, locked, locked.owner, message=told)
    job.awaits_approval = True


def expire() -> None:
    """End what nobody decided about in time. Harmless to run at any time."""
    late = Approval.objects.filter(state=ApprovalState.WAITING, expires_at__lte=storage.now())
    for job_id in list(late.values_list("job_id", flat=True)):
        with storage.write():
            job = storage.locked(Job.objects).select_related("connection").get(pk=job_id)
            if not late.filter(job=job).update(state=ApprovalState.EXPIRED, decided_at=storage.now()):
                continue
            why = f"Nobody decided about it within {LIFE.days} days. Nothing was sent."
            jobs.tell(Verb.APPROVAL_EXPIRED, job, None, message=why)
            end(job, None, why)


def skip(job: Job) -> bool:
    """End a job whose time has come and that lacks the word of a second person. False when it does not lack it."""
    with storage.write():
        storage.locked(Job.objects).get(pk=job.pk)  # nobody decides at this moment
        if not lacks_word(job):
            return False
        end(job, None, UNAPPROVED)
    return True


def end(job: Job, actor: Staff | None, why: str) -> None:
    """The job does not run. Its page says why."""
    jobs.cancel(job.pk, actor, why)
    Job.objects.filter(pk=job.pk).update(paused_reason=why[:300])


def may_decide(person: Staff, job: Job) -> bool:
    """Another person with the same right, for all sub-accounts that the rows are about."""
    scope = scope_of(person)
    return person.pk != job.owner_id and scope.may(Right(job.right)) and covers(scope, job)


def covers(scope: Scope, job: Job) -> bool:
    return scope.everywhere or not calls_of(job).exclude(account__in=scope.accounts or ()).exists()


def waiting_for(scope: Scope) -> QuerySet[Approval]:
    """What a person can decide about now."""
    rights = [str(right) for right in RIGHTS.get(scope.role, ())]
    found = Approval.objects.filter(state=ApprovalState.WAITING, expires_at__gt=Now(), job__right__in=rights)
    found = found.exclude(job__owner_id=scope.staff_id)
    if not scope.everywhere:
        calls = Item.objects.filter(job=OuterRef("job"), state=ItemState.PENDING).exclude(endpoint="")
        inside = Q(account__in=scope.accounts or ())
        found = found.filter(~Exists(calls.exclude(inside)))
    return found.select_related("job__owner").order_by("asked_at")
