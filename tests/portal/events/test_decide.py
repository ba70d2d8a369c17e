"""Registrants by status, and decisions about many of them: at most thirty to a call, every person a row of the job."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.bulk.files import results
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.pump import pump
from portal.directory.models import SubAccount
from portal.events.live import mark
from tests.portal.events.conftest import Register, listed
from tests.portal.ui.submitted import submitted
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
CALL = "webinars.update_registrants_status"


@pytest.fixture
def home(tenant: SubAccount, webinar: int) -> str:
    return f"/webinars/{tenant.pk}/{webinar}/registrants/"


def boxes(client: Client, url: str) -> dict[str, str]:
    """What each box of a list sends, by the address beside it, in the list's order."""
    found = re.findall(
        r'name="selected" value="(\w+)"[^>]*aria-label="Select ([^"]+)"', client.get(url).content.decode()
    )
    return {email: value for value, email in found}


def choose(client: Client, home: str, action: str, *, status: str = "pending", **data: Any) -> str:
    answer = client.post(f"{home}choose/?status={status}", {"action": action, **data})
    assert answer.status_code == 302
    return answer["Location"]


def confirm(client: Client, url: str, typed: str = "", times: int = 1) -> Any:
    page = client.get(url).content.decode()
    start = page.rindex("<form", 0, page.index('name="operation_key"'))
    data = submitted(page[start : page.index("</form>", start)])
    data["reason"] = "the room is large enough"
    data["typed"] = typed
    answers = [
        client.post(url, data.urlencode(), content_type="application/x-www-form-urlencoded") for _ in range(times)
    ]
    return answers[0]


def ran() -> Job:
    job = Job.objects.get()
    pump(job.pk)
    job.refresh_from_db()
    return job


def calls(sandbox: Sandbox, event: int) -> int:
    return sum(write["operation"] == CALL and str(event) in write["path"] for write in sandbox.ledger())


def test_the_chosen_are_approved_thirty_to_a_call_and_each_is_a_row(
    ritas: Client, home: str, tenant: SubAccount, webinar: int, sandbox: Sandbox, register: Register
) -> None:
    register(webinar, 63)
    found = boxes(ritas, f"{home}?size=100")
    chosen, left = list(found)[:61], list(found)[61:]
    url = choose(ritas, home, "approve", selected=[found[email] for email in chosen])
    assert "3 calls will be made to Zoom, with at most 30 people in each." in ritas.get(url).content.decode()
    assert confirm(ritas, url, typed="6").status_code == 422
    answer = confirm(ritas, url, typed="61", times=2)
    job = ran()
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert (job.state, job.title) == (JobState.DONE, "Approve 61 registrants of Open day")
    assert listed(sandbox, tenant, webinar, "approved") == set(chosen)
    assert listed(sandbox, tenant, webinar, "pending") == set(left)
    assert calls(sandbox, webinar) == 3
    rows = list(job.items.all())
    assert [item.label for item in rows] == chosen
    assert [item.row for item in rows if item.state == ItemState.DONE] == [1, 31, 61]
    assert [[row[0], *row[3:5]] for row in results.rows(job)] == [[email, "done", "approve"] for email in chosen]
    assert Entry.objects.filter(verb=CALL).exclude(phase="intent").count() == 3


def test_three_hundred_ticked_rows_fit_into_an_address(ritas: Client, home: str) -> None:
    marks = [mark({"id": f"registrant-{n}"}) for n in range(300)]
    assert len(choose(ritas, home, "approve", selected=marks)) < 4000  # gunicorn takes a line of 4,094


def test_all_of_a_status_are_meant_without_ticking_them(
    ritas: Client, home: str, tenant: SubAccount, webinar: int, sandbox: Sandbox, register: Register
) -> None:
    people = register(webinar, 51)
    assert "matching rows, also on other pages" in ritas.get(home).content.decode()
    url = choose(ritas, home, "deny", everything="1")
    assert parse_qs(urlsplit(url).query) == {"do": ["deny"], "status": ["pending"], "all": ["1"]}
    confirm(ritas, url, typed="51")
    assert ran().state == JobState.DONE
    assert listed(sandbox, tenant, webinar, "denied") == set(people)
    assert calls(sandbox, webinar) == 2


