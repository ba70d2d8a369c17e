"""Decisions about registrants are compared again close before their call: about whom somebody decided is left out."""

from typing import Any

import pytest
from pytest_django import Settings

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.audit.models import Entry
from portal.bulk import claims, compare, engine, operations
from portal.bulk.compare import Readings
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.proof.replay import Replay
from portal.bulk.pump import pump
from portal.bulk.registrants import Decision, plan_decision
from portal.bulk.timing import standard
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.conftest import QUICK, assert_chain_holds, clean, quick, tenant
from tests.portal.bulk.files.flows.test_registrants import checked, people, ran, webinar
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["clean", "quick", "tenant", "webinar"]  # fixtures
SO, SINCE = "It is so by now. Nothing was sent.", "somebody changed it since. Nothing was sent."


@pytest.fixture
def later(quick: object, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """So long after the check that its comparisons do not count any more; a read counts for a moment."""
    settings.BULK_TIMING = QUICK | {"fresh": 0.3}
    monkeypatch.setattr(compare, "readings", Readings())


class Event:
    """A webinar with people who wait for a decision, which somebody else may take as well."""

    def __init__(self, sandbox: Sandbox, account: SubAccount, number: str) -> None:
        self.sandbox, self.account, self.number = sandbox, account, number
        self.path = f"/accounts/{account.zoom_id}/webinars/{number}/registrants"

    def add(self, *names: str) -> None:
        for name in names:
            body = {"email": f"{name}@reg.example", "first_name": "R", "last_name": "Egg"}
            assert self.sandbox.call("POST", self.path, json=body).status_code == 201

    def decide(self, action: str, *names: str) -> None:
        body = {"action": action, "registrants": [{"email": f"{name}@reg.example"} for name in names]}
        assert self.sandbox.call("PUT", f"{self.path}/status", json=body).status_code == 204

    def are(self, status: str) -> set[str]:
        found = people(self.sandbox, self.account, self.number, status)
        return {email.partition("@")[0] for email in found}


@pytest.fixture
def event(clean: Sandbox, tenant: SubAccount, webinar: str) -> Event:
    return Event(clean, tenant, webinar)


def approve(event: Event, owner: Staff, *names: str) -> Job:
    file = "\n".join(["Email,Decision", *(f"{name}@reg.example,approve" for name in names)])
    return checked("webinar_registrants_status", file, owner, event.account, event.number)


def outcomes(job: Job) -> list[tuple[str, str]]:
    return [(item.state, item.message) for item in job.items.order_by("row")]


def age(job: Job) -> None:
    """The check was yesterday."""
    for item in job.items.filter(source__has_key="compared"):
        item.source["compared"] = "2026-01-01T00:00:00+00:00"
        item.save(update_fields=["source"])


def replayed(job: Job) -> list[Any]:
    """What the audit says of the rows that had a call, and what stands against it."""
    found = []
    for item in job.items.exclude(endpoint="").order_by("row"):
        entries = Entry.objects.filter(operation=item.operation).order_by("number")
        replay = Replay(item, standard()).follow(entries)
        found.append(([entry.result for entry in entries], replay.state == item.state, replay.problems))
    return found


@pytest.mark.usefixtures("later")
def test_whom_somebody_else_decided_about_is_left_out_and_the_next_row_takes_the_call(
    event: Event, olga: Staff
) -> None:
    event.add("a", "b", "c", "d", "e")
    job = approve(event, olga, "a", "b", "c", "d", "e")
    assert job.options["summary"]["reads"] == {"webinars.registrants": 3}
    age(job)
    event.decide("deny", "a")
    event.decide("approve", "c")
    event.decide("cancel", "e")
    assert ran(job, olga).state == JobState.DONE
    assert outcomes(job) == [
        (ItemState.SKIPPED, f"status was “pending” at the check and is “denied” now: {SINCE}"),
        (ItemState.DONE, ""),
        (ItemState.SKIPPED, SO),
        (ItemState.JOINED, "Sent in the call of row 2."),
        (ItemState.SKIPPED, f"status was “pending” at the check and is empty now: {SINCE}"),
    ]
    assert (event.are("approved"), event.are("denied")) == ({"b", "c", "d"}, {"a"})
    assert replayed(job) == [(["skipped"], True, []), (["intent", "done"], True, [])]
    assert_chain_holds()


@pytest.mark.usefixtures("later")
def test_a_call_is_shortened_and_sent_with_those_who_stay(event: Event, olga: Staff) -> None:
    event.add("a", "b", "c")
    job = approve(event, olga, "a", "b", "c")
    age(job)
    event.decide("deny", "b")
    assert ran(job, olga).state == JobState.DONE
    assert [state for state, _ in outcomes(job)] == [ItemState.DONE, ItemState.SKIPPED, ItemState.JOINED]
    assert (event.are("approved"), event.are("denied")) == ({"a", "c"}, {"b"})
    assert replayed(job) == [(["shortened", "intent", "done"], True, [])]
    told = Entry.objects.get(result="shortened").message
    assert told == "Left out, since they changed after the check: rows 2."


@pytest.mark.usefixtures("later")
def test_a_decision_that_was_taken_for_everybody_meanwhile_is_not_sent(event: Event, olga: Staff) -> None:
    event.add("a", "b")
    job = approve(event, olga, "a", "b")
    age(job)
    event.decide("approve", "a", "b")
    sent = len(event.sandbox.ledger())
    assert ran(job, olga).state == JobState.DONE
    assert (outcomes(job), len(event.sandbox.ledger())) == ([(ItemState.SKIPPED, SO)] * 2, sent)


@pytest.mark.usefixtures("later")
def test_calls_about_one_event_share_their_reads(event: Event, olga: Staff, settings: Settings) -> None:
    names = [f"r{number}" for number in range(31)]
    event.add(*names)
    job = approve(event, olga, *names)
    age(job)
    settings.BULK_TIMING = QUICK
    operations.start(job, olga)
    begun = event.sandbox.stats()["requests"]
    for _ in range(2):  # of one event one call is made at a time
        job.items.update(not_before=None)
        (claim,) = claims.claim(job.pk, "one", 2, standard())
        engine.run(claim, standard())
    assert event.sandbox.stats()["requests"] - begun == 3 + 2  # a list for each status, and two calls
    assert event.are("approved") == set(names)


@pytest.mark.usefixtures("later")
def test_people_who_were_ticked_on_a_page_are_compared_as_well(event: Event, olga: Staff, tenant: SubAccount) -> None:
    event.add("a", "b")
    rows = event.sandbox.call("GET", f"{event.path}?status=pending&page_size=300").json()["registrants"]
    chosen = sorted(({**row, "status": "pending"} for row in rows), key=lambda row: str(row["email"]))
    decision = Decision(tenant, "webinars", int(event.number), "approve", "Open day")
    job = plan_decision(scope_of(olga), olga, decision, chosen)
    age(job)
    event.decide("deny", "a")
    operations.start(job, olga)
    pump(job.pk)
    assert [state for state, _ in outcomes(job)] == [ItemState.SKIPPED, ItemState.DONE]
    assert (event.are("approved"), event.are("denied")) == ({"b"}, {"a"})
