"""Jobs that nobody started: kept apart in the list and on Home, and discarded several at once."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.bulk import operations
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.directory.models import SubAccount
from tests.portal.bulk.views.test_pages import job_of
from tests.support.choosing import boxes, choose, confirm

pytestmark = pytest.mark.django_db
LEFT = (JobState.UPLOADED, JobState.INVALID, JobState.READY)


def named(owner: Staff, account: SubAccount, state: str, title: str, **fields: Any) -> Job:
    job = job_of(owner, account, 1)
    Job.objects.filter(pk=job.pk).update(state=state, title=title, **fields)
    job.refresh_from_db()
    return job


def listed(client: Client, address: str, *titles: str) -> list[str]:
    page = client.get(address).content.decode().partition('id="results"')[2]
    return [title for title in titles if f">{title}</a>" in page]


def discarded(client: Client, jobs: int) -> Any:
    url = reverse("bulk:unstarted")
    ticked = boxes(client, url)
    assert len(ticked) == jobs
    return confirm(client, choose(client, reverse("bulk:choose"), "discard", selected=ticked))


def test_what_nobody_started_has_a_list_of_its_own(olga: Staff, acme: SubAccount, client_of: Any) -> None:
    for state in (*LEFT, JobState.VALIDATING, JobState.RUNNING):
        named(olga, acme, state, state.name)
    named(olga, acme, JobState.READY, "ASKED", awaits_approval=True)
    browser, names = client_of(olga), ("UPLOADED", "INVALID", "READY", "VALIDATING", "RUNNING", "ASKED")
    assert listed(browser, reverse("bulk:list"), *names) == ["VALIDATING", "RUNNING", "ASKED"]
    assert listed(browser, reverse("bulk:unstarted"), *names) == ["UPLOADED", "INVALID", "READY"]
    assert listed(browser, f"{reverse('bulk:list')}?state=uploaded", *names) == ["UPLOADED"]
    assert listed(browser, f"{reverse('bulk:list')}?q=invalid", *names) == ["INVALID"]
    assert 'Not started <span class="count">3</span>' in browser.get(reverse("bulk:list")).content.decode()


def test_home_counts_what_was_not_started_instead_of_listing_it(
    olga: Staff, adam: Staff, acme: SubAccount, client_of: Any
) -> None:
    for state in LEFT:
        named(olga, acme, state, f"Left {state.name}")
    page = client_of(olga).get("/").content.decode()
    assert ("Left " in page, "3 jobs of yours were not started" in page) == (False, True)
    assert "not started" not in client_of(adam).get("/").content.decode()


def test_several_are_discarded_at_once_and_each_is_in_the_audit(olga: Staff, acme: SubAccount, client_of: Any) -> None:
    jobs = [named(olga, acme, state, state.name) for state in LEFT]
    Item.objects.filter(job=jobs[1]).update(state=ItemState.INVALID, secret="sealed")
    browser = client_of(olga)
    answer = discarded(browser, 3)
    assert answer["Location"] == reverse("bulk:unstarted")
    assert [(job.state, job.ended_at is not None) for job in Job.objects.all()] == [(JobState.CANCELLED, True)] * 3
    told = Entry.objects.filter(operation__in=[str(job.pk) for job in jobs], verb__in=["job_cancelled", "job_ended"])
    assert [told.filter(verb=verb).count() for verb in ("job_cancelled", "job_ended")] == [3, 3]
    assert {entry.actor_id for entry in told.filter(verb="job_cancelled")} == {olga.pk}
    assert set(Item.objects.values_list("secret", flat=True)) == {""}
    assert Item.objects.get(job=jobs[2]).state == ItemState.CANCELLED
    assert listed(browser, reverse("bulk:list"), "UPLOADED", "INVALID", "READY") == []
    found = listed(browser, f"{reverse('bulk:list')}?state=cancelled", "UPLOADED", "INVALID", "READY")
    assert found == ["UPLOADED", "INVALID", "READY"]


def test_a_job_cancelled_at_work_stays_in_the_list(job: Job, olga: Staff, client_of: Any) -> None:
    operations.start(job, olga)
    Job.objects.update(state=JobState.CANCELLED, title="STOPPED")
    assert listed(client_of(olga), reverse("bulk:list"), "STOPPED") == ["STOPPED"]


def test_what_was_started_meanwhile_is_left_alone(olga: Staff, acme: SubAccount, client_of: Any) -> None:
    first, second = (named(olga, acme, JobState.READY, name) for name in ("FIRST", "SECOND"))
    browser = client_of(olga)
    url = choose(browser, reverse("bulk:choose"), "discard", selected=boxes(browser, reverse("bulk:unstarted")))
    operations.start(first, olga)
    page = browser.get(url).content.decode()
    assert ("FIRST" in page, "SECOND" in page) == (False, True)
    confirm(browser, url)
    assert [Job.objects.get(pk=job.pk).state for job in (first, second)] == [JobState.RUNNING, JobState.CANCELLED]
    again = browser.get(url, follow=True).content.decode()
    assert "None of the chosen jobs waits to be started any more. Nothing was done." in again


def test_only_who_sees_a_job_and_may_write_discards_it(
    olga: Staff, rita: Staff, ravi: Staff, anna: Staff, acme: SubAccount, client_of: Any
) -> None:
    named(rita, acme, JobState.UPLOADED, "RITAS")
    olgas, ravis, annas = client_of(olga), client_of(ravi), client_of(anna)
    url = choose(olgas, reverse("bulk:choose"), "discard", selected=boxes(olgas, reverse("bulk:unstarted")))
    assert "1 of them is not your own." in olgas.get(url).content.decode()
    assert (boxes(ravis, reverse("bulk:unstarted")), ravis.get(url).status_code) == ([], 302)
    assert (boxes(annas, reverse("bulk:unstarted")), annas.get(url).status_code) == ([], 403)
    assert listed(annas, reverse("bulk:unstarted"), "RITAS") == ["RITAS"]
    assert Job.objects.get().state == JobState.UPLOADED


@pytest.mark.parametrize("number", [3, 30])
def test_the_number_of_queries_does_not_grow(
    olga: Staff, acme: SubAccount, client_of: Any, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        named(olga, acme, LEFT[place % 3], f"Job {place}")
    browser = client_of(olga)
    url = choose(browser, reverse("bulk:choose"), "discard", selected=boxes(browser, reverse("bulk:unstarted")))
    for address, queries in ((reverse("bulk:unstarted"), 4), (reverse("bulk:list"), 4), (url, 4)):
        browser.get(address)
        with django_assert_num_queries(queries):
            browser.get(address)


@pytest.fixture
def job(olga: Staff, acme: SubAccount) -> Job:
    return job_of(olga, acme)
