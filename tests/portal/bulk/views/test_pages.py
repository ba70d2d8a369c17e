"""The pages of jobs: who sees what, and what the buttons do."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk import operations
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.operations import Step
from portal.bulk.progress import forecast
from portal.directory.models import SubAccount

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Staff], Client]


@pytest.fixture
def job(acme: SubAccount, olga: Staff) -> Job:
    return job_of(olga, acme)


def job_of(owner: Staff, account: SubAccount, number: int = 3) -> Job:
    steps = [
        Step(
            row=row,
            account=account,
            endpoint="users.create",
            body={"action": "create", "user_info": {"email": f"<b>{row}@x.example", "type": 1}},
            label=f"<b>{row}@x.example",
        )
        for row in range(1, number + 1)
    ]
    return operations.plan(
        scope=scope_of(owner), actor=owner, connection=account.connection, kind="users", title="Three <i>", steps=steps
    )


def address(name: str, job: Job, *more: Any) -> str:
    return reverse(f"bulk:{name}", args=[job.pk, *more])


def test_the_list_shows_own_jobs_and_to_operators_all(
    job: Job, acme: SubAccount, rita: Staff, olga: Staff, client_of: ClientOf
) -> None:
    job_of(rita, acme)
    Job.objects.filter(owner=rita).update(title="Rita's own")
    Job.objects.update(state=JobState.RUNNING)
    text = client_of(olga).get(reverse("bulk:list")).content.decode()
    assert "Three &lt;i&gt;" in text
    assert "Rita&#x27;s own" in text
    text = client_of(rita).get(reverse("bulk:list")).content.decode()
    assert "Three" not in text
    assert "Rita&#x27;s own" in text


def test_a_filter_that_filters_nothing_says_any(job: Job, olga: Staff, client_of: ClientOf) -> None:
    page = client_of(olga).get(reverse("bulk:list")).content.decode()
    assert ("---------" in page, page.count('<option value="" selected>Any</option>')) == (False, 3)


def test_the_rows_of_a_running_job_are_read_anew_like_its_progress(job: Job, olga: Staff, client_of: ClientOf) -> None:
    own = f'hx-get="{address("job", job)}?state=pending" hx-trigger="every 4s"'
    client = client_of(olga)
    assert own not in client.get(f"{address('job', job)}?state=pending").content.decode()
    Job.objects.update(state=JobState.RUNNING)
    assert own in client.get(f"{address('job', job)}?state=pending").content.decode()
    part = client.get(f"{address('job', job)}?state=pending", headers={"HX-Request": "true"}).content.decode()
    assert (own in part, "<main" in part) == (True, False)


@pytest.mark.parametrize("query", ["state=ready", "lane=bulk", "whose=mine", "q=three"])
def test_the_list_can_be_filtered(job: Job, olga: Staff, client_of: ClientOf, query: str) -> None:
    if query != "state=ready":
        Job.objects.update(state=JobState.RUNNING)
    assert "Three" in client_of(olga).get(f"{reverse('bulk:list')}?{query}").content.decode()


@pytest.mark.usefixtures("at_best")
def test_a_ready_job_tells_its_forecast_and_can_be_started(job: Job, olga: Staff, client_of: ClientOf) -> None:
    browser = client_of(olga)
    text = browser.get(address("job", job)).content.decode()
    assert "Will take about 1 s" in text
    assert "<b>" not in text
    answer = browser.post(address("start", job))
    assert answer.headers["Location"] == address("job", job)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    assert "every 2s" in browser.get(address("progress", job)).content.decode()


@pytest.mark.usefixtures("at_best")
def test_a_forecast_shares_the_rate_with_other_peoples_running_jobs(
    acme: SubAccount, olga: Staff, rita: Staff, client_of: ClientOf
) -> None:
    mine = job_of(olga, acme, 97)
    alone = forecast(mine)
    own, *others = [job_of(olga, acme), job_of(rita, acme), job_of(rita, acme)]
    Job.objects.filter(pk__in=[job.pk for job in (own, *others)]).update(state=JobState.RUNNING)
    assert (alone, forecast(mine)) == (pytest.approx(10.0), pytest.approx(20.0))
    text = client_of(olga).get(address("job", mine)).content.decode()
    assert "Will take about 20 s at the permitted rate, shared with other people&#x27;s jobs." in text


def test_only_its_owner_starts_a_job(job: Job, adam: Staff, client_of: ClientOf) -> None:
    assert client_of(adam).post(address("start", job)).status_code == 404


def test_progress_of_an_ended_job_reloads_the_page(job: Job, olga: Staff, client_of: ClientOf) -> None:
    Job.objects.update(state=JobState.DONE)
    assert client_of(olga).get(address("progress", job)).headers["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (JobState.RUNNING, JobState.PAUSED), (JobState.PAUSED, JobState.RUNNING),
        (JobState.RUNNING, JobState.CANCELLING), (JobState.SCHEDULED, JobState.RUNNING),
        (JobState.SCHEDULED, JobState.DONE),
    ],
)  # fmt: skip
def test_a_page_loads_anew_when_its_job_is_in_another_state(
    job: Job, olga: Staff, client_of: ClientOf, was: str, now: str
) -> None:
    browser = client_of(olga)
    Job.objects.update(state=was, begins_at=timezone.now())
    live = asks(browser.get(address("job", job)).content.decode())
    assert "HX-Refresh" not in browser.get(live[0]).headers
    Job.objects.update(state=now)
    assert (browser.get(live[0]).headers["HX-Refresh"], live[1]) == ("true", "10s" if was == "scheduled" else "2s")


def test_a_page_that_waits_for_a_second_person_loads_anew_when_there_is_a_word(
    job: Job, olga: Staff, client_of: ClientOf
) -> None:
    browser = client_of(olga)
    Job.objects.update(awaits_approval=True)
    live = asks(browser.get(f"{address('job', job)}?rows=table").content.decode())
    assert ("HX-Refresh" in browser.get(live[0]).headers, live[1]) == (False, "10s")
    Job.objects.update(awaits_approval=False)
    assert browser.get(live[0]).headers["HX-Refresh"] == "true"


def asks(page: str) -> tuple[str, str]:
    """What the live part of a page asks for, and how often; nothing else of it asks."""
    found = re.findall(r'id="progress"[^>]*hx-get="([^"]+)" hx-trigger="every (\w+)"', page)
    assert page.count('hx-trigger="every') == 1
    return unescape(found[0][0]), found[0][1]


def test_pause_and_resume(job: Job, olga: Staff, client_of: ClientOf) -> None:
    browser = client_of(olga)
    operations.start(job, olga)
    browser.post(address("pause", job))
    job.refresh_from_db()
    assert (job.state, job.paused_by) == (JobState.PAUSED, "person")
    assert "Paused by Olga" in browser.get(address("job", job)).content.decode()
    browser.post(address("resume", job))
    job.refresh_from_db()
    assert (job.state, job.paused_by, job.paused_reason) == (JobState.RUNNING, "", "")


def test_cancelling_asks_first_and_then_says_what_is_done(job: Job, olga: Staff, client_of: ClientOf) -> None:
    browser = client_of(olga)
    operations.start(job, olga)
    page = browser.get(address("cancel", job))
    form = page.context["form"]
    data = {"reason": "wrong file", "operation_key": str(uuid.uuid4()), "seen": form.initial["seen"]}
    answer = browser.post(address("cancel", job), data, follow=True)
    assert "Cancelled: 0 done, 3 not done." in answer.content.decode()
    job.refresh_from_db()
    assert (job.state, set(job.items.values_list("state", flat=True))) == (JobState.CANCELLED, {ItemState.CANCELLED})


def test_cancelling_counts_what_is_on_its_way(job: Job, olga: Staff, client_of: ClientOf) -> None:
    browser = client_of(olga)
    browser.post(address("start", job))
    Item.objects.filter(pk=job.items.all()[0].pk).update(state=ItemState.SENDING, lease_until=timezone.now())
    page = browser.get(address("cancel", job))
    form = page.context["form"]
    data = {"operation_key": form["operation_key"].value(), "seen": form["seen"].value(), "reason": ""}
    answer = browser.post(address("cancel", job), data, follow=True)
    told = "Cancelled: 0 done, 2 not done. 1 on their way; what becomes of them is told here."
    assert told in answer.content.decode()


def test_retry_makes_a_linked_job_of_what_was_not_done(job: Job, olga: Staff, client_of: ClientOf) -> None:
    Job.objects.update(state=JobState.DONE_WITH_ERRORS)
    first, second, _ = job.items.all()
    Item.objects.filter(pk=first.pk).update(state=ItemState.DONE)
    Item.objects.exclude(pk=first.pk).update(state=ItemState.FAILED, errors={"user_info.email": ["No <b>."]})
    browser = client_of(olga)
    assert "No &lt;b&gt;." in browser.get(address("job", job)).content.decode()
    answer = browser.post(address("retry", job), {"operation_key": str(uuid.uuid4())})
    child = job.children.get()
    assert answer.headers["Location"] == address("job", child)
    assert [(item.row, item.state, item.label) for item in child.items.all()] == [
        (2, ItemState.PENDING, second.label),
        (3, ItemState.PENDING, "<b>3@x.example"),
    ]


def test_a_job_about_one_sub_account_leads_to_it(
    job: Job, acme: SubAccount, globex: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    browser = client_of(olga)
    link = f'<a href="{reverse("accounts:detail", args=[acme.pk])}">{acme}</a>'
    assert link in browser.get(address("job", job)).content.decode()
    Item.objects.filter(job=job, row=1).update(account=globex)
    assert link not in browser.get(address("job", job)).content.decode()
    Item.objects.filter(job=job).update(account=None, endpoint="accounts.create", state=ItemState.DONE)
    Item.objects.filter(job=job, row=1).update(remote_id=acme.zoom_id)
    assert link in browser.get(address("job", job)).content.decode()


def test_a_row_is_retried_by_one_job_only(job: Job, olga: Staff, client_of: ClientOf) -> None:
    Job.objects.update(state=JobState.DONE_WITH_ERRORS)
    Item.objects.update(state=ItemState.FAILED)
    browser = client_of(olga)
    for _ in range(2):
        browser.post(address("retry", job), {"operation_key": str(uuid.uuid4())})
    child = job.children.get()
    page = browser.get(address("job", job)).content.decode()
    assert "Retry failed" not in page
    assert address("job", child) in page


@pytest.mark.parametrize(
    ("decision", "state", "job_state"),
    [
        ("carried_out", ItemState.DONE, JobState.DONE),
        ("given_up", ItemState.FAILED, JobState.DONE_WITH_ERRORS),
        ("send_again", ItemState.PENDING, JobState.RUNNING),
    ],
)
def test_a_decision_takes_an_item_out_of_review(
    job: Job, olga: Staff, client_of: ClientOf, decision: str, state: str, job_state: str
) -> None:
    Job.objects.update(state=JobState.NEEDS_REVIEW)
    item = job.items.all()[0]
    Item.objects.exclude(pk=item.pk).update(state=ItemState.DONE)
    shown = {"before": {"plan_base": {"hosts": 9}}, "now": {"plan_base": {"hosts": 12}}}
    Item.objects.filter(pk=item.pk).update(state=ItemState.REVIEW, answer=shown)
    browser = client_of(olga)
    assert "Needs a decision" in browser.get(address("job", job)).content.decode()
    browser.post(address("decide", job, item.pk), {"decision": decision})
    item.refresh_from_db()
    job.refresh_from_db()
    assert (item.state, job.state) == (state, job_state)


def test_an_auditor_sees_and_changes_nothing(job: Job, anna: Staff, client_of: ClientOf) -> None:
    browser = client_of(anna)
    assert "Three" in browser.get(address("job", job)).content.decode()
    for name in ("start", "pause", "resume", "cancel", "retry"):
        assert browser.post(address(name, job)).status_code == 403


def test_another_reseller_gets_what_a_missing_job_gets(
    acme: SubAccount, rita: Staff, ravi: Staff, client_of: ClientOf
) -> None:
    mine = job_of(rita, acme)
    browser = client_of(ravi)
    for name in ("job", "progress", "result", "cancel"):
        missing = browser.get(reverse(f"bulk:{name}", args=[uuid.uuid4()]))
        foreign = browser.get(address(name, mine))
        assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)
        assert foreign.status_code == 404


def test_the_result_file_has_a_line_per_row(job: Job, olga: Staff, client_of: ClientOf) -> None:
    answer = client_of(olga).get(address("result", job))
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 4


def test_rows_of_a_file_say_their_line_and_others_have_no_such_column(
    job: Job, olga: Staff, client_of: ClientOf
) -> None:
    head = '<th scope="col" class="num less tight">Line</th>'
    browser = client_of(olga)
    assert browser.get(address("job", job)).content.decode().count(head) == 0
    Item.objects.update(line=7)
    assert browser.get(address("job", job)).content.decode().count(head) == 1


def test_each_state_of_the_progress_leads_to_its_rows(job: Job, olga: Staff, client_of: ClientOf) -> None:
    Item.objects.filter(pk=job.items.all()[0].pk).update(state=ItemState.FAILED, message="Zoom says no.")
    browser = client_of(olga)
    assert f'href="{address("job", job)}?state=failed"' in browser.get(address("job", job)).content.decode()
    rows = browser.get(f"{address('job', job)}?state=failed").content.decode()
    assert rows.count('<th scope="row">') == 1


def test_a_job_that_has_ended_says_when_and_how_long_it_took(job: Job, olga: Staff, client_of: ClientOf) -> None:
    begun = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    Item.objects.update(state=ItemState.DONE)
    Job.objects.update(state=JobState.DONE, started_at=begun, ended_at=begun + timedelta(minutes=5))
    assert "took 5 min" in client_of(olga).get(address("job", job)).content.decode()


def test_an_undo_that_was_not_started_is_not_called_done(job: Job, olga: Staff, client_of: ClientOf) -> None:
    undo = job_of(olga, job.items.select_related("account")[0].account)  # type: ignore[arg-type]  # each row has one
    Job.objects.filter(pk=undo.pk).update(kind="undo", parent=job)
    browser = client_of(olga)
    text = browser.get(address("job", job)).content.decode()
    assert ("An undo is prepared:" in text, "Undone by" in text) == (True, False)
    Job.objects.filter(pk=undo.pk).update(started_at=datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    text = browser.get(address("job", job)).content.decode()
    assert ("An undo is prepared:" in text, "Undone by" in text) == (False, True)


def headings(page: str) -> list[str]:
    return re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', page)


def test_a_small_job_shows_its_rows_once(job: Job, olga: Staff, client_of: ClientOf) -> None:
    browser, label = client_of(olga), "&lt;b&gt;1@x.example"
    steps = browser.get(address("job", job)).content.decode()
    table = browser.get(f"{address('job', job)}?rows=table").content.decode()
    assert [page.count(label) for page in (steps, table)] == [1, 1]
    assert [('class="steps"' in page, 'id="results"' in page) for page in (steps, table)] == [
        (True, False),
        (False, True),
    ]
    Job.objects.update(state=JobState.RUNNING)
    running = browser.get(f"{address('job', job)}?rows=table").content.decode()
    live = unescape(re.findall(r'id="progress"[^>]*hx-get="([^"]+)"', running)[0])
    assert ('class="steps"' in browser.get(live).content.decode(), live) == (
        False,
        address("progress", job) + "?was=running&rows=table",
    )


def test_rows_of_a_file_are_a_table_however_few(job: Job, olga: Staff, client_of: ClientOf) -> None:
    Item.objects.update(line=7)
    page = client_of(olga).get(address("job", job)).content.decode()
    assert ('class="steps"' in page, 'id="results"' in page) == (False, True)


def test_an_operation_that_all_rows_have_is_said_once(acme: SubAccount, olga: Staff, client_of: ClientOf) -> None:
    job, browser = job_of(olga, acme, 9), client_of(olga)
    page = browser.get(address("job", job)).content.decode()
    assert (page.count("Create a user"), page.count("<h2>Each row: ")) == (1, 1)
    assert headings(page) == ["Row", "Object", "State", "Message", "Tries", "Zoom", "Audit"]
    Item.objects.filter(row=2).update(endpoint="users.update")
    page = browser.get(address("job", job)).content.decode()
    assert headings(page) == ["Row", "Object", "Operation", "State", "Message", "Tries", "Zoom", "Audit"]
    assert "<h2>Each row: " not in page


def test_what_is_wrong_with_a_row_is_said_with_the_value(job: Job, olga: Staff, client_of: ClientOf) -> None:
    Job.objects.update(options={"header": ["Email", "Sub-account"]})
    wrong = {"Sub-account": ["No such sub-account."], "": ["Twice."], "user_info.type": ["No."]}
    Item.objects.filter(row=1).update(
        source={"cells": ["a@x.example", "<Ember>"]}, errors=wrong, state=ItemState.INVALID
    )
    page = client_of(olga).get(f"{address('job', job)}?rows=table").content.decode()
    told = (
        "<strong>Sub-account “&lt;Ember&gt;”:</strong> No such sub-account. Twice. <strong>user_info.type:</strong> No."
    )
    assert told in page


@pytest.mark.parametrize("query", ["", "?rows=table"])
def test_what_is_said_of_a_row_to_decide_about_is_said_once(
    job: Job, olga: Staff, client_of: ClientOf, query: str
) -> None:
    Job.objects.update(state=JobState.NEEDS_REVIEW)
    Item.objects.update(state=ItemState.REVIEW, message="Zoom shows the plans unchanged.")
    Item.objects.filter(row__gt=1).update(state=ItemState.DONE, message="")
    page = client_of(olga).get(address("job", job) + query).content.decode()
    assert page.count("Zoom shows the plans unchanged.") == 1
