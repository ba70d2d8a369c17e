"""Merged cells: told where they hide what a row lacks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from portal.access.models import Staff
from portal.bulk.files import jobs, merged
from portal.bulk.files.detect import Layout
from portal.bulk.models import Job
from portal.directory.models import SubAccount
from tests.portal.bulk.files.conftest import stored
from tests.portal.bulk.files.test_workbook import book

pytestmark = pytest.mark.django_db
PEOPLE = [["Email", "Sub-account"], *([f"u{n}@x.example", "North"] for n in range(2, 60))]
TOLD = (
    "merged cells: only the first of them has the value, the others count as empty. Split them in the workbook and "
    "fill each cell, or go on if it is meant so."
)


def merging(*ranges: str, rows: list[list[Any]] = PEOPLE) -> bytes:
    def edit(made: Any) -> None:
        for one in ranges:
            made["People"].merge_cells(one)

    return book(("People", rows), edit=edit)


@pytest.fixture
def doubts(olga: Staff, acme: SubAccount) -> Callable[[bytes], list[str]]:
    def found(content: bytes) -> list[str]:
        told: list[str] = jobs.create(olga, acme.connection, stored(content), "people.xlsx").options["doubts"]
        return told

    return found


@pytest.mark.parametrize(
    ("ranges", "where"),
    [
        (["B2:B4"], "B2:B4 are"),
        (["A5:B5"], "A5:B5 are"),
        (["A1:A2"], "A1:A2 are"),
        (["B9:B10", "B2:B4"], "B2:B4 and B9:B10 are"),
        (["B5:B6", "B2:B4", "B7:B8", "B9:B10"], "B2:B4, B5:B6 and 2 more are"),
        ([f"B{n}:B{n + 1}" for n in range(2, 50, 2)], "B10:B11, B12:B13 and many more are"),
    ],
)
def test_merged_cells_below_the_column_names_are_a_doubt(
    doubts: Callable[[bytes], list[str]], ranges: list[str], where: str
) -> None:
    assert doubts(merging(*ranges)) == [f"{where} {TOLD}"]


def test_merged_cells_of_titles_and_column_names_are_none(doubts: Callable[[bytes], list[str]]) -> None:
    rows = [["Users of Acme"], [], ["Email", "Sub-account"], ["a@x.example", "North"]]
    assert not [doubt for doubt in doubts(merging("A1:F1", "A2:B2", "B3:C3", rows=rows)) if "merged" in doubt]
    assert doubts(merging("A1:F1", "B4:C4", rows=rows))[-1].startswith("B4:C4 are merged")


def test_a_sheet_with_very_many_merged_cells_keeps_few_of_them() -> None:
    seen = merged.Merged()
    for number in range(1, 100_001):
        seen.add(f"B{number * 2}:B{number * 2 + 1}")
    seen.add("C3:C3")
    assert (seen.count, len(seen.as_dict()["lowest"])) == (100_000, merged.KEPT)
    with pytest.raises(ValueError, match="no range"):
        seen.add("B2:C")


def test_merged_cells_are_looked_at_again_where_the_table_is_said_to_begin_elsewhere(
    olga: Staff, acme: SubAccount, settings: Settings, tmp_path: Path, client_of: Callable[..., Client]
) -> None:
    settings.UPLOAD_DIR = tmp_path
    browser = client_of(olga)
    content = merging("A1:B1", rows=[["Users"], ["Email", "First Name"], ["a@x.example", "A"]])
    browser.post("/jobs/import/", {"file": SimpleUploadedFile("people.xlsx", content)})
    job = Job.objects.get()
    assert "merged cells" not in browser.get(f"/jobs/import/{job.pk}/").content.decode()
    form = {"sheet": "People", "begin": "1", "mode": "both", "action": "create", "type": "1", "account": "acme-1"}
    browser.post(f"/jobs/import/{job.pk}/", form)
    assert "A1:B1 are merged cells" in browser.get(f"/jobs/import/{job.pk}/").content.decode()
    unconfirmed = browser.post(f"/jobs/import/{job.pk}/", {**form, "column_0": "user_info.email"})
    assert (unconfirmed.status_code, "Look at the sample" in unconfirmed.content.decode()) == (422, True)
    job.refresh_from_db()
    jobs.relay(job, Layout(sheet="People", begin=2))
    assert job.options["doubts"] == []
