"""R08, second half: after five failures in half a minute nobody waits for a dead address any more."""

import pytest

from tests.zoomapi.client.conftest import KEY, SECRET
from tests.zoomapi.client.test_transport_faults import closed_port
from zoomapi.client import JwtAuth, ZoomClient, errors
from zoomapi.client.circuit import COOLDOWN, FAILURES, Circuit
from zoomapi.client.permits import Unlimited
from zoomapi.client.transport import Transport


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def circuit(clock: Clock) -> Circuit:
    return Circuit(clock, lambda: clock.now + 1e9)


def fail(circuit: Circuit, clock: Clock, times: int, apart: float) -> None:
    for _ in range(times):
        clock.now += apart
        circuit.failed()


def test_a_few_failures_block_nobody(circuit: Circuit, clock: Clock) -> None:
    fail(circuit, clock, FAILURES - 1, 1)
    assert circuit.blocked_for() == 0.0


def test_failures_far_apart_block_nobody(circuit: Circuit, clock: Clock) -> None:
    fail(circuit, clock, 20, 10)
    assert circuit.blocked_for() == 0.0


def test_fault_R08_five_failures_in_half_a_minute_open_the_circuit(circuit: Circuit, clock: Clock) -> None:
    fail(circuit, clock, FAILURES, 1)
    assert circuit.blocked_for() == COOLDOWN
    assert circuit.since == 101.0 + 1e9


def test_after_the_cooldown_one_call_may_try(circuit: Circuit, clock: Clock) -> None:
    fail(circuit, clock, FAILURES, 1)
    clock.now += COOLDOWN
    assert [circuit.blocked_for(), circuit.blocked_for()] == [0.0, COOLDOWN]


def test_one_success_closes_it(circuit: Circuit, clock: Clock) -> None:
    fail(circuit, clock, FAILURES, 1)
    circuit.succeeded()
    assert (circuit.blocked_for(), circuit.since) == (0.0, None)


def test_fault_R08_a_client_says_since_when_the_service_is_unreachable() -> None:
    base_url = f"http://127.0.0.1:{closed_port()}/v2"
    zoom = ZoomClient(
        base_url, JwtAuth(KEY, SECRET), permits=Unlimited(), transport=Transport(base_url), sleep=lambda seconds: None
    )
    assert zoom.unreachable_since is None
    for _ in range(2):
        with pytest.raises(errors.Unreachable):
            zoom.users.get("u1")
    assert zoom.unreachable_since is not None
    with pytest.raises(errors.Unreachable, match="not been reachable for a while"):
        zoom.users.get("u1")
