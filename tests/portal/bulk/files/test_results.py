"""The result file: one line a row, and words that hide nothing."""

import pytest

from portal.access.models import Staff
from portal.bulk.files import results
from portal.bulk.models import Item, ItemState, Job
from portal.directory.models import SubAccount

pytestmark = pytest.mark.django_db


def test_a_row_whose_user_was_created_before_the_job_was_cancelled_says_so(olga: Staff, acme: SubAccount) -> None:
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
    line = next(iter(results.rows(job)))
    assert line[1:6] == [
        "cancelled", "create", "u1", None, "Done: users.create. The rest: Not done: the job was cancelled."
    ]  # fmt: skip
