"""Decisions about rows in review on the page of a job: one by one, page by page, and many at once."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.audit.verbs import Verb
from portal.bulk.decisions import Decision, decide
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.directory.models import SubAccount
from tests.portal.bulk.views.test_pages import job_of

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Staff], Client]
SAME = "Checked at Zoom: it is not there."


def in_review(owner: Staff, account: SubAccount, number: int) -> Job:
    job = job_of(owner, account, number)
    job.items.update(state=ItemState.REVIEW, message=SAME)
    Job.objects.filter(pk=job.pk).update(state=JobState.NEEDS_REVIEW)
    job.refresh_from_db()
    return job


def page_of(browser: Client, job: Job, query: str = "") -> str:
    return browser.get(f"/jobs/{job.pk}/{query}").content.decode()


def send(browser: Client, job: Job, **data: Any) -> Any:
    return browser.post(reverse("bulk:decide_many", args=[job.pk]), data)


def hidden(answer: HttpResponse) -> dict[str, str]:
    """What the question sends along when it is answered."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def answered(browser: Client, job: Job, asked: HttpResponse, **more: str) -> str:
    """Confirm the question; what the job's page says then."""
    answer = browser.post(reverse("bulk:decide_many", args=[job.pk]), {**hidden(asked), **more}, follow=True)
    assert answer.redirect_chain == [(f"/jobs/{job.pk}/", 302)], answer.content.decode()
    return answer.content.decode()


def counted(job: Job) -> Counter[str]:
    return Counter(job.items.values_list("state", flat=True))


def test_all_rows_in_review_are_reached_page_by_page(acme: SubAccount, olga: Staff, client_of: ClientOf) -> None:
    job, browser = in_review(olga, acme, 31), client_of(olga)
    first = page_of(browser, job, "?state=review")
    (following,) = set(re.findall(r'href="(\?[^"]*review_after=[^"]*)"', first))
    second = page_of(browser, job, following.replace("&amp;", "&").partition("#")[0])
    assert ("20 of 31" in first, first.count("/decide/")) == (True, 21)
    assert ("11 of 31" in second, second.count("/decide/")) == (True, 12)
    assert ("state=review" in following, following.endswith("#reviews")) == (True, True)
    assert len(set(re.findall(r'name="selected" value="(\d+)"', first + second))) == 31


