"""Every write of the specification as a file of one row, from the upload to what the sandbox says it applied."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import pytest

from portal.access.models import Staff
from portal.access.rights import Role
from portal.bulk import operations
from portal.bulk.approving import decide
from portal.bulk.files import jobs, results
from portal.bulk.files.flows import flow_named, generic
from portal.bulk.files.validate import validate
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.pump import pump
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from tests.portal.bulk.engine.conftest import clean, quick
from tests.portal.bulk.files.conftest import stored
from tests.support.cast import person
from tests.support.sandbox import Sandbox
from tests.zoomapi.sandbox.conftest import fresh_email, new_account, new_user
from tests.zoomapi.sandbox.staging import BODIES, QUERIES, REGISTRANT, STAGES, Stage
from zoomapi import spec
from zoomapi.spec import Effect, Endpoint

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["clean", "new_account", "new_user", "quick"]  # fixtures

WRITES = [endpoint for endpoint in spec.all_endpoints() if generic.offered(endpoint)]


@pytest.fixture
def stage(
    clean: Sandbox, new_account: Callable[..., str], new_user: Callable[..., dict[str, Any]], request: Any
) -> Stage:
    """What the operation needs: a subscribed sub-account (or the master account) with people who help each other."""
    endpoint: Endpoint = request.node.callspec.params["endpoint"]
    account = new_account(None if endpoint.key == "billing.subscribe" else ("business_monthly", 12))
    if endpoint.key == "billing.update_addon" or endpoint.key.startswith("webinars."):
        clean.call("POST", f"/accounts/{account}/plans/addons", json={"type": "webinar500_yearly", "hosts": 1})
    prefix = f"/accounts/{account}" if endpoint.mirror else ""
    where = account if endpoint.mirror else ""
    user, helper = (new_user(where, action="autoCreate", password="pw-12345", type=2)["id"] for _ in range(2))
    other = new_user(where)["id"]
    for boss, assistant in ((user, other), (other, user)):
        clean.call("POST", f"{prefix}/users/{boss}/assistants", json={"assistants": [{"id": assistant}]})
    group = clean.call("POST", f"{prefix}/groups", json={"name": fresh_email()}).json()["id"]
    clean.call("POST", f"{prefix}/groups/{group}/members", json={"members": [{"id": user}]})
    found = {"accountId": account, "userId": user, "assistantId": other, "schedulerId": other, "groupId": group,
             "memberId": user, "helper": helper, "prefix": prefix}  # fmt: skip
    family = endpoint.key.partition(".")[0]
    found |= STAGES[family](clean, prefix, user) if family in STAGES else {}
    if family == "recordings":
        found["meetingId"] = unquote(unquote(found["meetingId"]))  # a file holds it as people see it
    return found | ({"recordingId": found["trashed"]} if endpoint.key == "recordings.recover_file" else {})


@pytest.fixture
def place(sandbox_connection: Connection, stage: Stage) -> SubAccount:
    """The sub-account of the stage, in a directory that knows the master account, too."""
    SubAccount.objects.create(connection=sandbox_connection, zoom_id="me", name="Master", is_master=True)
    return SubAccount.objects.create(connection=sandbox_connection, zoom_id=stage["accountId"], name="Stage")


def cells(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """A body as the columns of a file: dotted names, several entries of a list in one cell."""
    for name, part in value.items():
        if isinstance(part, dict):
            yield from cells(part, f"{prefix}{name}.")
        elif isinstance(part, list) and part and isinstance(part[0], dict):
            for member in part[0]:
                yield f"{prefix}{name}[].{member}", "; ".join(str(entry[member]) for entry in part)
        elif isinstance(part, list):
            yield f"{prefix}{name}", "; ".join(map(str, part))
        else:
            yield f"{prefix}{name}", ("yes" if part else "no") if isinstance(part, bool) else str(part)


def file_for(endpoint: Endpoint, stage: Stage) -> str:
    row = {name: stage[name] for name in endpoint.params if name != "accountId"}
    for part in (QUERIES, BODIES):
        row |= dict(cells(part[endpoint.key](stage))) if endpoint.key in part else {}
    if "account" in {column.name for column in flow_named(endpoint.key).columns()}:
        row["Sub-account"] = stage["accountId"]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([row.keys(), row.values()])
    return text.getvalue()


def checked(endpoint: Endpoint, content: str, owner: Staff, connection: Connection) -> Job:
    flow = generic.find(endpoint.key)
    job = jobs.create(owner, connection, stored(content), "rows.csv", flow)
    ignored = [text for n, text in enumerate(job.options["header"]) if n not in job.options["mapping"].values()]
    assert ignored == []
    jobs.submit(job, job.options["mapping"], {"account": "", "fixed": {}})
    validate(str(job.pk))
    job.refresh_from_db()
    return job


@pytest.mark.parametrize("endpoint", WRITES, ids=lambda endpoint: endpoint.key)
def test_a_file_of_one_row_makes_the_call_once(
    clean: Sandbox, place: SubAccount, stage: Stage, endpoint: Endpoint, quick: object
) -> None:
    adam, olga = (person(name, Role.ADMINISTRATOR) for name in ("Adam", "Ole"))
    job = checked(endpoint, file_for(endpoint, stage), adam, place.connection)
    item = job.items.get()
    assert (job.state, item.message, item.endpoint) == (JobState.READY, "", endpoint.key)
    before = len(clean.ledger())
    if not operations.start(job, adam):
        assert endpoint.effect is Effect.MONEY
        decide(job, olga, approve=True, reason="", version=job.approvals.get().version)
    pump(job.pk)
    item.refresh_from_db()
    job.refresh_from_db()
    assert (item.state, item.message, job.state) == (ItemState.DONE, "", JobState.DONE)
    assert [write["operation"] for write in clean.ledger()[before:]] == [endpoint.key]
    (told,) = results.rows(job)
    assert (told[-5], told[-1]) == ("done", 1)


KEYLESS = [endpoint for endpoint in WRITES if endpoint.method == "POST" and endpoint.effect is not Effect.MONEY]
LOST = {"do": "apply_then_status", "value": 500, "times": 1}  # it is applied, and nobody is told
REFUSED = {"do": "status", "value": 500, "times": 1}  # it looks the same, and is not


@pytest.mark.parametrize("fault", [LOST, REFUSED], ids=["applied", "not-applied"])
@pytest.mark.parametrize("endpoint", KEYLESS, ids=lambda endpoint: endpoint.key)
def test_a_creation_whose_answer_is_lost_is_made_exactly_once(
    clean: Sandbox, place: SubAccount, stage: Stage, endpoint: Endpoint, fault: dict[str, Any], quick: object
) -> None:
    adam = person("Adam", Role.ADMINISTRATOR)
    content = file_for(endpoint, stage).replace(str(REGISTRANT["email"]), "somebody-else@people.example")
    job = checked(endpoint, content, adam, place.connection)
    before = len(clean.ledger())
    clean.faults({"match": {"method": "POST"}, **fault})
    operations.start(job, adam)
    pump(job.pk)
    item = job.items.get()
    made = [write["operation"] for write in clean.ledger()[before:]]
    assert (item.state, made) == (ItemState.DONE, [endpoint.key])
