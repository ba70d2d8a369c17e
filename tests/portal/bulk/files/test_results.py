"""The result file: one line a row, and words that hide nothing."""

import csv
import io

import pytest
from django.http import StreamingHttpResponse
from pytest_django import DjangoAssertNumQueries

from portal.access.models import Staff
from portal.bulk.files import results
from portal.bulk.models import Item, ItemState, Job
from portal.directory.models import SubAccount
from tests.portal.bulk.files.conftest import Checked
from tests.portal.bulk.files.test_validate import verdicts

pytestmark = pytest.mark.django_db


def test_a_row_whose_user_was_created_before_the_job_was_cancelled_says_so(
    olga: Staff, acme: SubAccount, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    job = Job.objects.create(kind="users_import", title="Two", owner=olga, connection=acme.connection)
    source = {"cells": ["a@x.example"]}
    Item.objects.create(
        job=job, row=1, label="a@x.example", account=acme, endpoint="users.create", action="create", source=source,
        state=ItemState.DONE, remote_id="u1",
    )  # fmt: skip
    Item.objects.create(
        job=job, row=1, step=1, label="a@x.example", account=acme, endpoint="users.update", action="create",
        source=source, state=ItemState.CANCELLED, message="Not done: the job was cancelled.",
    )  # fmt: skip
    with django_assert_num_queries(1):
        line = next(iter(results.rows(job)))
    assert line[1:6] == [
        "cancelled", "create", "u1", None, "Done: Create a user. The rest: Not done: the job was cancelled."
    ]  # fmt: skip


def content(lines: StreamingHttpResponse) -> str:
    return b"".join(lines).decode()  # type: ignore[arg-type]  # a plain iterator here


def test_a_result_file_can_be_sent_in_again(checked: Checked, acme: SubAccount) -> None:
    text = content(results.response(checked("nasty.csv")))
    again = checked(text)
    assert again.options["keep"] == 7
    assert [row[:1] + row[2:4] for row in verdicts(again)] == [
        (1, "create", "ines@acme.example"),
        (2, "error", "ines@acme.example"),
        (3, "error", ""),
        (4, "error", ""),
        (5, "error", ""),
        (6, "error", "long@acme.example"),
        (7, "error", "cn@acme.example"),
        (8, "error", "short@acme.example"),
        (9, "error", "extra@acme.example"),
        (10, "create", "quote@acme.example"),
    ]
    assert "'=HYPERLINK" in text
    assert again.items.get(row=5).source["cells"][0] == '=HYPERLINK("http://x")@acme.example'


FILES = {"status": results.response, "problems": results.errors_response}


@pytest.mark.parametrize("column", FILES)
@pytest.mark.parametrize("row", ["s@x.example,S", "s@x.example,S,D,more", '"s@x.example" x,S,D'])
def test_a_row_whose_cells_did_not_fit_its_columns_is_an_error_again_until_somebody_says_that_it_is_mended(
    checked: Checked, column: str, row: str
) -> None:
    job = checked(f"email,first name,department\n{row}\n")
    for _ in range(2):  # and again, however often it is sent in
        header, line = csv.reader(io.StringIO(content(FILES[column](job)).removeprefix("\ufeff")))
        assert line[header.index(column)].startswith("misshapen")
        job = checked(f"{','.join(header)}\n{','.join(line)}\n")
        again = (
            "Its cells did not fit the columns when this row was sent in before. Put each below its column, then empty"
            f" the cell “{column}” of this row."
        )
        assert [(item.action, again in item.errors[""]) for item in job.items.all()] == [("error", True)]
    line = ["s@x.example", "S", "D"] + [""] * (len(header) - 3)
    mended = checked(f"{','.join(header)}\n{','.join(line)}\n")
    assert [item.action for item in mended.items.filter(step=0)] == ["create"]
