"""Numbers as their formats show them, as far as leading zeros go."""

from typing import Any

import pytest

from portal.bulk.files import workbook
from tests.portal.bulk.files.conftest import stored
from tests.portal.bulk.files.test_workbook import book, rows

pytestmark = pytest.mark.django_db


def taken(value: float, form: str) -> tuple[str, list[str]]:
    """What a cell is read as, and what is told about it."""

    def edit(made: Any) -> None:
        made["One"]["A1"].number_format = form

    path = stored(book(("One", [[value]]), edit=edit))
    doubts = workbook.take(path).doubts
    return rows(path)[0][0], doubts


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("000000", 42, "000042"),
        ("[$-407]000000", 42, "000042"),
        ("00000\\-0000", 1234, "00000-1234"),
        ("00000\\-0000", 1234567890, "123456-7890"),
        ('"0"00000', 1234, "001234"),
        ('"+49"0', 172, "+49172"),
        ("000000;-000000", 42, "000042"),
        ("000000;-000000", -42, "-000042"),
        ("000", -4, "-004"),
        ("000;[Red]\\-000", -4, "-004"),
        ('000;-000;"none"', 0, "0"),
        ("00000;@", 42, "00042"),
        ("[$€-407] 000", 5, "€ 005"),
        ("* 000_)", 5, "005"),
        ("00 00 00 00 00", 612345678, "06 12 34 56 78"),
        # Nothing is padded here, so the number is all there is.
        ("General", 42, "42"),
        ("0", 42, "42"),
        ("@", 42, "42"),
        ("#,##0.00", 42, "42"),
        ("+0;-0", 42, "42"),
        ('0" min"', 45, "45"),
        ("000000", 4.5, "4.5"),
        ("00,000", 42000, "42000"),
    ],
)
def test_a_number_has_the_leading_zeros_that_its_format_shows(form: str, value: float, text: str) -> None:
    assert taken(value, form) == (text, [])


@pytest.mark.parametrize("form", ["00,000", "00000.00", "[<9]00;00000", "[>9]00000;0", "#0000"])
def test_leading_zeros_of_a_format_that_is_not_known_are_a_doubt(form: str) -> None:
    assert taken(42, form) == (
        "42",
        [
            (
                f"Numbers with these formats are read without their leading zeros: {form} (42 in the first). Write "
                "them as texts in the workbook if the zeros matter."
            )
        ],
    )
