"""What a file is, told from its bytes."""

import struct

import pytest

from portal.bulk.files import jobs
from portal.bulk.files.detect import Layout, detect
from portal.bulk.files.flows import USERS, flow_named
from portal.bulk.files.jobs import described
from portal.bulk.files.reader import Row, Table
from portal.bulk.files.refusal import FileRefused
from tests.portal.bulk.files.conftest import stored

_known = jobs._known(USERS)
ONE = ["max@acme.example", "Max", "Muster"]


def rows(content: str | bytes) -> list[Row]:
    path = stored(content)
    return list(Table(path, detect(path, _known).layout).rows())


def test_fault_U01_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    path = stored("zoom_export.csv")
    assert Table(path, detect(path, _known).layout).header[0] == "Email"
    assert described(path, detect(path, _known).layout)["mapping"]["user_info.email"] == 0


@pytest.mark.parametrize(
    ("name", "encoding", "doubtful"),
    [
        ("zoom_export.csv", "utf-8", False),
        ("semicolon_cp1252.csv", "cp1252", True),
        ("utf16_tabs.csv", "utf-16-le", False),
        ("utf16_be_no_mark.csv", "utf-16-be", True),
        (b"Email,First Name\r\na@b.example,Jos\x81\r\n", "latin-1", True),
        (b"\xef\xbb\xbfEmail,First Name\r\na@b.example,Jos\xe9\r\n", "cp1252", True),
    ],
)
def test_fault_U02_an_encoding_that_is_a_guess_is_never_taken_silently(
    name: str | bytes, encoding: str, *, doubtful: bool
) -> None:
    found = detect(stored(name), _known)
    assert found.layout.encoding == encoding
    assert bool(found.doubts) is doubtful


def test_accented_letters_arrive_whole_from_windows_1252_and_from_utf_16() -> None:
    assert [row.cells[1] for row in rows("semicolon_cp1252.csv")] == ["José", "Zoë"]
    assert [row.cells for row in rows("utf16_tabs.csv")] == [["max@acme.example", "Mäx", "Groß"]]


@pytest.mark.parametrize(
    ("name", "delimiter", "first"),
    [
        ("semicolon_cp1252.csv", ";", ["jose@acme.example", "José", "Araújo", "Função"]),
        ("utf16_tabs.csv", "\t", ["max@acme.example", "Mäx", "Groß"]),
        ("pipes.csv", "|", ONE),
        ("sep_line.csv", ";", ["max@acme.example", "Max"]),
        (
            "zoom_import_current.csv",
            ",",
            ["ines@acme.example", "Ines", "Soto", "Sales", "boss@acme.example", "Field", "AM", "Madrid"],
        ),
        ("Email\nmax@acme.example\n", ",", ["max@acme.example"]),
    ],
)
def test_fault_U03_the_delimiter_is_told_from_a_fixed_set(name: str, delimiter: str, first: list[str]) -> None:
    path = stored(name)
    layout = detect(path, _known).layout
    assert layout.delimiter == delimiter
    assert next(Table(path, layout).rows()).cells == first


@pytest.mark.parametrize("order", ["le", "be"])
def test_fault_U02_utf_32_is_read_by_its_mark(order: str) -> None:
    path = stored("\ufeffEmail,First Name\nmax@acme.example,Mäx\n".encode(f"utf-32-{order}"))
    found = detect(path, _known)
    assert (found.layout.encoding, found.doubts) == (f"utf-32-{order}", ())
    assert next(Table(path, found.layout).rows()).cells == ["max@acme.example", "Mäx"]


@pytest.mark.parametrize(
    ("kind", "header", "names"),
    [
        (
            "meeting_registrants",
            (
                "First Name,Last Name,Email,Country/Region,Zip/Postal Code,State/Province,Number of Employees,"
                "Questions & Comments,Registration Time"
            ),
            ["first_name", "last_name", "email", "country", "zip", "state", "no_of_employees", "comments"],
        ),
        (
            "sub_accounts",
            "First Name,Last Name,Email,Account Name,Plan,Hosts",
            ["first_name", "last_name", "email", "account_name", "plan_base.type", "plan_base.hosts"],
        ),
    ],
)
def test_headers_of_other_lists_are_known(kind: str, header: str, names: list[str]) -> None:
    flow = flow_named(kind)
    path = stored(f"{header}\n{'x,' * header.count(',')}x\n")
    found = described(path, Layout(), flow)["mapping"]
    assert [name for name, _ in sorted(found.items(), key=lambda pair: pair[1])] == names


