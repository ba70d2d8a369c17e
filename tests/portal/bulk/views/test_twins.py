"""Second copies on the pages: who sees them, who may settle them, and what is kept of that."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.audit.verbs import Verb
from portal.bulk.models import Item, ItemState, Job, JobState, Twin
from portal.bulk.twins import report
from portal.directory.models import SubAccount
from tests.portal.bulk.views.test_pages import job_of

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Staff], Client]
NOTICE = "Zoom has a second copy of what this job has made"


def doubled(owner: Staff, account: SubAccount, number: int = 1) -> Job:
    """An ended job of groups, each of which Zoom has twice."""
    job = job_of(owner, account, number)
    job.items.update(
        endpoint="groups.create", state=ItemState.DONE, remote_id="own", label="Late <b>shift", checks=3, attempt=2
    )
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
    for item in job.items.all():
        report(item, [f"second-{item.row}"])
    return job


def page(item: Item) -> str:
    return reverse("bulk:twin", args=[item.pk])


def text_of(browser: Client, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_job_and_the_home_page_lead_to_the_row_until_it_is_settled(
    acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    job, browser = doubled(olga, acme), client_of(olga)
    item = job.items.get()
    places = (f"/jobs/{job.pk}/", "/")
    for place in places:
        assert f'href="{page(item)}">' in text_of(browser, place)
    assert NOTICE in text_of(browser, places[0])
    shown = text_of(browser, page(item))
    assert ("<code>own</code>" in shown, "<code>second-1</code>" in shown, "Late &lt;b&gt;shift" in shown) == (
        True, True, True
    )  # fmt: skip
    said = browser.post(page(item), {"reason": "Removed <i>the other</i>."}, follow=True).content.decode()
    assert ("Settled. That is kept" in said, "Removed &lt;i&gt;the other&lt;/i&gt;." in said) == (True, True)
    for place in places:
        assert page(item) not in text_of(browser, place)
    entry = Entry.objects.get(verb=Verb.TWIN_SETTLED)
    assert (entry.actor_id, entry.reason, entry.operation) == (olga.pk, "Removed <i>the other</i>.", item.operation)
    assert entry.after == {"id": "own", "others": ["second-1"]}


def test_settling_twice_is_harmless(acme: SubAccount, olga: Staff, client_of: ClientOf) -> None:
    item, browser = doubled(olga, acme).items.get(), client_of(olga)
    browser.post(page(item), {"reason": "First."})
    again = browser.post(page(item), {"reason": "Second."}, follow=True).content.decode()
    assert "This was settled before; nothing was changed." in again
    assert (Twin.objects.get().reason, Entry.objects.filter(verb=Verb.TWIN_SETTLED).count()) == ("First.", 1)


def test_what_is_found_after_that_waits_again(acme: SubAccount, olga: Staff, client_of: ClientOf) -> None:
    item, browser = doubled(olga, acme).items.get(), client_of(olga)
    browser.post(page(item), {"reason": ""})
    assert (report(item, ["second-1"]), report(item, ["third"])) == ([], ["third"])
    shown = text_of(browser, page(item))
    assert ("Mark as settled" in shown, "third" in shown) == (True, True)


def test_a_reason_that_is_too_long_gets_its_message(acme: SubAccount, olga: Staff, client_of: ClientOf) -> None:
    item, browser = doubled(olga, acme).items.get(), client_of(olga)
    answer = browser.post(page(item), {"reason": "x" * 501})
    assert (answer.status_code, "at most 500 characters" in answer.content.decode()) == (422, True)
    assert Twin.objects.get().settled_at is None


def test_an_auditor_reads_and_may_not_settle(acme: SubAccount, olga: Staff, anna: Staff, client_of: ClientOf) -> None:
    item, browser = doubled(olga, acme).items.get(), client_of(anna)
    assert "Mark as settled" not in text_of(browser, page(item))
    assert (browser.post(page(item)).status_code, Twin.objects.get().settled_at) == (403, None)


def test_who_lacks_the_right_of_the_job_may_not_settle(
    acme: SubAccount, olga: Staff, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    item, browser = doubled(olga, acme).items.get(), client_of(olga)
    Job.objects.update(right="staff")  # one that operators have not
    assert "Mark as settled" not in text_of(browser, page(item))
    assert browser.post(page(item)).status_code == 403


def test_a_reseller_sees_and_settles_what_is_in_their_account_whoever_ran_the_job(
    acme: SubAccount, olga: Staff, rita: Staff, client_of: ClientOf
) -> None:
    job, browser = doubled(olga, acme), client_of(rita)
    item = job.items.get()
    assert page(item) in text_of(browser, "/")
    assert f"/jobs/{job.pk}/" not in text_of(browser, page(item))  # the job is not theirs
    assert browser.post(page(item), {"reason": ""}).status_code == 302
    assert Twin.objects.get().settled_by == rita


def test_a_stranger_sees_nothing(acme: SubAccount, olga: Staff, ravi: Staff, client_of: ClientOf) -> None:
    item, browser = doubled(olga, acme).items.get(), client_of(ravi)
    assert page(item) not in text_of(browser, "/")
    assert (browser.get(page(item)).status_code, browser.post(page(item)).status_code) == (404, 404)


def test_their_own_job_does_not_tell_of_an_account_that_was_taken_from_them(
    acme: SubAccount, globex: SubAccount, rita: Staff, client_of: ClientOf
) -> None:
    job, browser = doubled(rita, acme), client_of(rita)
    assert NOTICE in text_of(browser, f"/jobs/{job.pk}/")
    job.items.update(account=globex)
    assert NOTICE not in text_of(browser, f"/jobs/{job.pk}/")


def test_what_is_in_no_account_is_for_its_owner_and_those_who_see_all(
    acme: SubAccount, olga: Staff, rita: Staff, ravi: Staff, client_of: ClientOf
) -> None:
    item = doubled(rita, acme).items.get()
    Item.objects.update(account=None, endpoint="accounts.create")
    told = [client_of(staff).get(page(item)).status_code for staff in (olga, rita, ravi)]
    assert told == [200, 200, 404]


def test_a_row_without_a_finding_has_no_such_page(acme: SubAccount, olga: Staff, client_of: ClientOf) -> None:
    item, browser = job_of(olga, acme, 1).items.get(), client_of(olga)
    assert (browser.get(page(item)).status_code, browser.post(page(item)).status_code) == (404, 404)


def test_a_post_needs_its_token(acme: SubAccount, olga: Staff, client_of: Any) -> None:
    item = doubled(olga, acme).items.get()
    assert client_of(olga, enforce_csrf_checks=True).post(page(item), {"reason": ""}).status_code == 403


def test_the_pages_take_as_many_queries_for_many_rows_as_for_one(
    acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    browser, counts = client_of(olga), []
    for number in (1, 30):
        found = doubled(olga, acme, number)
        address = f"/jobs/{found.pk}/?rows=table"
        text_of(browser, address)
        with CaptureQueriesContext(connection) as told:
            shown = text_of(browser, address) + text_of(browser, "/")
        counts.append(len(told))
    assert ("<li>and more</li>" in shown, "more than 8" in shown) == (True, True)
    assert counts[0] == counts[1]
