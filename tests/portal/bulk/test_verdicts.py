"""What is made of an answer of Zoom's."""

from portal.bulk.models import Item, ItemState
from portal.bulk.verdicts import judge
from zoomapi import spec
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
