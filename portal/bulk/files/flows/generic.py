"""Any write of the specification from a file: its path, query and body are the columns, one call a row."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from portal.access.scope import Scope
from portal.bulk import compare
from portal.bulk.files.accounts import Account
from portal.bulk.files.addresses import canonical
from portal.bulk.files.checks import Check, compiled
from portal.bulk.files.columns import (
    EMAIL_HEADERS,
    EVENT_HEADERS,
    FIRST_NAME_HEADERS,
    LAST_NAME_HEADERS,
    Column,
    columns_of,
    needed,
    plain,
    told_apart,
)
from portal.bulk.files.flows.base import Flow, RowPlanner, account_column, refuse_empty
from portal.bulk.files.flows.base_plans import beside, plans_known
from portal.bulk.files.ids import LONGEST_ID, identifier, number, number_or_uuid, person
from portal.bulk.files.judging import Partial, Unknown, judging
from portal.bulk.files.listed import LIST, body_of, each_place
from portal.bulk.files.plans import Call, RowPlan
from portal.bulk.files.refusal import Bad
from portal.bulk.files.rows import Checked
from portal.bulk.files.user_columns import ACCOUNT
from portal.bulk.files.wholes import refuse_wrong
from portal.bulk.rights import ACCOUNT as ACCOUNT_ID
from portal.bulk.rights import creates_account, in_accounts, right_of
from portal.directory.models import MirrorUser
from portal.gateway.models import Connection
from zoomapi import spec
from zoomapi.spec import Effect, Endpoint
from zoomapi.spec.base import leaves
from zoomapi.spec.profiles import CLASSIC, Profile

MASTER = "me"
USER = "userId"
NUMBERED = frozenset({"meetingId", "webinarId"})
CHANGE_OF_PLAN = "billing.update_base"
ACTION_OF = {"POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
SEVERAL = (
    "Several to a cell: separate them by semicolons, in the same order in each of the list's columns, with an empty "
    "place (Ann;;Bob) where there is nothing."
)
# Header texts of lists as Zoom itself exports them.
_HEADERS = {
    **EVENT_HEADERS,
    "email": EMAIL_HEADERS,
    "first_name": FIRST_NAME_HEADERS,
    "last_name": LAST_NAME_HEADERS,
    "name": ("group name",),
    "country": ("country/region",),
    "zip": ("zip/postal code", "postcode"),
    "state": ("state/province",),
    "no_of_employees": ("number of employees",),
    "comments": ("questions & comments",),
}


def offered(endpoint: Endpoint) -> bool:
    """Whether it can be driven by a file: it changes something, and does not itself carry a file."""
    return not endpoint.is_read and not endpoint.upload


def flow_for(endpoint: Endpoint, zoom: Profile = CLASSIC) -> Flow:
    endpoint = zoom.view(endpoint)
    where = "" if in_accounts(endpoint) else " It exists for the master account only."
    return Flow(
        key=endpoint.key,
        title=endpoint.title,
        lede=f"One call a row: {endpoint.method} {endpoint.path}.{where}",
        right=right_of(endpoint),
        columns=lambda: columns_for(endpoint),
        checks=lambda: checks_for(columns_for(endpoint), tuple(endpoint.uuid)),
        planner=lambda connection, scope, constants: Operation(endpoint, connection, scope, constants),
        needed=tuple(((column.name,), column.label) for column in columns_for(endpoint) if column.required),
        removes="objects" if endpoint.effect in (Effect.DELETE, Effect.PEOPLE) else "",
        general=in_accounts(endpoint) and not creates_account(endpoint),
        gone=zoom.retired(endpoint),
        object_id=_object_of(endpoint),
    )


def _object_of(endpoint: Endpoint) -> str:
    """The one parameter that names what is changed or removed: else a sub-account of its own, or nothing."""
    own = [name for name in endpoint.params if name != ACCOUNT_ID]
    if endpoint.method == "POST" or len(own) > 1:
        return ""
    return own[0] if own else ACCOUNT if endpoint.params else ""


def columns_for(endpoint: Endpoint) -> tuple[Column, ...]:
    """Path, query and body, and the sub-account where there is one to name."""
    columns = columns_of(endpoint, _HEADERS, lists=True)
    found = [_as_needed(column, endpoint) for column in columns if column.name != ACCOUNT_ID]
    if in_accounts(endpoint) and not creates_account(endpoint):
        found.append(account_column())
    taken = {alias for column in found for alias in column.aliases}
    return told_apart(_whose(column, taken) if column.name == USER else column for column in found)


def _whose(column: Column, taken: set[str]) -> Column:
    """Also found by the headers of addresses, as far as they do not mean something else in this operation."""
    given = map(plain, ("user", "host", "host email", "email", *EMAIL_HEADERS))
    return replace(column, aliases=(*column.aliases, *(alias for alias in given if alias not in taken)))


def _as_needed(column: Column, endpoint: Endpoint) -> Column:
    field = column.field
    if field is None:
        text = "An e-mail address or an id." if column.name == USER else "The id."
        label = column.name.removesuffix(" (path)")
        return Column(column.name, label, text, None, column.aliases, required=True)
    required = needed(field) and not endpoint.partial
    help_text = f"{column.help_text} {SEVERAL}".strip() if LIST in column.name else column.help_text
    parent = str(getattr(field.parent, "label", "") or "") if "." in column.name else ""
    label = f"{parent}: {column.label}" if parent else column.label
    return Column(column.name, label, help_text, field, column.aliases, required, column.secret)


def checks_for(columns: Sequence[Column], uuids: Sequence[str] = ()) -> dict[str, Check]:
    """Checks by column name; ``uuids`` are the ids of meetings that may be UUIDs as well as numbers."""
    found: dict[str, Check] = {}
    for column in columns:
        if column.field is None:
            found[column.name] = str if column.name == ACCOUNT else _id_check(column.name, uuids)
        elif LIST in column.name:
            found[column.name] = each_place(compiled(column.field))
        else:
            found[column.name] = compiled(column.field)
    return found


def _id_check(name: str, uuids: Sequence[str]) -> Check:
    if name in uuids:
        return number_or_uuid
    return number if name in NUMBERED else person if name == USER else identifier


class Operation(RowPlanner):
    """Plans one call a row."""

    def __init__(self, endpoint: Endpoint, connection: Connection, scope: Scope, constants: Mapping[str, Any]) -> None:
        super().__init__(connection, scope, constants)
        self.endpoint = endpoint
        self.query_names = {name for name, _ in leaves(endpoint.query())} if endpoint.query else set()
        self.shapes = [shape(partial=endpoint.partial) for shape in (endpoint.query, endpoint.body) if shape]
        self.users: dict[tuple[int, str], str] = {}
        self.homes: defaultdict[str, list[int]] = defaultdict(list)

    @cached_property
    def master(self) -> Account | None:
        """The master account itself; None for people who do not see all of it."""
        try:
            return self.accounts.find(MASTER) if self.scope.everywhere else None
        except Bad:
            return None

    def label_of(self, values: Mapping[str, Any]) -> str:
        names = [name for name in self.endpoint.params if name != ACCOUNT_ID] + [self.endpoint.remote_key, "email"]
        found = [str(values[name]) for name in dict.fromkeys(names) if name in values]
        return ", ".join(found) or next(
            (str(values[name]) for name in ("topic", "name", ACCOUNT) if name in values), ""
        )

    def prepare(self, plans: Sequence[RowPlan]) -> None:
        """Ids of the users that rows name by address: an address may change hands, an id does not."""
        if USER not in self.endpoint.params:
            return
        named = {canonical(plan.checked.given(USER)) for plan in plans}
        users = MirrorUser.objects.for_scope(self.scope).filter(account__connection=self.connection, email__in=named)
        found = users.values_list("account_id", "email", "zoom_id")
        self.users = {(account, canonical(email)): zoom_id for account, email, zoom_id in found}
        self.homes = defaultdict(list)
        for account, email in self.users:
            self.homes[email].append(account)

    def decide(self, plan: RowPlan) -> None:
        values, endpoint = plan.checked.values, self.endpoint
        query, body = self._parts(plan.checked)
        self._whole(plan, query, body)
        if endpoint.body is not None and endpoint.partial:
            refuse_empty(plan, body, (*endpoint.params, ACCOUNT))
        account, user = self._place(plan), {}
        if account is not None:
            plan.account = account.pk
            with judging:
                user = self._by_id(plan, account)
        path = {name: str(values[name]) for name in endpoint.params if name in values} | user
        key = self._key(plan, account, path, query, body)
        self.first_time(plan, key, f"The same {self._what()} stands")
        if plan.checked.problems:
            return
        plan.action = ACTION_OF[endpoint.method]
        remote_key = "/".join(key)[:LONGEST_ID] if endpoint.remote_key else None
        plan.calls = [Call(endpoint.key, path, query, body, remote_key=remote_key)]
        plan.calls[0].uncompared = {} if compare.by_its_id(endpoint) else None
        if endpoint.key == CHANGE_OF_PLAN and account is not None:
            beside(plan, self.plans_now.get(account.pk, {}))

    @cached_property
    def plans_now(self) -> dict[int, dict[str, Any]]:
        return plans_known(self.connection, self.scope)

    def _place(self, plan: RowPlan) -> Account | None:
        """The sub-account; None where the call creates one. Raises Unknown, and the row says why."""
        if creates_account(self.endpoint):
            return None
        if not in_accounts(self.endpoint):
            if self.master is None:
                plan.checked.refuse("", "Only people who see the whole master account can do this.")
                raise Unknown(ACCOUNT)
            return self.master
        account = self._home(plan) or self.account_of(plan)
        if account.zoom_id == MASTER and ACCOUNT_ID in self.endpoint.params:
            plan.checked.refuse("", "This is the master account itself; it can be done for sub-accounts only.")
        return account

    def _home(self, plan: RowPlan) -> Account | None:
        """Where the user is whom the row names by address, when neither it nor the form names a sub-account."""
        if self.default is not None or plan.checked.values.get(ACCOUNT):
            return None
        homes = self.homes.get(canonical(str(plan.checked.values.get(USER, ""))), [])
        return self.accounts.by_pk.get(homes[0]) if len(homes) == 1 else None

    def _by_id(self, plan: RowPlan, account: Account) -> dict[str, str]:
        """The user of the path by id; nothing where the row does not name one by address."""
        named = str(plan.checked.values.get(USER, "")) if USER in self.endpoint.params else ""
        if "@" not in named:
            return {}
        zoom_id = self.users.get((account.pk, canonical(named)))
        if zoom_id is None and account.mirrored:
            plan.checked.refuse(USER, f"{account.name} has no user with this address.")
        elif zoom_id is None and self.endpoint.effect in (Effect.DELETE, Effect.PEOPLE):
            plan.checked.refuse(USER, f"The users of {account.name} are not known yet, so give the user's id.")
        return {USER: zoom_id or named}

    def _parts(self, checked: Checked) -> tuple[dict[str, Any], dict[str, Any]]:
        given = [(name, value) for name, value in checked.values.items() if name != ACCOUNT]
        given = [(name, value) for name, value in given if name not in self.endpoint.params]
        query = {name: value for name, value in given if name in self.query_names}
        return query, body_of(checked, ((name, value) for name, value in given if name not in query))

    def _whole(self, plan: RowPlan, query: dict[str, Any], body: dict[str, Any]) -> None:
        """What only the shape as a whole can tell: members that need each other, lists that are too long."""
        for shape in self.shapes:
            refuse_wrong(plan, shape, query if self.endpoint.query and isinstance(shape, self.endpoint.query) else body)

    def _key(
        self, plan: RowPlan, account: Account | None, path: dict[str, str], query: dict[str, Any], body: dict[str, Any]
    ) -> tuple[str, ...]:
        """What must not occur twice: the thing created, or the object that is set or removed."""
        where = (str(account.pk) if account else "master", *path.values())
        values = plan.checked.values
        if self.endpoint.remote_key:
            return (*where, str(values.get(self.endpoint.remote_key) or "").strip().casefold())
        if isinstance(values, Partial):
            values.need(values.refused if self.endpoint.method == "POST" else self.query_names)
        return (*where, json.dumps(body if self.endpoint.method == "POST" else query, sort_keys=True))

    def _what(self) -> str:
        if self.endpoint.remote_key:
            return self.endpoint.remote_key.rpartition(".")[2].replace("_", " ")
        return "object" if self.endpoint.method != "POST" else "request"


def find(key: str, zoom: Profile = CLASSIC) -> Flow:
    """The flow of that operation; KeyError when there is none, or when it cannot be driven by a file."""
    endpoint = spec.endpoint(key)
    if not offered(endpoint):
        raise KeyError(key)
    return flow_for(endpoint, zoom)
