"""Dates of creation, when a clock is set between the send and the look at what came of it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from portal.bulk.models import Item
from portal.bulk.recipes.base import Found, Look, dated

SENT = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("created", "then", "now", "found"),
    [
        (1, 0.0, 0.0, Found.APPLIED),
        (-60, 0.0, 0.0, Found.EXISTED),
        (1, None, 0.0, Found.APPLIED),
        (1, 0.0, 20.0, Found.UNCLEAR),  # by the clock of now it would be older than the request
        (-10, 0.0, -20.0, Found.UNCLEAR),
        (30, 0.0, 20.0, Found.APPLIED),
        (-60, 0.0, 20.0, Found.EXISTED),
    ],
)
def test_a_clock_that_was_set_meanwhile_decides_nothing(created: int, then: Any, now: float, found: Found) -> None:
    item = Item(first_sent=SENT, clock_offset=then)
    look = Look(item, request=SimpleNamespace(), reader=SimpleNamespace(offset=now))  # type: ignore[arg-type]  # enough
    row = {"id": "x", "created_at": (SENT + timedelta(seconds=created)).isoformat()}
    assert dated(look, row, "The user").found == found
