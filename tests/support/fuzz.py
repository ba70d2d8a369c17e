"""Cases that schemathesis makes from the sandbox's own OpenAPI document, sent with ids that are really there.

Random ids would meet 404 and nothing behind it. So ids are gathered from every answer, each with its account, and most
cases get one in place of the random one; what one case creates, later ones read, change and delete.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation

from tests.support.sandbox import Sandbox

MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
ORDER = ("GET", "POST", "PATCH", "PUT", "DELETE")  # what is there is met before it is deleted
ACCOUNT = "accountId"
MASTER = ""
ROUNDS = 4  # in one world: in the first, nothing has been made yet when reading comes
KNOWN_IDS = 60  # of each kind, the newest
FEW_ACCOUNTS = 3  # whose objects are used; with all, an id would seldom meet its own account
# Under which member of an answer objects are listed, and which path parameters they are good for.
PEOPLE = ("userId", "memberId", "assistantId", "schedulerId", "participantId")
LISTS: dict[str, tuple[str, ...]] = {
    "users": PEOPLE,
    "members": PEOPLE,
    "assistants": PEOPLE,
    "participants": ("participantId",),
    "groups": ("groupId",),
    "meetings": ("meetingId", "meetingUUID"),
    "webinars": ("webinarId",),
    "panelists": ("panelistId",),
    "recording_files": ("recordingId",),
    "webhooks": ("webhookId",),
    "devices": ("deviceId",),
    "zoom_rooms": ("zoomroomId",),
    "sessions": ("sessionId",),
}
CREATED = {
    "users": PEOPLE,
    "groups": ("groupId",),
    "im": ("groupId",),
    "meetings": ("meetingId",),
    "webinars": ("webinarId",),
    "webhooks": ("webhookId",),
    "devices": ("deviceId",),
    "panelists": ("panelistId",),
}
PLACES = ("1", "2")  # a TSP account is called by its place, which no answer tells
IDS = ("id", "uuid", "session_id", "webhook_id", "email")


@dataclass
class Result:
    """``broken`` says, one a line, which cases got a server error, no answer, or one that is not JSON."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    reached: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)


