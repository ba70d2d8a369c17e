"""Servers of this folder's tests: one that misbehaves as told, on a real socket."""

from collections.abc import Iterator

import pytest

from tests.zoomapi.client.rogue import Rogue
from zoomapi.client import JwtAuth, ZoomClient
from zoomapi.client.permits import Unlimited
from zoomapi.client.transport import Transport

KEY, SECRET = "test-key", "test-secret-test-secret-test-secret"


@pytest.fixture
def rogue() -> Iterator[Rogue]:
    server = Rogue()
    yield server
    server.close()


@pytest.fixture
def zoom(rogue: Rogue) -> Iterator[ZoomClient]:
    """A client of the rogue server, without limits, that does not really sleep between attempts."""
    transport = Transport(rogue.base_url)
    yield ZoomClient(
        rogue.base_url,
        JwtAuth(KEY, SECRET),
        permits=Unlimited(),
        deadline=2.0,
        read_deadline=2.0,
        transport=transport,
        sleep=rogue.slept.append,
    )
    transport.close()
