"""The reads before a creation, as the engine makes them and as forecasts count them."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import pytest

from portal.bulk.calls import Request
from portal.bulk.files.summary import EFFICIENCY, seconds
from portal.bulk.reading import Reader
from portal.bulk.recipes import baseline_of, baseline_reads
from zoomapi import spec
from zoomapi.spec.base import Effect, Endpoint
from zoomapi.spec.profiles import CLASSIC

WRITES = [endpoint for endpoint in spec.all_endpoints() if not endpoint.is_read]


class Counting:
    """In place of a Reader: counts what is read."""

    def __init__(self) -> None:
        self.reads: Counter[str] = Counter()

    def read(self, endpoint: Endpoint | str, *_: Any) -> dict[str, Any]:
        self.reads[endpoint if isinstance(endpoint, str) else endpoint.key] += 1
        return {}

    def rows(self, endpoint: Endpoint, *_: Any) -> Iterator[dict[str, Any]]:
        self.reads[endpoint.key] += 1
        return iter(())


@pytest.mark.parametrize("endpoint", WRITES, ids=lambda endpoint: endpoint.key)
def test_forecasts_count_the_reads_that_the_engine_makes(endpoint: Endpoint) -> None:
    reader = Counting()
    if endpoint.effect in (Effect.CREATE, Effect.MONEY):
        baseline_of(cast(Reader, reader), Request(endpoint, None, {}, {}, {}))
    assert baseline_reads(endpoint) == dict(reader.reads)


def test_a_dry_run_counts_them_too() -> None:
    told = [
        seconds({key: 1000}, CLASSIC) * EFFICIENCY for key in ("meetings.create", "webinars.create", "users.create")
    ]
    assert told == pytest.approx([400.0, 200.0, 100.0])
    assert seconds({"billing.subscribe": 10}, CLASSIC) * EFFICIENCY == pytest.approx(20.0)
