"""Fault U18: jobs that remove many things, or change plans, wait for a second person."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from portal.access.models import Grant, Staff
from portal.access.rights import Role
from portal.access.scope import scope_of
from portal.audit.models import Entry
from portal.bulk import approval, jobs, operations, preparing, retrying, schedule
from portal.bulk.approving import OwnRequest, Stale, decide
from portal.bulk.models import ApprovalState, ItemState, Job, JobState
from portal.bulk.operations import Step
from portal.bulk.selection import Change, Kind, SelectionRefused, plan_users
from portal.bulk.sweeper import sweep
from portal.directory.models import SubAccount
from tests.portal.bulk.files.conftest import user_in
from tests.support.cast import person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def threshold(settings: Settings) -> None:
    settings.BULK_APPROVAL_DELETES = 2


def removal(owner: Staff, account: SubAccount, number: int = 3) -> Job:
    people = [user_in(account, f"u{n}@x.example") for n in range(number)]
    change = Change(Kind.DELETE)
    return plan_users(scope_of(owner), owner, [user.pk for user in people], change, reason="They left")


def plans(owner: Staff, account: SubAccount, kind: str) -> Job:
    step = Step(account=account, endpoint="billing.add_addon", body={"type": "large_500", "hosts": 1})
    return operations.plan(
        scope=scope_of(owner), actor=owner, connection=account.connection, kind=kind, title="Plans", steps=[step]
    )


def asked(owner: Staff, account: SubAccount, number: int = 3) -> Job:
    job = removal(owner, account, number)
    assert operations.start(job, owner) is False
    job.refresh_from_db()
    return job


def word(job: Job, actor: Staff, *, approve: bool = True, reason: str = "", version: str = "") -> None:
    decide(job, actor, approve=approve, reason=reason, version=version or job.approvals.all()[0].version)


def state(job: Job) -> tuple[str, bool, list[str]]:
    job.refresh_from_db()
    return job.state, job.awaits_approval, [one.state for one in job.approvals.all()]


def told(job: Job) -> list[str]:
    return list(Entry.objects.filter(operation=str(job.pk)).order_by("number").values_list("verb", flat=True))


def test_fault_U18_more_deletes_than_the_threshold_wait_and_run_once_approved(
    olga: Staff, adam: Staff, acme: SubAccount
) -> None:
    job = asked(olga, acme)
    assert state(job) == (JobState.READY, True, [ApprovalState.WAITING])
    assert operations.start(job, olga) is False
    sweep()
    assert state(job) == (JobState.READY, True, [ApprovalState.WAITING])
    word(job, adam, reason="Seen")
    assert state(job) == (JobState.RUNNING, False, [ApprovalState.APPROVED])
    soonest = job.items.order_by("not_before")[0].not_before
    assert soonest is not None
    assert soonest > timezone.now() + timedelta(seconds=50)
    assert told(job) == ["job_created", "approval_requested", "job_approved", "job_started"]


def test_fault_U18_up_to_the_threshold_one_person_is_enough(olga: Staff, acme: SubAccount) -> None:
    assert operations.start(removal(olga, acme, 2), olga) is True


def test_fault_U18_who_asks_cannot_approve(olga: Staff, acme: SubAccount) -> None:
    job = asked(olga, acme)
    with pytest.raises(OwnRequest):
        word(job, olga)
    assert state(job) == (JobState.READY, True, [ApprovalState.WAITING])


def test_fault_U18_declining_ends_the_job_and_says_why(olga: Staff, adam: Staff, acme: SubAccount) -> None:
    job = asked(olga, acme)
    word(job, adam, approve=False, reason="Wrong list")
    assert state(job) == (JobState.CANCELLED, False, [ApprovalState.DECLINED])
    assert job.paused_reason == "Declined by Adam: Wrong list"
    assert set(job.items.values_list("state", flat=True)) == {ItemState.CANCELLED}
    assert told(job)[:3] == ["job_created", "approval_requested", "job_declined"]


def test_fault_U18_of_two_who_decide_the_first_counts(olga: Staff, adam: Staff, acme: SubAccount) -> None:
    job = asked(olga, acme)
    version = job.approvals.get().version
    word(job, adam)
    word(job, adam, version=version)  # a double click
    with pytest.raises(Stale, match="Adam has decided before you: approved"):
        word(job, person("Otto", Role.OPERATOR), approve=False, reason="No", version=version)
    assert state(job) == (JobState.RUNNING, False, [ApprovalState.APPROVED])
    assert told(job).count("job_started") == 1


def test_fault_U18_a_page_about_other_rows_is_stale(olga: Staff, adam: Staff, acme: SubAccount) -> None:
    job = asked(olga, acme, 4)
    job.items.filter(row=1).delete()
    with pytest.raises(Stale):
        word(job, adam)
    assert state(job) == (JobState.READY, True, [ApprovalState.WAITING])
    assert operations.start(job, olga) is False  # asks anew, about what is there now
    assert state(job) == (JobState.READY, True, [ApprovalState.WAITING, ApprovalState.WITHDRAWN])
    word(job, adam)
    assert job.items.filter(state=ItemState.PENDING).count() == 3


def test_fault_U18_nobody_within_a_week_ends_it(olga: Staff, adam: Staff, acme: SubAccount) -> None:
    job = asked(olga, acme)
    job.approvals.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Stale):
        word(job, adam)
    sweep()
    assert state(job) == (JobState.CANCELLED, False, [ApprovalState.EXPIRED])
    assert job.paused_reason == "Nobody decided about it within 7 days. Nothing was sent."


def test_fault_P25_a_worker_whose_clock_is_ahead_ends_nothing_early(olga: Staff, adam: Staff, acme: SubAccount) -> None:
    job = asked(olga, acme)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        sweep()
        assert [one.job for one in approval.waiting_for(scope_of(adam))] == [job]
        word(job, adam)
    assert state(job) == (JobState.RUNNING, False, [ApprovalState.APPROVED])


def test_fault_U18_cancelling_withdraws_the_request(olga: Staff, adam: Staff, acme: SubAccount) -> None:
    job = asked(olga, acme)
    jobs.cancel(job.pk, olga)
    with pytest.raises(Stale):
        word(job, adam)
    assert state(job) == (JobState.CANCELLED, False, [ApprovalState.WITHDRAWN])


@pytest.mark.parametrize(
    ("approved", "expected"),
    [(True, (JobState.RUNNING, [ApprovalState.APPROVED])), (False, (JobState.CANCELLED, [ApprovalState.WITHDRAWN]))],
)
def test_fault_U18_a_scheduled_job_needs_its_approval_before_its_time(
    olga: Staff, adam: Staff, acme: SubAccount, approved: bool, expected: Any
) -> None:
    job = removal(olga, acme)
    assert schedule.schedule(job, olga, at=timezone.now() + timedelta(hours=1)) is True
    assert state(job) == (JobState.SCHEDULED, True, [ApprovalState.WAITING])
    assert schedule.begin(job, olga) is False  # "start now" does not go round it
    if approved:
        word(job, adam)
        assert state(job) == (JobState.SCHEDULED, False, [ApprovalState.APPROVED])
    Job.objects.filter(pk=job.pk).update(begins_at=timezone.now() - timedelta(seconds=1))
    sweep()
    found = state(job)
    assert (found[0], found[2]) == expected
    assert job.paused_reason == ("" if approved else approval.UNAPPROVED)


def test_fault_U18_an_approver_who_lost_the_right_meanwhile_does_not_count(
    olga: Staff, adam: Staff, acme: SubAccount
) -> None:
    job = removal(olga, acme)
    schedule.schedule(job, olga, at=timezone.now() + timedelta(hours=1))
    word(job, adam)
    Staff.objects.filter(pk=adam.pk).update(role=Role.AUDITOR)
    Job.objects.filter(pk=job.pk).update(begins_at=timezone.now() - timedelta(seconds=1))
    sweep()
    assert state(job)[0] == JobState.CANCELLED


def test_fault_U18_the_owners_rights_are_looked_at_again_at_the_start(
    olga: Staff, adam: Staff, acme: SubAccount
) -> None:
    job = asked(olga, acme)
    Staff.objects.filter(pk=olga.pk).update(role=Role.AUDITOR)
    word(job, adam)
    assert (state(job)[0], job.paused_by) == (JobState.PAUSED, "rights")


def test_fault_U18_another_reseller_decides_when_all_sub_accounts_are_theirs_too(
    rita: Staff, ravi: Staff, acme: SubAccount, globex: SubAccount
) -> None:
    for account in (acme, globex):
        Grant.objects.get_or_create(staff=rita, account=account)
    people = [user_in(account, f"u{n}@x.example") for n, account in enumerate((acme, acme, globex))]
    job = plan_users(scope_of(rita), rita, [user.pk for user in people], Change(Kind.DISASSOCIATE))
    assert operations.start(job, rita) is False
    Grant.objects.get_or_create(staff=ravi, account=globex)
    Grant.objects.filter(staff=ravi, account=acme).delete()
    assert list(approval.waiting_for(scope_of(ravi))) == []
    with pytest.raises(OwnRequest):
        word(job, ravi)
    Grant.objects.create(staff=ravi, account=acme)
    assert [one.job for one in approval.waiting_for(scope_of(ravi))] == [job]
    assert list(approval.waiting_for(scope_of(rita))) == []
    word(job, ravi)
    assert state(job)[0] == JobState.RUNNING


def test_fault_U18_changed_plans_need_two_but_not_on_a_page_of_their_own(
    olga: Staff, adam: Staff, acme: SubAccount
) -> None:
    assert operations.start(plans(olga, acme, "onboarding"), olga) is True
    assert operations.start(plans(olga, acme, "subscribe"), olga) is True
    job = plans(olga, acme, "file")
    assert operations.start(job, olga) is False
    assert [(one.deletes, one.money) for one in job.approvals.all()] == [(0, 1)]
    word(job, adam)
    assert state(job)[0] == JobState.RUNNING


def options(owner: Staff, account: SubAccount, body: dict[str, Any], before: dict[str, Any]) -> Job:
    step = Step(account=account, endpoint="accounts.update_options", body=body, before=before)
    return operations.plan(
        scope=scope_of(owner), actor=owner, connection=account.connection, kind="file", title="Options", steps=[step]
    )


@pytest.mark.parametrize("before", [{"pay_mode": "sub"}, {}])
def test_fault_U18_who_pays_is_a_decision_of_two_like_a_plan(
    olga: Staff, adam: Staff, acme: SubAccount, before: dict[str, Any]
) -> None:
    job = options(olga, acme, {"pay_mode": "master"}, before)
    assert operations.start(job, olga) is False
    assert [(one.deletes, one.money) for one in job.approvals.all()] == [(0, 1)]
    asked_for = Entry.objects.get(operation=str(job.pk), verb="approval_requested").message
    assert asked_for == "0 deletions, 1 changes of plans or of who pays"
    word(job, adam)
    assert state(job)[0] == JobState.RUNNING


def test_fault_U18_other_options_and_one_page_for_one_account_need_no_second_person(
    olga: Staff, acme: SubAccount
) -> None:
    assert operations.start(options(olga, acme, {"share_rc": True}, {}), olga) is True
    item = operations.perform(
        scope=scope_of(olga), actor=olga, account=acme, endpoint="accounts.update_options", body={"pay_mode": "sub"}
    )
    assert approval.gravity(item.job).needs_two is False


def test_fault_U18_an_undo_and_a_first_plan_need_no_second_person(olga: Staff, acme: SubAccount) -> None:
    undo = removal(olga, acme)
    Job.objects.filter(pk=undo.pk).update(kind=jobs.UNDO)
    undo.refresh_from_db()
    assert operations.start(undo, olga) is True
    body = {"contact": {}, "plan_base": {"type": "monthly", "hosts": 1}}
    first = Step(account=acme, endpoint="billing.subscribe", body=body)
    job = operations.plan(
        scope=scope_of(olga), actor=olga, connection=acme.connection, kind="file", title="New", steps=[first]
    )
    assert operations.start(job, olga) is True


def test_fault_U18_a_retry_needs_an_approval_of_its_own(olga: Staff, adam: Staff, acme: SubAccount) -> None:
    job = asked(olga, acme)
    word(job, adam, approve=False, reason="Not today")
    again = retrying.retry_failed(job, scope=scope_of(olga), actor=olga)
    assert again is not None
    assert operations.start(again, olga) is False
    assert state(again) == (JobState.READY, True, [ApprovalState.WAITING])


@pytest.mark.parametrize("inline", [True, False])
def test_fault_U18_a_selection_waits_too_however_its_rows_are_written(
    olga: Staff, acme: SubAccount, inline: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "INLINE", 10 if inline else 1)
    people = [user_in(acme, f"u{n}@x.example") for n in range(3)]
    job = preparing.run_users(scope_of(olga), olga, [user.pk for user in people], Change(Kind.DELETE))
    preparing.prepare(job.pk)
    assert state(job) == (JobState.READY, True, [ApprovalState.WAITING])
    assert job.items.filter(state=ItemState.PENDING).count() == 3


def test_fault_U18_no_job_removes_more_than_its_cap(olga: Staff, acme: SubAccount, settings: Settings) -> None:
    settings.BULK_MOST_DELETES = 2
    job = removal(olga, acme)
    for begin in (operations.start, schedule.schedule):
        with pytest.raises(approval.TooManyDeletes, match="would remove 3, and one job may remove 2 at most"):
            begin(job, olga)
    assert state(job) == (JobState.READY, False, [])
    with pytest.raises(SelectionRefused):
        preparing.run_users(scope_of(olga), olga, [user.pk for user in acme.users.all()], Change(Kind.DELETE))


@pytest.mark.django_db(transaction=True)
def test_fault_U18_of_two_who_decide_at_the_same_moment_one_decides(
    olga: Staff, adam: Staff, acme: SubAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.bulk.bell.ring_on_commit", lambda *_: None)
    job, otto = asked(olga, acme), person("Otto", Role.OPERATOR)
    together = Barrier(2)
    found: list[str] = []

    def act(actor: Staff, approve: bool) -> None:
        together.wait(30)
        try:
            word(job, actor, approve=approve, reason="Because", version=version)
            found.append("decided")
        except Stale:
            found.append("late")
        finally:
            connections.close_all()

    version = job.approvals.get().version
    both = [Thread(target=act, args=pair) for pair in ((adam, True), (otto, False))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(found) == ["decided", "late"]
    assert state(job)[::2] in (
        (JobState.RUNNING, [ApprovalState.APPROVED]), (JobState.CANCELLED, [ApprovalState.DECLINED]),
    )  # fmt: skip
