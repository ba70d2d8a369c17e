"""Fault U18 on the pages: who sees a request for a second person, and what the page does with a decision."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from portal.access.models import Staff
from portal.access.rights import Role
from portal.access.scope import scope_of
from portal.bulk import operations
from portal.bulk.models import Job, JobState
from portal.bulk.operations import Step
from portal.directory.models import SubAccount
from tests.portal.bulk.test_approval import asked, plans, state
from tests.support.cast import person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def threshold(settings: Settings) -> None:
    settings.BULK_APPROVAL_DELETES = 2


def send(client: Client, job: Job, decision: str, **more: str) -> Any:
    version = job.approvals.all()[0].version
    return client.post(f"/jobs/{job.pk}/approval/", {"decision": decision, "version": version, **more})


def test_fault_U18_home_and_the_page_show_what_would_happen(
    olga: Staff, adam: Staff, acme: SubAccount, client_of: Any
) -> None:
    job = asked(olga, acme)
    adams, olgas = client_of(adam), client_of(olga)
    assert f"/jobs/{job.pk}/approval/" in adams.get("/").content.decode()
    assert "Needs your approval" not in olgas.get("/").content.decode()
    page = adams.get(f"/jobs/{job.pk}/approval/").content.decode()
    for text in ("They left", "u0@x.example", "u2@x.example", "Olga", "Approve", "deletions"):
        assert text in page
    mine = olgas.get(f"/jobs/{job.pk}/").content.decode()
    assert ("Waits for a second person" in mine, "/start/" in mine) == (True, False)
    assert "You asked for this yourself" in olgas.get(f"/jobs/{job.pk}/approval/").content.decode()
    assert "Approve or decline" in adams.get(f"/jobs/{job.pk}/").content.decode()


def test_fault_U18_the_page_decides_once_and_says_what_it_refuses(
    olga: Staff, adam: Staff, acme: SubAccount, client_of: Any
) -> None:
    job, otto = asked(olga, acme), person("Otto", Role.OPERATOR)
    own = send(client_of(olga), job, "approve")
    assert (own.status_code, "another person has to decide" in own.content.decode()) == (403, True)
    assert send(client_of(adam), job, "decline").status_code == 422
    assert send(client_of(adam), job, "nonsense").status_code == 422
    assert send(client_of(adam), job, "approve", version="other").status_code == 409
    assert [send(client_of(adam), job, "approve").status_code for _ in range(2)] == [302, 302]
    late = send(client_of(otto), job, "decline", reason="No")
    assert (late.status_code, "Adam has decided before you" in late.content.decode()) == (409, True)
    assert state(job)[0] == JobState.RUNNING


def test_fault_U18_others_do_not_see_the_request(
    olga: Staff, ravi: Staff, anna: Staff, acme: SubAccount, client_of: Any
) -> None:
    job = asked(olga, acme)
    assert client_of(ravi).get(f"/jobs/{job.pk}/approval/").status_code == 404
    assert client_of(ravi).post(f"/jobs/{job.pk}/approval/", {"decision": "approve"}).status_code == 404
    assert client_of(anna).get(f"/jobs/{job.pk}/approval/").status_code == 403


def test_values_have_the_names_they_have_on_every_other_page(
    olga: Staff, adam: Staff, acme: SubAccount, client_of: Any
) -> None:
    job = asked(olga, acme)
    browser = client_of(adam)
    page = browser.get(f"/jobs/{job.pk}/approval/").content.decode()
    assert ("<span>How: <ins>Delete for ever</ins></span>" in page, ">action<" in page) == (True, False)
    plan = plans(olga, acme, "file")
    operations.start(plan, olga)
    page = browser.get(f"/jobs/{plan.pk}/approval/").content.decode()
    assert ("<span>Plan: <ins>" in page, "<span>Hosts: <ins>1</ins></span>" in page) == (True, True)


def base_plans(owner: Staff, changes: Sequence[tuple[SubAccount, int]], before: dict[str, Any]) -> Job:
    steps = [
        Step(row=row, account=account, endpoint="billing.update_base", before=before, label=account.name,
             body={"type": "business_yearly", "hosts": hosts})
        for row, (account, hosts) in enumerate(changes, 1)
    ]  # fmt: skip
    job = operations.plan(
        scope=scope_of(owner), actor=owner, connection=changes[0][0].connection, kind="file", title="P", steps=steps
    )
    operations.start(job, owner)
    return job


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_change_of_plan_stands_beside_the_plan_there_is_and_all_are_summed_up(
    olga: Staff, adam: Staff, acme: SubAccount, globex: SubAccount, client_of: Any, is_kept: bool
) -> None:
    there = {"type": "business_yearly", "hosts": 25}
    for account in (acme, globex):
        account.plans = {} if is_kept else {"plan_base": there}
        account.save()
    job = base_plans(olga, [(acme, 30), (globex, 12)], there if is_kept else {})
    page = client_of(adam).get(f"/jobs/{job.pk}/approval/").content.decode()
    for text in ("30", "12"):
        assert f"<span>Hosts: <del>25</del> → <ins>{text}</ins></span>" in page
    assert "2 changes of plans, hosts 50 → 42 in all" in page
    assert re.findall(r'class="(diff[^"]*)"', page) == ["diff below"] * 3  # no window is too small for it


def test_additional_plans_are_compared_with_those_of_the_same_type(
    olga: Staff, adam: Staff, acme: SubAccount, client_of: Any
) -> None:
    acme.plans = {"plan_large_meeting": [{"type": "large_500", "hosts": 4}]}
    acme.save()
    job = plans(olga, acme, "file")
    job.items.update(endpoint="billing.update_addon")
    operations.start(job, olga)
    page = client_of(adam).get(f"/jobs/{job.pk}/approval/").content.decode()
    assert "<span>Hosts: <del>4</del> → <ins>1</ins></span>" in page
    assert "1 change of additional plans, hosts 4 → 1 in all" in page


def test_what_is_not_known_is_not_summed_up(olga: Staff, adam: Staff, acme: SubAccount, client_of: Any) -> None:
    job = base_plans(olga, [(acme, 30)], {})
    page = client_of(adam).get(f"/jobs/{job.pk}/approval/").content.decode()
    assert "1 change of plans; how many hosts there are now is not known" in page


@pytest.mark.parametrize("number", [3, 40])
def test_the_number_of_queries_does_not_grow_with_the_changes_of_plans(
    olga: Staff, adam: Staff, acme: SubAccount, client_of: Any, number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    job, client = base_plans(olga, [(acme, 10 + n) for n in range(number)], {}), client_of(adam)
    client.get(f"/jobs/{job.pk}/approval/")
    with django_assert_num_queries(10):
        client.get(f"/jobs/{job.pk}/approval/")


@pytest.mark.parametrize("number", [3, 40])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    olga: Staff, adam: Staff, acme: SubAccount, client_of: Any, number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    job, client = asked(olga, acme, number), client_of(adam)
    client.get(f"/jobs/{job.pk}/approval/")
    with django_assert_num_queries(9):
        client.get(f"/jobs/{job.pk}/approval/")


def test_what_it_would_do_breaks_into_lines_on_a_phone(
    olga: Staff, adam: Staff, acme: SubAccount, client_of: Any
) -> None:
    job = base_plans(olga, [(acme, 30)], {})
    page = client_of(adam).get(f"/jobs/{job.pk}/approval/").content.decode()
    assert '<span class="nowrap"><span class="num">1</span> change</span> of plans or of who pays' in page
