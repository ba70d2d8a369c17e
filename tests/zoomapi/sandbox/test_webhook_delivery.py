"""Events reach the webhooks that asked for them: form, credentials, retries, log."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.sandbox import Sandbox, start_sandbox
from tests.zoomapi.sandbox.conftest import problem

ALL = [
    "meeting_started",
    "meeting_ended",
    "meeting_jbh",
    "meeting_join",
    "recording_completed",
    "participant_joined",
    "participant_left",
    "meeting_registered",
]


class Listener:
    """A web server of this machine that keeps what it is sent and answers ``status``."""

    def __init__(self) -> None:
        self.status = 200
        self.heard: list[tuple[dict[str, Any], dict[str, str]]] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                listener.heard.append((body, dict(self.headers)))
                self.send_response(listener.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def events(self) -> list[str]:
        return [body["event"] for body, _ in self.heard]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with start_sandbox(tmp_path_factory.mktemp("hooks"), "--world", "empty", "--no-limits") as running:
        token = running.token(life=10**7)
        running.token = lambda **_: token
        yield running


@pytest.fixture
def listener(world: Sandbox) -> Iterator[Listener]:
    world.reset()
    running = Listener()
    yield running
    running.server.shutdown()
    running.server.server_close()


def hook(world: Sandbox, url: str, events: list[str]) -> str:
    body = {"url": url, "auth_user": "portal", "auth_password": "p:w", "events": events}
    answer = world.call("POST", "/webhooks", json=body)
    assert answer.status_code == 201, answer.text
    webhook: str = answer.json()["webhook_id"]
    return webhook


def meeting(world: Sandbox, **body: Any) -> int:
    number: int = world.call("POST", "/users/me/meetings", json=body).json()["id"]
    return number


def deliveries(world: Sandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.control("GET", "deliveries")["deliveries"]
    return found


def wait_for(what: Callable[[], Any]) -> None:
    end = time.monotonic() + 15
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def test_a_meeting_is_told_from_start_to_recording_in_order(world: Sandbox, listener: Listener) -> None:
    hook(world, listener.url, ALL)
    number = meeting(world, topic="Told", settings={"auto_recording": "cloud"})
    world.control("POST", "meeting/start", {"id": number, "participants": 2})
    uuid = world.control("POST", "meeting/end", {"id": number})["uuid"]
    wait_for(lambda: len(listener.heard) >= 7)
    assert listener.events() == [
        "meeting_started",
        "participant_joined",
        "participant_joined",
        "participant_left",
        "participant_left",
        "meeting_ended",
        "recording_completed",
    ]
    body, headers = listener.heard[0]
    told = body["payload"]["meeting"]
    assert (told["uuid"], told["id"], told["topic"]) == (uuid, number, "Told")
    assert headers["Authorization"] == f"Basic {base64.b64encode(b'portal:p:w').decode()}"
    assert body["payload"]["account_id"] == world.call("GET", "/users/me").json()["account_id"]
    assert [row["state"] for row in deliveries(world)] == ["delivered"] * 7


def test_only_events_that_were_asked_for_are_sent(world: Sandbox, listener: Listener) -> None:
    hook(world, listener.url, ["meeting_registered"])
    number = meeting(world)
    world.control("POST", "meeting/start", {"id": number})
    person = {"email": "a@people.example", "first_name": "A", "last_name": "B"}
    world.call("POST", f"/meetings/{number}/registrants", json=person)
    wait_for(lambda: listener.heard)
    assert listener.events() == ["meeting_registered"]
    assert listener.heard[0][0]["payload"]["meeting"]["registrant"]["email"] == "a@people.example"


def test_people_who_come_early_wait_or_go_in(world: Sandbox, listener: Listener) -> None:
    hook(world, listener.url, ALL)
    for allowed in (False, True):
        number = meeting(world, settings={"join_before_host": allowed})
        world.control("POST", "meeting/join", {"id": number, "name": "Early", "email": "e@people.example"})
    wait_for(lambda: len(listener.heard) == 2)
    assert listener.events() == ["meeting_join", "meeting_jbh"]


def test_a_failed_delivery_is_tried_again_on_the_sandbox_clock_and_then_given_up(
    world: Sandbox, listener: Listener
) -> None:
    hook(world, listener.url, ["meeting_started"])
    listener.status = 503
    world.control("POST", "meeting/start", {"id": meeting(world)})
    for attempts, minutes in enumerate((0, 6, 27, 88), start=1):
        world.clock(minutes * 60)
        wait_for(lambda wanted=attempts: len(deliveries(world)[0]["attempts"]) == wanted)
    (row,) = deliveries(world)
    assert (row["state"], row["next_at"], len(listener.heard)) == ("failed", None, 4)
    assert [attempt["status"] for attempt in row["attempts"]] == [503] * 4
    listener.status = 200
    world.control("POST", "meeting/start", {"id": meeting(world)})
    wait_for(lambda: deliveries(world)[1]["state"] == "delivered")


def test_nothing_leaves_this_machine_and_nothing_goes_to_a_deleted_webhook(world: Sandbox, listener: Listener) -> None:
    hook(world, "http://portal.example/hook", ["meeting_started"])
    world.control("POST", "meeting/start", {"id": meeting(world)})
    wait_for(lambda: deliveries(world)[0]["state"] == "failed")
    assert deliveries(world)[0]["attempts"][0]["problem"] == "not sent: the address is not on this machine"
    for row in world.call("GET", "/webhooks").json()["webhooks"]:
        assert world.call("DELETE", f"/webhooks/{row['webhook_id']}").status_code == 204
    world.control("POST", "meeting/start", {"id": meeting(world)})
    assert len(deliveries(world)) == 1


def test_version_one_is_told_nothing(world: Sandbox, listener: Listener) -> None:
    hook(world, listener.url, ["meeting_started"])
    assert world.call("PATCH", "/webhooks/options", json={"version": "v1"}).status_code == 204
    world.control("POST", "meeting/start", {"id": meeting(world)})
    assert deliveries(world) == []
    assert world.call("PATCH", "/webhooks/options", json={"version": "v2"}).status_code == 204
    world.control("POST", "meeting/start", {"id": meeting(world)})
    wait_for(lambda: listener.events() == ["meeting_started"])


def test_a_webhook_of_the_master_account_hears_of_sub_accounts(world: Sandbox, listener: Listener) -> None:
    hook(world, listener.url, ["meeting_started"])
    body = {"first_name": "A", "last_name": "B", "email": "sub@people.example", "password": "pw-12345"}
    account = world.call("POST", "/accounts", json=body).json()["id"]
    number = world.call("POST", f"/accounts/{account}/users/me/meetings", json={}).json()["id"]
    world.control("POST", "meeting/start", {"id": number})
    wait_for(lambda: listener.heard)
    assert listener.heard[0][0]["payload"]["account_id"] == account


def test_webhooks_are_changed_one_member_at_a_time(world: Sandbox, listener: Listener) -> None:
    webhook = hook(world, listener.url, ["meeting_started"])
    assert world.call("PATCH", f"/webhooks/{webhook}", json={"events": ["meeting_ended"]}).status_code == 204
    got = world.call("GET", f"/webhooks/{webhook}").json()
    assert (got["events"], got["auth_user"], got["auth_password"]) == (["meeting_ended"], "portal", "p:w")
    assert problem(world.call("PATCH", f"/webhooks/{webhook}", json={"events": ["x"]})) == (400, 300)
    assert problem(world.call("GET", "/webhooks/none")) == (404, 2300)


def test_what_waits_survives_a_stop(tmp_path: Path) -> None:
    heard = Listener()
    heard.status = 500
    with start_sandbox(tmp_path, "--world", "empty", "--no-limits") as first:
        hook(first, heard.url, ["meeting_started"])
        first.control("POST", "meeting/start", {"id": meeting(first)})
        wait_for(lambda: deliveries(first)[0]["attempts"])
    heard.status = 200
    with start_sandbox(tmp_path, "--world", "empty", "--no-limits") as second:
        assert deliveries(second)[0]["state"] == "waiting"
        second.clock(400)
        wait_for(lambda: deliveries(second)[0]["state"] == "delivered")
    heard.server.shutdown()
    heard.server.server_close()
