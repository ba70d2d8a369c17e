"""What the service's answers mean for a row, where they are odd: all that it says, and what it does not say."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.access.models import Staff
from portal.bulk.models import Item, ItemState, Job
from portal.bulk.pump import pump
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.test_outcomes import one, results
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

Creations = Callable[..., Job]
POST_USERS = {"method": "POST", "path": "/users$"}


@pytest.fixture
def user(creations: Creations, clean: Sandbox) -> str:
    """The id of a user that a job has made."""
    made = creations(1)
    pump(made.pk)
    return made.items.get().remote_id


@pytest.mark.parametrize(("fault", "trail"), [("html", "absent"), ("apply_then_html", "adopted")])
def test_fault_R07_a_change_answered_with_a_page_and_200_is_looked_up(
    user: str, tenant: SubAccount, olga: Staff, clean: Sandbox, fault: str, trail: str
) -> None:
    clean.faults({"match": {"method": "PATCH"}, "do": fault, "value": 200, "times": 1})
    item = one(tenant, olga, "users.update", path={"userId": user}, body={"dept": "Sales"})
    again = ["intent", "done"] if trail == "absent" else []
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", trail, *again])
    assert clean.call("GET", f"/accounts/{tenant.zoom_id}/users/{user}").json()["dept"] == "Sales"


@pytest.mark.parametrize(("fault", "trail"), [("html", "absent"), ("apply_then_html", "adopted")])
def test_fault_R07_a_removal_answered_with_a_page_and_200_is_looked_up(
    user: str, tenant: SubAccount, olga: Staff, clean: Sandbox, fault: str, trail: str
) -> None:
    clean.faults({"match": {"method": "DELETE"}, "do": fault, "value": 200, "times": 1})
    item = one(tenant, olga, "users.delete", path={"userId": user}, query={"action": "disassociate"})
    again = ["intent", "done"] if trail == "absent" else []
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", trail, *again])
    assert clean.call("GET", f"/accounts/{tenant.zoom_id}/users/{user}").status_code == 404
