"""Journey 3 without a browser: an import is undone through the pages, against a running sandbox."""

import html
import re
from collections.abc import Callable

import pytest
from django.test import Client

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.audit.models import Entry
from portal.bulk import operations
from portal.bulk.files import jobs
from portal.bulk.files.flows import flow_named
from portal.bulk.files.users import Constants
from portal.bulk.files.validate import validate
from portal.bulk.models import Job, JobState
from portal.bulk.pump import pump
from portal.bulk.undo.planning import prepare
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.bulk.engine.conftest import clean, quick, tenant
from tests.portal.bulk.files.conftest import stored
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["clean", "quick", "tenant"]  # fixtures


def ended(job: Job) -> str:
    pump(job.pk)
    job.refresh_from_db()
    return str(job.state)


def imported(content: str, owner: Staff, account: SubAccount) -> Job:
    job = jobs.create(owner, account.connection, stored(content), "people.csv")
    jobs.submit(job, job.options["mapping"], Constants(account=account.zoom_id, action="custCreate"))
    validate(str(job.pk))
    job.refresh_from_db()
    operations.start(job, owner)
    assert ended(job) == JobState.DONE
    return job


def text_of(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.unescape(page.decode())).split())


def test_an_import_is_undone_and_both_jobs_name_each_other(
    clean: Sandbox, tenant: SubAccount, olga: Staff, client_of: Callable[[Staff], Client]
) -> None:
    def user(email: str) -> dict[str, object]:
        answer = clean.call("GET", f"/accounts/{tenant.zoom_id}/users/{email}")
        return answer.json() if answer.ok else {}

    imported("Email,First Name,Department\nold@undo.example,Ona,Before\n", olga, tenant)
    second = "Email,First Name,Department\nold@undo.example,Changed,After\nnew@undo.example,New,After\n"
    job = imported(second, olga, tenant)
    assert (user("old@undo.example")["dept"], bool(user("new@undo.example"))) == ("After", True)

    browser = client_of(olga)
    assert "Undo" in text_of(browser.get(f"/jobs/{job.pk}/").content)
    page = text_of(browser.get(f"/jobs/{job.pk}/undo/").content)
    assert "Can be taken back What was done Calls Create a user 1 Change a user 2" in page
    writes = len(clean.ledger())
    key = {"operation_key": "5f1c6a7e-58a1-4c3e-9f27-0d5a4a0f6f10", "reason": "wrong file"}
    answer = browser.post(f"/jobs/{job.pk}/undo/", key)
    assert browser.post(f"/jobs/{job.pk}/undo/", key)["Location"] == answer["Location"]
    undo = job.children.get()
    validate(str(undo.pk))
    page = text_of(browser.get(answer["Location"]).content)
    assert "First name: Changed → Ona" in page
    assert "Department: After → Before" in page
    assert "Type “remove 1 user” to confirm" in page
    assert len(clean.ledger()) == writes

    started = browser.post(f"/jobs/import/{undo.pk}/start/", {"typed": "remove 1 user", "reason": "wrong file"})
    assert started["Location"] == f"/jobs/{undo.pk}/"
    undo.items.update(not_before=None)
    assert ended(undo) == JobState.DONE
    found = user("old@undo.example")
    assert (found["first_name"], found["dept"]) == ("Ona", "Before")
    assert user("new@undo.example") == {}
    assert MirrorUser.objects.filter(account=tenant, email__endswith="undo.example").count() == 1

    assert "Undoes Import users: people.csv" in text_of(browser.get(f"/jobs/{undo.pk}/").content)
    assert "Undone by Undo: Import users: people.csv" in text_of(browser.get(f"/jobs/{job.pk}/").content)
    linked = Entry.objects.filter(verb="job_undone", operation=str(job.pk))
    assert [str(undo.pk) in entry.message for entry in linked] == [True]
    assert browser.get(f"/jobs/{undo.pk}/result.csv").status_code == 200


def test_settings_are_compared_with_what_zoom_says_now(clean: Sandbox, tenant: SubAccount, olga: Staff) -> None:
    path = f"/accounts/{tenant.zoom_id}/settings"
    before = clean.call("GET", path).json()["in_meeting"]["chat"]
    item = operations.perform(
        scope=scope_of(olga),
        actor=olga,
        account=tenant,
        endpoint="accounts.update_settings",
        body={"in_meeting": {"chat": not before}},
        before={"in_meeting": {"chat": before}},
    )
    undo = prepare(item.job, scope=scope_of(olga), actor=olga)
    clean.call("PATCH", path, json={"in_meeting": {"chat": before}})
    validate(str(undo.pk))
    assert undo.items.get().message == "Changed since: Chat. Nothing will be done for this row."
    clean.call("PATCH", path, json={"in_meeting": {"chat": not before}})
    undo = prepare(item.job, scope=scope_of(olga), actor=olga)
    validate(str(undo.pk))
    undo.refresh_from_db()
    operations.start(undo, olga)
    assert ended(undo) == JobState.DONE
    assert clean.call("GET", path).json()["in_meeting"]["chat"] is before


def test_settings_from_a_file_are_compared_and_can_be_taken_back(
    clean: Sandbox, tenant: SubAccount, olga: Staff
) -> None:
    path = f"/accounts/{tenant.zoom_id}/settings"
    chat, polling = (clean.call("GET", path).json()["in_meeting"][name] for name in ("chat", "polling"))
    words = {True: "yes", False: "no"}
    file = f"Sub-account,in_meeting.chat,in_meeting.polling\n{tenant.zoom_id},{words[not chat]},{words[polling]}\n"
    job = jobs.create(olga, tenant.connection, stored(file), "settings.csv", flow_named("account_settings"))
    jobs.submit(job, job.options["mapping"], {})
    validate(str(job.pk))
    job.refresh_from_db()
    item = job.items.get()
    assert (item.body, item.before) == ({"in_meeting": {"chat": not chat}}, {"in_meeting": {"chat": chat}})
    operations.start(job, olga)
    assert ended(job) == JobState.DONE
    undo = prepare(job, scope=scope_of(olga), actor=olga)
    validate(str(undo.pk))
    undo.refresh_from_db()
    operations.start(undo, olga)
    assert ended(undo) == JobState.DONE
    assert clean.call("GET", path).json()["in_meeting"]["chat"] is chat