REPORT = b"""Registration Report
Generated:,"04/03/2020 10:11 AM"
Topic,Webinar ID,Registered
"My, webinar",123 456 789,1
Attendee Details
First Name,Last Name,Email,Registration Time
Max,Muster,max@acme.example,"04/01/2020 10:00 AM"
"""


def test_fault_U10_a_report_is_read_from_the_line_with_the_column_names_and_says_so() -> None:
    path = stored(REPORT)
    found = detect(path, _known)
    assert (found.layout.begin, found.layout.delimiter) == (6, ",")
    assert found.doubts[0].startswith(
        "The column names seem to stand in line 6. What is above is left out: Registration"
    )
    table = Table(path, found.layout)
    assert table.header == ["First Name", "Last Name", "Email", "Registration Time"]
    assert [(row.number, row.line, row.cells[2]) for row in table.rows()] == [(1, 7, "max@acme.example")]


def test_fault_U10_a_second_table_below_is_a_doubt() -> None:
    path = stored(b"Topic,User Email\nTalk,boss@acme.example\n\nName,User Email\nMax,max@acme.example\n")
    assert detect(path, _known).doubts[0].startswith("Line 4 looks like column names again")


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("userPrincipalName,displayName,surname,givenName,jobTitle", {"email": 0, "last_name": 2, "first_name": 3}),
        ("User Name,First Name,Last Name,Display Name,Job Title", {"email": 0, "first_name": 1, "last_name": 2}),
        ("User First name,User Last name,User Primary email", {"first_name": 0, "last_name": 1, "email": 2}),
        ("E-Mail-Adresse,Vorname,Nachname", {"email": 0, "first_name": 1, "last_name": 2}),
        ("Benutzerprinzipalname,Anzeigename,Vorname,Nachname", {"email": 0, "first_name": 2, "last_name": 3}),
        ("Adresse e-mail,Prénom,Nom", {"email": 0, "first_name": 1, "last_name": 2}),
        ("Identifiant,Courriel,Nom de famille,Prénom", {"email": 1, "last_name": 2, "first_name": 3}),
        ("\u200bEmail,FIRST\u00a0NAME", {"email": 0, "first_name": 1}),
        (
            "Name [displayName] Required,User name [userPrincipalName] Required,First name [givenName]",
            {"email": 1, "first_name": 2},
        ),
        ("dn,mail,givenName,sn,uid", {"email": 1, "first_name": 2, "last_name": 3}),
        (
            "Email,First Name,Last Name,License Type,Cost Center",
            {"email": 0, "first_name": 1, "last_name": 2, "type": 3},
        ),
        ("First Name,Last Name,Display Name,User ID/Email (Required)", {"first_name": 0, "last_name": 1, "email": 3}),
        (
            "First Name [Required],Last Name [Required],Email Address [Required],Org Unit Path [Required]",
            {"first_name": 0, "last_name": 1, "email": 2},
        ),
    ],
)
def test_headers_of_many_services_are_known(header: str, names: dict[str, int]) -> None:
    cells = ",".join("max@acme.example" for _ in header.split(","))
    path = stored(f"{header}\n{cells}\n")
    found = described(path, detect(path, _known).layout)["mapping"]
    assert {name.removeprefix("user_info."): place for name, place in found.items()} == names


def test_two_delimiters_that_fit_alike_are_a_doubt() -> None:
    assert detect(stored("x;a,y\n1;2,3\n4;5,6\n"), _known).doubts[0].startswith("The cells may be separated by")


