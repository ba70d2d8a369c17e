"""Changes of a state whose answer was lost: it is looked up where Zoom shows it, and told as it is."""

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
@pytest.mark.parametrize("kind", [1, 2])  # held at once, which is gone afterwards; and planned
def test_the_end_of_a_meeting_is_looked_up(
    tenant: SubAccount, olga: Staff, clean: Sandbox, fault: str, wanted: Any, kind: int
) -> None:
    host = users(clean, tenant)[0]["id"]
    body = {"topic": "Now", "type": kind, "start_time": "2030-01-01T10:00:00Z", "duration": 30}
    meeting = clean.call("POST", f"/accounts/{tenant.zoom_id}/users/{host}/meetings", json=body).json()["id"]
    clean.control("POST", "meeting/start", {"id": meeting})
    spoilt(clean, fault)
    item = one(tenant, olga, "meetings.update_status", path={"meetingId": str(meeting)}, body={"action": "end"})
    assert told(item) == wanted, item.message


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


@pytest.mark.parametrize(("fault", "wanted"), LOST)
@pytest.mark.parametrize(("removed", "recovered"), [("", ""), ("_file", "_file"), ("_file", "")])
def test_what_comes_back_from_the_trash_is_looked_up(
    tenant: SubAccount, olga: Staff, clean: Sandbox, removed: str, recovered: str, fault: str, wanted: Any
) -> None:
    body = {"topic": "Recorded", "settings": {"auto_recording": "cloud"}}
    master = SubAccount.objects.create(connection=tenant.connection, zoom_id="me", name="Master", is_master=True)
    host = clean.call("GET", "/users").json()["users"][0]["id"]
    number = clean.call("POST", f"/users/{host}/meetings", json=body).json()["id"]
    clean.control("POST", "meeting/start", {"id": number})
    clean.control("POST", "meeting/end", {"id": number})
    kept = clean.call("GET", f"/meetings/{number}/recordings").json()
    path = {"meetingId": str(kept["uuid"])}
    file = {**path, "recordingId": kept["recording_files"][0]["id"]}
    item = one(master, olga, f"recordings.delete{removed}", path=file if removed else path, query={"action": "trash"})
    assert item.state == ItemState.DONE, item.message
    spoilt(clean, fault)
    path, body = (file if recovered else path), {"action": "recover"}
    item = one(master, olga, f"recordings.recover{recovered}", path=path, body=body)
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
