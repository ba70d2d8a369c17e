"""Undo of meetings whose creation was found at Zoom, since its answer had been lost."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.bulk.calls import found_without_secrets
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.directory.models import MirrorUser
from tests.portal.bulk.engine.conftest import clean, quick, tenant
from tests.portal.bulk.files.flows.test_events import HEADER, checked, hosts, ran, told, undone, zoom
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["checked", "clean", "hosts", "quick", "tenant", "zoom"]  # fixtures


@pytest.fixture
def adopted(clean: Sandbox, hosts: list[MirrorUser], checked: Callable[..., Job]) -> Job:
    """Two meetings at local times whose answers were lost."""
    rows = "".join(f"{hosts[0].email},Talk {n},2030-01-07T09:00:00,45,Europe/Berlin\n" for n in range(2))
    clean.faults({"match": {"method": "POST", "path": "/meetings$"}, "do": "apply_then_reset"})
    job = ran(checked("meetings_create", HEADER + rows))
    clean.faults()
    assert (job.state, {item.state for item in job.items.all()}) == (JobState.DONE, {ItemState.DONE})
    assert {item.message.partition(":")[0] for item in job.items.all()} == {"Checked at Zoom"}
    return job


def test_what_was_found_is_kept_and_nobody_is_said_to_have_changed_it(adopted: Job, zoom: Callable[..., Any]) -> None:
    answers = [item.answer for item in adopted.items.all()]
    assert [answer["start_time"] for answer in answers] == ["2030-01-07T08:00:00Z"] * 2
    assert [answer["id"] for answer in answers] == [item.remote_id for item in adopted.items.all()]
    zoom("PATCH", f"/meetings/{answers[1]['id']}", json={"start_time": "2030-01-08T08:00:00Z"})
    undo = undone(adopted)
    changed = "Changed since: Start. Nothing will be done for this row."
    assert told(undo) == [("delete", ""), ("conflict", changed)]
    ran(undo)
    assert [zoom("GET", f"/meetings/{answer['id']}").status_code for answer in answers] == [404, 200]


def test_what_was_adopted_before_that_was_kept_is_compared_by_the_moment(
    adopted: Job, zoom: Callable[..., Any]
) -> None:
    for item in adopted.items.all():
        Item.objects.filter(pk=item.pk).update(answer={"id": item.remote_id})
    undo = undone(adopted)
    assert told(undo) == [("delete", ""), ("delete", "")]
    assert {item.before["start_time"] for item in undo.items.all()} == {"2030-01-07T08:00:00Z"}
    assert ran(undo).state == JobState.DONE


def test_secrets_of_what_was_found_are_not_kept() -> None:
    row = {"id": "1", "topic": "Talk", "password": "p", "start_url": "s", "settings": {"host_video": True}}
    assert found_without_secrets("meetings.create", row) == {
        "id": "1",
        "topic": "Talk",
        "settings": {"host_video": True},
    }
    assert found_without_secrets("users.create", {"id": "1", "host_key": "123456"}) == {"id": "1"}
