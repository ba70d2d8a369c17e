"""What reports are asked with: spans of days in every form, pages, choices."""

import time
from datetime import timedelta
from typing import Any

import pytest

from tests.support.sandbox import Sandbox
from tests.zoomapi.sandbox.reporting import SPAN, TODAY, got, refused

QUICK = 0.05  # seconds


@pytest.mark.parametrize("report", ["users", "telephone", "users/me/meetings"])
def test_a_first_day_too_early_is_moved_without_a_word(sandbox: Sandbox, report: str) -> None:
    early = (TODAY - timedelta(days=100)).isoformat()
    answer = got(sandbox, f"/report/{report}", **{"from": early, "to": TODAY.isoformat()})
    moved = answer["from"]
    assert (TODAY - timedelta(days=31)).isoformat() <= moved <= (TODAY - timedelta(days=28)).isoformat()
    assert answer["to"] == TODAY.isoformat()
    assert answer == got(sandbox, f"/report/{report}", **{"from": moved, "to": TODAY.isoformat()})


@pytest.mark.parametrize(
    "form", ["{}T00:00:00Z", "{}T10:30:00", "{}T00:00:00.000Z", "{} 00:00:00", "{}T00:00:00+02:00"]
)
def test_dates_also_come_as_date_times(sandbox: Sandbox, form: str) -> None:
    span = {name: form.format(day) for name, day in SPAN.items()}
    assert got(sandbox, "/report/users", **span) == got(sandbox, "/report/users", **SPAN)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({}, ["from", "to"]),
        ({"from": "2026-13-01", "to": "2026-01-01"}, ["from"]),
        ({"from": "yesterday", "to": "today"}, ["from", "to"]),
        ({"from": "2026-02-02", "to": "2026-02-01"}, ["to"]),
        ({**SPAN, "page_size": 301}, ["page_size"]),
        ({**SPAN, "page_number": 0}, ["page_number"]),
    ],
)
def test_wrong_dates_and_pages_are_refused_by_name(sandbox: Sandbox, query: dict[str, Any], fields: list[str]) -> None:
    assert refused(sandbox, "/report/telephone", **query) == (400, 300, fields)


def test_wrong_choices_are_refused_by_name(sandbox: Sandbox) -> None:
    assert refused(sandbox, "/report/users", **SPAN, type="lazy") == (400, 300, ["type"])
    assert refused(sandbox, "/report/telephone", **SPAN, type=2) == (400, 300, ["type"])


@pytest.mark.parametrize("report", ["daily", "users", "users/me/meetings", "telephone"])
def test_a_report_is_quick(sandbox: Sandbox, report: str) -> None:
    taken = []
    for _ in range(6):
        begun = time.perf_counter()
        got(sandbox, f"/report/{report}", **SPAN, page_size=300)
        taken.append(time.perf_counter() - begun)
    assert min(taken) < QUICK
