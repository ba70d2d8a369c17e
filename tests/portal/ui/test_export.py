import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ui.export import BOM, cell, csv_lines, csv_response, neutralised, restored

RISKY = [
    "=1+1",
    "+49 7531",
    "-3",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\nx",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
    "  =1",
    "'=1",
    "''=1",
]


@pytest.mark.parametrize("text", RISKY)
def test_what_could_be_a_formula_gets_an_apostrophe(text: str) -> None:
    assert neutralised(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Ann", "O'Hara", "'quoted'", "a=b", "1-2", "ann@x.example", "–"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert neutralised(text) == text
    assert restored(text) == text


@given(st.text())
def test_what_leaves_comes_back_unchanged(text: str) -> None:
    assert restored(neutralised(text)) == text


@given(st.text(alphabet="'=+ -@\t\r\n\uff1da", max_size=8))
def test_what_leaves_never_starts_a_formula(text: str) -> None:
    assert neutralised(text)[:1] not in tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (-5, "-5"),
        (1234567, "1234567"),
        (2.5, "2.5"),
        (True, "yes"),
        (False, "no"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05+00:00"),
        (["a", "b"], "a, b"),
        (["=a"], "'=a"),
        ("0049", "0049"),
    ],
)
def test_each_kind_of_value_has_one_form(value: object, text: str) -> None:
    assert cell(value) == text


def test_the_file_begins_with_a_mark_and_reads_back() -> None:
    text = "".join(csv_lines(["Name", "=Seats"], [["Ann; \"A\", 'B'\nC", 5], ["=1", None]]))
    assert text.startswith(BOM)
    assert list(csv.reader(io.StringIO(text[1:], newline=""))) == [
        ["Name", "'=Seats"],
        ["Ann; \"A\", 'B'\nC", "5"],
        ["'=1", ""],
    ]


def test_the_download_streams_and_its_name_is_plain() -> None:
    drawn: list[int] = []

    def rows() -> object:
        for place in range(3):
            drawn.append(place)
            yield [place]

    response = csv_response('users "of"\r\nAcme.csv', ["n"], rows())
    assert response["Content-Disposition"] == 'attachment; filename="users-of-Acme.csv"'
    assert drawn == []
    assert b"".join(response).decode() == "\ufeffn\r\n0\r\n1\r\n2\r\n"