def test_a_file_without_header_is_recognised_and_its_first_row_is_data() -> None:
    path = stored("no_header.csv")
    found = detect(path, _known)
    assert found.layout == Layout(header=False)
    assert found.doubts == ("The first row looks like data, so the file seems to have no header.",)
    assert [row.cells for row in Table(path, found.layout).rows()] == [ONE, ["mia@acme.example", "Mia", "Muster"]]
    assert described(path, found.layout)["mapping"] == {"user_info.email": 0}


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"PK\x03\x04\x14\x00", "Excel workbook (XLSX)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel workbook"),
        (b"%PDF-1.7", "PDF"),
        (b"MZ\x90\x00\x03", "Windows program"),
        (b"\x7fELF\x02", "program"),
        (b"\x1f\x8b\x08", "compressed archive"),
        (b"\x89PNG\r\n", "picture"),
        (b"<!DOCTYPE html>", "web page"),
        (b"\xef\xbb\xbf\r\n <html>", "web page"),
        (b"<table border=1><tr><td>Email", "web page"),
        (b"\n<head>", "web page"),
        (b"<BODY>", "web page"),
        (b"<meta charset=utf-8>", "web page"),
        (b"<style>", "web page"),
        (b"<div class=x>", "web page"),
        (b"\xef\xbb\xbf<?xml version", "web page"),
        ("\ufeff<table><tr><td>Email</td>".encode("utf-16-le"), "web page"),
        ("<html>\r\n<table><tr><td>Email</td>".encode("utf-16-be"), "web page"),
    ],
)
def test_fault_U08_other_kinds_of_files_are_refused_by_name_and_never_unpacked(start: bytes, what: str) -> None:
    with pytest.raises(FileRefused, match=what.replace("(", r"\(").replace(")", r"\)")):
        detect(stored(start + b"rest of it"), _known)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", b"\xff\xfe"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused, match="empty"):
        detect(stored(content), _known)


def test_fault_U06_many_zero_bytes_are_refused_and_a_few_are_matters_of_their_rows() -> None:
    with pytest.raises(FileRefused, match="zero bytes"):
        detect(stored(b"Email,Name\n" + b"a@b.example,A\x00B\x00C\x00D\n" * 50), _known)
    assert rows(b"Email,Name\na@b.example,A\x00B\n" + b"c@d.example,abc\n" * 50)[0].cells == ["a@b.example", "A\x00B"]


def test_a_first_row_with_an_address_is_data_whatever_its_other_cells_say() -> None:
    found = detect(stored("a@b.example,Ana,Status\nb@b.example,Bo,Account\n"), _known)
    assert found.layout.header is False
    assert found.doubts == ("The first row looks like data, so the file seems to have no header.",)


def test_fault_U10_a_report_whose_own_columns_have_a_known_name_is_read_from_its_table() -> None:
    known = jobs._known(flow_named("meeting_registrants"))
    report = "Topic,Meeting ID,Scheduled Time\nTalk,123-456-789,today\n\nFirst Name,Last Name,Email\nA,B,a@b.example\n"
    assert detect(stored(report), known).layout.begin == 4


def test_fault_U02_letters_that_were_spoilt_before_are_told() -> None:
    found = detect(stored("Email,First Name\na@b.example,JÃ¼rgen\n"), _known)
    assert found.doubts == (
        (
            "Letters were spoilt before the file came here: “JÃ¼rgen” was probably “Jürgen”. "
            "No other encoding mends that. Export the list again, or go on if it is meant so."
        ),
    )
    assert detect(stored("Email,First Name\na@b.example,JOSÉ ÂNGELO Ñandú\n"), _known).doubts == ()


def test_fault_U02_lines_that_end_as_on_old_macs_are_read_as_macs_wrote_them() -> None:
    found = detect(stored("Email,First Name\ra@b.example,Jürgen\r".encode("mac-roman")), _known)
    assert (found.layout.encoding, len(found.doubts)) == ("mac-roman", 1)


@pytest.mark.parametrize("name", ["google.csv", "microsoft_365.csv", "okta.csv", "webex.csv"])
def test_the_exports_of_other_services_are_mapped(name: str) -> None:
    path = stored(name)
    mapping = described(path, detect(path, _known).layout)["mapping"]
    row = next(Table(path, detect(path, _known).layout).rows())
    assert [row.cells[mapping[f"user_info.{n}"]] for n in ("email", "first_name", "last_name")] == ONE


