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
from urllib.parse import quote, unquote

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation

from tests.support.sandbox import Sandbox
from zoomapi.spec.catalogue import BASE_PLANS

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
    "schedulers": PEOPLE,
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
TSP = {"conference_code": "1", "leader_pin": "2", "dial_in_numbers": [{"code": "1", "number": "2"}]}
OWNER = {"first_name": "Free", "last_name": "Account", "email": "free@fuzz.example", "password": "Fuzzed-1"}
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
        self._families: dict[tuple[str, frozenset[str]], list[dict[str, str]]] = defaultdict(list)
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
        """Forget what is gone and read what every list of a few accounts holds; one account is new and free."""
        self._ids.clear()
        self._families.clear()
        rows = self.sandbox.call("GET", "/accounts").json()["accounts"]
        self._accounts = [row["id"] for row in rows[:FEW_ACCOUNTS]]
        self._accounts.append(self.sandbox.call("POST", "/accounts", json=OWNER).json()["id"])
        today = datetime.now(UTC).date()
        window = {"from": str(today - timedelta(days=28)), "to": str(today), "type": "past"}
        lists = ("users", "groups", "im/groups", "h323/devices", "metrics/zoomrooms", "im/chat/sessions", "webhooks")
        for account in (MASTER, *self._accounts):
            for name in lists:
                self._read(account, name, window)
            for name, kind in (("meetingId", "meetings"), ("webinarId", "webinars")):
                for row in self._read(account, f"metrics/{kind}", window).get(kind, [])[:4]:
                    path = f"metrics/{kind}/{quote(quote(row['uuid'], safe=''))}/participants"
                    self._read(account, path, window, {name: row["uuid"]})
            for who in self._known(account, "userId")[:3]:
                self._meet_somebody(account, who, window)

    def _meet_somebody(self, account: str, who: str, window: dict[str, str]) -> None:
        for name in ("meetings", "webinars"):
            self._read(account, f"users/{quote(who)}/{name}", window)
        for row in self._read(account, f"users/{quote(who)}/recordings", window).get("meetings", [])[1:2]:
            self.sandbox.call("DELETE", f"/meetings/{quote(quote(row['uuid'], safe=''))}/recordings")
        zpk = self._read(account, f"users/{quote(who)}/token", {"type": "zpk"}).get("token", "")
        self._ids[account, "zpk"][zpk] = None
        prefix = f"/accounts/{account}" if account else ""
        helper = self._known(account, "userId")[-1]
        helpers = {"assistants": [{"id" if "@" not in helper else "email": helper}]}
        self.sandbox.call("POST", f"{prefix}/users/{quote(who)}/assistants", json=helpers)
        for role, of in (("assistants", who), ("schedulers", helper)):
            self._read(account, f"users/{quote(of)}/{role}", {}, {"userId": of})
        self.sandbox.call("POST", f"{prefix}/users/{quote(who)}/tsp", json=TSP)
        # A TSP account is called by its place, which no answer tells.
        self._families[account, frozenset(["userId", "tspId"])].append({"userId": who, "tspId": "1"})

    def _read(self, account: str, path: str, query: dict[str, str], values: dict[str, str] | None = None) -> Any:
        """Keep what a list tells, which belongs to ``values``; return the answer, {} when it is refused."""
        prefix = f"/accounts/{account}" if account else ""
        answer = self.sandbox.call("GET", f"{prefix}/{path}", params=query)
        self._learn(account, answer, values or {})
        return answer.json() if answer.ok else {}

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
            values = {name: unquote(str(value)) for name, value in case.path_parameters.items() if name != ACCOUNT}
            self._learn(account, answer, values, created=case.path.rsplit("/", 1)[1] if case.method == "POST" else "")

    def _aim(self, case: Case) -> str:
        """Put known ids into path and body, and a month with events into most windows; return the account acted in."""
        account = MASTER
        values = case.path_parameters
        if ACCOUNT in values and self._chance.random() < 0.9:
            account = values[ACCOUNT] = self._chance.choice(self._accounts)
        for name, value in self._related(account, [name for name in values if name != ACCOUNT]).items():
            if self._chance.random() < 0.9:
                values[name] = quote(value, safe="@")
        if isinstance(case.query, dict):
            self._ask(account, case.operation.path, case.query)
        for part in _objects(case.body):
            for name in ("id", "email"):
                if isinstance(part.get(name), str) and self._chance.random() < 0.5:
                    part[name] = self._chance.choice(self._known(account, "userId") or [part[name]])
            plan = BASE_PLANS.get(str(part.get("type")))
            if plan is not None and "hosts" in part and self._chance.random() < 0.8:
                part["hosts"] = plan.max_hosts
        return account

    def _ask(self, account: str, path: str, query: dict[str, Any]) -> None:
        """Ask for what there is: a month with events, what is over, a start token that was given out."""
        if {"from", "to"} & set(query) and self._chance.random() < 0.7:
            today = datetime.now(UTC).date()
            query |= {"from": str(today - timedelta(days=self._chance.randrange(40))), "to": str(today)}
        if "/metrics/" in path and "Id}" in path and self._chance.random() < 0.5:
            query["type"] = "past"
        if "zpk" in query and self._chance.random() < 0.8:
            query["zpk"] = self._chance.choice(self._known(account, "zpk"))

    def _related(self, account: str, names: list[str]) -> dict[str, str]:
        """Return known ids: of things that belong together where some are known, and most of the time."""
        family = self._families[account, frozenset(names)]
        if family and self._chance.random() < 0.8:
            return self._chance.choice(family)
        known = {name: self._known(account, name) for name in names}
        return {name: self._chance.choice(ids) for name, ids in known.items() if ids}

    def _known(self, account: str, name: str) -> list[str]:
        return list(self._ids[account, name])

    def _learn(self, account: str, answer: requests.Response | Any, values: dict[str, str], created: str = "") -> None:
        """Keep the ids that an answer tells, each with those of the path it was found below."""
        if answer.status_code >= 300 or not answer.content:
            return
        data = answer.json()
        for part in _objects(data):
            above = {"meetingId": str(part["uuid"])} if "recording_files" in part and "uuid" in part else values
            for member, names in LISTS.items():
                rows = part.get(member)
                for row in rows if isinstance(rows, list) else ():
                    self._keep(account, names, row, above)
        if created in CREATED and isinstance(data, dict):
            self._keep(account, CREATED[created], data, values)

    def _keep(self, account: str, names: tuple[str, ...], row: Any, above: dict[str, str]) -> None:
        found = [str(row[name]) for name in IDS if isinstance(row, dict) and row.get(name)]
        for name in names:
            known = self._ids[account, name]
            known |= dict.fromkeys(found)
            while len(known) > KNOWN_IDS:
                del known[next(iter(known))]
            if above and found and name not in above:
                family = self._families[account, frozenset([*above, name])]
                family.append({**above, name: found[0]})
                del family[:-KNOWN_IDS]


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
