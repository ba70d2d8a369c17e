"""Changes of a state whose answer was lost: it is looked up where Zoom shows it, and told as it is."""

import time
from typing import Any

import pytest

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk import operations
from portal.bulk.models import Item, ItemState
from portal.bulk.operations import Step
from portal.bulk.pump import pump
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.test_outcomes import one, results
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

ADOPTED = (ItemState.DONE, ["intent", "unknown", "adopted"])
REPEATED = (ItemState.DONE, ["intent", "unknown", "absent", "intent", "done"])
LOST = [("apply_then_status", ADOPTED), ("status", REPEATED)]


def spoilt(clean: Sandbox, fault: str, method: str = "PUT") -> None:
    clean.faults({"match": {"method": method}, "do": fault, "value": 500, "times": 1})


def users(clean: Sandbox, tenant: SubAccount) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = clean.call("GET", f"/accounts/{tenant.zoom_id}/users?page_size=300").json()["users"]
    return found


def told(item: Item) -> tuple[str, list[str]]:
    return item.state, results(item)


@pytest.mark.parametrize(("fault", "wanted"), LOST)
@pytest.mark.parametrize("kind", [1, 2])
def test_the_end_of_a_meeting_is_looked_up(
    tenant: SubAccount, olga: Staff, clean: Sandbox, fault: str, wanted: Any, kind: int
) -> None:
    """A meeting held at once is gone afterwards, and one that was planned and does not run is over as wanted."""
    host = users(clean, tenant)[0]["id"]
    body = {"topic": "Now", "type": kind, "start_time": "2030-01-01T10:00:00Z", "duration": 30}
    meeting = clean.call("POST", f"/accounts/{tenant.zoom_id}/users/{host}/meetings", json=body).json()["id"]
    spoilt(clean, fault)
    item = one(tenant, olga, "meetings.update_status", path={"meetingId": str(meeting)}, body={"action": "end"})
    assert told(item) == (wanted if kind == 1 else ADOPTED), item.message


@pytest.mark.parametrize(("fault", "wanted"), LOST)
def test_the_status_of_a_user_is_looked_up(
    tenant: SubAccount, olga: Staff, clean: Sandbox, fault: str, wanted: Any
) -> None:
    user = users(clean, tenant)[1]["id"]
    spoilt(clean, fault)
    item = one(tenant, olga, "users.update_status", path={"userId": user}, body={"action": "deactivate"})
    assert told(item) == wanted, item.message


@pytest.mark.parametrize(("fault", "wanted"), LOST)
def test_the_options_of_a_sub_account_are_looked_up(
    tenant: SubAccount, olga: Staff, clean: Sandbox, fault: str, wanted: Any
) -> None:
    now = clean.call("GET", f"/accounts/{tenant.zoom_id}").json()["options"]["share_rc"]
    spoilt(clean, fault, "PATCH")
    item = one(tenant, olga, "accounts.update_options", body={"share_rc": not now})
    assert told(item) == wanted, item.message


@pytest.mark.parametrize(("fault", "wanted"), LOST)
def test_a_device_is_looked_up_in_the_list(
    tenant: SubAccount, olga: Staff, clean: Sandbox, fault: str, wanted: Any
) -> None:
    room = {"name": "Room", "protocol": "SIP", "ip": "10.0.0.1", "encryption": "auto"}
    device = clean.call("POST", "/h323/devices", json=room).json()["id"]
    spoilt(clean, fault, "PATCH")
    step = Step(endpoint="devices.update", path={"deviceId": device}, body={**room, "ip": "10.0.0.2"})
    job = operations.plan(
        scope=scope_of(olga), actor=olga, connection=tenant.connection, kind="devices", title="One", steps=[step]
    )
    operations.start(job, olga)
    pump(job.pk)
    assert told(job.items.get()) == wanted


@pytest.fixture
def recording(tenant: SubAccount, clean: Sandbox) -> dict[str, Any]:
    """A meeting of the sub-account whose recordings are kept."""
    days = f"from={time.strftime('%Y-%m-%d', time.gmtime(time.time() - 28 * 86400))}&to={time.strftime('%Y-%m-%d')}"
    for account in clean.call("GET", "/accounts?page_size=300").json()["accounts"]:
        below = f"/accounts/{account['id']}/users"
        for user in clean.call("GET", f"{below}?page_size=300").json()["users"]:
            if found := clean.call("GET", f"{below}/{user['id']}/recordings?{days}").json().get("meetings"):
                SubAccount.objects.filter(pk=tenant.pk).update(zoom_id=account["id"])
                tenant.refresh_from_db()
                kept: dict[str, Any] = found[0]
                return kept
    pytest.skip("There are no recordings in this world.")


@pytest.mark.parametrize(("fault", "wanted"), LOST)
@pytest.mark.parametrize("single", [False, True])
def test_what_comes_back_from_the_trash_is_looked_up(
    tenant: SubAccount, olga: Staff, clean: Sandbox, recording: dict[str, Any], fault: str, wanted: Any, single: bool
) -> None:
    path, name = {"meetingId": str(recording["uuid"])}, ""
    if single:
        path, name = {**path, "recordingId": recording["recording_files"][0]["id"]}, "_file"
    removed = one(tenant, olga, f"recordings.delete{name}", path=path, query={"action": "trash"})
    assert removed.state == ItemState.DONE, removed.message
    spoilt(clean, fault)
    item = one(tenant, olga, f"recordings.recover{name}", path=path, body={"action": "recover"})
    assert told(item) == wanted, item.message


def test_what_zoom_does_not_know_any_more_after_an_unclear_attempt_is_left_to_a_person(
    tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    """The password may have been set before the user left."""
    gone = {"status": 404, "body": {"code": 1001, "message": "User does not exist."}}
    clean.faults(
        {"match": {"method": "PUT"}, "do": "apply_then_status", "value": 500, "times": 1},
        {"match": {"method": "PUT"}, "do": "status", "value": gone},
    )
    path = {"userId": users(clean, tenant)[1]["id"]}
    item = one(tenant, olga, "users.update_password", path=path, body={"password": "Canary-12345678"})
    assert told(item) == (ItemState.REVIEW, ["intent", "unknown", "absent", "intent", "unknown", "review"])
    assert item.message == (
        "Checked at Zoom: Zoom does not show this value. Zoom refused to do it again; whether an earlier attempt did it"
        " cannot be told. Please look."
    )
