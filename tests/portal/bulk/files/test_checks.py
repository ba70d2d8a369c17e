"""Compiled checks and the fields they come from give the same verdict."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework import serializers

from portal.bulk.files import addresses, columns
from portal.bulk.files.checks import compiled
from portal.bulk.files.flows import flow_named
from portal.bulk.files.reader import Row
from portal.bulk.files.refusal import Bad, FileRefused
from portal.bulk.files.rows import RowChecker
from portal.ui.export import neutralised, restored
from zoomapi import spec
from zoomapi.spec.base import leaves

FIELDS = {
    f"{endpoint.key} {name}": field
    for endpoint in spec.all_endpoints()
    if endpoint.body and not endpoint.is_read
    for name, field in leaves(endpoint.body())
    if "[]" not in name
}
SHORT = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), min_size=1, max_size=150)
LIKELY = st.sampled_from(
    ["1", "2", "9", "0", "true", "x", "a@b.example", "a@b", "1234567890", "123456", "x" * 129, "CA"]
)


def verdict(check: Any, text: str) -> bool:
    try:
        check(text)
    except (Bad, serializers.ValidationError):
        return False
    return True


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first address made up loads a list
@given(st.sampled_from(sorted(FIELDS)), st.one_of(LIKELY, SHORT, st.emails()))
def test_a_compiled_check_allows_what_its_field_allows(name: str, text: str) -> None:
    field = FIELDS[name]
    text = text.strip()
    allowed = verdict(field.run_validation, text)
    found = verdict(compiled(field), text)
    if not text or text.casefold() in ("null", "none"):
        return  # a blank cell is never checked, and no cell means null
    if found is False and re.fullmatch(r"-?\d{1,3}([.,'\s]\d{3})+", text):
        return  # the field takes "1.000" for one
    if isinstance(field, serializers.ChoiceField | serializers.BooleanField):
        assert found or not allowed  # people may also write a choice's label, and yes for true
    else:
        assert found == allowed


@given(st.emails())
def test_one_address_has_one_canonical_form(address: str) -> None:
    once = addresses.canonical(address)
    assert addresses.canonical(once) == once
    assert addresses.canonical(f"  {address.upper()} ") == addresses.canonical(address.upper())


@given(st.text(max_size=30))
def test_fault_A23_what_an_export_neutralises_an_import_restores(text: str) -> None:
    assert restored(neutralised(text)) == text


@pytest.mark.parametrize(
    "header",
    ["Email", " e-mail ", "EMAIL_ADDRESS", "Email Address [Required]", "User ID/Email (Required)", "user_info.email"],
)
def test_a_header_is_known_however_it_is_written(header: str) -> None:
    from portal.bulk.files.user_columns import columns as known  # noqa: PLC0415  # needs the spec of users only here

    assert columns.match([header], known()).mapping == {"user_info.email": 0}


def test_every_write_operation_gives_columns() -> None:
    for endpoint in spec.all_endpoints():
        names = [column.name for column in columns.columns_of(endpoint)]
        assert len(names) == len(set(names))


def test_duplicate_headers_are_named() -> None:
    with pytest.raises(FileRefused, match="Columns 1 and 2 have the same name, “A” and “a”"):
        columns.refuse_duplicates(["A", "a"])
    columns.refuse_duplicates(["Phone [work]", "Phone [home]", "", ""])


@pytest.mark.parametrize("text", ["1.000", "1,000", "2 500", "12.000.000", "1'000"])
def test_a_number_with_signs_between_its_thousands_is_not_guessed(text: str) -> None:
    check = compiled(serializers.IntegerField())
    with pytest.raises(Bad, match="without signs between its thousands"):
        check(text)
    assert [check("45.0"), check("1000"), check("45")] == [45, 1000, 45]


def test_several_values_with_other_signs_between_them_are_refused_with_the_sign_to_use() -> None:
    tsp = flow_named("tsp_accounts").checks()["dial_in_numbers[].type"]
    assert tsp("toll; tollfree") == ["toll", "tollfree"]
    for text, more in (("toll|tollfree", ("Put semicolons between several.",)), ("free", ())):
        with pytest.raises(Bad) as bad:
            tsp(text)
        assert bad.value.messages == ("Not one of the possible values: Toll, Toll-free.", *more)


@pytest.mark.parametrize(
    ("cell", "notes"),
    [
        ("+1; +44", []),
        ("+1", []),
        ("1; =1+2", ["Code: looks like a formula; it is kept as text."]),
        ("+A1; 44", ["Code: looks like a formula; it is kept as text."]),
    ],
)
def test_country_codes_are_no_formulas_and_an_export_neutralises_them(cell: str, notes: list[str]) -> None:
    flow, name = flow_named("tsp_accounts"), "dial_in_numbers[].code"
    checker = RowChecker(flow.columns(), flow.checks(), {name: 0}, ["Code"])
    assert checker(Row(1, 2, 2, [cell])).notes == notes
    assert neutralised(cell) == (f"'{cell}" if cell[0] == "+" else cell)


@pytest.mark.parametrize(("text", "value"), [("WAHR", True), ("falsch", False), ("VRAI", True), ("Nein", False)])
def test_truth_is_read_as_spreadsheets_of_other_languages_write_it(text: str, *, value: bool) -> None:
    assert compiled(serializers.BooleanField())(text) is value
