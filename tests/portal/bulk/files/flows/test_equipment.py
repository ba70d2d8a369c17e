"""Files of devices and TSP accounts against a running sandbox; what it has is compared before anything is sent."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.access.models import Staff
from portal.bulk.files import checkrun
from portal.bulk.files.flows.live import LiveState
from portal.bulk.files.plans import FAILED, RowPlan
from portal.bulk.models import Job, JobState
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.bulk.engine.conftest import clean, quick, tenant
from tests.portal.bulk.files.flows.test_events import checked, hosts, ran, result, told, undone, written, zoom
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["checked", "clean", "hosts", "quick", "tenant", "zoom"]  # fixtures
Run = Callable[..., Job]
DEVICES = "Name,Protocol,Address,Encryption\n"


@pytest.fixture
def master(tenant: SubAccount) -> SubAccount:
    return SubAccount.objects.create(connection=tenant.connection, zoom_id="me", name="Master", is_master=True)


def devices(sandbox: Sandbox) -> dict[str, tuple[str, str]]:
    rows = sandbox.call("GET", "/h323/devices?page_size=300").json()["devices"]
    return {row["name"]: (row["protocol"], row["ip"]) for row in rows if row["name"].startswith("File ")}


def test_devices_are_made_changed_and_left_alone(clean: Sandbox, master: SubAccount, checked: Run) -> None:
    job = ran(checked("devices", f"{DEVICES}File 1,SIP,192.0.2.1,auto\nFile 2,H.323,192.0.2.2,yes\n"))
    assert (job.state, devices(clean)) == (
        JobState.DONE,
        {"File 1": ("SIP", "192.0.2.1"), "File 2": ("H.323", "192.0.2.2")},
    )
    file = f"{DEVICES}file 1,,192.0.2.9,\nFile 2,H.323,192.0.2.2,yes\nFile 3,SIP,,auto\nFile 2,SIP,192.0.2.2,yes\n"
    second = checked("devices", file)
    assert [action for action, _ in told(second)] == ["update", "unchanged", "error", "error"]
    assert told(second)[2][1] == "Address: Missing: a new device needs it."
    assert ran(second).state == JobState.DONE_WITH_ERRORS
    assert devices(clean)["File 1"] == ("SIP", "192.0.2.9")
    assert ran(undone(second)).state == JobState.DONE
    assert devices(clean)["File 1"] == ("SIP", "192.0.2.1")
    assert told(checked("devices", result(job)))[0] == ("unchanged", "Already as the file says.")


def test_devices_are_removed_by_name_and_taken_back_as_long_as_nobody_changed_them(
    clean: Sandbox, master: SubAccount, checked: Run
) -> None:
    made = ran(checked("devices", f"{DEVICES}File 1,SIP,192.0.2.1,auto\nFile 2,SIP,192.0.2.2,auto\n"))
    job = checked("devices_remove", "Name\nFILE 2\nFile 9\nFile 2\n")
    assert told(job) == [
        ("delete", ""),
        ("unchanged", "It is not there any more."),
        ("error", "The same device stands in line 2 already."),
    ]
    assert ran(job).state == JobState.DONE_WITH_ERRORS
    assert told(undone(made)) == [("delete", ""), ("unchanged", "It is not there any more.")]
    clean.call(
        "POST", "/h323/devices", json={"name": "File 1", "protocol": "SIP", "ip": "192.0.2.8", "encryption": "no"}
    )
    assert told(checked("devices_remove", "Name\nFile 1\n"))[0][0] == "conflict"


def test_only_those_who_see_the_master_account_change_its_devices(
    clean: Sandbox, master: SubAccount, checked: Run, rita: Staff
) -> None:
    job = checked("devices", f"{DEVICES}File 1,SIP,192.0.2.1,auto\n", actor=rita)
    assert told(job) == [("error", "Only people who see the whole master account can do this.")]


TSP = "Email,conference_code,leader_pin,dial_in_numbers[].code,dial_in_numbers[].number\n"


def test_tsp_accounts_are_added_replaced_and_left_alone(
    clean: Sandbox, hosts: list[MirrorUser], zoom: Callable[..., Any], checked: Run
) -> None:
    one = hosts[0]
    path = f"/users/{one.zoom_id}/tsp"
    job = ran(
        checked("tsp_accounts", f"{TSP}{one.email},111,9876,1;44,5550100;5550101\n{one.email},222,1234,1,5550102\n")
    )
    assert job.state == JobState.DONE
    assert {row["conference_code"] for row in zoom("GET", path).json()["tsp_accounts"]} == {"111", "222"}

    file = f"{TSP}{one.email},111,9876,1;44,5550100;5550101\n{one.email},222,4321,,\n{one.email},333,,,\n"
    second = checked("tsp_accounts", file)
    assert [action for action, _ in told(second)] == ["unchanged", "update", "error"]
    kept = str(list(second.items.values("body", "before", "source", "message", "answer")))
    assert [secret for secret in ("9876", "4321", "1234") if secret in kept] == []
    assert ran(second).state == JobState.DONE_WITH_ERRORS
    pins = {row["conference_code"]: row["leader_pin"] for row in zoom("GET", path).json()["tsp_accounts"]}
    assert pins == {"111": "9876", "222": "4321"}
    assert written(clean) == {"tsp.create": 2, "tsp.update": 1}


def test_one_tsp_account_of_a_user_is_removed_by_a_file_since_the_others_move_up(
    clean: Sandbox, hosts: list[MirrorUser], zoom: Callable[..., Any], checked: Run
) -> None:
    one, two = hosts[:2]
    rows = "".join(f"{host.email},{code},9876,1,5550100\n" for host in (one, two) for code in (111, 222))
    ran(checked("tsp_accounts", TSP + rows))
    file = f"Email,conference_code\n{one.email},111\n{one.email},222\n{two.email},222\n{hosts[2].email},111\n"
    job = checked("tsp_remove", file)
    assert [action for action, _ in told(job)] == ["delete", "error", "delete", "unchanged"]
    assert ran(job).state == JobState.DONE_WITH_ERRORS
    left = {host: zoom("GET", f"/users/{host.zoom_id}/tsp").json()["tsp_accounts"] for host in (one, two)}
    assert [[row["conference_code"] for row in rows] for rows in left.values()] == [["222"], ["111"]]


def test_while_zoom_is_read_the_check_beats_so_that_no_other_worker_takes_it_for_dead(
    hosts: list[MirrorUser], checked: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, seen = LiveState.read, []

    def noted(self: LiveState, plan: RowPlan, path: dict[str, Any]) -> Any:
        seen.append(Job.objects.get().options["progress"]["done"])
        return read(self, plan, path)

    monkeypatch.setattr(checkrun, "EVERY", 0.0)
    monkeypatch.setattr(LiveState, "read", noted)
    checked("tsp_accounts", TSP + "".join(f"{host.email},123456,9876,1,5550100\n" for host in hosts[:3]))
    assert seen == [0, 1, 2]


def test_a_bad_cell_of_a_device_is_not_missing_and_hides_no_other_that_is(
    clean: Sandbox, master: SubAccount, checked: Run
) -> None:
    job = checked(
        "devices", f"Device id,{DEVICES}nix,File 7,ISDN,,auto\n,File 8,ISDN,,auto\n,File 8,SIP,192.0.2.1,no\n"
    )
    assert [item.errors for item in job.items.order_by("row")] == [
        {
            "Protocol": ["Not one of the possible values: H.323, SIP."],
            "Device id": ["Zoom knows no device of this id."],
        },
        {
            "Protocol": ["Not one of the possible values: H.323, SIP."],
            "Address": ["Missing: a new device needs it."],
        },
        {"": [f"The same device stands in line 3 already.{FAILED}"]},
    ]


def test_a_bad_cell_of_a_tsp_account_hides_nothing_else(clean: Sandbox, hosts: list[MirrorUser], checked: Run) -> None:
    host = hosts[0].email
    rows = f"{host},,abc,1234,1,5550100\n{host},9,123,xy,1,5550100\n{host},,456,xy,,\nnobody@x.example,,4,xy,1,2\n"
    job = checked("tsp_accounts", "Email,Number," + TSP.partition(",")[2] + rows)
    assert [sorted(item.errors) for item in job.items.order_by("row")] == [
        ["conference_code"],
        ["Number", "leader_pin"],
        ["dial_in_numbers", "leader_pin"],
        ["", "leader_pin"],
    ]
