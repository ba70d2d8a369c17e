"""XLSX workbooks: cells as people read them, and workbooks that are traps."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from portal.access.models import Staff
from portal.bulk.files import jobs, workbook
from portal.bulk.files.detect import Layout
from portal.bulk.files.reader import Table
from portal.bulk.files.refusal import FileRefused
from portal.bulk.files.users import Constants
from portal.bulk.files.validate import validate
from portal.bulk.models import Job
from portal.directory.models import SubAccount
from tests.portal.bulk.files.conftest import stored

pytestmark = pytest.mark.django_db
CONTENT = "[Content_Types].xml"


def book(*sheets: tuple[str, list[list[Any]]], edit: Callable[[Any], None] | None = None) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    if edit:
        edit(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def changed(content: bytes, name: str, part: bytes) -> bytes:
    """The workbook with one part replaced or added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, part)
    return file.getvalue()


def rows(path: Path) -> list[list[str]]:
    return [row.cells for row in Table(workbook.text_of(path), Layout(header=False, sheet="x")).rows()]


def test_numbers_dates_and_flags_read_as_people_wrote_them() -> None:
    def pad(made: Any) -> None:
        made["People"]["B3"].number_format = "0000000000"

    content = book(
        (
            "People",
            [
                ["Email", "PMI", "Since", "At", "Flag", "Share"],
                ["a@x.example", 1234567890, date(2026, 1, 31), datetime.fromisoformat("2026-01-31T09:30"), True, 0.25],
                ["b@x.example", 12345678, None, None, False, 3.0],
            ],
        ),
        edit=pad,
    )
    path = stored(content)
    taken = workbook.take(path)
    assert (taken.sheet, taken.sheets, taken.doubts) == ("People", ("People",), [])
    assert rows(path)[1:] == [
        ["a@x.example", "1234567890", "2026-01-31", "2026-01-31T09:30:00", "true", "0.25"],
        ["b@x.example", "0012345678", "", "", "false", "3"],
    ]


def test_formulas_are_marked_and_only_their_saved_results_are_taken() -> None:
    taken = workbook.take(stored(book(("One", [["Email", "Name"], ["a@x.example", '=HYPERLINK("http://x")']]))))
    assert taken.counted == 1
    assert taken.doubts == [
        "1 cells are formulas (B2). Their last saved results are taken.",
        "Formulas without a saved result count as empty cells: B2. Open and save the workbook.",
    ]


def test_the_first_sheet_is_read_or_the_chosen_one_and_rows_count_as_in_the_sheet() -> None:
    path = stored(book(("One", [["Email"], ["a@x.example"]]), ("Two", [["Email"], [None], ["Multi\nline"], ["z"]])))
    assert "has 2 sheets" in workbook.take(path).doubts[0]
    workbook.take(path, "Two")
    table = Table(workbook.text_of(path), Layout(sheet="Two"))
    assert [(row.line, row.cells) for row in table.rows() if not row.blank] == [(3, ["Multi\nline"]), (4, ["z"])]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04not really", "no XLSX workbook"),
        (changed(book(("One", [["a"]])), "xl/workbook.xml", b'<!DOCTYPE x [<!ENTITY y "z">]><workbook/>'), "XML that"),
        (changed(book(("One", [["a"]])), "xl/big.xml", b"<x>" + b" " * 40_000_000 + b"</x>"), "Unpacked"),
        (changed(book(("One", [["a"]])), "xl/workbook.xml", "<workbook/>".encode("utf-16")), "XML that"),
        (changed(book(("One", [["a"]])), "xl/workbook.xml", b"<workbook><broken"), "damaged"),
        (book(("One", [["x"] * 600])), "more than 500 columns"),
    ],
    ids=["junk", "document type", "bomb", "utf-16", "broken", "wide"],
)
def test_fault_U08_a_trap_is_refused_and_leaves_no_text(content: bytes, words: str) -> None:
    path = stored(content)
    with pytest.raises(FileRefused, match=words):
        workbook.take(path)
    assert not workbook.text_of(path).exists()


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("users.csv", "email\na@x.example\n")
    with pytest.raises(FileRefused, match="no XLSX workbook, whatever its name"):
        workbook.take(stored(file.getvalue()))


def test_a_workbook_becomes_a_checked_job(olga: Staff, acme: SubAccount) -> None:
    people = [["Email", "First Name", "PMI"], ["a@x.example", "Ana", 1234567890], ["nobody", "X", None]]
    job = jobs.create(olga, acme.connection, stored(book(("People", people))), "people.xlsx")
    jobs.submit(job, job.options["mapping"], Constants(account=acme.zoom_id))
    validate(str(job.pk))
    first = job.items.filter(row=1)
    assert [(item.action, item.line, item.body.get("pmi")) for item in first] == [
        ("create", 2, None),
        ("create", 2, "1234567890"),
    ]
    assert job.items.get(row=2).errors == {"Email": ["This is not an e-mail address."]}


def test_another_sheet_can_be_chosen_on_the_page_of_columns(
    olga: Staff, acme: SubAccount, settings: Settings, tmp_path: Path, client_of: Callable[..., Client]
) -> None:
    settings.UPLOAD_DIR = tmp_path
    browser = client_of(olga)
    content = book(("One", [["Note"], ["x"]]), ("Two", [["Email"], ["a@x.example"], ["b@x.example"]]))
    browser.post("/jobs/import/", {"file": SimpleUploadedFile("people.xlsx", content)})
    job = Job.objects.get()
    page = browser.get(f"/jobs/import/{job.pk}/").content.decode()
    assert "The workbook has 2 sheets" in page
    assert "Encoding" not in page
    form = {"sheet": "Two", "header": "on", "mode": "both", "action": "create", "type": "1", "account": "acme-1"}
    browser.post(f"/jobs/import/{job.pk}/", form)
    job.refresh_from_db()
    assert (job.options["layout"]["sheet"], job.options["rows"]) == ("Two", 2)
    done = browser.post(f"/jobs/import/{job.pk}/", {**form, "column_0": "user_info.email", "confirmed": "on"})
    assert done.url == f"/jobs/import/{job.pk}/check/"
    jobs.sweep()
    assert len(list(tmp_path.iterdir())) == 2
