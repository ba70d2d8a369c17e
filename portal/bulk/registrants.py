"""One decision about many registrants: a job with a row for each of them, and one call for every thirty."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from portal.access.models import Staff
from portal.access.scope import Scope
from portal.bulk import compare
from portal.bulk.batches import COMPARED
from portal.bulk.models import ItemState, Job
from portal.bulk.operations import Step, plan
from portal.directory.models import SubAccount
from zoomapi import spec
from zoomapi.spec.registration import REGISTRANT_ACTIONS
from zoomapi.spec.shapes import BATCH

Person = dict[str, Any]  # a registrant as Zoom lists them


@dataclass(frozen=True)
class Decision:
    """``family``: "meetings" or "webinars"; ``action``: of REGISTRANT_ACTIONS; ``about``: the event's topic."""

    account: SubAccount
    family: str
    event_id: int
    action: str
    about: str


def plan_decision(
    scope: Scope,
    actor: Staff,
    decision: Decision,
    people: Sequence[Person],
    *,
    key: str | None = None,
    reason: str = "",
) -> Job:
    """Write down a READY job; ``operations.start`` runs it. The same ``key`` gives the same job."""
    number = f"{len(people):,} registrant{'' if len(people) == 1 else 's'}"
    return plan(
        scope=scope,
        actor=actor,
        connection=decision.account.connection,
        kind=f"{decision.family}_registrants",
        title=f"{REGISTRANT_ACTIONS[decision.action]} {number} of {decision.about}",
        steps=steps(decision, people),
        key=key,
        reason=reason,
    )


def steps(decision: Decision, people: Sequence[Person]) -> Iterator[Step]:
    """A step for each person. The first of every thirty carries the call, the others say which row that is."""
    endpoint = spec.endpoint(f"{decision.family}.update_registrants_status")
    path, compared = {endpoint.params[0]: str(decision.event_id)}, compare.stamp()
    for start in range(0, len(people), BATCH):
        batch, leader = people[start : start + BATCH], start + 1
        refs = [{"id": str(person["id"])} for person in batch]
        for row, person in enumerate(batch, leader):
            step = Step(row=row, account=decision.account, path=path, label=str(person.get("email") or person["id"]))
            step.action, step.before = decision.action, {"status": person.get("status") or ""}
            if row == leader:
                step.endpoint, step.body = endpoint.key, {"action": decision.action, "registrants": refs}
                step.source = {COMPARED: compared}
            else:
                step.state, step.source = ItemState.JOINED, {"with": leader}
                step.message = f"Sent in the call of row {leader}."
            yield step
