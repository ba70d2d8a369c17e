"""What is sent to each operation of the API, and what has to be there before it is called."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.support.sandbox import Sandbox
from tests.zoomapi.sandbox.conftest import CONTACT, fresh_email

Stage = dict[str, str]
KINDS = ("meetings", "webinars")
REGISTRANT = {"email": "guest@people.example", "first_name": "Guest", "last_name": "One", "city": "Denver"}
TSP = {"conference_code": "123456", "leader_pin": "1234", "dial_in_numbers": [{"code": "1", "number": "5550100"}]}
DEVICE = {"name": "Codec", "protocol": "SIP", "ip": "192.0.2.7", "encryption": "auto"}
WEBHOOK = {"url": "http://127.0.0.1:9/", "auth_user": "u", "auth_password": "p", "events": ["meeting_jbh"]}

# What each operation is sent, beside its path. A function is given the stage: ids of what is there.
BODIES: dict[str, Callable[[Stage], dict[str, Any]]] = {
    "accounts.create": lambda s: {"first_name": "A", "last_name": "B", "email": fresh_email(), "password": "pw-1"},
    "accounts.update_options": lambda s: {"share_rc": True},
    "accounts.update_settings": lambda s: {"schedule_meting": {"host_video": True}},
    "billing.update": lambda s: {"city": "Boulder"},
    "billing.subscribe": lambda s: {"contact": CONTACT, "plan_base": {"type": "monthly", "hosts": 3}},
    "billing.update_base": lambda s: {"type": "business_yearly", "hosts": 20},
    "billing.add_addon": lambda s: {"type": "large200_monthly", "hosts": 2},
    "billing.update_addon": lambda s: {"type": "webinar500_yearly", "hosts": 3},
    "users.create": lambda s: {"action": "create", "user_info": {"email": fresh_email(), "type": 1}},
    "users.update": lambda s: {"dept": "Sales"},
    "users.add_assistants": lambda s: {"assistants": [{"id": s["helper"]}]},
    "users.update_settings": lambda s: {"in_meeting": {"chat": True}},
    "users.update_status": lambda s: {"action": "deactivate"},
    "users.update_password": lambda s: {"password": "new-secret"},
    "groups.create": lambda s: {"name": fresh_email()},
    "groups.update": lambda s: {"name": fresh_email()},
    "groups.add_members": lambda s: {"members": [{"id": s["helper"]}]},
    "im_groups.create": lambda s: {"name": fresh_email()},
    "im_groups.update": lambda s: {"type": "shared"},
    "im_groups.add_members": lambda s: {"members": [{"id": s["helper"]}]},
    "meetings.create": lambda s: {"topic": "Talk", "type": 8, "recurrence": {"type": 1, "end_times": 3}},
    "meetings.update": lambda s: {"topic": "Another talk", "settings": {"registrants_confirmation_email": True}},
    "meetings.update_status": lambda s: {"action": "end"},
    "meetings.add_registrant": lambda s: REGISTRANT,
    "meetings.update_registrants_status": lambda s: {"action": "deny", "registrants": [{"email": s["registrant"]}]},
    "webinars.create": lambda s: {"topic": "Show", "type": 9, "recurrence": {"type": 2, "end_times": 2}},
    "webinars.update": lambda s: {"agenda": "Another show"},
    "webinars.update_status": lambda s: {"status": "end"},
    "webinars.add_panelists": lambda s: {"panelists": [{"name": "Panel", "email": fresh_email()}]},
    "webinars.add_registrant": lambda s: REGISTRANT,
    "webinars.update_registrants_status": lambda s: {"action": "cancel", "registrants": [{"email": s["registrant"]}]},
    "recordings.recover": lambda s: {"action": "recover"},
    "recordings.recover_file": lambda s: {"action": "recover"},
    "tsp.create": lambda s: TSP,
    "tsp.update": lambda s: TSP,
    "devices.create": lambda s: DEVICE,
    "devices.update": lambda s: DEVICE,
    "webhooks.switch_version": lambda s: {"version": "v2"},
    "webhooks.create": lambda s: WEBHOOK,
    "webhooks.update": lambda s: {"auth_user": "other"},
}
QUERIES: dict[str, Callable[[Stage], dict[str, Any]]] = {
    "users.check_zpk": lambda s: {"zpk": s["zpk"]},
    "users.check_email": lambda s: {"email": "somebody@people.example"},
    "users.check_vanity_name": lambda s: {"vanity_name": "ada"},
    "im_chat.sessions": lambda s: last_month(),
    "im_chat.messages": lambda s: last_month(),
    "recordings.list": lambda s: last_month(),
    "reports.users": lambda s: last_month(),
    "reports.user_meetings": lambda s: last_month(),
    "reports.telephone": lambda s: last_month(),
    "dashboards.meetings": lambda s: last_month(),
    "dashboards.webinars": lambda s: last_month(),
    "dashboards.zoom_room": lambda s: last_month(),
    "dashboards.crc": lambda s: last_month(),
    "dashboards.im": lambda s: last_month(),
}


def last_month() -> dict[str, str]:
    today = datetime.now(UTC).date()
    return {"from": (today - timedelta(days=28)).isoformat(), "to": today.isoformat()}


def made(sandbox: Sandbox, path: str, **body: Any) -> dict[str, Any]:
    answer = sandbox.call("POST", path, json=body)
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


def started(sandbox: Sandbox, number: int) -> str:
    """Let a meeting begin and return its UUID, encoded twice."""
    uuid = sandbox.control("POST", "meeting/start", {"id": number, "participants": 3})["uuid"]
    return quote(quote(uuid, safe=""), safe="")


def held(sandbox: Sandbox, number: int) -> str:
    """Let a meeting begin and end; return its UUID, encoded twice."""
    uuid = started(sandbox, number)
    sandbox.control("POST", "meeting/end", {"id": number})
    return uuid


def meeting_stage(sandbox: Sandbox, prefix: str, user: str) -> Stage:
    number = made(sandbox, f"{prefix}/users/{user}/meetings", topic="Stage")["id"]
    made(sandbox, f"{prefix}/meetings/{number}/registrants", **REGISTRANT)
    return {"meetingId": str(number), "registrant": str(REGISTRANT["email"]), "meetingUUID": held(sandbox, number)}


def webinar_stage(sandbox: Sandbox, prefix: str, user: str) -> Stage:
    number = made(sandbox, f"{prefix}/users/{user}/webinars", topic="Stage")["id"]
    made(sandbox, f"{prefix}/webinars/{number}/registrants", **REGISTRANT)
    panel = [{"name": "P", "email": "p@people.example"}]
    panelist = made(sandbox, f"{prefix}/webinars/{number}/panelists", panelists=panel)["id"]
    held(sandbox, number)
    return {"webinarId": str(number), "registrant": str(REGISTRANT["email"]), "panelistId": panelist}


def recording_stage(sandbox: Sandbox, prefix: str, user: str) -> Stage:
    """A recorded meeting with its first file in the trash."""
    settings = {"auto_recording": "cloud"}
    number = made(sandbox, f"{prefix}/users/{user}/meetings", topic="Stage", settings=settings)["id"]
    uuid = held(sandbox, number)
    files = sandbox.call("GET", f"{prefix}/meetings/{uuid}/recordings").json()["recording_files"]
    gone = f"{prefix}/meetings/{uuid}/recordings/{files[0]['id']}"
    assert sandbox.call("DELETE", gone).status_code == 204
    return {"meetingId": uuid, "recordingId": files[1]["id"], "trashed": files[0]["id"]}


def im_group_stage(sandbox: Sandbox, prefix: str, user: str) -> Stage:
    group = made(sandbox, f"{prefix}/im/groups", name=fresh_email())["id"]
    made(sandbox, f"{prefix}/im/groups/{group}/members", members=[{"id": user}])
    return {"groupId": group}


def report_stage(sandbox: Sandbox, prefix: str, user: str) -> Stage:
    """A meeting and a webinar that are over."""
    meeting, webinar = (made(sandbox, f"{prefix}/users/{user}/{kind}", topic="Stage")["id"] for kind in KINDS)
    return {"meetingId": held(sandbox, meeting), "webinarId": held(sandbox, webinar)}


def dashboard_stage(sandbox: Sandbox, prefix: str, user: str) -> Stage:
    """A meeting and a webinar that run, and a Zoom Room: only customers that were there from the start have one."""
    meeting, webinar = (made(sandbox, f"{prefix}/users/{user}/{kind}", topic="Stage")["id"] for kind in KINDS)
    uuids = [started(sandbox, number) for number in (meeting, webinar)]
    return {"meetingId": uuids[0], "webinarId": uuids[1], "participantId": user}


def room_stage(sandbox: Sandbox, prefix: str) -> Stage:
    for row in sandbox.call("GET", "/accounts", params={"page_size": 100}).json()["accounts"] if prefix else [{}]:
        where = {"accountId": row["id"], "prefix": f"/accounts/{row['id']}"} if prefix else {}
        rooms = sandbox.call("GET", f"{where.get('prefix', '')}/metrics/zoomrooms").json()["zoom_rooms"]
        if rooms:
            return {**where, "zoomroomId": rooms[0]["id"]}
    raise LookupError("nobody has a Zoom Room")


STAGES: dict[str, Callable[[Sandbox, str, str], Stage]] = {
    "meetings": meeting_stage,
    "webinars": webinar_stage,
    "recordings": recording_stage,
    "reports": report_stage,
    "dashboards": dashboard_stage,
    "im_groups": im_group_stage,
    "im_chat": lambda box, prefix, user: {
        "sessionId": box.call("GET", "/im/chat/sessions", params=last_month()).json()["sessions"][0]["session_id"]
    },
    "tsp": lambda box, prefix, user: {"tspId": "1", **made(box, f"{prefix}/users/{user}/tsp", **TSP)},
    "devices": lambda box, prefix, user: {"deviceId": made(box, "/h323/devices", **DEVICE)["id"]},
    "webhooks": lambda box, prefix, user: {"webhookId": made(box, "/webhooks", **WEBHOOK)["webhook_id"]},
}
