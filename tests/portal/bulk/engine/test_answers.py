"""What the service's answers mean for a row, where they are odd: all that it says, and what it does not say."""

from collections.abc import Callable

import pytest

from portal.access.models import Staff
from portal.bulk import operations
from portal.bulk.models import ItemState, Job
from portal.bulk.pump import pump
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.conftest import created
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


def test_fault_R06_a_creation_answered_with_200_and_code_500_is_found_and_adopted(
    creations: Creations, clean: Sandbox
) -> None:
    job = creations(1, run=False)
    broke = {"status": 200, "body": {"code": 500, "message": "Internal error."}}
    clean.faults({"match": POST_USERS, "do": "apply_then_status", "value": broke, "times": 1})
    operations.start(job, job.owner)
    pump(job.pk)
    item = job.items.get()
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", "adopted"])
    assert created(clean) == {"new1@import.example": 1}