def test_a_cancellation_is_confirmed_by_its_own_words(
    ritas: Client, home: str, tenant: SubAccount, webinar: int, sandbox: Sandbox, register: Register
) -> None:
    register(webinar, 2)
    found = boxes(ritas, home)
    gone, kept = found
    url = choose(ritas, home, "cancel", selected=[found[gone]])
    assert confirm(ritas, url).status_code == 422
    assert confirm(ritas, url, typed="cancel 1 registrant").status_code == 302
    ran()
    assert listed(sandbox, tenant, webinar, "pending") == {kept}


def test_who_was_decided_about_meanwhile_is_left_out_and_said(
    ritas: Client, home: str, tenant: SubAccount, webinar: int, sandbox: Sandbox, register: Register
) -> None:
    people = register(webinar, 3)
    url = choose(ritas, home, "approve", selected=list(boxes(ritas, home).values()))
    path = f"/accounts/{tenant.zoom_id}/webinars/{webinar}/registrants/status"
    sandbox.call("PUT", path, json={"action": "deny", "registrants": [{"email": people[0]}]})
    assert "1 of the chosen was left out: no longer waiting for approval." in ritas.get(url).content.decode()
    confirm(ritas, url)
    ran()
    assert listed(sandbox, tenant, webinar, "approved") == set(people[1:])
    assert listed(sandbox, tenant, webinar, "denied") == {people[0]}


@pytest.mark.parametrize(
    "query",
    ["", "?do=approve&status=pending", "?do=approve&status=x&all=1", "?do=x&status=pending&all=1",
     "?do=approve&status=pending&chosen=nobody"],
)  # fmt: skip
def test_an_address_that_names_nobody_leads_back_to_the_list(ritas: Client, home: str, query: str) -> None:
    answer = ritas.get(f"{home}decide/{query}")
    assert answer.status_code == 302
    assert answer["Location"].startswith(home)
    assert Job.objects.count() == 0


def test_a_choice_of_nobody_leads_back_to_its_list(ritas: Client, home: str) -> None:
    assert choose(ritas, home, "approve", status="denied") == f"{home}?status=denied"
    assert choose(ritas, home, "explode", everything="1") == f"{home}?status=pending"


def test_the_registrants_have_tabs_and_what_they_told_is_escaped(
    ritas: Client, home: str, webinar: int, register: Register
) -> None:
    register(webinar, 1)
    text = ritas.get(home).content.decode()
    assert 'href="?status=pending" aria-current="page"' in text
    assert "Example &lt;Ltd&gt;" in text
    assert "Nobody was denied" in ritas.get(f"{home}?status=denied").content.decode()


def test_thirty_registrants_cost_as_many_queries_as_one(
    ritas: Client, home: str, webinar: int, register: Register
) -> None:
    register(webinar, 1)
    ritas.get(home)
    with CaptureQueriesContext(connection) as one:
        ritas.get(home)
    register(webinar, 30)
    with CaptureQueriesContext(connection) as thirty:
        ritas.get(home)
    assert len(thirty) == len(one)


def test_an_auditor_looks_and_cannot_decide(
    anna: Staff, home: str, webinar: int, register: Register, client_of: Callable[[Staff], Client]
) -> None:
    register(webinar, 1)
    client = client_of(anna)
    text = client.get(home).content.decode()
    assert "r000@reg.example" in text
    assert "Import registrants" not in text
    assert 'name="selected"' not in text
    assert client.get(f"{home}decide/?do=approve&status=pending&all=1").status_code == 403
    assert client.post(f"{home}choose/", {"action": "approve", "everything": "1"}).status_code == 403


def test_nothing_is_decided_in_a_sub_account_that_has_left(
    ritas: Client, home: str, tenant: SubAccount, webinar: int, register: Register
) -> None:
    register(webinar, 1)
    tenant.gone_since = tenant.seen_at
    tenant.save()
    assert 'name="selected"' not in ritas.get(home).content.decode()
    assert ritas.get(f"{home}decide/?do=approve&status=pending&all=1").status_code == 404
