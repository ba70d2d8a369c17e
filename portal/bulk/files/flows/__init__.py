"""All kinds of files: hand-made ones with words of their own, and one for every other write of the specification."""

from collections.abc import Iterator
from functools import lru_cache, partial

from portal.access.rights import Right
from portal.bulk.files import user_columns, users
from portal.bulk.files.flows import (
    account_rows,
    equipment_rows,
    event_rows,
    generic,
    group_rows,
    registrants,
    user_rows,
)
from portal.bulk.files.flows.base import KIND, Flow
from portal.bulk.models import Job
from zoomapi.spec import Endpoint, Family
from zoomapi.spec.profiles import CLASSIC, Profile

__all__ = ["FILE_KINDS", "KIND", "USERS", "Flow", "flow_named", "flow_of", "hand_made", "operations"]


def users_flow(zoom: Profile) -> Flow:
    """The import of users; which types there are depends on the Zoom."""
    return Flow(
        "users",
        "Import users",
        "Create and change users of one or many sub-accounts.",
        Right.WRITE,
        partial(user_columns.columns, zoom),
        partial(user_columns.checks, zoom),
        users.planner,
        needed=((("user_info.email",), "the e-mail addresses"),),
        kind=users.KIND,
        own_form="users",
        hints=("A file can be sent again: rows that are already as it says are left alone.",),
        sample=(
            ("Email", "First Name", "Last Name", "Department", "User Type", "Sub-account"),
            ("ana@example.com", "Ana", "Ruiz", "Sales", "Basic", ""),
        ),
    )


USERS = users_flow(CLASSIC)
FILE_KINDS = (users.KIND, KIND)
# What a hand-made flow does better than the generic one.
INSTEAD = {
    "users.create": "users",
    "users.update": "users",
    "users.update_status": "users_status",
    "users.delete": "users_remove",
    "users.update_settings": "user_settings",
    "accounts.create": "sub_accounts",
    "accounts.update_settings": "account_settings",
    **dict.fromkeys(("devices.create", "devices.update"), "devices"),
    "devices.delete": "devices_remove",
    **dict.fromkeys(("tsp.create", "tsp.update"), "tsp_accounts"),
    "tsp.delete": "tsp_remove",
    "groups.add_members": "group_members",
    "groups.delete_member": "group_members",
    **{
        f"{family}.{act}": f"{family}_{act}"
        for family in ("meetings", "webinars")
        for act in ("create", "update", "delete")
    },
    "meetings.add_registrant": "meeting_registrants",
    "meetings.update_registrants_status": "meeting_registrants_status",
    "webinars.add_registrant": "webinar_registrants",
    "webinars.update_registrants_status": "webinar_registrants_status",
}


@lru_cache(maxsize=4)
def hand_made(zoom: Profile = CLASSIC) -> dict[str, Flow]:
    flows = (
        users_flow(zoom), *user_rows.FLOWS, *group_rows.FLOWS, *account_rows.FLOWS, *event_rows.FLOWS,
        *registrants.FLOWS, *equipment_rows.FLOWS,
    )  # fmt: skip
    return {flow.key: flow for flow in flows}


@lru_cache(maxsize=512)
def flow_named(key: str, zoom: Profile = CLASSIC) -> Flow:
    """The kind of file of that name, or of that operation, as that Zoom has it; KeyError when there is none."""
    found = hand_made(zoom).get(key)
    return found if found is not None else generic.find(key, zoom)


def flow_of(job: Job) -> Flow:
    """The kind of a job's file."""
    return flow_named(job.options.get("flow", USERS.key), job.connection.zoom)


def operations(words: str = "", zoom: Profile = CLASSIC) -> Iterator[tuple[str, list[tuple[Endpoint, Flow]]]]:
    """Families with the writes that match every word; each with the flow that is best for it."""
    wanted = words.casefold().split()
    for name, family in sorted(Family.registry.items(), key=lambda pair: pair[1].label or pair[0]):
        label = family.label or name
        rows = [
            (endpoint, flow_named(INSTEAD.get(endpoint.key, endpoint.key), zoom))
            for endpoint in map(zoom.view, family.endpoints())
            if generic.offered(endpoint)
        ]
        rows = [row for row in rows if _matches(f"{label} {row[0].key} {row[0].title} {row[1].title}", wanted)]
        if rows:
            yield label, rows


def _matches(text: str, words: list[str]) -> bool:
    return all(word in text.casefold() for word in words)
