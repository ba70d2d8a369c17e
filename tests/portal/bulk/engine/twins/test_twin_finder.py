"""The nightly look: a second group that no row has made is told once; what was there before is not."""

from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.audit.verbs import Verb
from portal.bulk import twin_finder
from portal.bulk.models import Item, ItemState, Twin
from portal.bulk.pump import pump
from portal.bulk.tasks import find_twins
from portal.bulk.timing import Timing
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from tests.portal.bulk.engine.conftest import assert_chain_holds
from tests.portal.bulk.engine.twins.test_twins import creation, groups
from tests.support.sandbox import Sandbox
from zoomapi.client import errors

pytestmark = pytest.mark.django_db(transaction=True)

POST_GROUPS = {"method": "POST", "path": "/groups$"}
GET_GROUPS = {"method": "GET", "path": "/groups$"}


def somebody_makes(sandbox: Sandbox, account: SubAccount) -> str:
    answer = sandbox.call("POST", f"/accounts/{account.zoom_id}/groups", json={"name": "Late shift"})
    return str(answer.json()["id"])


@pytest.fixture
def unclear(tenant: SubAccount, olga: Staff, clean: Sandbox) -> Item:
    """A group whose first send said nothing, so that it was looked up."""
    clean.faults({"match": POST_GROUPS, "do": "status", "value": 500, "times": 1})
    job = creation(tenant, olga)
    pump(job.pk)
    clean.faults()
    item = job.items.get()
    assert (item.state, item.sends, bool(item.checks)) == (ItemState.DONE, 2, True)
    return item


def test_a_second_group_that_no_row_has_made_is_told_once(unclear: Item, tenant: SubAccount, clean: Sandbox) -> None:
    second = somebody_makes(clean, tenant)
    assert [twin_finder.find(), twin_finder.find()] == [1, 0]
    assert [(twin.item_id, twin.zoom_id) for twin in Twin.objects.all()] == [(unclear.pk, second)]
    entry = Entry.objects.get(verb=Verb.TWIN_FOUND)
    assert (entry.actor, entry.account_id, second in entry.message) == ("(portal)", tenant.pk, True)
    assert_chain_holds()


def test_nothing_is_told_where_there_is_one_only(unclear: Item) -> None:
    assert (twin_finder.find(), Twin.objects.count()) == (0, 0)
    unclear.refresh_from_db()
    assert unclear.twins_looked_at is not None


def test_a_group_that_existed_before_the_first_send_is_not_told(
    tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    somebody_makes(clean, tenant)
    clean.faults({"match": POST_GROUPS, "do": "status", "value": 500, "times": 1})
    pump(creation(tenant, olga).pk)
    assert (len(groups(clean, tenant)), twin_finder.find()) == (2, 0)


def test_a_group_that_another_row_has_made_is_not_told(
    unclear: Item, tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    pump(creation(tenant, olga).pk)
    assert (len(groups(clean, tenant)), twin_finder.find()) == (2, 0)


def test_a_copy_that_is_known_beside_another_row_is_not_told_again(
    unclear: Item, tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    other = creation(tenant, olga)
    pump(other.pk)
    Twin.objects.create(item=other.items.get(), zoom_id=somebody_makes(clean, tenant))
    assert twin_finder.find() == 0


def test_another_row_of_that_name_in_doubt_is_waited_for(
    unclear: Item, tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    other = creation(tenant, olga)
    other.items.update(state=ItemState.REVIEW)
    somebody_makes(clean, tenant)
    assert twin_finder.find() == 0
    other.items.update(state=ItemState.FAILED)
    assert twin_finder.find() == 1


def test_a_row_whose_first_answer_told_is_not_looked_at(tenant: SubAccount, olga: Staff, clean: Sandbox) -> None:
    job = creation(tenant, olga)
    pump(job.pk)
    somebody_makes(clean, tenant)
    assert (twin_finder.find(), job.items.get().twins_looked_at) == (0, None)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"ended_at": timezone.now() - timedelta(days=3)}, 0),
        ({"state": ItemState.FAILED}, 0),
        ({"checks": 0, "sent_before": 2}, 1),  # a person's word to send it again sets the looks back
        ({"baseline": None}, 0),
    ],
)
def test_which_rows_are_looked_at(
    unclear: Item, tenant: SubAccount, clean: Sandbox, changes: dict[str, object], found: int
) -> None:
    somebody_makes(clean, tenant)
    Item.objects.update(**changes)
    assert twin_finder.find() == found


