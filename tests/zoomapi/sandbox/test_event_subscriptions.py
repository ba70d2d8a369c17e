"""Events in today's form: subscriptions that are proved by a challenge, signed deliveries, names of today."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.sandbox import ACCOUNT_ID, ROOT, Sandbox, start_sandbox
from tests.zoomapi.sandbox.test_webhook_delivery import deliveries, meeting, wait_for
from zoomapi.spec import signatures
from zoomapi.spec.events import TODAY

SECRET = "a-webhook-secret"
JOINED, LEFT = "meeting.participant_joined", "meeting.participant_left"


class Receiver:
    """What a careful receiver does: checks each signature, answers challenges, forgets what it has seen before."""

    def __init__(self, secret: str = SECRET) -> None:
        self.secret = secret
        self.status = 200
        self.delay = 0.0
        self.genuine: list[bool] = []
        self.challenges = 0
        self.bodies: list[bytes] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = receiver.hear(body, {name.lower(): value for name, value in self.headers.items()})
                time.sleep(receiver.delay)
                self.send_response(receiver.status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/events"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def hear(self, body: bytes, headers: dict[str, str]) -> bytes:
        signature, timestamp = headers[signatures.SIGNATURE], headers[signatures.TIMESTAMP]
        self.genuine.append(signatures.is_genuine(SECRET, signature, timestamp, body, time.time()))
        told = json.loads(body)
        if told["event"] != signatures.CHALLENGE:
            self.bodies.append(body)
            return b""
        self.challenges += 1
        return json.dumps(signatures.answer_challenge(self.secret, told["payload"]["plainToken"])).encode()

    def events(self) -> list[str]:
        return [json.loads(body)["event"] for body in self.bodies]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def with_token(running: Sandbox) -> None:
    """Let ``call`` use an access token: today's Zoom takes no JWT."""
    form = {"grant_type": "account_credentials", "account_id": ACCOUNT_ID}
    url = running.base_url.removesuffix("/v2") + "/oauth/token"
    token = requests.post(url, data=form, auth=(running.key, running.secret), timeout=10).json()["access_token"]
    running.token = lambda **_: token


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    flags = ("--world", "empty", "--no-limits", "--profile", "current")
    with start_sandbox(tmp_path_factory.mktemp("events"), *flags) as running:
        with_token(running)
        yield running


@pytest.fixture
def receiver(world: Sandbox) -> Iterator[Receiver]:
    world.reset()
    running = Receiver()
    yield running
    running.close()


def subscribe(world: Sandbox, receiver: Receiver, *events: str) -> dict[str, Any]:
    body = {"url": receiver.url, "secret": SECRET, "events": events}
    kept: dict[str, Any] = world.control("POST", "subscribe", body)
    return kept


def refusal(world: Sandbox, **body: Any) -> str:
    with pytest.raises(requests.HTTPError) as raised:
        world.control("POST", "subscribe", body)
    assert raised.value.response.status_code == 400
    assert world.control("GET", "subscriptions") == {"subscriptions": []}
    return str(raised.value.response.json()["message"])


def run(world: Sandbox, **body: Any) -> int:
    number = meeting(world, **body)
    world.control("POST", "meeting/start", {"id": number, "participants": 2})
    return number


def test_a_subscription_is_kept_once_its_address_answers_the_challenge(world: Sandbox, receiver: Receiver) -> None:
    kept = subscribe(world, receiver)
    assert (receiver.challenges, receiver.genuine) == (1, [True])
    assert kept == {**kept, "url": receiver.url, "events": list(TODAY), "proved": True}
    assert world.control("GET", "subscriptions") == {"subscriptions": [kept]}
    world.control("POST", "unsubscribe", {"id": kept["id"]})
    assert world.control("GET", "subscriptions") == {"subscriptions": []}


def test_a_meeting_is_told_from_start_to_recording_signed_and_in_todays_names(
    world: Sandbox, receiver: Receiver
) -> None:
    subscribe(world, receiver)
    number = run(world, topic="Told", settings={"auto_recording": "cloud"})
    uuid = world.control("POST", "meeting/end", {"id": number})["uuid"]
    wanted = ["meeting.started", JOINED, JOINED, LEFT, LEFT, "meeting.ended", "recording.completed"]
    wait_for(lambda: len(receiver.bodies) >= len(wanted))
    assert receiver.events()[: len(wanted)] == wanted
    assert all(receiver.genuine)
    told = [json.loads(body) for body in receiver.bodies]
    about = told[0]["payload"]["object"]
    assert (about["uuid"], about["id"], about["topic"]) == (uuid, str(number), "Told")
    assert told[0]["payload"]["account_id"] == world.call("GET", "/users/me").json()["account_id"]
    assert abs(told[0]["event_ts"] / 1000 - time.time()) < 30
    assert told[1]["payload"]["object"]["participant"]["user_name"]
    recorded = told[6]["payload"]["object"]
    assert (recorded["id"], recorded["recording_count"]) == (number, len(recorded["recording_files"]))
    assert recorded["recording_files"][0]["file_extension"] == "MP4"


def test_webinars_have_names_of_their_own(world: Sandbox, receiver: Receiver) -> None:
    subscribe(world, receiver)
    assert world.call("PATCH", "/users/me/settings", json={"feature": {"webinar": True}}).status_code == 204
    answer = world.call("POST", "/users/me/webinars", json={"topic": "W", "type": 5})
    assert answer.status_code == 201, answer.text
    number = answer.json()["id"]
    world.control("POST", "meeting/join", {"id": number, "name": "Early"})  # nothing is told of it today
    world.control("POST", "meeting/start", {"id": number, "participants": 1})
    wait_for(lambda: len(receiver.bodies) == 2)
    assert receiver.events() == ["webinar.started", "webinar.participant_joined"]