class Fuzz:
    """Sends cases to ``sandbox`` and keeps count. A seed makes much the same cases: ids follow the answers."""

    def __init__(self, sandbox: Sandbox, number: int) -> None:
        self.sandbox = sandbox
        self.result = Result()
        self._seed = number
        self._round = 0
        self._chance = random.Random(number)
        self._ids: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self._accounts: list[str] = []
        address = f"{sandbox.base_url}/openapi.json"
        found = [result.ok() for result in schemathesis.openapi.from_url(address).get_all_operations()]
        self._operations: list[APIOperation[Any, Any, Any, Any]] = sorted(
            found, key=lambda operation: ORDER.index(operation.method.upper())
        )

    @property
    def operations(self) -> list[str]:
        return [operation.label for operation in self._operations]

    def run(self, cases: int, each: int) -> Result:
        """Go on to this many cases, ``each`` of an operation in a round; after some rounds the world begins anew."""
        while self.result.cases < cases:
            if self._round % ROUNDS == 0:
                self.sandbox.reset()
                self._meet()
            self._chance.shuffle(self._operations)
            self._operations.sort(key=lambda operation: ORDER.index(operation.method.upper()))
            for operation in self._operations:
                if self.result.cases < cases:
                    self._send(operation, MODES[self._round % len(MODES)], each)
            self._round += 1
        return self.result

    def _meet(self) -> None:
        """Forget what is gone and read what every list of a few accounts holds."""
        self._ids.clear()
        rows = self.sandbox.call("GET", "/accounts").json()["accounts"]
        self._accounts = [row["id"] for row in rows[:FEW_ACCOUNTS]]
        today = datetime.now(UTC).date()
        window = {"from": str(today - timedelta(days=28)), "to": str(today), "type": "past"}
        lists = ("users", "groups", "im/groups", "h323/devices", "metrics/meetings", "metrics/webinars")
        for account in (MASTER, *self._accounts):
            prefix = f"/accounts/{account}" if account else ""
            for name in (*lists, "metrics/zoomrooms", "webhooks"):
                self._learn(account, self.sandbox.call("GET", f"{prefix}/{name}", params=window))
            self._ids[account, "tspId"] |= dict.fromkeys(PLACES)
            for who in self._known(account, "userId")[:3]:
                for name in ("meetings", "webinars", "recordings", "tsp"):
                    path = f"{prefix}/users/{quote(who)}/{name}"
                    self._learn(account, self.sandbox.call("GET", path, params=window))

    def _send(self, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, each: int) -> None:
        @seed(f"{self._seed} {self._round} {operation.label}")
        @settings(
            max_examples=each,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def cases(case: Case) -> None:
            self._try(case)

        try:
            cases()
        except Unsatisfiable:  # without arguments there is nothing to send wrongly
            if mode is not GenerationMode.POSITIVE:
                self._send(operation, GenerationMode.POSITIVE, 1)

    def _try(self, case: Case) -> None:
        account = self._aim(case)
        self.result.cases += 1
        headers = {"Authorization": f"Bearer {self.sandbox.token()}"}
        try:
            answer = case.call(self.sandbox.base_url, session=self.sandbox.session, headers=headers, timeout=30)
        except requests.RequestException as lost:
            self.result.broken.append(f"no answer ({lost}): {case.as_curl_command()}")
            return
        self.result.statuses[answer.status_code] += 1
        if answer.status_code < 300:
            self.result.reached.add(case.operation.label)
        problem = _problem(answer)
        if problem:
            self.result.broken.append(f"{problem}: {case.as_curl_command()}")
        elif answer.status_code < 300:
            self._learn(account, answer, created=case.path.rsplit("/", 1)[1] if case.method == "POST" else "")

    def _aim(self, case: Case) -> str:
        """Put known ids into path and body, and a month with events into most windows; return the account acted in."""
        account = MASTER
        values = case.path_parameters
        if ACCOUNT in values and self._chance.random() < 0.9:
            account = values[ACCOUNT] = self._chance.choice(self._accounts)
        for name in values:
            known = self._known(account, name)
            if name != ACCOUNT and known and self._chance.random() < 0.85:
                values[name] = quote(self._chance.choice(known), safe="@")
        if isinstance(case.query, dict) and {"from", "to"} & set(case.query) and self._chance.random() < 0.7:
            today = datetime.now(UTC).date()
            case.query |= {"from": str(today - timedelta(days=self._chance.randrange(40))), "to": str(today)}
        for part in _objects(case.body):
            for name in ("id", "email"):
                if isinstance(part.get(name), str) and self._chance.random() < 0.5:
                    part[name] = self._chance.choice(self._known(account, "userId") or [part[name]])
        return account

    def _known(self, account: str, name: str) -> list[str]:
        return list(self._ids[account, name])

    def _learn(self, account: str, answer: requests.Response | Any, created: str = "") -> None:
        """Keep the ids that an answer tells."""
        if answer.status_code >= 300 or not answer.content:
            return
        data = answer.json()
        for part in _objects(data):
            for member, names in LISTS.items():
                rows = part.get(member)
                for row in rows if isinstance(rows, list) else ():
                    self._keep(account, names, row)
        if created in CREATED and isinstance(data, dict):
            self._keep(account, CREATED[created], data)

    def _keep(self, account: str, names: tuple[str, ...], row: Any) -> None:
        found = [str(row[name]) for name in IDS if isinstance(row, dict) and row.get(name)]
        for name in names:
            known = self._ids[account, name]
            known |= dict.fromkeys(found)
            while len(known) > KNOWN_IDS:
                del known[next(iter(known))]


def _problem(answer: Any) -> str:
    if answer.status_code >= 500:
        return f"{answer.status_code} {answer.text[:200]}"
    if answer.status_code in (204, 302) or not answer.content:
        return ""
    try:
        answer.json()
    except ValueError:
        return f"{answer.status_code} without JSON"
    return ""


def _objects(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
        data = list(data.values())
    if isinstance(data, list):
        for inner in data:
            yield from _objects(inner)
