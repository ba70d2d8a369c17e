"""``manage.py zoom_coverage``."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from zoomapi import coverage
from zoomapi.spec import all_endpoints
from zoomapi.spec.documented import DIRECT

KEYS = {endpoint.key for endpoint in all_endpoints()}


def test_every_direct_operation_and_every_twinless_mirrored_one_has_a_row() -> None:
    rows = coverage.rows(KEYS, KEYS)
    assert (sum(row.direct for row in rows), sum(not row.direct for row in rows)) == (len(DIRECT), 5)


def test_83_mirrored_forms_are_looked_for() -> None:
    assert sum(row.mirrored is not None for row in coverage.rows(set(), set())) == 83


def test_an_operation_the_sandbox_lacks_is_not_complete() -> None:
    row = next(r for r in coverage.rows(KEYS, KEYS - {"users.create"}) if r.operation == "users.create")
    assert (row.spec, row.client, row.sandbox, row.mirrored, row.complete) == (True, True, False, True, False)


def test_an_operation_without_a_mirrored_form_can_be_complete() -> None:
    row = next(r for r in coverage.rows(KEYS, KEYS) if r.operation == "billing.plans")
    assert (row.mirrored, row.complete) == (None, True)


def test_the_client_has_a_method_for_every_declared_operation() -> None:
    assert coverage.client_keys() == KEYS


def test_what_stands_in_the_source_is_what_the_sandbox_says_it_serves() -> None:
    assert coverage.written_handlers() == coverage.sandbox_keys()


def test_the_table_for_pages_is_made_once_and_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    coverage.known_rows.cache_clear()
    monkeypatch.setattr(coverage.subprocess, "run", None)
    assert coverage.known_rows() is coverage.known_rows()
    assert coverage.summary(coverage.known_rows())["documented"] == 130


def test_missing_operations_end_the_command_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "sandbox_keys", set)
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("zoom_coverage", "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert (end.value.code, answer["documented"], answer["complete"]) == (1, 130, 0)
    assert answer["mirrored_documented"] == 83


def test_a_sandbox_that_does_not_start_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> set[str]:
        raise RuntimeError("no such table")

    monkeypatch.setattr(coverage, "sandbox_keys", broken)
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit):
        call_command("zoom_coverage", stdout=out, stderr=err)
    assert "no such table" in err.getvalue()
    assert "MISSING" in out.getvalue()
