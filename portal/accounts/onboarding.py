"""Creating a sub-account: which calls it takes, in which order, from what a person filled in.

Each call is a step of one job, so a failure leaves the later ones unexecuted and the job page can go on from there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import Scope
from portal.bulk.models import ItemState, Job
from portal.bulk.operations import Step, plan
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from zoomapi.spec.catalogue import BASE_PLANS

KIND = "onboarding"


@dataclass(frozen=True)
class Onboarding:
    """``account`` is the body of accounts.create, ``subscription`` that of billing.subscribe (None: no plan yet)."""

    connection: Connection
    account: dict[str, Any]
    subscription: dict[str, Any] | None


def steps(wanted: Onboarding) -> list[Step]:
    owner = wanted.account["email"]
    found = [
        Step(
            row=1,
            step=0,
            account=None,
            endpoint="accounts.create",
            body=wanted.account,
            label=owner,
            remote_key=owner.lower(),
        )
    ]
    if wanted.subscription:
        found.append(
            Step(
                row=1,
                step=1,
                account=None,
                endpoint="billing.subscribe",
                body=wanted.subscription,
                label=f"{owner}: {plan_text(wanted.subscription)}",
                after=0,
            )
        )
    return found


def plan_text(subscription: Mapping[str, Any]) -> str:
    base = subscription["plan_base"]
    known = BASE_PLANS.get(base["type"])
    return f"{known.label if known else base['type']}, {base['hosts']} hosts"


def prepare(scope: Scope, actor: Staff, wanted: Onboarding, *, key: str, reason: str) -> Job:
    """Store the job with its sealed password, ready to be looked at; nothing is sent yet."""
    return plan(
        scope=scope,
        actor=actor,
        connection=wanted.connection,
        kind=KIND,
        title=f"New sub-account of {wanted.account['email']}",
        steps=steps(wanted),
        key=key,
        reason=reason,
        right=Right.CREATE_ACCOUNT,
        options={"correct_at": reverse("accounts:create")},
    )


def created_by(job: Job) -> SubAccount | None:
    """The sub-account a job has made already: then only its plan is left to do."""
    made = job.items.filter(endpoint="accounts.create", state=ItemState.DONE).first()
    if made is None:
        return None
    return SubAccount.objects.filter(connection=job.connection, zoom_id=made.remote_id).first()