@pytest.mark.parametrize(
    ("name", "kind", "begin", "names"),
    [
        ("entra_bulk_create.csv", "users", 2, {"email": 1, "password": 2, "first_name": 4, "dept": 5}),
        ("excel_german.csv", "users", 1, {"email": 0, "first_name": 1, "last_name": 2, "dept": 3}),
        ("registration_report.csv", "meeting_registrants", 7, {"first_name": 0, "last_name": 1, "email": 2}),
        ("registration_report.csv", "meeting_registrants_status", 7, {"registrant": 2, "action": 4}),
    ],
)
def test_files_as_they_come_out_of_other_programs_are_mapped(
    name: str, kind: str, begin: int, names: dict[str, int]
) -> None:
    flow, path = flow_named(kind), stored(name)
    layout = detect(path, jobs._known(flow)).layout
    found = described(path, layout, flow)
    assert (layout.begin, found["rows"]) == (begin, 1)
    assert {column.removeprefix("user_info."): place for column, place in found["mapping"].items()} == names


def test_a_column_whose_cells_do_not_fit_its_name_is_left_out_and_told() -> None:
    kinds = ("Employee", "Contractor", "Employee")
    rows = "".join(f"o{n}@x.example,{kind},America/New_York\n" for n, kind in enumerate(kinds))
    found = described(stored(f"email,userType,timezone\n{rows}"), Layout())
    assert found["mapping"] == {"user_info.email": 0, "timezone": 2}
    assert [doubt.partition(". It is")[0] for doubt in found["doubts"]] == [
        "“userType” is not taken as “Type”: “Employee” and the others are none of its values"
    ]


@pytest.mark.parametrize(
    "rows",
    [
        "a@x.example,Employee\nb@x.example,Employee\n",
        "a@x.example,Employee\nb@x.example,Basic\nc@x.example,Employee\n",
        "a@x.example,\nb@x.example,\nc@x.example,\n",
    ],
)
def test_few_strange_cells_or_one_that_fits_leaves_the_column_as_it_is_named(rows: str) -> None:
    found = described(stored(f"email,User Type\n{rows}"), Layout())
    assert (found["mapping"], found["doubts"]) == ({"user_info.email": 0, "user_info.type": 1}, [])


def test_the_operations_own_name_of_a_column_is_never_doubted() -> None:
    found = described(stored("email,user_info.type\na@x.example,9\nb@x.example,9\nc@x.example,9\n"), Layout())
    assert found["mapping"]["user_info.type"] == 1


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize(
    "names", ["Владислав;Константинопольский", "Ἀλέξανδρος;Παπαδόπουλος", "王小明;田中"], ids=["ru", "el", "zh"]
)
def test_fault_U02_utf_16_without_a_mark_is_told_in_other_scripts_too(order: str, names: str) -> None:
    text = "Email;Имя;Фамилия;一\r\n" + f"a@x.example;{names};{names[:5]}\r\n" * 300
    path = stored(text.encode(f"utf-16-{order}"))
    found = detect(path, _known)
    assert found.layout.encoding == f"utf-16-{order}"
    assert found.doubts[0].startswith("The file has no mark; it looks like Unicode (UTF-16")
    assert next(Table(path, found.layout).rows()).cells[:2] == ["a@x.example", names.split(";", maxsplit=1)[0]]


@pytest.mark.parametrize(
    "content",
    [
        b"Email,Name\n" + b"a@b.example,A\x00B\x00C\x00D\n" * 50,  # on one side only, but no lines
        b"Email,Name\n" + b"a@b.example,A\x00B\x00C\x00DE\n" * 50,
        struct.pack("<600H", *range(600)),
        b"\x00\x01" * 100 + b"\n\x00" + b"abc\x00" * 500,
    ],
)
def test_fault_U08_zero_bytes_on_one_side_alone_make_no_text(content: bytes) -> None:
    with pytest.raises(FileRefused, match="zero bytes"):
        detect(stored(content), _known)


def test_a_zero_byte_gone_astray_leaves_a_file_utf_8() -> None:
    for place in range(2):
        text = b"Email,Name\n" + b"a" * place + b"@b.example,A\n\x00B\n" + b"cc@d.example,abc\n" * 50
        assert detect(stored(text), _known).layout.encoding == "utf-8"
