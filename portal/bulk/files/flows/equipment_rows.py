"""Files of room devices and of users' TSP accounts. What Zoom has now is read once, so a file can be sent again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from portal.access.rights import Right
from portal.access.scope import Scope
from portal.bulk import compare
from portal.bulk.files.accounts import Account
from portal.bulk.files.checks import Check
from portal.bulk.files.columns import Column, told_apart
from portal.bulk.files.flows.base import Flow, RowPlanner, account_column
from portal.bulk.files.flows.generic import Operation, checks_for, columns_for
from portal.bulk.files.flows.live import LiveState
from portal.bulk.files.flows.user_rows import USER, WHO, UserRows, user_column, who
from portal.bulk.files.ids import identifier
from portal.bulk.files.judging import Unknown
from portal.bulk.files.listed import body_of
from portal.bulk.files.plans import Call, RowPlan
from portal.bulk.files.user_columns import ACCOUNT
from portal.bulk.files.wholes import refuse_wrong
from portal.bulk.recipes.base import same
from portal.directory.models import MirrorUser, SubAccount
from portal.gateway.clients import client_for
from portal.gateway.models import Connection
from zoomapi import spec
from zoomapi.client.errors import ZoomError

Json = dict[str, Any]
DEVICE, NAME, TSP, CODE = "deviceId", "name", "tspId", "conference_code"
GONE = "It is not there any more."
UNREAD = "It is not known what is there now, so nothing will be done for this row. Check the file again later."


class DeviceRows(Operation):
    """Finds each row's device by its id or its name, in the list of them all."""

    def __init__(self, connection: Connection, scope: Scope, constants: Mapping[str, Any]) -> None:
        super().__init__(spec.endpoint("devices.create"), connection, scope, constants)
        self.fields = [column.name for column in columns_for(self.endpoint) if column.field is not None]
        self.listed: list[Json] | None = None
        self.listed_at = ""
        self.problem = ""

    def label_of(self, values: Mapping[str, Any]) -> str:
        return str(values.get(NAME) or values.get(DEVICE, ""))

    def decide(self, plan: RowPlan) -> None:
        account = self._place(plan)
        if account is None:
            return
        plan.account = account.pk
        found = self._found(plan, account)
        device = found[0] if found else {}
        key = device.get("id") or f"new/{plan.label.casefold()}"
        self.first_time(plan, key, "The same device stands")
        self.change(plan, device)

    def change(self, plan: RowPlan, device: Json) -> None:
        """Set action and call; ``device`` is empty when there is none yet."""
        given = {name: value for name, value in plan.checked.values.items() if name in self.fields}
        if not device:
            for name in self.fields:
                if not plan.checked.says(name):
                    plan.checked.refuse(name, "Missing: a new device needs it.")
            plan.action, plan.calls = "create", [Call("devices.create", body=given)]
            return
        before = {name: device.get(name, "") for name in self.fields}
        if str(given.get(NAME, "")).casefold() == str(before[NAME]).casefold():
            given[NAME] = before[NAME]
        wanted = before | given
        if same(wanted, before):
            plan.action = "unchanged"
            return
        plan.action = "update"
        plan.calls = [Call("devices.update", {DEVICE: str(device["id"])}, {}, wanted, before, compared=self.listed_at)]

    def _found(self, plan: RowPlan, account: Account) -> list[Json]:
        devices = self._devices(account)
        if devices is None:
            plan.checked.refuse("", f"{self.problem} {UNREAD}")
            raise Unknown(DEVICE)
        plan.looked = True
        if named := plan.checked.values.get(DEVICE):
            found = [row for row in devices if str(row.get("id")) == named]
            if not found:
                self.missing(plan)
            return found
        name = str(plan.checked.values.get(NAME, "")).casefold()
        found = [row for row in devices if str(row.get("name", "")).casefold() == name]
        if len(found) > 1:
            ids = ", ".join(str(row.get("id")) for row in found[:5])
            plan.conflict(f"{len(found)} devices are called so. Give the device id: {ids}.")
            raise Unknown(DEVICE)
        return found

    def missing(self, plan: RowPlan) -> None:
        plan.checked.refuse(DEVICE, "Zoom knows no device of this id.")
        raise Unknown(DEVICE)

    def _devices(self, account: Account) -> list[Json] | None:
        if self.listed is None and not self.problem:
            place = SubAccount.objects.select_related("connection").get(pk=account.pk)
            self.listed_at = compare.stamp()
            try:
                zoom = client_for(self.scope, place, lane="bulk")
                self.listed = [dict(row) for row in zoom.devices.list.each()]
            except ZoomError as error:
                self.problem = f"The devices could not be read: {error}"
        return self.listed


