"""Rows out of text: what belongs together, where it stood, and what cannot be read at all."""

import pytest
from pytest_django import Settings

from portal.bulk.files.detect import Layout
from portal.bulk.files.reader import LINE_LIMIT, Row, Table, _Lines, measure
from portal.bulk.files.refusal import FileRefused
from tests.portal.bulk.files.conftest import stored

HEADER = b"email,first name\n"


def read(content: str | bytes, **layout: object) -> list[Row]:
    return list(Table(stored(content), Layout(**layout)).rows())  # type: ignore[arg-type]  # a test's own words


def test_fault_U04_quoted_line_breaks_mixed_ends_and_doubled_quotes_are_kept() -> None:
    assert read("mixed_ends.csv") == [
        Row(1, 2, 2, ["max@acme.example", "Max"]),
        Row(2, 3, 4, ["mia@acme.example", "Mi\r\na"]),
        Row(3, 5, 5, ["mo@acme.example", 'M "o"']),
    ]


def test_fault_U04_lines_may_end_in_a_carriage_return_alone() -> None:
    assert [(row.number, row.line, row.cells[0]) for row in read("cr_only.csv")] == [
        (1, 2, "max@acme.example"),
        (2, 3, "mia@acme.example"),
    ]


def test_blank_rows_are_yielded_with_their_place() -> None:
    found = read(b"\n" + HEADER + b"\na@b.example,A\n , \nc@d.example,C\n")
    assert [(row.number, row.line, row.blank) for row in found] == [
        (1, 3, True),
        (2, 4, False),
        (3, 5, True),
        (4, 6, False),
    ]


def test_the_first_line_that_names_the_delimiter_is_a_line_but_no_row() -> None:
    assert read("sep_line.csv", delimiter=";", sep_line=True) == [Row(1, 3, 3, ["max@acme.example", "Max"])]


def test_text_after_a_closing_quote_is_a_problem_of_its_row_only() -> None:
    found = read(HEADER + b'"a@b.example"x,A\nc@d.example,C\n')
    assert [(row.cells, bool(row.problem)) for row in found] == [
        (["a@b.examplex", "A"], True),
        (["c@d.example", "C"], False),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            HEADER + b'a@b.example,A\nc@d.example,"C\n',
            "Row 2, line 3, column first name: a quote is opened and never closed",
        ),
        (
            HEADER + b'a@b.example,"' + b"x\n" * 5_000_000,
            "Row 1, line 2, column first name: longer than 32,768 characters",
        ),
        (HEADER + b"x" * 10_000_000 + b",A\n", "Row 1, line 2, column email: longer than 32,768 characters"),
        (HEADER + b"a,b\n" + b"x," * 1_000_000, "Row 2, line 3: longer than 1,048,576 characters"),
        (b'email,"first name\n' + b"a@b.example,A\n" * 5000, "The column names, line 1, column 2: longer than 32,768"),
    ],
)
def test_fault_U05_what_swallows_the_file_is_refused_before_much_of_it_is_read(
    content: bytes, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    fed = _Lines._next

    def counted(self: _Lines) -> str:
        lines.append(fed(self))
        return lines[-1]

    monkeypatch.setattr(_Lines, "_next", counted)
    with pytest.raises(FileRefused) as refusal:
        measure(stored(content), Layout())
    assert message in str(refusal.value)
    assert sum(map(len, lines)) <= LINE_LIMIT + 100  # of ten million: reading on would take seconds


def test_fault_U05_rows_count_from_the_column_names_wherever_they_stand() -> None:
    with pytest.raises(FileRefused, match="Row 2, line 5, column first name: a quote is opened and never closed"):
        measure(stored(b"Titles\n\n" + HEADER + b'a@b.example,A\nc@d.example,"C\n'), Layout(begin=3))


def test_a_wrong_encoding_is_refused_with_the_line() -> None:
    with pytest.raises(FileRefused, match="cannot be read as Unicode"):
        read("semicolon_cp1252.csv", delimiter=";")


def test_fault_U07_too_many_rows_are_refused_while_reading(settings: Settings) -> None:
    settings.UPLOAD_MAX_ROWS = 3
    content = HEADER + b"a@b.example,A\n" * 3
    assert measure(stored(content + b"\n\n\n"), Layout()) == (3, 3)
    with pytest.raises(FileRefused, match="more than 3 rows"):
        measure(stored(content + b"a@b.example,A\n"), Layout())


def test_fault_U07_the_hundred_thousand_and_first_row_is_refused_with_the_number() -> None:
    assert measure(stored(HEADER + b"a@b.example,A\n" * 100_000), Layout()) == (100_000, 0)
    with pytest.raises(FileRefused, match="more than 100,000 rows"):
        measure(stored(HEADER + b"a@b.example,A\n" * 300_000), Layout())


def test_fault_U06_hidden_characters_of_a_header_are_shown() -> None:
    assert Table(stored("e\u200bmail,a\x00b\nx,y\n"), Layout()).header == ["e\\u200bmail", "a\\u0000b"]


def test_fault_U07_a_header_alone_is_refused() -> None:
    with pytest.raises(FileRefused, match="header and no rows"):
        measure(stored(HEADER), Layout())
