"""Tokens when the two clocks differ, or when a refused token cannot be replaced in time."""

import email.utils
from typing import Any

import jwt
import pytest

from tests.zoomapi.client import rogue as r
from tests.zoomapi.client.conftest import KEY, SECRET
from tests.zoomapi.client.rogue import Rogue
from zoomapi.client import JwtAuth, ZoomClient, errors
from zoomapi.client.permits import MemoryPermits
from zoomapi.client.transport import Transport
from zoomapi.spec.limits import GENERAL

NOW = 1_900_000_000.0
DATE = email.utils.formatdate(NOW, usegmt=True)


@pytest.mark.parametrize("skew", [-3600.0, 0.0, 3600.0])
def test_fault_R18_a_token_is_dated_by_the_services_clock_once_that_is_known(rogue: Rogue, skew: float) -> None:
    transport = Transport(rogue.base_url)
    zoom = ZoomClient(rogue.base_url, JwtAuth(KEY, SECRET), transport=transport, clock=lambda: NOW + skew)
    rogue.script(r.fail(401, 124, "Access token is expired.", Date=DATE), r.ok({"id": "u1"}, Date=DATE))
    assert zoom.users.get("u1") == {"id": "u1"}
    ends = [expiry(seen.headers["authorization"]) for seen in rogue.seen]
    assert ends == [NOW + skew + 60, NOW + 60]
    ZoomClient(rogue.base_url, JwtAuth(KEY, SECRET), transport=transport, clock=lambda: NOW + skew).users.get("u1")
    assert expiry(rogue.seen[2].headers["authorization"]) == NOW + 60
    transport.close()


def expiry(header: str) -> float:
    claims = jwt.decode(header.removeprefix("Bearer "), SECRET, ["HS256"], options={"verify_exp": False})
    return float(claims["exp"])


def test_fault_R17_a_refused_token_that_could_not_be_minted_anew_is_no_refused_credential(rogue: Rogue) -> None:
    transport = Transport(rogue.base_url)
    permits = MemoryPermits()
    zoom = ZoomClient(rogue.base_url, JwtAuth(KEY, SECRET), permits=permits, transport=transport, read_deadline=0.3)

    def refuse_and_pause(connection: Any, seen: Any) -> None:
        permits.pause(zoom.auth.identity, GENERAL, 30.0)
        r.fail(401, 124, "Access token is expired.")(connection, seen)

    rogue.script(refuse_and_pause)
    with pytest.raises(errors.NoPermit):
        zoom.users.get("u1")
    assert len(rogue.seen) == 1
    transport.close()
