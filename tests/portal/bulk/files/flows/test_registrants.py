"""Journey 9 over files, against a running sandbox: registering people and deciding about them."""

from collections import Counter
from typing import Any

import pytest

from portal.access.models import Staff
from portal.bulk import operations
from portal.bulk.files import jobs, results
from portal.bulk.files.flows import flow_named
from portal.bulk.files.validate import validate
from portal.bulk.models import Job, JobState
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.conftest import clean, finished, quick, tenant
from tests.portal.bulk.files.conftest import stored
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["clean", "quick", "tenant"]  # fixtures


@pytest.fixture
def webinar(clean: Sandbox, tenant: SubAccount) -> str:
    """A webinar whose registrants wait for approval."""
    users = clean.call("GET", f"/accounts/{tenant.zoom_id}/users?page_size=300").json()["users"]
    for user in (user for user in users if user["type"] == 2):
        body: dict[str, Any] = {
            "topic": "Open day",
            "type": 5,
            "start_time": "2030-01-01T10:00:00Z",
            "settings": {"approval_type": 1, "registration_type": 1},
        }
        answer = clean.call("POST", f"/accounts/{tenant.zoom_id}/users/{user['id']}/webinars", json=body)
        if answer.status_code == 201:
            return str(answer.json()["id"])
    raise AssertionError("no user of this account may hold webinars")


def checked(what: str, content: str, owner: Staff, account: SubAccount, webinar: str) -> Job:
    job = jobs.create(owner, account.connection, stored(content), "people.csv", flow_named(what))
    jobs.submit(job, job.options["mapping"], {"account": account.zoom_id, "fixed": {"webinarId": webinar}})
    validate(str(job.pk))
    job.refresh_from_db()
    return job


def ran(job: Job, owner: Staff) -> Job:
    operations.start(job, owner)
    return finished(job)


def people(sandbox: Sandbox, account: SubAccount, webinar: str, status: str) -> set[str]:
    path = f"/accounts/{account.zoom_id}/webinars/{webinar}/registrants?status={status}&page_size=300"
    return {row["email"] for row in sandbox.call("GET", path).json()["registrants"]}


def test_people_are_registered_once_and_approved_thirty_at_a_time(
    clean: Sandbox, tenant: SubAccount, olga: Staff, webinar: str
) -> None:
    rows = [f"r{n}@reg.example,First{n},Last" for n in range(40)]
    file = "\n".join(["Email,First Name,Last Name", *rows, "not-an-address,X,Y", "r1@reg.example,Twice,Y"])
    job = checked("webinar_registrants", file, olga, tenant, webinar)
    assert Counter(item.action for item in job.items.all()) == {"create": 40, "error": 2}
    assert ran(job, olga).state == JobState.DONE_WITH_ERRORS
    assert len(people(clean, tenant, webinar, "pending")) == 40

    again = checked("webinar_registrants", file, olga, tenant, webinar)
    assert Counter(item.action for item in again.items.all()) == {"unchanged": 40, "error": 2}
    assert {item.message for item in again.items.filter(action="unchanged")} == {"Registered already."}

    decisions = "\n".join(["Email,Decision", *(f"r{n}@reg.example,approve" for n in range(35))])
    job = ran(checked("webinar_registrants_status", decisions, olga, tenant, webinar), olga)
    assert job.state == JobState.DONE
    assert len(people(clean, tenant, webinar, "approved")) == 35
    sent = [write for write in clean.ledger() if write["operation"] == "webinars.update_registrants_status"]
    assert len(sent) == 2
    assert [row[2] for row in results.rows(job)] == ["done"] * 35

    again = f"{decisions}\nr36@reg.example,approve\nnobody@reg.example,deny\nother@reg.example,cancel"
    job = checked("webinar_registrants_status", again, olga, tenant, f"{webinar[:3]} {webinar[3:]}")
    assert Counter(item.action for item in job.items.all()) == {"unchanged": 36, "update": 1, "error": 1}
    assert job.items.get(row=1).message == "Approved already."
    assert job.items.get(row=37).message == "Nobody is registered under this address or id."
    assert job.items.get(row=38).message == "Not registered."
    assert len(job.items.get(row=36).body["registrants"]) == 1


def test_one_who_left_after_the_check_fails_alone_in_a_call_of_thirty(
    clean: Sandbox, tenant: SubAccount, olga: Staff, webinar: str
) -> None:
    path = f"/accounts/{tenant.zoom_id}/webinars/{webinar}/registrants"
    for name in (*(f"r{n}" for n in range(33)), "gone"):
        body = {"email": f"{name}@reg.example", "first_name": "R", "last_name": "Egg"}
        assert clean.call("POST", path, json=body).status_code == 201
    rows = [f"r{n}@reg.example,{'deny' if n % 3 else 'approve'}" for n in range(33)]
    rows.insert(20, "gone@reg.example,deny")
    job = checked("webinar_registrants_status", "\n".join(["Email,Decision", *rows]), olga, tenant, webinar)
    left = {"action": "cancel", "registrants": [{"email": "gone@reg.example"}]}
    assert clean.call("PUT", f"{path}/status", json=left).status_code == 204
    assert ran(job, olga).state == JobState.DONE_WITH_ERRORS
    assert [row[:3] for row in results.rows(job)] == [
        [*row.split(","), "failed" if "gone" in row else "done"] for row in rows
    ]
    assert (len(people(clean, tenant, webinar, "approved")), len(people(clean, tenant, webinar, "denied"))) == (11, 22)


def test_a_bad_cell_hides_nothing_else_of_a_registrant(
    clean: Sandbox, tenant: SubAccount, olga: Staff, webinar: str
) -> None:
    file = "Email,Decision,Sub-account\nnobody@reg.example,vielleicht,\nno body,approve,Nowhere\nx@reg.example,deny,\n"
    job = checked("webinar_registrants_status", file, olga, tenant, webinar)
    assert [sorted(item.errors) for item in job.items.order_by("row")] == [
        ["Decision"],  # to cancel for somebody who is not there is no error
        ["Email", "Sub-account"],
        [""],
    ]
