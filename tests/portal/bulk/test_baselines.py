"""The reads before a creation, as the engine makes them and as forecasts count them."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import pytest

from portal.access.models import Staff
from portal.bulk.calls import Request
from portal.bulk.files.preview import BASELINES, LOOKS, figures
from portal.bulk.files.summary import EFFICIENCY, seconds
from portal.bulk.jobs import UNDO
from portal.bulk.models import Job
from portal.bulk.reading import Reader
from portal.bulk.recipes import baseline_of, baseline_reads, remembers
from portal.directory.models import SubAccount
from zoomapi import spec
from zoomapi.spec.base import Endpoint
from zoomapi.spec.profiles import CLASSIC

WRITES = [endpoint for endpoint in spec.all_endpoints() if not endpoint.is_read]


class Counting:
    """In place of a Reader: counts what is read."""

    def __init__(self) -> None:
        self.reads: Counter[str] = Counter()

    def read(self, endpoint: Endpoint | str, *_: Any) -> dict[str, Any]:
        self.reads[endpoint if isinstance(endpoint, str) else endpoint.key] += 1
        return {}

    def rows(self, endpoint: Endpoint | str, *_: Any) -> Iterator[dict[str, Any]]:
        self.reads[endpoint if isinstance(endpoint, str) else endpoint.key] += 1
        return iter(())


@pytest.mark.parametrize("endpoint", WRITES, ids=lambda endpoint: endpoint.key)
def test_forecasts_count_the_reads_that_the_engine_makes(endpoint: Endpoint) -> None:
    reader = Counting()
    if remembers(endpoint):
        baseline_of(cast(Reader, reader), Request(endpoint, None, {"tspId": "1"}, {}, {}))
    assert baseline_reads(endpoint) == dict(reader.reads)


def test_a_dry_run_counts_them_too() -> None:
    told = [
        seconds({key: 1000}, CLASSIC) * EFFICIENCY for key in ("meetings.create", "webinars.create", "users.create")
    ]
    assert told == pytest.approx([400.0, 200.0, 100.0])
    assert seconds({"billing.subscribe": 10}, CLASSIC) * EFFICIENCY == pytest.approx(20.0)


@pytest.mark.django_db
def test_the_check_lists_them_beside_the_calls(acme: SubAccount, olga: Staff) -> None:
    summary = {"calls": {"meetings.create": 20}, "reads": {"meetings.get": 2}}
    job = Job(owner=olga, connection=acme.connection, kind=UNDO, options={"summary": summary})
    assert [(title, number, why) for title, number, _, why in figures(job)["call_list"]] == [
        (spec.endpoint("meetings.create").title, 20, ""),
        (spec.endpoint("meetings.get").title, 2, LOOKS),
        (spec.endpoint("meetings.list").title, 60, BASELINES),
    ]
