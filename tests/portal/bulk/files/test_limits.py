"""How much of a file is read and written before it is refused, and what stays of it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from portal.access.models import Staff
from portal.bulk.files import jobs, reader, workbook
from portal.bulk.files.detect import HEAD_ROWS, Layout
from portal.bulk.files.presets import Presets
from portal.bulk.files.reader import MOST_LINES, Table, measure
from portal.bulk.files.refusal import FileRefused
from portal.bulk.files.upload import LimitedUpload
from portal.bulk.models import Job
from portal.directory.models import SubAccount
from tests.portal.bulk.files.conftest import stored
from tests.portal.bulk.files.test_workbook import book, changed, with_strings

pytestmark = pytest.mark.django_db
SHEET = "xl/worksheets/sheet1.xml"
MAIN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"


@pytest.fixture
def uploads(settings: Settings, tmp_path: Path) -> Path:
    settings.UPLOAD_DIR = tmp_path
    return tmp_path


@pytest.fixture
def browser(olga: Staff, acme: SubAccount, uploads: Path, client_of: Callable[..., Client]) -> Client:
    return client_of(olga)


def shared(times: int) -> bytes:
    """One long text, to which many cells point."""
    cells = b'<c t="s"><v>0</v></c>' * 24
    sheet = MAIN + b"".join(b'<row r="%d">%s</row>' % (n, cells) for n in range(1, times + 1)) + END
    return with_strings(changed(book(("One", [["x"]])), SHEET, sheet), b"x" * 32_000)


def test_fault_U08_a_text_that_many_cells_share_is_not_written_beyond_the_limit_of_an_upload(uploads: Path) -> None:
    path = stored(shared(600))
    assert path.stat().st_size < 100_000
    began = time.process_time()
    with pytest.raises(FileRefused, match="Written as text, the sheet is larger than 50 MB"):
        workbook.take(path)
    assert time.process_time() - began < 5
    assert list(uploads.iterdir()) == [path]


def test_fault_U07_no_more_rows_of_a_sheet_are_written_than_a_file_may_have(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UPLOAD_MAX_ROWS = 100
    taken: list[int] = []
    rows_of = workbook.rows_of

    def counted(*args: Any) -> Any:
        for number, cells in rows_of(*args):
            taken.append(number)
            yield number, cells

    monkeypatch.setattr(workbook, "rows_of", counted)
    few = stored(book(("One", [["Email"], *([f"u{n}@x.example"] for n in range(100))])))
    workbook.take(few)
    assert measure(workbook.text_of(few), Layout(sheet="One")) == (100, 0)
    taken.clear()
    with pytest.raises(FileRefused, match="more than 100 rows"):
        workbook.take(stored(book(("One", [["x"]] * 5000))))
    assert len(taken) == 100 + HEAD_ROWS + 1


def test_a_wide_title_does_not_make_every_row_as_wide() -> None:
    path = stored(book(("One", [[*[""] * 498, "far"], ["Email", "Name"], *[["a@x.example"]] * 1000])))
    workbook.take(path)
    assert workbook.text_of(path).stat().st_size < 20_000
    table = Table(workbook.text_of(path), Layout(sheet="One", begin=2))
    assert (table.header, next(table.rows()).cells) == (["Email", "Name"], ["a@x.example", ""])


def test_a_row_below_the_last_one_of_a_spreadsheet_is_refused() -> None:
    sheet = MAIN + b'<row r="%d"><c t="str"><v>x</v></c></row>' % (MOST_LINES + 1) + END
    with pytest.raises(FileRefused, match="more than 1,048,576 rows"):
        workbook.take(stored(changed(book(("One", [["x"]])), SHEET, sheet)))


def test_more_lines_than_a_spreadsheet_has_are_refused_blank_ones_too() -> None:
    path = stored(b"Email\na@x.example\n" + b"\n" * 20_000_000)
    began = time.process_time()
    with pytest.raises(FileRefused, match="more than 1,048,576 lines, blank ones and line breaks in cells included"):
        measure(path, Layout())
    assert time.process_time() - began < 10


@pytest.mark.parametrize("content", ["\n" * 2000 + "Email\n", 'Email,Name\na@x.example,"' + "\n" * 2000 + '"'])
def test_lines_count_above_the_table_and_within_cells_as_well(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_LINES", 1000)
    with pytest.raises(FileRefused, match="more than 1,000 lines"):
        measure(stored(content), Layout())


def test_a_spreadsheet_that_was_saved_to_its_last_row_is_read() -> None:
    filled = b"Email;Name;Department;Note\n" + b"".join(b"u%d@x.example;A;B;C\n" % n for n in range(10))
    path = stored(filled + b";;;\n" * 1_048_565)
    assert measure(path, Layout(delimiter=";")) == (10, 1_048_565)


@pytest.mark.parametrize(
    "content",
    [
        book(("One", [["Email", "Email"], ["a@x.example", "b@x.example"]])),
        book(("One", [["Email"]]), ("Two", [["Email"]])),
        book(("One", [["x"] * 600])),
        b"PK\x03\x04not really",
    ],
    ids=["columns twice", "no rows", "wide", "junk"],
)
def test_a_refused_workbook_leaves_nothing(browser: Client, uploads: Path, content: bytes) -> None:
    answer = browser.post("/jobs/import/", {"file": SimpleUploadedFile("people.xlsx", content)})
    assert (answer.status_code, list(uploads.iterdir()), Job.objects.count()) == (422, [], 0)


def people() -> SimpleUploadedFile:
    return SimpleUploadedFile("people.xlsx", book(("One", [["Email"], ["a@x.example"]])))


def test_a_workbook_leaves_nothing_when_something_breaks_or_it_was_sent_without_a_token(
    browser: Client, uploads: Path, monkeypatch: pytest.MonkeyPatch, olga: Staff, client_of: Callable[..., Client]
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("the disk")

    assert client_of(olga, enforce_csrf_checks=True).post("/jobs/import/", {"file": people()}).status_code == 403
    assert browser.post("/jobs/import/", {"file": people(), "other": people(), "connection": ""}).status_code == 302
    kept = sorted(path.name for path in uploads.iterdir())
    assert kept == [Job.objects.get().file_path, f"{Job.objects.get().file_path}.sheet"]
    monkeypatch.setattr(jobs, "_digest", broken)
    with pytest.raises(RuntimeError):
        browser.post("/jobs/import/", {"file": people()})
    assert sorted(path.name for path in uploads.iterdir()) == kept


def test_half_a_file_does_not_stay_when_the_disk_is_full(
    browser: Client, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(LimitedUpload, "file_complete", full)
    with pytest.raises(OSError, match="no space"):
        browser.post("/jobs/import/", {"file": people()})
    assert list(uploads.iterdir()) == []


def test_the_file_of_a_job_stays_when_something_breaks_afterwards(
    browser: Client, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("the database")

    monkeypatch.setattr(Presets, "put", broken)
    with pytest.raises(RuntimeError):
        browser.post("/jobs/import/", {"file": people()})
    assert (uploads / Job.objects.get().file_path).exists()


def test_a_sheet_of_no_use_leaves_the_one_that_was_read(browser: Client, uploads: Path) -> None:
    content = book(("One", [["Email"], ["a@x.example"]]), ("Two", [["Email"]]), ("Wide", [["x"] * 600]))
    browser.post("/jobs/import/", {"file": SimpleUploadedFile("people.xlsx", content)})
    job = Job.objects.get()
    before = jobs.path_of(job).read_bytes()
    for sheet in ("Two", "Wide"):
        with pytest.raises(FileRefused):
            jobs.relay(job, Layout(sheet=sheet))
    assert jobs.path_of(job).read_bytes() == before
    assert len(list(uploads.iterdir())) == 2