class RemovedDevices(DeviceRows):
    """Takes devices away; what is not there is left alone."""

    def missing(self, plan: RowPlan) -> None:
        """That is what the row wants."""

    def change(self, plan: RowPlan, device: Json) -> None:
        if not device:
            plan.action = "unchanged"
            plan.checked.notes.append(GONE)
            return
        plan.action, plan.label = "delete", str(device.get("name") or device["id"])
        before = {name: device[name] for name in self.fields if name in device}
        plan.calls = [Call("devices.delete", {DEVICE: str(device["id"])}, before=before)]


class TspRows(UserRows):
    """Adds and replaces users' accounts, found by their place or their conference code."""

    twice = "The same TSP account stands"

    def __init__(self, connection: Connection, scope: Scope, constants: Mapping[str, Any]) -> None:
        super().__init__(connection, scope, constants)
        self.live = LiveState(scope, "tsp.list")
        self.known: dict[int, list[Json] | None] = {}
        self.read_at: dict[int, str] = {}

    def key_of(self, plan: RowPlan, user: MirrorUser) -> Any:
        return user.pk, plan.checked.values.get(TSP) or plan.checked.values.get(CODE)

    def change(self, plan: RowPlan, user: MirrorUser) -> None:
        there = self.accounts_now(plan, user)
        if there is None:
            return
        values = plan.checked.values
        given = [(name, value) for name, value in values.items() if name not in (USER, ACCOUNT, TSP)]
        body = body_of(plan.checked, given)
        place = self.place(plan, there)
        now = there[place - 1] if place else {}
        wanted = {name: now[name] for name in (CODE, "leader_pin", "dial_in_numbers") if name in now} | body
        shape = spec.endpoint("tsp.create").body
        if shape is not None:
            refuse_wrong(plan, shape(), wanted)
        if plan.checked.problems:
            return
        plan.label = f"{user.email}, {wanted[CODE]}"
        path = {"userId": user.zoom_id}
        if not place:
            plan.action, plan.calls = (
                "create",
                [Call("tsp.create", path, {}, wanted, remote_key=f"{user.zoom_id}/{wanted[CODE]}")],
            )
        elif same(wanted, now):
            plan.action = "unchanged"
        else:
            plan.action = "update"
            before = {name: now[name] for name in (CODE, "dial_in_numbers") if name in now}
            plan.calls = [
                Call("tsp.update", {**path, TSP: str(place)}, {}, wanted, before, compared=self.read_at[user.pk])
            ]

    def accounts_now(self, plan: RowPlan, user: MirrorUser) -> list[Json] | None:
        if user.pk not in self.known:
            found = self.live.read(plan, {"userId": user.zoom_id})
            self.read_at[user.pk] = self.live.at
            self.known[user.pk] = None if found is None else list(found.get("tsp_accounts") or [])
        there = self.known[user.pk]
        plan.looked = there is not None
        if there is None and not plan.checked.problems:
            plan.checked.refuse("", UNREAD)
        return there

    def place(self, plan: RowPlan, there: list[Json]) -> int:
        """The number of the account that the row means, 0 when there is none."""
        if named := plan.checked.values.get(TSP):
            if not (named.isascii() and named.isdigit() and 1 <= int(named[:6]) <= len(there)):
                self.no_place(plan)
                return 0
            return int(named)
        code = plan.checked.values.get(CODE)
        return next((n for n, one in enumerate(there, 1) if str(one.get(CODE)) == code), 0)

    def no_place(self, plan: RowPlan) -> None:
        plan.checked.refuse(TSP, "The user has no TSP account of this number.")
        raise Unknown(TSP)


