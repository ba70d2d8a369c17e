"""Removing or ending many meetings or webinars of one host: a job with a row and a call for each of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.access.models import Staff
from portal.access.scope import Scope
from portal.bulk.models import Job
from portal.bulk.operations import Step, plan
from portal.directory.models import SubAccount
from zoomapi import spec

DELETE, END = "delete", "end"
ACTIONS = (DELETE, END)
_ENDING = {"meetings": {"action": "end"}, "webinars": {"status": "end"}}
KEPT = ("topic", "type", "start_time")  # what a row says of an event that is no more


@dataclass(frozen=True)
class EventsChange:
    """``family``: "meetings" or "webinars"; ``about``: whose they are."""

    account: SubAccount
    family: str
    action: str
    about: str

    @property
    def endpoint(self) -> str:
        return f"{self.family}.{'delete' if self.action == DELETE else 'update_status'}"


def plan_events(
    scope: Scope,
    actor: Staff,
    change: EventsChange,
    events: Sequence[Mapping[str, Any]],
    *,
    key: str | None = None,
    reason: str = "",
) -> Job:
    """Write down a READY job, one row an event as Zoom lists it. The same ``key`` gives the same job."""
    noun = change.family.removesuffix("s") if len(events) == 1 else change.family
    return plan(
        scope=scope,
        actor=actor,
        connection=change.account.connection,
        kind=f"{change.family}_{change.action}",
        title=f"{change.action.capitalize()} {len(events):,} {noun} of {change.about}",
        steps=steps(change, events),
        key=key,
        reason=reason,
    )


def steps(change: EventsChange, events: Sequence[Mapping[str, Any]]) -> Iterator[Step]:
    endpoint = spec.endpoint(change.endpoint)
    removes = change.action == DELETE
    for row, event in enumerate(events, 1):
        yield Step(
            row=row,
            account=change.account,
            endpoint=endpoint.key,
            path={endpoint.params[0]: str(event["id"])},
            body={} if removes else _ENDING[change.family],
            label=str(event.get("topic") or event["id"]),
            action="delete" if removes else "update",
            before={name: event[name] for name in KEPT if event.get(name) is not None} if removes else {},
        )
