"""Calls without waiting for permits, for tests that talk to a sandbox without limits and are about something else."""

from collections import Counter

import pytest

from portal.bulk import pace
from portal.gateway import clients
from portal.gateway.usage import tally
from zoomapi.client.permits import Lane
from zoomapi.spec.limits import RateClass


class FreePermit:
    def departed(self) -> bool:
        return True

    def left(self) -> None:
        return None

    def answered(self, kind: str = "") -> None:
        return None

    def give_back(self) -> None:
        return None


class FreePermits:
    def take(self, credential: str, rate: RateClass, lane: Lane, patience: float) -> FreePermit:
        return FreePermit()

    def spend(self, credential: str, rate: RateClass) -> None:
        return None

    def refund(self, credential: str, rate: RateClass) -> None:
        return None

    def pause(self, credential: str, rate: RateClass, seconds: float, *, named: bool = True) -> None:
        return None

    def exhaust(self, credential: str, rate: RateClass, seconds: float | None = None) -> None:
        return None


@pytest.fixture(autouse=True)
def own_tally(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that a test counted are not written down by a later one, which may have no database."""
    monkeypatch.setattr(tally, "_counts", Counter())


@pytest.fixture
def unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """No rate limit on our side in this process."""
    monkeypatch.setattr(clients, "permits", FreePermits)


@pytest.fixture
def at_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forecasts without what other tests of this process taught the keeper of the limits."""
    monkeypatch.setattr(pace, "_margin", lambda *_: 0.0)