def test_the_page_takes_as_many_queries_for_many_rows_as_for_few(
    acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    few, many, browser = in_review(olga, acme, 9), in_review(olga, acme, 19), client_of(olga)
    page_of(browser, few)
    with CaptureQueriesContext(connection) as first:
        page_of(browser, few)
    with CaptureQueriesContext(connection) as second:
        page_of(browser, many)
    assert len(second) == len(first)


def test_ticked_rows_are_decided_after_a_question_with_their_number(
    acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    job, browser = in_review(olga, acme, 5), client_of(olga)
    keys = list(job.items.values_list("pk", flat=True)[:3])
    asked = send(browser, job, selected=keys, which="ticked", decision="given_up")
    assert ("Decide about 3 rows" in asked.content.decode(), counted(job)) == (True, {ItemState.REVIEW: 5})
    said = answered(browser, job, asked, reason="The customer left.")
    assert "Your decisions about 3 rows are kept in the audit log." in said
    assert counted(job) == {ItemState.FAILED: 3, ItemState.REVIEW: 2}
    kept = Entry.objects.filter(verb=Verb.ITEM_SETTLED).values_list("operation", "reason")
    assert set(kept) == {(f"{job.pk}:{key}", "The customer left.") for key in keys}


def test_all_rows_with_the_same_question_are_decided_at_once(
    acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    job, browser = in_review(olga, acme, 31), client_of(olga)
    Item.objects.filter(job=job, row__gt=28).update(message="Another finding.")
    text = page_of(browser, job)
    (name,) = re.findall(r'name="which" value="(\w+)"[^>]*>All 28 rows', text)
    asked = send(browser, job, which=name, decision="send_again")
    assert "Type “28” to confirm" in asked.content.decode()
    assert send(browser, job, **hidden(asked), typed="27").status_code == 422
    assert counted(job) == {ItemState.REVIEW: 31}
    answered(browser, job, asked, typed="28")
    job.refresh_from_db()
    assert (counted(job), job.state) == ({ItemState.PENDING: 28, ItemState.REVIEW: 3}, JobState.RUNNING)


def test_a_row_that_somebody_decided_meanwhile_is_left_alone_and_named(
    acme: SubAccount, olga: Staff, adam: Staff, client_of: ClientOf
) -> None:
    job, browser = in_review(olga, acme, 3), client_of(olga)
    rows = list(job.items.all())
    asked = send(browser, job, selected=[row.pk for row in rows], which="ticked", decision="carried_out")
    assert decide(rows[1], Decision.FAILED, adam)
    Item.objects.filter(pk=rows[2].pk).update(fence=7)  # sent again by somebody's word, and in review once more
    said = answered(browser, job, asked)
    assert "row 2 (&lt;b&gt;2@x.example), row 3 (&lt;b&gt;3@x.example)." in said
    assert [item.state for item in job.items.all()] == [ItemState.DONE, ItemState.FAILED, ItemState.REVIEW]


def test_a_question_that_is_answered_twice_is_answered_once(acme: SubAccount, olga: Staff, client_of: ClientOf) -> None:
    job, browser = in_review(olga, acme, 2), client_of(olga)
    asked = send(browser, job, selected=[job.items.all()[0].pk], which="ticked", decision="given_up")
    answered(browser, job, asked)
    assert "it was not sent a second time" in answered(browser, job, asked)


def test_no_row_is_ticked(acme: SubAccount, olga: Staff, client_of: ClientOf) -> None:
    job, browser = in_review(olga, acme, 2), client_of(olga)
    answer = browser.post(reverse("bulk:decide_many", args=[job.pk]), {"decision": "carried_out"}, follow=True)
    assert "No row was ticked" in answer.content.decode()
    assert send(browser, job, decision="maybe").status_code == 404
    assert counted(job) == {ItemState.REVIEW: 2}


def test_rows_of_other_jobs_and_beyond_the_rights_are_left_alone(
    acme: SubAccount, globex: SubAccount, rita: Staff, olga: Staff, client_of: ClientOf
) -> None:
    job, other, browser = in_review(rita, acme, 2), in_review(olga, globex, 1), client_of(rita)
    mine, lost = job.items.all()
    Item.objects.filter(pk=lost.pk).update(account=globex)
    strange = other.items.get()
    asked = send(browser, job, selected=[mine.pk, lost.pk, strange.pk], which="ticked", decision="carried_out")
    assert "Decide about 2 rows" in asked.content.decode()
    assert "You have no right to decide about this" in answered(browser, job, asked)
    assert (counted(job), counted(other)) == ({ItemState.DONE: 1, ItemState.REVIEW: 1}, {ItemState.REVIEW: 1})


def one(browser: Client, job: Job, **data: str) -> Any:
    return browser.post(reverse("bulk:decide", args=[job.pk, job.items.get().pk]), data)


def test_a_reason_is_kept_in_the_audit_and_shown_beside_the_row(
    acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    job, browser = in_review(olga, acme, 1), client_of(olga)
    assert one(browser, job, decision="given_up", reason=" It was <b>late</b>. ").status_code == 302
    assert Entry.objects.get(verb=Verb.ITEM_SETTLED).reason == "It was <b>late</b>."
    said = "Decided by Olga: it was not carried out and is not sent again. Reason: “It was <b>late</b>.”."
    assert job.items.get().told == said
    assert said.replace("<", "&lt;").replace(">", "&gt;") in page_of(browser, job)
    file = b"".join(browser.get(f"/jobs/{job.pk}/result.csv").streaming_content)  # type: ignore[attr-defined]
    assert said in file.decode()


def test_a_reason_that_is_too_long_gets_its_message_beside_the_field(
    acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    job, browser = in_review(olga, acme, 1), client_of(olga)
    asked = one(browser, job, decision="given_up", reason="x" * 501)
    assert (asked.status_code, "x" * 501 in asked.content.decode()) == (422, True)
    assert "at most 500 characters" in asked.content.decode()
    assert counted(job) == {ItemState.REVIEW: 1}


@pytest.mark.parametrize(
    ("endpoint", "body", "answer", "told"),
    [
        (
            "billing.update_base",
            {"type": "monthly", "hosts": 30},
            {"before": {}, "now": {"plan_base": {"type": "monthly", "hosts": 25}}},
            "Plan base, hosts is 25 at Zoom, and 30 was wanted.",
        ),
        ("users.delete", {}, {"email": "a@x.example"}, "it is still there."),
    ],
)
def test_who_says_carried_out_while_zoom_shows_something_else_is_asked_once_more(
    acme: SubAccount, olga: Staff, client_of: ClientOf, endpoint: str, body: Any, answer: Any, told: str
) -> None:
    job, browser = in_review(olga, acme, 1), client_of(olga)
    job.items.update(endpoint=endpoint, body=body, answer=answer)
    asked = one(browser, job, decision="carried_out", reason="I saw it.")
    assert (told in asked.content.decode(), "I saw it." in asked.content.decode()) == (True, True)
    assert counted(job) == {ItemState.REVIEW: 1}
    answered(browser, job, asked, reason="I saw it.")
    assert (counted(job), Entry.objects.get(verb=Verb.ITEM_SETTLED).reason) == ({ItemState.DONE: 1}, "I saw it.")


@pytest.mark.parametrize("decision", ["send_again", "given_up"])
def test_what_agrees_with_zoom_is_not_asked_again(
    acme: SubAccount, olga: Staff, client_of: ClientOf, decision: str
) -> None:
    job, browser = in_review(olga, acme, 1), client_of(olga)
    plan = {"type": "monthly", "hosts": "30"}
    job.items.update(endpoint="billing.update_base", body=plan, answer={"now": {"plan_base": {"hosts": 25}}})
    assert one(browser, job, decision=decision).status_code == 302
    job.items.update(state=ItemState.REVIEW, answer={"now": {"plan_base": {"hosts": 30}}})
    assert one(browser, job, decision="carried_out").status_code == 302
    assert counted(job) == {ItemState.DONE: 1}


@pytest.mark.parametrize(
    ("decision", "words"),
    [("carried_out", "Carried out"), ("send_again", "Send again"), ("given_up", "Given up")],
)
def test_the_audit_says_what_a_person_decided(
    acme: SubAccount, olga: Staff, client_of: ClientOf, decision: str, words: str
) -> None:
    job, browser = in_review(olga, acme, 1), client_of(olga)
    one(browser, job, decision=decision)
    badges = re.compile(r'<span class="badge [a-z]+">([^<]*)</span>')
    for query in ("verb=item_settled", f"verb=item_settled&result={decision}"):
        listed = browser.get(f"/audit/?{query}").content.decode().partition("<tbody>")[2]
        assert ("Item settled" in listed, badges.findall(listed)) == (True, [words])