def test_only_events_that_were_asked_for_are_sent(world: Sandbox, receiver: Receiver) -> None:
    subscribe(world, receiver, "meeting.registration_created")
    number = run(world)
    person = {"email": "a@people.example", "first_name": "A", "last_name": "B"}
    world.call("POST", f"/meetings/{number}/registrants", json=person)
    wait_for(lambda: receiver.bodies)
    assert receiver.events() == ["meeting.registration_created"]
    about = json.loads(receiver.bodies[0])["payload"]["object"]
    assert (about["id"], about["registrant"]["email"]) == (number, "a@people.example")


def test_a_failed_delivery_is_repeated_alike_after_5_20_and_60_minutes_then_given_up(
    world: Sandbox, receiver: Receiver
) -> None:
    subscribe(world, receiver, "meeting.started")
    receiver.status = 503
    run(world)
    for attempts, minutes in enumerate((0, 5.5, 26, 87), start=1):
        world.clock(minutes * 60)
        wait_for(lambda wanted=attempts: len(deliveries(world)[0]["attempts"]) == wanted)
    (row,) = deliveries(world)
    assert (row["state"], row["next_at"], len(receiver.bodies)) == ("failed", None, 4)
    assert len(set(receiver.bodies)) == 1, "a repeat must be recognised by its body"
    assert all(receiver.genuine), "each repeat is signed anew"


def test_an_answer_after_three_seconds_is_none(world: Sandbox, receiver: Receiver) -> None:
    subscribe(world, receiver, "meeting.started")
    receiver.delay = 3.3
    run(world)
    wait_for(lambda: deliveries(world)[0]["attempts"])
    (attempt,) = deliveries(world)[0]["attempts"]
    assert (attempt["status"], attempt["problem"]) == (0, "TimeoutError")
    assert "did not answer the challenge (TimeoutError)" in slow_refusal(world, receiver)


def slow_refusal(world: Sandbox, receiver: Receiver) -> str:
    (row,) = world.control("GET", "subscriptions")["subscriptions"]
    world.control("POST", "unsubscribe", {"id": row["id"]})
    return refusal(world, url=receiver.url, secret=SECRET)


def test_an_address_that_does_not_know_the_secret_is_not_subscribed(world: Sandbox, receiver: Receiver) -> None:
    receiver.secret = "another"
    assert "was not made with the secret" in refusal(world, url=receiver.url, secret=SECRET)
    receiver.status = 500
    assert "did not answer the challenge (answered 500)" in refusal(world, url=receiver.url, secret=SECRET)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"url": "http://portal.example/x", "secret": "s"}, "not on this machine"),
        ({"url": "ftp://127.0.0.1/x", "secret": "s"}, "an address with http"),
        ({"url": "http://127.0.0.1/x"}, "needs a secret"),
        ({"url": "http://127.0.0.1/x", "secret": "s", "events": ["meeting_started"]}, "no events meeting_started"),
    ],
)
def test_what_cannot_be_a_subscription_is_refused_with_the_reason(
    world: Sandbox, receiver: Receiver, body: dict[str, Any], words: str
) -> None:
    assert words in refusal(world, **body)


def test_the_subscription_of_the_command_line_waits_for_its_address_and_outlives_reset_and_stop(tmp_path: Path) -> None:
    receiver = Receiver()
    receiver.status = 500
    flags = ("--world", "empty", "--no-limits", "--profile", "current")
    flags += ("--subscribe", receiver.url, "--webhook-secret", SECRET)
    with start_sandbox(tmp_path, *flags) as first:
        assert any("not yet" in line for line in first.output)
        assert SECRET not in Path(f"/proc/{first.process.pid}/cmdline").read_text()
        first.reset()
        with_token(first)
        run(first)
        wait_for(lambda: all(row["attempts"] for row in deliveries(first)))
        assert receiver.bodies == [], "nothing is told to an address that has not proved itself"
    receiver.status = 200
    with start_sandbox(tmp_path, *flags) as second:
        assert any("it answered the challenge" in line for line in second.output)
        second.clock(400)
        wait_for(lambda: [row["state"] for row in deliveries(second)] == ["delivered"] * 3)
    assert receiver.events() == ["meeting.started", JOINED, JOINED]
    receiver.close()


def test_an_address_that_wakes_up_late_is_challenged_before_its_first_event(tmp_path: Path) -> None:
    receiver = Receiver()
    receiver.status = 500
    flags = ("--world", "empty", "--no-limits", "--profile", "current")
    with start_sandbox(tmp_path, *flags, "--subscribe", receiver.url, "--webhook-secret", SECRET) as running:
        receiver.status = 200
        with_token(running)
        run(running)
        wait_for(lambda: len(receiver.bodies) == 3)
        assert receiver.challenges == 2
        assert running.control("GET", "subscriptions")["subscriptions"][0]["proved"] is True
    receiver.close()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--webhook-secret", "s"), "with --profile current only"),
        (("--profile", "current"), "needs a secret"),
    ],
)
def test_a_subscription_that_cannot_be_ends_the_start_with_the_reason(
    tmp_path: Path, flags: tuple[str, ...], words: str
) -> None:
    command = [sys.executable, "-m", "zoomapi.sandbox", "--port", "0", "--database", str(tmp_path / "x.sqlite3")]
    command += ["--subscribe", "http://127.0.0.1:9/x", *flags]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert words in done.stderr