def test_a_row_decided_without_an_id_has_its_own_group(unclear: Item, tenant: SubAccount, clean: Sandbox) -> None:
    Item.objects.update(remote_id="")
    assert twin_finder.find() == 0
    Item.objects.update(twins_looked_at=None)
    somebody_makes(clean, tenant)
    assert twin_finder.find() == 2  # which of them is its own nobody knows


@pytest.mark.parametrize("value", [500, 403])
def test_a_read_that_fails_leaves_it_for_the_next_night(
    unclear: Item, tenant: SubAccount, clean: Sandbox, value: int
) -> None:
    somebody_makes(clean, tenant)
    clean.faults({"match": GET_GROUPS, "do": "status", "value": value})
    assert twin_finder.find() == 0
    clean.faults()
    assert twin_finder.find() == 1


def test_a_connection_that_is_switched_off_leaves_all_for_later(
    unclear: Item, tenant: SubAccount, clean: Sandbox
) -> None:
    somebody_makes(clean, tenant)
    Connection.objects.update(is_active=False)
    assert twin_finder.find() == 0
    Connection.objects.update(is_active=True)
    assert twin_finder.find(stop=lambda: True) == 0
    find_twins()
    assert Twin.objects.count() == 1


def test_two_finders_at_once_tell_once(unclear: Item, tenant: SubAccount, clean: Sandbox, quick: Timing) -> None:
    somebody_makes(clean, tenant)
    assert [twin_finder.look(unclear, quick), twin_finder.look(unclear, quick)] == [1, 0]
    assert Entry.objects.filter(verb=Verb.TWIN_FOUND).count() == 1


@pytest.mark.parametrize(
    ("problem", "looks"),
    [
        (errors.Unauthorized("No."), 1),
        (errors.NoPermit("Full.", wait=9.0, daily=True), 1),
        (errors.NoPermit("Full.", wait=0.1), 2),
        (OperationalError("locked"), 2),
    ],
)
def test_where_nothing_can_be_read_tonight_one_try_is_enough(
    unclear: Item, tenant: SubAccount, olga: Staff, monkeypatch: pytest.MonkeyPatch, problem: Exception, looks: int
) -> None:
    creation(tenant, olga)
    Item.objects.update(state=ItemState.DONE, checks=1, ended_at=timezone.now())
    seen: list[int] = []

    def fails(item: Item, _timing: Timing) -> int:
        seen.append(item.pk)
        raise problem

    monkeypatch.setattr(twin_finder, "look", fails)
    assert (twin_finder.find(), len(seen)) == (0, looks)


def test_it_is_due_every_night() -> None:
    planned = settings.CELERY_BEAT_SCHEDULE["find-twins"]
    assert planned["task"] in current_app.tasks
    assert (planned["schedule"].hour, planned["schedule"].minute) == ({3}, {20})


@pytest.mark.parametrize(
    ("endpoint", "body", "address"),
    [
        ("meetings.create", {"topic": "Late shift", "type": 2, "start_time": "2030-01-01T10:00:00Z"}, "meetings"),
        ("im_groups.create", {"name": "Late shift"}, ""),
    ],
)
def test_others_are_known_by_their_ids_too(
    tenant: SubAccount, olga: Staff, clean: Sandbox, endpoint: str, body: dict[str, object], address: str
) -> None:
    user = clean.call("GET", f"/accounts/{tenant.zoom_id}/users?page_size=300").json()["users"][0]["id"]
    path = {"userId": user} if address else {}
    place = f"/accounts/{tenant.zoom_id}/users/{user}/meetings" if address else f"/accounts/{tenant.zoom_id}/im/groups"
    clean.faults({"match": {"method": "POST", "path": "s$"}, "do": "apply_then_status", "value": 500, "times": 1})
    job = creation(tenant, olga, endpoint, body=body, path=path)
    pump(job.pk)
    assert job.items.get().state == ItemState.DONE
    assert twin_finder.find() == 0
    Item.objects.update(twins_looked_at=None)
    answer = clean.call("POST", place, json=body)
    assert answer.status_code == 201, answer.text
    assert twin_finder.find() == 1
