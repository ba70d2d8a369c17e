"""Files of meetings and webinars: scheduling, changing and deleting them, one a row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from portal.access.rights import Right
from portal.access.scope import Scope
from portal.bulk.files.checks import Check
from portal.bulk.files.columns import Column
from portal.bulk.files.flows.base import Flow, RowPlanner, account_column
from portal.bulk.files.flows.generic import Operation, checks_for, columns_for
from portal.bulk.files.flows.live import Shelf, is_silent
from portal.bulk.files.flows.user_rows import USER, UserRows, user_column, who
from portal.bulk.files.ids import number
from portal.bulk.files.listed import body_of
from portal.bulk.files.plans import Call, RowPlan
from portal.bulk.files.user_columns import ACCOUNT
from portal.bulk.files.wholes import refuse_wrong
from portal.bulk.first_look import START, TOPIC, ZONE, in_utc
from portal.directory.models import MirrorUser, SubAccount
from portal.gateway.clients import client_for
from portal.gateway.models import Connection
from zoomapi import spec
from zoomapi.client.errors import ZoomError

Json = dict[str, Any]
LICENSED = (2, 3)
KEPT = ("id", TOPIC, START)  # of an event
FIRST_ONLY = " Only that one is compared with Zoom: if it has the wrong topic, neither runs. Keep only the right one."


class NewEvents(UserRows):
    """Schedules; what a host has already, of the same topic at the same time, is left alone."""

    twice = "The same host, topic and start stand"

    def __init__(self, family: str, connection: Connection, scope: Scope, constants: Mapping[str, Any]) -> None:
        super().__init__(connection, scope, constants)
        self.family = family
        self.endpoint = spec.endpoint(f"{family}.create")
        self.shape = self.endpoint.body() if self.endpoint.body else None
        self.known: Shelf[list[Json]] = Shelf()
        self.unread: set[int] = set()  # users whose events could not be read
        self.silent = ""

    def key_of(self, plan: RowPlan, user: MirrorUser) -> Any:
        values = plan.checked.values
        return user.pk, values[TOPIC].casefold(), values.get(START, ""), values.get(ZONE, "")

    def by_itself(self, plan: RowPlan) -> None:
        if self.shape is not None:
            refuse_wrong(plan, self.shape, self._body(plan))

    def change(self, plan: RowPlan, user: MirrorUser) -> None:
        if user.status != "active":
            plan.checked.refuse("", f"The user is {user.status}; only an active one can be the host.")
        if self.family == "webinars" and user.type not in LICENSED:
            plan.checked.refuse("", "Only a licensed user can hold webinars.")
        if plan.checked.problems:
            return
        body = self._body(plan)
        plan.label = f"{body[TOPIC]} ({user.email})"
        if there := self._there(plan, user, body):
            plan.action = "unchanged"
            plan.checked.notes.append(f"Scheduled already, with the id {there}.")
            return
        name = f"{user.zoom_id}/{body[TOPIC].casefold()}"
        key = f"{self.connection.pk}/{user.account_id}/{self.family}/new/{name}"
        plan.action = "create"
        # Two of one name are not made at the same time: if an answer is lost, it must be clear whose they are.
        plan.calls = [
            Call(self.endpoint.key, {"userId": user.zoom_id}, {}, body,
                 remote_key=f"{name}/{body.get(START, '')}"[:254], object_key=key[:300])
        ]  # fmt: skip

    @staticmethod
    def _body(plan: RowPlan) -> Json:
        given = ((n, v) for n, v in plan.checked.values.items() if n not in (USER, ACCOUNT))
        return body_of(plan.checked, given)

    def _there(self, plan: RowPlan, user: MirrorUser, body: Json) -> str:
        """The id of the event that the row asks for, where the host has it."""
        wanted = in_utc(body.get(START), body.get(ZONE) or user.timezone)
        for row in self._events(plan, user):
            if str(row.get(TOPIC, "")).strip().casefold() != body[TOPIC].casefold():
                continue
            if START not in row and START in body:
                row[START] = self._details(plan, user, row).get(START)
            if (START not in body and not row.get(START)) or (wanted and row.get(START) == wanted):
                return str(row.get("id", ""))
        return ""

    def _events(self, plan: RowPlan, user: MirrorUser) -> list[Json]:
        found = self.known.get(user.pk)
        if found is not None:
            plan.looked = user.pk not in self.unread
            return found
        if self.silent:
            plan.checked.notes.append(self.silent)
            return []
        asked = {"type": "scheduled"} if self.family == "meetings" else {}
        found, plan.looked = [], True
        try:
            for row in getattr(self._zoom(user), self.family).list.each(user.zoom_id, **asked):
                found.append({name: row[name] for name in KEPT if name in row})
        except ZoomError as error:
            told = f"What the host has scheduled already could not be read: {error}"
            plan.checked.notes.append(told)
            self.silent = told if is_silent(error) else ""
            self.unread.add(user.pk)
            plan.looked = False
        self.known.put(user.pk, found)
        return found

    def _details(self, plan: RowPlan, user: MirrorUser, row: Json) -> Json:
        try:
            answer = self._zoom(user).call(f"{self.family}.get", {f"{self.family[:-1]}Id": str(row.get("id"))})
        except ZoomError as error:
            plan.checked.notes.append(f"When “{row.get(TOPIC)}” starts could not be read: {error}")
            return {}
        return answer.data if isinstance(answer.data, dict) else {}

    def _zoom(self, user: MirrorUser) -> Any:
        place = SubAccount.objects.select_related("connection").get(pk=user.account_id)
        return client_for(self.scope, place, lane="bulk")


class ChangedEvents(Operation):
    """Changes what differs from what Zoom says, which is compared afterwards."""

    def __init__(self, family: str, connection: Connection, scope: Scope, constants: Mapping[str, Any]) -> None:
        super().__init__(spec.endpoint(f"{family}.update"), connection, scope, constants)

    def decide(self, plan: RowPlan) -> None:
        super().decide(plan)
        for call in plan.calls:
            call.uncompared = {}


class RemovedEvents(Operation):
    """Deletes. Afterwards it is found out what is not there, and what has another topic than the row says."""

    def __init__(self, family: str, connection: Connection, scope: Scope, constants: Mapping[str, Any]) -> None:
        super().__init__(spec.endpoint(f"{family}.delete"), connection, scope, constants)

    def decide(self, plan: RowPlan) -> None:
        expected = str(plan.checked.values.pop(TOPIC, ""))
        self.advice = FIRST_ONLY if expected else ""
        super().decide(plan)
        for call in plan.calls:
            call.uncompared = {TOPIC: expected} if expected else {}


def _create_columns(family: str) -> tuple[Column, ...]:
    host = replace(user_column(), label="Host", aliases=("host", "hostemail", "hostid", *user_column().aliases))
    given = [c for c in columns_for(spec.endpoint(f"{family}.create")) if c.name not in ("userId", ACCOUNT)]
    return (host, *(replace(c, required=True) if c.name == TOPIC else c for c in given), account_column())


def _change_columns(family: str) -> tuple[Column, ...]:
    endpoint = spec.endpoint(f"{family}.update")
    return tuple(_id_column(c, family) if c.name in endpoint.params else c for c in columns_for(endpoint))


def _delete_columns(family: str) -> tuple[Column, ...]:
    endpoint = spec.endpoint(f"{family}.delete")
    given = [_id_column(c, family) if c.name in endpoint.params else c for c in columns_for(endpoint)]
    topic = Column(TOPIC, "Topic", "If given, what is called otherwise is not deleted.", None, ("topic", "title"))
    return (*given[:-1], topic, given[-1])


def _id_column(column: Column, family: str) -> Column:
    label = f"{family[:-1].capitalize()} id"
    return replace(column, label=label, help_text="9 to 11 digits.", aliases=(*column.aliases, "id"))


def _checks(columns: Sequence[Column]) -> dict[str, Check]:
    own: dict[str, Check] = {USER: who, ACCOUNT: str, "meetingId": number, "webinarId": number}
    found = checks_for([column for column in columns if column.field is not None])
    named = {column.name for column in columns}
    return {**found, **{name: check for name, check in own.items() if name in named}, **_plain(columns)}


def _plain(columns: Sequence[Column]) -> dict[str, Check]:
    return {column.name: str for column in columns if column.name == TOPIC and column.field is None}


def _flow(
    key: str, title: str, lede: str, columns: tuple[Column, ...], planner: Callable[..., RowPlanner], **more: Any
) -> Flow:
    return Flow(key, title, lede, Right.WRITE, lambda: columns, lambda: _checks(columns), planner, **more)


def _flows(family: str) -> tuple[Flow, ...]:
    one, event_id = family[:-1], f"{family[:-1]}Id"
    needs = (((event_id,), f"the ids of the {family}"),)
    name = f"{one.capitalize()} ID"
    return (
        _flow(
            f"{family}_create", f"Schedule {family}", f"One {one} a row, for any host.", _create_columns(family),
            lambda connection, scope, constants: NewEvents(family, connection, scope, constants),
            needed=(((USER,), "the hosts"), ((TOPIC,), "the topics")),
            hints=("What a host has already, of the same topic and start, is left alone: a file can be sent again.",
                   "A start without Z is local to the time zone of the row, else to that of the host."),
            sample=(("Host", "Topic", "Start", "Duration", "Time zone", "Sub-account"),
                    ("ana@example.com", "Weekly", "2030-01-07T09:00:00", "45", "Europe/Berlin", "")),
        ),
        _flow(
            f"{family}_update", f"Change {family}", "Only what the file names and what differs is changed.",
            _change_columns(family),
            lambda connection, scope, constants: ChangedEvents(family, connection, scope, constants), needed=needs,
            object_id=event_id,
            sample=((name, "Topic", "Duration", "Sub-account"), ("123 456 789", "Weekly", "60", "Example Ltd")),
        ),
        _flow(
            f"{family}_delete", f"Delete {family}", f"One {one}, or one occurrence of it, a row.",
            _delete_columns(family),
            lambda connection, scope, constants: RemovedEvents(family, connection, scope, constants), needed=needs,
            removes=family, object_id=event_id,
            sample=((name, "Topic", "Sub-account"), ("123 456 789", "Weekly", "Example Ltd")),
        ),
    )  # fmt: skip


FLOWS = (*_flows("meetings"), *_flows("webinars"))
