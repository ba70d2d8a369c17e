"""A file of sub-accounts through the pages and against a running sandbox: account, plan, billing contact."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from portal.access.models import Staff
from portal.bulk.files import results
from portal.bulk.files.validate import validate
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.pump import pump
from portal.bulk.undo import planning
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.conftest import clean, quick, tenant
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["clean", "quick", "tenant"]  # fixtures
OWNER = "ida@acme.example"
FILE = b"""first_name,last_name,email,password,account_name,pay_mode,share_rc,room_connectors,share_mc,\
meeting_connectors,plan_type,plan_hosts,contact_first_name,contact_last_name,contact_email,contact_phone,contact_address,contact_apt,\
contact_city,contact_state,contact_zip,contact_country,template,reference
Ida,Owner,ida@acme.example,,ACME,master,false,,false,,monthly,5,Ida,Owner,billing@acme.example,+1 555 0100,"1 Main St
Building 4",,San Jose,CA,95113,US,default-edu,CRM-0001
"""


@pytest.fixture
def browser(
    olga: Staff, tenant: SubAccount, settings: Settings, tmp_path: Path, client_of: Callable[..., Client]
) -> Client:
    settings.UPLOAD_DIR = tmp_path
    return client_of(olga)


def checked(browser: Client, content: bytes) -> Job:
    file = SimpleUploadedFile("subaccounts.csv", content)
    sent = browser.post("/jobs/import/?what=sub_accounts", {"file": file})
    job = Job.objects.get(pk=sent.url.split("/")[-2])
    form = {"encoding": "utf-8", "delimiter": ",", "header": "on"}
    form |= {f"column_{place}": name for name, place in job.options["mapping"].items()}
    assert browser.post(f"/jobs/import/{job.pk}/", form).status_code == 302
    validate(str(job.pk))
    job.refresh_from_db()
    return job


def started(browser: Client, job: Job) -> Job:
    answer = browser.post(f"/jobs/import/{job.pk}/start/", {"when": "now"})
    assert answer.status_code == 302, answer.content.decode()
    pump(job.pk)
    job.refresh_from_db()
    return job


def created(sandbox: Sandbox) -> dict[str, Any]:
    rows = sandbox.call("GET", "/accounts?page_size=300").json()["accounts"]
    found: dict[str, Any] = next(row for row in rows if row["owner_email"] == OWNER)
    return found


def writes(sandbox: Sandbox) -> list[str]:
    return [write["operation"] for write in sandbox.ledger()]


def test_the_sample_runs_end_to_end_and_can_be_sent_again(clean: Sandbox, browser: Client) -> None:
    job = checked(browser, FILE)
    page = browser.get(f"/jobs/import/{job.pk}/check/").content.decode()
    for text in ("Create a sub-account", "Subscribe", "2 calls", "less than a minute"):
        assert text in page, text
    assert started(browser, job).state == JobState.DONE
    assert writes(clean) == ["accounts.create", "billing.subscribe"]
    account = created(clean)
    plans = clean.call("GET", f"/accounts/{account['id']}/plans").json()
    contact = clean.call("GET", f"/accounts/{account['id']}/billing").json()
    assert plans["plan_base"] == {"type": "monthly", "hosts": 5}
    assert (contact["email"], contact["address"]) == ("billing@acme.example", "1 Main St\nBuilding 4")
    (row,) = results.rows(job)
    assert (row[-7:-2], row[-1]) == ([account["id"], account["id"], "done", "create", 201], 2)
    assert [part.why for part in planning.parts(job)] == [
        "A sub-account belongs to its owner now. It can be disassociated on its own page.",
        "Plans cost money from the moment they are changed. Change them on the page of plans, where it is shown.",
    ]

    text = b"".join(results.response(job))  # type: ignore[arg-type]  # a plain iterator here
    again = checked(browser, text)
    assert [(item.action, item.state) for item in again.items.all()] == [("unchanged", ItemState.SKIPPED)]


def test_a_plan_that_was_refused_is_subscribed_when_the_result_file_is_sent_again(
    clean: Sandbox, browser: Client
) -> None:
    clean.faults({"match": {"method": "POST", "path": "/plans$"}, "do": "status", "value": 400, "times": 1})
    job = started(browser, checked(browser, FILE))
    assert (job.state, writes(clean)) == (JobState.DONE_WITH_ERRORS, ["accounts.create"])
    SubAccount.objects.filter(owner_email=OWNER).update(detail_at=job.ended_at)
    again = checked(browser, b"".join(results.response(job)))  # type: ignore[arg-type]  # a plain iterator here
    assert [(item.action, item.endpoint) for item in again.items.all()] == [("update", "billing.subscribe")]
    assert started(browser, again).state == JobState.DONE
    assert writes(clean) == ["accounts.create", "billing.subscribe"]


def test_a_plan_whose_outcome_is_not_known_is_never_sent_again_by_itself(clean: Sandbox, browser: Client) -> None:
    clean.faults({"match": {"method": "POST", "path": "/plans$"}, "do": "status", "value": 500, "times": 1})
    job = started(browser, checked(browser, FILE))
    item = job.items.get(step=1)
    assert (job.state, item.state, writes(clean)) == (JobState.NEEDS_REVIEW, ItemState.REVIEW, ["accounts.create"])
    page = browser.get(f"/jobs/{job.pk}/").content.decode()
    assert "Needs a decision" in page
