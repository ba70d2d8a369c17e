"""Registrants of meetings and webinars: adding them one a row, and deciding about them at most 30 to a call."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from portal.access.rights import Right
from portal.access.scope import Scope
from portal.bulk import compare
from portal.bulk.files.addresses import canonical
from portal.bulk.files.checks import Check
from portal.bulk.files.columns import EMAIL_HEADERS, EVENT_HEADERS, Column, columns_of, plain
from portal.bulk.files.flows.base import Flow, RowPlanner, account_column
from portal.bulk.files.flows.generic import Operation, checks_for, columns_for
from portal.bulk.files.flows.live import Shelf, is_silent
from portal.bulk.files.flows.user_rows import worded
from portal.bulk.files.ids import number, person
from portal.bulk.files.plans import Call, RowPlan
from portal.bulk.files.user_columns import ACCOUNT
from portal.bulk.recipes.registrants import AFTER
from portal.directory.models import SubAccount
from portal.gateway.clients import client_for
from portal.gateway.models import Connection
from zoomapi import spec
from zoomapi.client.errors import ZoomError
from zoomapi.spec.registration import REGISTRANT_STATUSES
from zoomapi.spec.shapes import BATCH

WHO = "registrant"
_ACTIONS = {
    **dict.fromkeys(("approve", "approved", "yes"), "approve"),
    **dict.fromkeys(("deny", "denied", "no"), "deny"),
    **dict.fromkeys(("cancel", "cancelled", "canceled"), "cancel"),
}


class Lists:
    """Who is registered for the events of a file, by address and by id. One instance a file."""

    def __init__(self, family: str, scope: Scope) -> None:
        self.family, self.scope = family, scope
        self.known: Shelf[dict[str, str]] = Shelf()
        self.unread: set[tuple[int, str]] = set()
        self.silent = False
        self.read_at: dict[tuple[int, str], str] = {}

    def of(self, plan: RowPlan, account: int, event: str) -> dict[str, str] | None:
        """Address or id -> status; None when it cannot be told, which the first such row says."""
        key = (account, event)
        found = self.known.get(key)
        if found is not None or self.silent or key in self.unread:
            plan.looked = found is not None
            return found
        self.read_at[key] = compare.stamp()
        found = self._read(plan, account, event)
        plan.looked = found is not None
        if found is None:
            self.unread.add(key)
        else:
            self.known.put(key, found)
        return found

    def _read(self, plan: RowPlan, account: int, event: str) -> dict[str, str] | None:
        place = SubAccount.objects.select_related("connection").get(pk=account)
        zoom = getattr(client_for(self.scope, place, lane="bulk"), self.family)
        found: dict[str, str] = {}
        try:
            for status in REGISTRANT_STATUSES:
                for row in zoom.registrants.each(event, status=status):
                    found |= dict.fromkeys((canonical(str(row.get("email", ""))), str(row.get("id", ""))), status)
        except ZoomError as error:
            plan.checked.notes.append(f"Who is registered already could not be read: {error}")
            self.silent = is_silent(error)
            return None
        return found


class Newcomers(Operation):
    """Adds people; who is registered already is found by reading the event's list once."""

    def __init__(self, family: str, connection: Connection, scope: Scope, constants: Mapping[str, Any]) -> None:
        super().__init__(spec.endpoint(f"{family}.add_registrant"), connection, scope, constants)
        self.event = self.endpoint.params[0]
        self.lists = Lists(family, scope)

    def label_of(self, values: Mapping[str, Any]) -> str:
        return canonical(str(values.get("email", "")))

    def decide(self, plan: RowPlan) -> None:
        super().decide(plan)
        if not plan.calls or plan.account is None:
            return
        if plan.label in (self.lists.of(plan, plan.account, plan.calls[0].path[self.event]) or {}):
            plan.action, plan.calls = "unchanged", []
            plan.checked.notes.append("Registered already.")


