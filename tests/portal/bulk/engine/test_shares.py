"""Fault A28: what Zoom permits is shared between tenants, whoever began first and however much they have to do."""

from collections import Counter
from threading import Thread

import pytest
from django.db import connections

from portal.access.models import Grant, Staff
from portal.access.rights import Role
from portal.bulk import storage
from portal.bulk.crew import Crew
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.pump import pump
from portal.bulk.shares import Turns
from portal.bulk.timing import Timing
from portal.directory.models import SubAccount
from tests.support.cast import person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rita(tenant: SubAccount) -> Staff:
    staff = person("Rita", Role.RESELLER)
    Grant.objects.create(staff=staff, account=tenant)
    return staff


def done(*jobs: Job) -> int:
    return Item.objects.filter(job__in=jobs, state=ItemState.DONE).count()


def changes(owner: Staff, account: SubAccount, rows: int, name: str) -> Job:
    """A running job of many changes, each of an object of its own."""
    job = Job.objects.create(
        kind="file", title=name, owner=owner, connection=account.connection, state=JobState.RUNNING,
        started_at=storage.now(),
    )  # fmt: skip
    body = {"action": "custCreate"}
    Item.objects.bulk_create(
        Item(job=job, row=row, account=account, endpoint="users.create", object_key=f"{name}/{row}",
             body={**body, "user_info": {"email": f"{name}{row}@share.example", "type": 1}})
        for row in range(1, rows + 1)
    )  # fmt: skip
    return job


def test_fault_A28_a_small_job_is_not_starved_by_the_big_ones_of_another(
    tenant: SubAccount, olga: Staff, rita: Staff
) -> None:
    big = [changes(olga, tenant, 200, f"big{n}") for n in range(3)]
    small = changes(rita, tenant, 15, "small")
    pump(big[0].pk)
    small.refresh_from_db()
    assert (done(small), small.state) == (15, JobState.DONE)
    assert done(*big) >= 15
    assert all(done(job) >= 5 for job in big)  # those of one owner take turns, too


def test_fault_A28_two_pumps_that_work_on_one_job_give_the_other_tenant_half(
    tenant: SubAccount, olga: Staff, rita: Staff, quick: Timing
) -> None:
    big, small = changes(olga, tenant, 300, "big"), changes(rita, tenant, 300, "small")

    def work() -> None:
        try:
            pump(big.pk, timing=quick)
        finally:
            connections.close_all()

    pumps = [Thread(target=work) for _ in range(2)]
    for one in pumps:
        one.start()
    for one in pumps:
        one.join()
    total = done(big, small)
    assert total >= 40
    assert 0.4 <= done(small) / total <= 0.6


def test_fault_A28_rows_of_a_slow_class_do_not_fill_all_hands(
    tenant: SubAccount, olga: Staff, rita: Staff, quick: Timing
) -> None:
    slow, brisk = changes(olga, tenant, 30, "slow"), changes(rita, tenant, 30, "brisk")
    slow.items.update(endpoint="billing.update", body={"city": "Boulder"}, object_key="")
    turns, crew = Turns(slow.pk, tenant.connection), Crew(lambda claim: None, 24, 10.0)
    held = [claim for _ in range(6) for claim in turns.claim("me", crew, 4, quick)]
    assert Counter(claim.item.job_id for claim in held) == {slow.pk: 4, brisk.pk: 17}
    assert crew.rate == 11.0
    for claim in held:
        turns.done(claim)
    again = turns.claim("me", crew, 16, quick)
    assert {claim.item.job_id for claim in again} == {slow.pk, brisk.pk}
