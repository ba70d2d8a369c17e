"""The mirror against a real sandbox: complete, resumable, and honest about what it could not read."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from portal.access.scope import SYSTEM_SCOPE
from portal.directory import sync, tasks
from portal.directory.freshness import freshness
from portal.directory.models import MirrorUser, SubAccount, Sync
from portal.gateway.models import Connection
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unpaced")]


def run(connection: Connection) -> Sync:
    """A whole run without a worker: the parts are worked off here."""
    begun = sync.begin(connection)
    assert begun is not None
    sync.sync_accounts(connection)
    for part in ("users", "detail"):
        while sync.work(begun, part):
            pass
    begun.refresh_from_db()
    return begun


def test_every_account_and_every_status_of_user_is_read(sandbox: Sandbox, sandbox_connection: Connection) -> None:
    sandbox.reset()
    ended = run(sandbox_connection)
    accounts = SubAccount.objects.filter(is_master=False)
    listed = sandbox.call("GET", "/accounts?page_size=300").json()
    assert accounts.count() == listed["total_records"] == 40
    assert ended.state == Sync.State.DONE
    total = 0
    for status in sync.STATUSES:
        for account in accounts:
            answer = sandbox.call("GET", f"/accounts/{account.zoom_id}/users?status={status}&page_size=1").json()
            assert account.users.filter(status=status).count() == answer["total_records"]
            total += answer["total_records"]
    assert MirrorUser.objects.filter(account__is_master=False).count() == total


def test_plans_are_read_where_the_master_account_pays(sandbox: Sandbox, sandbox_connection: Connection) -> None:
    sandbox.reset()
    run(sandbox_connection)
    account = SubAccount.objects.filter(pay_mode="master").exclude(plan_type="").order_by("pk")[0]
    live = sandbox.call("GET", f"/accounts/{account.zoom_id}/plans").json()
    assert (account.plan_type, account.plan_hosts) == (live["plan_base"]["type"], live["plan_base"]["hosts"])
    assert SubAccount.objects.filter(pay_mode="sub").exclude(plan_type="").count() == 0


def test_an_account_that_is_no_longer_listed_is_marked_as_gone(
    sandbox: Sandbox, sandbox_connection: Connection
) -> None:
    sandbox.reset()
    sync.sync_accounts(sandbox_connection)
    left = SubAccount.objects.filter(is_master=False).order_by("pk")[0]
    assert sandbox.call("DELETE", f"/accounts/{left.zoom_id}").status_code == 204
    sync.sync_accounts(sandbox_connection)
    left.refresh_from_db()
    assert left.gone_since is not None
    assert SubAccount.objects.filter(gone_since=None, is_master=False).count() == 39
    sandbox.reset()


def test_an_account_that_cannot_be_read_does_not_stop_the_others(
    sandbox: Sandbox, sandbox_connection: Connection
) -> None:
    sandbox.reset()
    sync.sync_accounts(sandbox_connection)
    broken = SubAccount.objects.filter(is_master=False).order_by("pk")[3]
    sandbox.faults({"match": {"path": f"/accounts/{broken.zoom_id}/users"}, "do": "status", "value": 500, "rate": 1.0})
    try:
        ended = run(sandbox_connection)
    finally:
        sandbox.faults()
    broken.refresh_from_db()
    assert ended.state == Sync.State.PARTIAL
    assert (broken.users_at, bool(broken.sync_problem)) == (None, True)
    fresh = freshness(SYSTEM_SCOPE)
    assert (fresh.total, fresh.complete, fresh.problems) == (40, 39, 1)


def test_a_run_that_is_alive_is_not_begun_twice(sandbox_connection: Connection) -> None:
    first = sync.begin(sandbox_connection)
    assert first is not None
    assert sync.begin(sandbox_connection) is None


def test_a_run_whose_worker_died_is_taken_up_by_one_only(sandbox_connection: Connection) -> None:
    first = sync.begin(sandbox_connection)
    assert first is not None
    Sync.objects.filter(pk=first.pk).update(beat_at=timezone.now() - timedelta(hours=1))
    assert sync.begin(sandbox_connection) == first
    assert sync.begin(sandbox_connection) is None


@pytest.mark.parametrize("wrong", [timedelta(hours=1), timedelta(hours=-1)])
def test_fault_P25_a_worker_whose_clock_is_wrong_takes_no_living_run_for_dead_and_no_dead_one_for_alive(
    sandbox_connection: Connection, wrong: timedelta
) -> None:
    with time_machine.travel(timezone.now() + wrong):
        first = sync.begin(sandbox_connection)
        assert first is not None
        assert sync.begin(sandbox_connection) is None
    assert sync.begin(sandbox_connection) is None
    Sync.objects.filter(pk=first.pk).update(beat_at=timezone.now() - timedelta(minutes=5))
    with time_machine.travel(timezone.now() + wrong):
        assert sync.begin(sandbox_connection) == first


def test_an_unreachable_zoom_fails_the_run_with_a_plain_reason(sandbox_connection: Connection) -> None:
    Connection.objects.update(base_url="http://127.0.0.1:9/v2")
    tasks.sync_connection(sandbox_connection.pk)
    ended = Sync.objects.get()
    assert ended.state == Sync.State.FAILED
    assert ended.problem != ""