class Decisions(RowPlanner):
    """Approves, denies or cancels. Rows that say the same about one event travel together."""

    def __init__(self, family: str, connection: Connection, scope: Scope, constants: Mapping[str, Any]) -> None:
        super().__init__(connection, scope, constants)
        self.endpoint = spec.endpoint(f"{family}.update_registrants_status")
        self.event = self.endpoint.params[0]
        self.lists = Lists(family, scope)
        self.open: dict[Any, tuple[RowPlan, list[dict[str, str]]]] = {}

    def label_of(self, values: Mapping[str, Any]) -> str:
        return str(values.get(WHO, ""))

    def prepare(self, plans: Sequence[RowPlan]) -> None:
        self.open.clear()  # a call's rows are written together

    def decide(self, plan: RowPlan) -> None:
        values, account = plan.checked.values, self.account_of(plan)
        plan.account, person = account.pk, values[WHO]
        self.first_time(plan, (account.pk, values[self.event], person), "The same registrant stands")
        query = {name: values[name] for name in ("occurrence_id",) if name in values}
        if (not query and self._is_so(plan, account.pk, person)) or plan.checked.problems:
            return
        plan.action = "update"
        key = (account.pk, values[self.event], values["action"], str(query))
        leader, people = self.open.get(key, (plan, []))
        if leader is plan or len(people) >= BATCH:
            leader, people = plan, []
            body = {"action": values["action"], "registrants": people}
            at = self.lists.read_at.get((account.pk, str(values[self.event])), "") if plan.before else ""
            path = {self.event: str(values[self.event])}
            plan.calls = [Call(self.endpoint.key, path, query, body, plan.before, compared=at)]
            self.open[key] = (plan, people)
        else:
            plan.leader = leader.checked.row.number
        people.append({"email" if "@" in person else "id": person})

    def _is_so(self, plan: RowPlan, account: int, person: str) -> bool:
        """Whether nothing is to be decided: it is so already, or nobody is there to decide about."""
        wanted = plan.checked.values["action"]
        there = self.lists.of(plan, account, str(plan.checked.values[self.event]))
        if there is None:
            return False
        status = there.get(person, "")
        if status == AFTER.get(wanted, ""):
            plan.action = "unchanged"
            plan.checked.notes.append(f"{status.capitalize()} already." if status else "Not registered.")
            return True
        plan.before = {"status": status}
        if not status:
            plan.checked.refuse("", "Nobody is registered under this address or id.")
        return not status


def _who(text: str) -> str:
    return canonical(text) if "@" in text else person(text)


def _decision_columns(family: str) -> tuple[Column, ...]:
    endpoint = spec.endpoint(f"{family}.update_registrants_status")
    event = endpoint.params[0]
    occurrence = [column for column in columns_of(endpoint) if column.name == "occurrence_id"]
    return (
        Column(WHO, "Registrant", "E-mail address or registrant id.", None,
               ("email", *map(plain, EMAIL_HEADERS), "registrant", "registrantid", "id"), required=True),
        Column("action", "Decision", "Approve, deny or cancel.", None,
               ("action", "decision", "approvalstatus", "status"), required=True),
        Column(event, "Event", "Id of the meeting or webinar.", None,
               (event.lower(), *map(plain, EVENT_HEADERS[event]), "event"), required=True),
        *occurrence,
        account_column(),
    )  # fmt: skip


def _decision_checks(family: str) -> dict[str, Check]:
    event = spec.endpoint(f"{family}.update_registrants_status").params[0]
    fields = checks_for([column for column in _decision_columns(family) if column.field is not None])
    words = worded(_ACTIONS, "Write approve, deny or cancel.")
    return {**fields, WHO: _who, "action": words, event: number, ACCOUNT: str}


@lru_cache(maxsize=4)
def _new_columns(family: str) -> tuple[Column, ...]:
    endpoint = spec.endpoint(f"{family}.add_registrant")
    label = f"{family.removesuffix('s').capitalize()} number"
    return tuple(
        replace(column, label=label) if column.name == endpoint.params[0] else column
        for column in columns_for(endpoint)
    )


def _flows(family: str, one: str) -> tuple[Flow, Flow]:
    event = spec.endpoint(f"{family}.add_registrant").params[0]
    needs = (((event,), f"the {one}"),)
    return (
        Flow(
            f"{one}_registrants",
            f"Register people for a {one}",
            "One person a row. Who is registered already is left alone.",
            Right.WRITE,
            lambda: _new_columns(family),
            lambda: {**checks_for(_new_columns(family)), event: number},
            lambda connection, scope, constants: Newcomers(family, connection, scope, constants),
            needed=(*((((name,), f"the column {name}")) for name in ("email", "first_name", "last_name")), *needs),
            hints=("Zoom sends each of them a confirmation by e-mail, as the event is set up.",),
            sample=(("Email", "First Name", "Last Name"), ("ana@example.com", "Ana", "Ruiz")),
        ),
        Flow(
            f"{one}_registrants_status",
            f"Approve or deny registrants of a {one}",
            f"One registrant a row; at most {BATCH} are sent in one call.",
            Right.WRITE,
            lambda: _decision_columns(family),
            lambda: _decision_checks(family),
            lambda connection, scope, constants: Decisions(family, connection, scope, constants),
            needed=(((WHO,), "the registrants"), (("action",), "the decision"), *needs),
            object_id=WHO,
            hints=(
                "When Zoom refuses a call because of some of its rows, only these fail; the others are sent again.",
            ),
            sample=(("Email", "Decision"), ("ana@example.com", "approve")),
        ),
    )


FLOWS = (*_flows("meetings", "meeting"), *_flows("webinars", "webinar"))
