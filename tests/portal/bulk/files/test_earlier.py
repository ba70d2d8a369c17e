"""A result file that is sent in again creates nothing a second time."""

import csv
import io
from collections import Counter
from collections.abc import Callable

import pytest

from portal.access.models import Staff
from portal.bulk.files import jobs, results
from portal.bulk.files.flows import flow_named
from portal.bulk.files.validate import validate
from portal.bulk.models import Job, JobState
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from tests.portal.bulk.engine.conftest import clean, quick
from tests.portal.bulk.files.conftest import Checked, stored
from tests.portal.bulk.files.flows.test_events import ran, result, told, written
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["clean", "quick"]  # fixtures
Sent = Callable[[str], Job]
HEADER = "url,auth_user,auth_password,events\n"
HOOKS = HEADER + "".join(f"https://hooks.example/{n},me,secret-{n},meeting_started\n" for n in (1, 2))
EARLIER = "Done by an earlier job, as {}. Empty its status to do it once more."


@pytest.fixture
def sent(clean: Sandbox, sandbox_connection: Connection, olga: Staff, quick: object) -> Sent:
    """Upload and check a file of webhooks to create."""
    SubAccount.objects.create(connection=sandbox_connection, zoom_id="me", name="Master", is_master=True)

    def run(content: str) -> Job:
        job = jobs.create(olga, sandbox_connection, stored(content), "hooks.csv", flow_named("webhooks.create"))
        jobs.submit(job, job.options["mapping"], {"account": "", "fixed": {}})
        validate(str(job.pk))
        job.refresh_from_db()
        return job

    return run


def changed(content: str, row: int, **cells: str) -> str:
    """The same file with other cells in one row, from 0."""
    lines = list(csv.DictReader(io.StringIO(content)))
    lines[row] |= cells
    text = io.StringIO()
    writer = csv.DictWriter(text, lines[0])
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def test_what_an_earlier_job_created_is_unchanged_also_where_its_password_was_left_out(
    clean: Sandbox, sent: Sent
) -> None:
    job = ran(sent(HOOKS))
    ids = [item.remote_id for item in job.items.all()]
    assert (job.state, written(clean)) == (JobState.DONE, Counter({"webhooks.create": 2}))
    file = result(job)
    assert "secret-" not in file
    again = sent(file)
    assert told(again) == [("unchanged", EARLIER.format(one)) for one in ids]
    assert again.state == JobState.INVALID

    third = sent(result(again))  # and so on, from file to file
    assert told(third) == [("unchanged", EARLIER.format(one)) for one in ids]
    assert [row[4:9] for row in results.rows(third)] == [["", one, "done", "create", None] for one in ids]


def test_who_empties_the_status_has_it_done_once_more(clean: Sandbox, sent: Sent) -> None:
    file = result(ran(sent(HOOKS)))
    row = {"status": "", "url": "https://hooks.example/3", "auth_password": "secret-3"}
    job = sent(changed(file, 1, **row))
    assert [action for action, _ in told(job)] == ["unchanged", "create"]
    ran(job)
    assert written(clean)["webhooks.create"] == 3
    assert [line[6:8] for line in results.rows(job)] == [["done", "create"]] * 2


def test_other_ends_and_other_problems_are_no_reason_to_leave_a_row_alone(sent: Sent) -> None:
    file = result(ran(sent(HOOKS)))
    failed = changed(file, 0, status="failed", auth_password="secret-1")
    no_id = changed(failed, 1, id="", auth_password="secret-2")
    assert [action for action, _ in told(sent(no_id))] == ["create", "create"]
    assert told(sent(changed(file, 0, events="never")))[0][0] == "error"
    lines = [line.rpartition(",")[0] for line in file.splitlines()]  # not our columns any more
    assert {action for action, _ in told(sent("\n".join(lines)))} == {"error"}


def test_a_user_whom_the_directory_does_not_know_yet_is_not_created_twice_and_one_it_knows_is_changed(
    checked: Checked, acme: SubAccount
) -> None:
    tail = ",".join(jobs.RESULT_COLUMNS)
    job = checked(f"Email,First Name,{tail}\na@x.example,Ana,,u1,Done,create,,,1\nb@x.example,Bo,,u2,done,update,,,1\n")
    assert told(job) == [("unchanged", EARLIER.format("u1")), ("create", "")]
