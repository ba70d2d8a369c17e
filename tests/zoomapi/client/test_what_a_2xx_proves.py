"""A 2xx says that the request was carried out only where its body does not speak against it."""

import pytest

from tests.zoomapi.client import rogue as r
from tests.zoomapi.client.rogue import Rogue
from zoomapi.client import ZoomClient, errors
from zoomapi.client.errors import Outcome

PAGE = b"<html><b>Please sign in</b></html>"


def change(zoom: ZoomClient, method: str) -> object:
    return zoom.users.update("u1", dept="x") if method == "PATCH" else zoom.users.delete("u1", action="delete")


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize("kind", ["text/html", "text/plain", ""])
def test_fault_R07_a_page_in_place_of_a_204_is_an_unknown_outcome(
    rogue: Rogue, zoom: ZoomClient, method: str, status: int, kind: str
) -> None:
    rogue.script(r.send(r.raw(status, PAGE, kind)))
    with pytest.raises(errors.BadAnswer) as caught:
        change(zoom, method)
    assert (caught.value.outcome, caught.value.status, len(rogue.seen)) == (Outcome.UNKNOWN, status, 1)
    assert "sign in" not in str(caught.value)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize("body", [b"", b" \r\n"])
def test_a_2xx_without_a_body_is_as_good_as_a_204(
    rogue: Rogue, zoom: ZoomClient, method: str, status: int, body: bytes
) -> None:
    rogue.script(r.no_content() if status == 204 else r.send(r.raw(status, body, "text/plain;charset=UTF-8")))
    assert change(zoom, method) is None
    assert len(rogue.seen) == 1


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_json_in_place_of_a_204_is_handed_on(rogue: Rogue, zoom: ZoomClient, method: str) -> None:
    rogue.script(r.ok({"id": "u1"}))
    assert change(zoom, method) == {"id": "u1"}


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("code", [500, 503, 599, 1, 201, 999, -1])
def test_fault_R06_a_2xx_whose_code_does_not_refuse_is_an_unknown_outcome_of_a_write(
    rogue: Rogue, zoom: ZoomClient, status: int, code: int
) -> None:
    rogue.script(r.fail(status, code, "Internal error."))
    with pytest.raises(errors.ServerError) as caught:
        zoom.users.create(action="create", user_info={"email": "a@example.com", "type": 1})
    assert (caught.value.outcome, caught.value.status, caught.value.code) == (Outcome.UNKNOWN, status, code)
    assert str(caught.value) == f"Zoom had an internal error (HTTP {status}, code {code})."
    assert len(rogue.seen) == 1


def test_fault_R06_a_read_that_is_answered_so_is_repeated(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.fail(200, 500, "Internal error."), r.ok({"id": "u1"}))
    assert zoom.users.get("u1") == {"id": "u1"}
    assert len(rogue.seen) == 2


@pytest.mark.parametrize("code", [300, 400, 404, 1001, 1005, 2001, 3001, 4130, 5010, 9999])
def test_a_code_of_the_services_own_under_a_200_is_a_refusal(rogue: Rogue, zoom: ZoomClient, code: int) -> None:
    rogue.script(r.fail(200, code))
    with pytest.raises(errors.Refused) as caught:
        zoom.users.update("u1", dept="x")
    assert (caught.value.outcome, caught.value.code) == (Outcome.REFUSED, code)


def test_a_429_under_a_200_is_a_pause(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.fail(200, 429, Retry_After="1"), r.no_content())
    assert zoom.users.update("u1", dept="x") is None
    assert rogue.slept == [1.0]
