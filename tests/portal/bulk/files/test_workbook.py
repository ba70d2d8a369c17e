"""XLSX workbooks: cells as people read them, and workbooks that are traps."""

import io
import time
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl.xml.constants import SHARED_STRINGS
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


def with_strings(content: bytes, *texts: bytes) -> bytes:
    """The workbook with a table of texts, which openpyxl writes none of."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        types = archive.read(CONTENT)
    part = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % SHARED_STRINGS.encode()
    content = changed(content, CONTENT, types.replace(b"</Types>", part))
    return changed(content, "xl/sharedStrings.xml", b"<sst><si><t>%s</t></si></sst>" % b"</t></si><si><t>".join(texts))


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


def test_times_and_durations_are_read_as_hours_minutes_and_seconds() -> None:
    def shown(made: Any) -> None:
        for name, form in (("A2", "h:mm"), ("A3", "[h]:mm"), ("A4", "[h]:mm:ss"), ("A5", "h:mm")):
            made["One"][name].number_format = form

    content = book(("One", [["Duration"], [45 / 1440], [45 / 1440], [1500 / 1440], [50 / 1440]]), edit=shown)
    path = stored(content)
    workbook.take(path)
    assert rows(path)[1:] == [["00:45:00"], ["00:45:00"], ["25:00:00"], ["00:50:00"]]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("yyyy-mm-dd", "2027-12-24"),
        ("[$-zh-CN]yyyy/m/d;@", "2027-12-24"),
        ("[$-de-CH]d. mmmm yyyy;@", "2027-12-24"),
        ('"the" d\\h mmmm', "2027-12-24"),
        ("yyyy-mm-dd hh:mm", "2027-12-24T00:00:00"),
        ("[$-en-US]m/d/yy h:mm AM/PM;@", "2027-12-24T00:00:00"),
    ],
)
def test_a_day_has_a_time_of_day_where_its_format_shows_one(form: str, text: str) -> None:
    def edit(made: Any) -> None:
        made["One"]["A1"].number_format = form

    path = stored(book(("One", [[date(2027, 12, 24)]]), edit=edit))
    workbook.take(path, "One")
    assert rows(path) == [[text]]


def test_formulas_are_marked_and_only_their_saved_results_are_taken() -> None:
    taken = workbook.take(stored(book(("One", [["Email", "Name"], ["a@x.example", '=HYPERLINK("http://x")']]))))
    assert taken.seen.counted == 1
    assert taken.doubts == [
        "1 cell is a formula (B2). The last saved results are taken.",
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


def test_rows_below_a_title_are_as_wide_as_the_column_names_whatever_the_title_is() -> None:
    people = [["Users of Acme"], [], ["Email", "First Name", "Department"], ["a@x.example"], ["b@x.example", "B"]]
    path = stored(book(("People", people), edit=lambda made: made["People"].merge_cells("A1:C1")))
    workbook.take(path)
    table = Table(workbook.text_of(path), Layout(sheet="People", begin=3))
    assert [(row.line, row.cells, row.problem) for row in table.rows()] == [
        (4, ["a@x.example", "", ""], ""),
        (5, ["b@x.example", "B", ""], ""),
    ]


def test_a_hidden_sheet_is_not_the_first_one_and_what_is_hidden_in_a_sheet_is_told() -> None:
    def hide(made: Any) -> None:
        made["Lists"].sheet_state = "hidden"
        made["People"].row_dimensions[3].hidden = True
        made["People"].column_dimensions["B"].hidden = True

    people = [["Email", "Note"], ["a@x.example", ""], ["filtered@x.example", "x"]]
    taken = workbook.take(stored(book(("Lists", [["Basic"], ["Pro"]]), ("People", people), edit=hide)))
    assert taken.doubts == [
        "The workbook has 2 sheets (hidden: Lists); “People” is read. Choose another below.",
        (
            "Hidden in the sheet: 1 row and 1 column. What is hidden or filtered out is read like the rest: delete in "
            "the workbook what is not meant."
        ),
    ]


def test_a_cover_sheet_does_not_keep_the_table_behind_it_from_being_read(olga: Staff, acme: SubAccount) -> None:
    content = book(("Cover", [["Users of Acme"]]), ("People", [["Email"], ["a@x.example"]]))
    options = jobs.create(olga, acme.connection, stored(content), "people.xlsx").options
    assert (options["layout"]["sheet"], options["sheets"], options["rows"]) == ("People", ["Cover", "People"], 1)
    assert "“People” is read" in options["doubts"][0]
    with pytest.raises(FileRefused, match="a header and no rows below it"):
        jobs.create(olga, acme.connection, stored(book(("Cover", [["a"]]), ("Two", []))), "people.xlsx")


def test_texts_are_taken_without_their_formats_and_reading_aids() -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
        b'<c t="inlineStr"><is><r><t>Na</t></r><r><t>me</t></r><rPh sb="0" eb="1"><t>aid</t></rPh></is></c>'
        b'<c t="str"><f>A1</f><v>Name</v></c><c r="D1" t="e"><v>#N/A</v></c><c t="d"><v>2026-01-31T00:00:00</v></c>'
        b"</row></sheetData></worksheet>"
    )
    path = stored(changed(book(("One", [["x"]])), "xl/worksheets/sheet1.xml", sheet))
    taken = workbook.take(path)
    assert rows(path) == [["Name", "Name", "", "#N/A", "2026-01-31"]]
    assert (taken.seen.formulas, taken.seen.empty_formulas) == (["B1"], [])


def test_a_sheet_that_is_formatted_to_its_last_row_is_read_at_once_and_ends_with_its_last_value() -> None:
    plain = book(("One", [["Email"], ["a@x.example"]]))
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    styled = b"".join(b'<row r="%d" s="1" customFormat="1"><c r="A%d" s="1"/></row>' % (n, n) for n in range(3, 40_000))
    path = stored(changed(plain, "xl/worksheets/sheet1.xml", sheet.replace(b"</sheetData>", styled + b"</sheetData>")))
    began = time.process_time()
    workbook.take(path)
    assert rows(path) == [["Email"], ["a@x.example"]]
    assert time.process_time() - began < 2


def strange(cells: bytes, strings: bytes = b"") -> bytes:
    """A workbook of one row with these cells."""
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
        + cells
        + b"</row></sheetData></worksheet>"
    )
    made = changed(book(("One", [["x"]])), "xl/worksheets/sheet1.xml", sheet)
    return with_strings(made, strings)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (b"Ann_x000D_\nLee", "Ann\r\nLee"),
        (b"_x005F_x0041_", "_x0041_"),
        (b"a_x0041_b_x0041_", "aAbA"),
        (b"_xD83D__xDE00_", "\N{GRINNING FACE}"),
        (b"half _xD83D_", "half \N{REPLACEMENT CHARACTER}"),
        (b"bell _x0007__x0000_", "bell \x07\x00"),
        (b"user_x12_ _X0041_", "user_x12_ _X0041_"),
    ],
)
def test_characters_that_xml_does_not_have_are_read_from_texts_of_all_kinds(written: bytes, text: str) -> None:
    cells = b'<c t="s"><v>0</v></c><c t="inlineStr"><is><t>%s</t></is></c><c t="str"><f>A1</f><v>%s</v></c>'
    path = stored(strange(cells % (written, written), written))
    workbook.take(path)
    assert rows(path) == [[text] * 3]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (b"1", "true"),
        (b"0", "false"),
        (b"true", "true"),
        (b"TRUE", "true"),
        (b"False", "false"),
        (b"yes", "yes"),
        (b"2", "2"),
    ],
)
def test_a_flag_is_read_in_all_its_spellings_and_never_turned_around(written: bytes, text: str) -> None:
    path = stored(strange(b'<c t="b"><v>%s</v></c>' % written))
    workbook.take(path)
    assert rows(path) == [[text]]


def test_a_formula_whose_flag_was_not_saved_is_an_empty_cell() -> None:
    path = stored(strange(b'<c t="str"><v>x</v></c><c t="b"><f>A1</f></c>'))
    assert workbook.take(path).seen.empty_formulas == ["B1"]
    assert rows(path) == [["x"]]
