"""What is made of an answer of Zoom's."""

import pytest

from portal.bulk.models import Item, ItemState
from portal.bulk.verdicts import is_gone, judge
from zoomapi import spec
from zoomapi.client import errors
from zoomapi.client.calls import Answer


def test_the_id_of_a_new_webhook_is_kept_and_an_answer_without_it_is_looked_up() -> None:
    endpoint = spec.endpoint("webhooks.create")
    told = [judge(Item(), endpoint, Answer(201, data, {}, 0.1), None) for data in ({"webhook_id": "w1"}, {})]
    assert [(one.state, one.remote_id) for one in told] == [(ItemState.DONE, "w1"), (ItemState.UNKNOWN, "")]


def test_the_id_of_a_new_registrant_is_the_persons_and_not_the_events() -> None:
    for key in ("meetings.add_registrant", "webinars.add_registrant"):
        answer = Answer(201, {"registrant_id": "H4D3", "id": 94550416011, "topic": "T"}, {}, 0.1)
        told = judge(Item(), spec.endpoint(key), answer, None)
        assert (told.state, told.remote_id) == (ItemState.DONE, "H4D3")


@pytest.mark.parametrize(("status", "code", "gone"), [(404, 3001, True), (404, None, False), (400, 1010, True)])
def test_gone_is_what_zoom_itself_says_is_gone(status: int, code: int | None, gone: bool) -> None:
    error = (errors.NotFound if status == 404 else errors.BadRequest)("No.", status=status, code=code)
    assert is_gone(error) == gone
    told = judge(Item(), spec.endpoint("users.delete"), None, error)
    assert told.state == (ItemState.FAILED if gone else ItemState.UNKNOWN)
