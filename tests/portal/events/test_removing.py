"""Deleting or ending chosen meetings and webinars of a host: confirmed with a fresh look, a row of a job each."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.access.models import Grant, Staff
from portal.access.rights import Role
from portal.audit.models import Entry
from portal.bulk.approval import may_decide
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.undo.planning import parts
from portal.directory.models import MirrorUser, SubAccount
from portal.gateway.models import Connection
from tests.portal.events.conftest import schedule
from tests.support.cast import person, sub_account
from tests.support.choosing import boxes, choose, confirm, ran
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[Staff], Client]
FAMILIES = ("meetings", "webinars")
ONE = {"meetings": "meeting", "webinars": "webinar"}


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def home(tenant: SubAccount, host: MirrorUser, family: str) -> str:
    return f"/{family}/{tenant.pk}/hosts/{host.zoom_id}/"


@pytest.fixture
def numbers(sandbox: Sandbox, host: MirrorUser, family: str) -> list[int]:
    return [schedule(sandbox, host, family, topic=f"Lesson {n}") for n in range(3)]


def held(sandbox: Sandbox, host: MirrorUser, family: str) -> set[int]:
    path = f"/accounts/{host.account.zoom_id}/users/{host.zoom_id}/{family}?page_size=300"
    return {row["id"] for row in sandbox.call("GET", f"{path}&type=scheduled").json()[family]}


def test_the_chosen_are_deleted_by_a_job_and_the_others_stay(
    ritas: Client, home: str, family: str, host: MirrorUser, numbers: list[int], sandbox: Sandbox
) -> None:
    before = held(sandbox, host, family)
    assert {str(number) for number in numbers} <= set(boxes(ritas, home))
    url = choose(ritas, f"{home}choose/", "delete", selected=numbers[:2])
    text = ritas.get(url).content.decode()
    assert "2 calls will be made to Zoom, which takes about 1 s at the permitted rate." in text
    assert "The first call is made after 60 seconds." in text
    assert confirm(ritas, url, typed="2").status_code == 422
    answer = confirm(ritas, url, typed=f"delete 2 {family}", times=2)
    job = ran()
    assert (answer.status_code, answer["Location"]) == (302, f"/jobs/{job.pk}/")
    assert (job.state, job.reason) == (JobState.DONE, "tidying up")
    assert job.title == f"Delete 2 {family} of {host}"
    assert [(item.label, item.state) for item in job.items.order_by("label")] == [
        ("Lesson 0", ItemState.DONE),
        ("Lesson 1", ItemState.DONE),
    ]
    assert before - held(sandbox, host, family) == set(numbers[:2])
    assert Entry.objects.filter(verb=f"{family}.delete").exclude(phase="intent").count() == 2
    assert [(part.number, part.why) for part in parts(job)] == [(2, "What was removed is gone at Zoom.")]


def test_a_deletion_waits_a_minute_before_its_first_call(
    ritas: Client, home: str, family: str, numbers: list[int]
) -> None:
    confirm(ritas, choose(ritas, f"{home}choose/", "delete", selected=numbers[:1]), typed=f"delete 1 {ONE[family]}")
    item = Job.objects.get().items.get()
    assert item.not_before is not None
    assert 50 < (item.not_before - timezone.now()).total_seconds() <= 60


def test_all_of_the_host_are_meant_without_ticking_them(
    ritas: Client, home: str, family: str, host: MirrorUser, numbers: list[int], sandbox: Sandbox
) -> None:
    number = len(held(sandbox, host, family))
    url = choose(ritas, f"{home}choose/", "delete", everything="1")
    assert url.endswith("?do=delete&all=1")
    one = ONE[family] if number == 1 else family
    confirm(ritas, url, typed=f"delete {number} {one}")
    assert ran().state == JobState.DONE
    assert held(sandbox, host, family) == set()


def test_what_was_deleted_meanwhile_is_left_out_and_said(
    ritas: Client, home: str, family: str, host: MirrorUser, numbers: list[int], sandbox: Sandbox
) -> None:
    url = choose(ritas, f"{home}choose/", "delete", selected=numbers)
    sandbox.call("DELETE", f"/accounts/{host.account.zoom_id}/{family}/{numbers[0]}")
    told = f"1 of the chosen was left out: no longer in the list of {host}."
    assert told in ritas.get(url).content.decode()
    confirm(ritas, url, typed=f"delete 2 {family}")
    assert [item.path[f"{ONE[family]}Id"] for item in ran().items.order_by("label")] == [*map(str, numbers[1:])]


def test_what_runs_is_ended_and_stays_scheduled(
    ritas: Client, home: str, family: str, host: MirrorUser, numbers: list[int], sandbox: Sandbox
) -> None:
    before = held(sandbox, host, family)
    url = choose(ritas, f"{home}choose/", "end", selected=numbers[:1])
    confirm(ritas, url, typed=f"end 1 {ONE[family]}")
    job = ran()
    assert (job.state, job.title) == (JobState.DONE, f"End 1 {ONE[family]} of {host}")
    assert held(sandbox, host, family) == before
    path = f"/v2/accounts/{host.account.zoom_id}/{family}/{numbers[0]}/status"
    written = [write["operation"] for write in sandbox.ledger() if write["path"] == path]
    assert written == [f"{family}.update_status"]
    assert parts(job)[0].why == "What was ended has ended for everybody in it. Only its host can start it again."


def test_events_of_another_host_are_unknown(
    ritas: Client, home: str, family: str, tenant: SubAccount, numbers: list[int], sandbox: Sandbox
) -> None:
    rows = sandbox.call("GET", f"/accounts/{tenant.zoom_id}/users?page_size=300").json()["users"]
    row = next(row for row in rows if row["id"] not in home)
    MirrorUser.objects.create(account=tenant, zoom_id=row["id"], email=row["email"], type=2, status="active")
    other = f"/{family}/{tenant.pk}/hosts/{row['id']}/"
    answer = ritas.get(choose(ritas, f"{other}choose/", "delete", selected=numbers))
    assert (answer.status_code, answer["Location"]) == (302, other)
    assert f"None of the chosen {family} is there any more." in ritas.get(other).content.decode()
    assert Job.objects.count() == 0


def test_a_host_of_a_foreign_sub_account_does_not_exist(
    ritas: Client, family: str, sandbox_connection: Connection, numbers: list[int]
) -> None:
    foreign = sub_account(sandbox_connection, "foreign-1", "Foreign")
    MirrorUser.objects.create(account=foreign, zoom_id="them", email="x@foreign.example", type=2, status="active")
    home = f"/{family}/{foreign.pk}/hosts/them/"
    assert ritas.post(f"{home}choose/", {"action": "delete", "everything": "1"}).status_code == 404
    assert ritas.get(f"{home}change/?do=delete&all=1").status_code == 404


def test_an_auditor_looks_and_cannot_choose(anna: Staff, home: str, numbers: list[int], client_of: ClientOf) -> None:
    client = client_of(anna)
    text = client.get(home).content.decode()
    assert ("Lesson 0" in text, 'name="selected"' in text) == (True, False)
    assert client.post(f"{home}choose/", {"action": "delete", "everything": "1"}).status_code == 403
    assert client.get(f"{home}change/?do=delete&all=1").status_code == 403


def test_nothing_is_removed_in_a_sub_account_that_has_left(
    ritas: Client, home: str, tenant: SubAccount, numbers: list[int]
) -> None:
    tenant.gone_since = tenant.seen_at
    tenant.save()
    assert ritas.get(f"{home}change/?do=delete&all=1").status_code == 404
    assert ritas.post(f"{home}choose/", {"action": "delete", "everything": "1"}).status_code == 404


@pytest.mark.parametrize("query", ["", "?do=delete", "?do=explode&all=1", "?do=delete&ids=..", "?do=delete&ids=x"])
def test_an_address_that_names_nothing_leads_back(ritas: Client, home: str, query: str) -> None:
    answer = ritas.get(f"{home}change/{query}")
    assert (answer.status_code, answer["Location"]) == (302, home)
    assert Job.objects.count() == 0


def test_a_choice_of_nothing_leads_back_to_the_list(ritas: Client, home: str) -> None:
    assert choose(ritas, f"{home}choose/", "delete") == home
    assert choose(ritas, f"{home}choose/", "explode", everything="1") == home


def test_more_than_the_limit_need_a_second_person_with_the_same_sub_accounts(
    ritas: Client, home: str, family: str, host: MirrorUser, numbers: list[int], sandbox: Sandbox, settings: Any
) -> None:
    settings.BULK_APPROVAL_DELETES = 1
    url = choose(ritas, f"{home}choose/", "delete", selected=numbers[:2])
    assert "A second person with the same rights must approve it first" in ritas.get(url).content.decode()
    confirm(ritas, url, typed=f"delete 2 {family}")
    job = ran()
    assert (job.state, job.awaits_approval) == (JobState.READY, True)
    assert set(numbers) <= held(sandbox, host, family)
    ravi = person("Ravi", Role.RESELLER)
    sees = [may_decide(ravi, job)]
    Grant.objects.create(staff=ravi, account=host.account)
    assert [*sees, may_decide(ravi, job)] == [False, True]


def test_more_than_one_job_may_remove_is_refused_with_words(
    ritas: Client, home: str, numbers: list[int], settings: Any
) -> None:
    settings.BULK_MOST_DELETES = 1
    answer = ritas.get(choose(ritas, f"{home}choose/", "delete", selected=numbers[:2]), follow=True)
    assert "This job would remove 2, and one job may remove 1 at most. Nothing was sent." in answer.content.decode()


def test_the_confirm_page_costs_as_many_queries_for_thirty_as_for_one(
    ritas: Client, home: str, family: str, host: MirrorUser, sandbox: Sandbox, numbers: list[int]
) -> None:
    more = [schedule(sandbox, host, family, topic=f"More {n}") for n in range(27)]
    one = choose(ritas, f"{home}choose/", "delete", selected=numbers[:1])
    thirty = choose(ritas, f"{home}choose/", "delete", selected=[*numbers, *more])
    ritas.get(one)
    with CaptureQueriesContext(connection) as few:
        ritas.get(one)
    with CaptureQueriesContext(connection) as many:
        ritas.get(thirty)
    assert len(many) == len(few)
