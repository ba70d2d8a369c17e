"""Changes of plans beside the plans there are: a person decides about the difference."""

from collections.abc import Mapping
from typing import Any

from portal.access.scope import Scope
from portal.bulk.files.plans import RowPlan
from portal.directory.models import SubAccount
from portal.gateway.models import Connection


def plans_known(connection: Connection, scope: Scope) -> dict[int, dict[str, Any]]:
    """The base plan of each sub-account in scope, as far as the mirror knows it."""
    known = SubAccount.objects.for_scope(scope).filter(connection=connection)
    return {key: plans.get("plan_base") or {} for key, plans in known.values_list("pk", "plans")}


def beside(plan: RowPlan, now: Mapping[str, Any]) -> None:
    """Keep what the plan is now with the row's one call, which is left out when nothing would change."""
    call = plan.calls[0]
    call.before = {name: now[name] for name in call.body if now.get(name) is not None}
    if call.before == call.body:
        plan.action, plan.calls = "unchanged", []