class RemovedTsp(TspRows):
    """Takes one account a user away: those behind it then move up, so their numbers would mean others."""

    def key_of(self, plan: RowPlan, user: MirrorUser) -> Any:
        return user.pk

    twice = "Only one TSP account of a user can be removed by one file, since the others then move up. One stands"

    def no_place(self, plan: RowPlan) -> None:
        """That is what the row wants."""

    def change(self, plan: RowPlan, user: MirrorUser) -> None:
        there = self.accounts_now(plan, user)
        if there is None:
            return
        place = self.place(plan, there)
        if not place:
            plan.action = "unchanged"
            plan.checked.notes.append(GONE)
            return
        code = str(there[place - 1].get(CODE, ""))
        plan.action, plan.label = "delete", f"{user.email}, {code}"
        path = {"userId": user.zoom_id, TSP: str(place)}
        plan.calls = [Call("tsp.delete", path, before={CODE: code}, compared=self.read_at[user.pk])]


def _device_columns() -> tuple[Column, ...]:
    own = Column(DEVICE, "Device id", "Only where several have one name.", None, ("deviceid", "id"))
    given = [replace(c, required=False) for c in columns_for(spec.endpoint("devices.create")) if c.name != NAME]
    return (_device_name(), own, *given)


def _device_name() -> Column:
    found = next(c for c in columns_for(spec.endpoint("devices.create")) if c.name == NAME)
    return replace(found, required=False, aliases=(*found.aliases, "device", "devicename"))


def _tsp_columns() -> tuple[Column, ...]:
    given = [c for c in columns_for(spec.endpoint("tsp.create")) if c.name not in ("userId", ACCOUNT)]
    return told_apart((user_column(), _tsp_number(), *(replace(c, required=False) for c in given), account_column()))


def _tsp_number() -> Column:
    return Column(TSP, "Number", "The place in the user's list; empty: told by the code.", None, ("tspid", "number"))


def _tsp_remove_columns() -> tuple[Column, ...]:
    return tuple(c for c in _tsp_columns() if c.name in (USER, TSP, CODE, ACCOUNT))


def _checks(columns: Sequence[Column]) -> dict[str, Check]:
    own: dict[str, Check] = {USER: who, ACCOUNT: str, DEVICE: identifier, TSP: identifier}
    found = checks_for([column for column in columns if column.field is not None])
    return found | {column.name: own[column.name] for column in columns if column.field is None}


def _flow(key: str, title: str, lede: str, columns: Any, planner: type[RowPlanner], **more: Any) -> Flow:
    return Flow(key, title, lede, Right.WRITE, columns, lambda: _checks(columns()), planner, **more)


FLOWS = (
    _flow(
        "devices", "Room devices", "H.323 and SIP devices of the master account: new ones, and changes of those known.",
        _device_columns, DeviceRows, needed=(((NAME, DEVICE), "the devices' names or ids"),), general=False,
        sample=(("Name", "Protocol", "Address", "Encryption"), ("Room 1", "SIP", "192.0.2.7", "auto")),
    ),
    _flow(
        "devices_remove", "Remove room devices", "One device a row, by its name or its id.",
        lambda: _device_columns()[:2], RemovedDevices, needed=(((NAME, DEVICE), "the devices' names or ids"),),
        removes="devices", general=False, object_id=DEVICE, sample=(("Name",), ("Room 1",)),
    ),
    _flow(
        "tsp_accounts", "TSP accounts of users", "Dial-in accounts at a telephony provider: new ones and replacements.",
        _tsp_columns, TspRows, needed=(*WHO, ((CODE, TSP), "the conference codes or numbers")),
        sample=(("Email", CODE, "leader_pin", "dial_in_numbers[].code", "dial_in_numbers[].number", "Sub-account"),
                ("ana@example.com", "123456", "1234", "1; 44", "5550100; 5550101", "")),
    ),
    _flow(
        "tsp_remove", "Remove TSP accounts of users", "One a row, by its conference code or its number.",
        _tsp_remove_columns, RemovedTsp, needed=(*WHO, ((CODE, TSP), "the conference codes or numbers")),
        removes="TSP accounts", sample=(("Email", CODE, "Sub-account"), ("ana@example.com", "123456", "")),
    ),
)  # fmt: skip
