"""An import against a running sandbox: from the file to the users, and back from the result file."""

import csv
import io

import pytest

from portal.access.models import Staff
from portal.bulk import operations
from portal.bulk.files import jobs, results
from portal.bulk.files.users import Constants
from portal.bulk.files.validate import validate
from portal.bulk.models import Job, JobState
from portal.bulk.pump import pump
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.bulk.engine.conftest import clean, created, quick, tenant
from tests.portal.bulk.files.conftest import stored
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["clean", "quick", "tenant"]  # fixtures

FILE = """Email,First Name,Last Name,Department,User Type
one@import.example,Ona,First,Sales,Basic
two@import.example,=1+1,Second,,Basic
one@import.example,Twice,Third,,Basic
three@import.example,Tia,Third,Support,Basic
"""


def imported(content: str, owner: Staff, account: SubAccount) -> Job:
    job = jobs.create(owner, account.connection, stored(content), "people.csv")
    jobs.submit(job, job.options["mapping"], Constants(account=account.zoom_id, action="custCreate"))
    validate(str(job.pk))
    job.refresh_from_db()
    return job


def result(job: Job) -> tuple[str, list[dict[str, str]]]:
    text = b"".join(results.response(job)).decode("utf-8-sig")  # type: ignore[arg-type]  # a plain iterator here
    return text, list(csv.DictReader(io.StringIO(text)))


def test_each_row_ends_up_as_one_user_and_the_result_file_changes_nothing_more(
    clean: Sandbox, tenant: SubAccount, olga: Staff
) -> None:
    job = imported(FILE, olga, tenant)
    operations.start(job, olga)
    pump(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE_WITH_ERRORS
    assert created(clean) == {f"{name}@import.example": 1 for name in ("one", "two", "three")}
    text, rows = result(job)
    assert [(row["status"], row["action"], bool(row["id"]), row["attempts"]) for row in rows] == [
        ("done", "create", True, "2"),
        ("done", "create", True, "1"),
        ("invalid", "error", False, "0"),
        ("done", "create", True, "2"),
    ]
    users = MirrorUser.objects.filter(account=tenant).order_by("email").values_list("email", "first_name", "dept")
    assert list(users) == [
        ("one@import.example", "Ona", "Sales"),
        ("three@import.example", "Tia", "Support"),
        ("two@import.example", "=1+1", ""),
    ]

    again = imported(text, olga, tenant)
    assert [item.action for item in again.items.all()] == ["unchanged", "unchanged", "error", "unchanged"]
    assert again.state == JobState.INVALID
