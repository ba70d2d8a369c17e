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
