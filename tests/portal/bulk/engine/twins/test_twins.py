"""A worker frozen between its last check and its send makes a second thing, which is found and told."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.audit.models import Entry
from portal.audit.verbs import Verb
from portal.bulk import claims, engine, operations, outcomes, sweeper, twin_finder, twins
from portal.bulk.claims import Claim
from portal.bulk.models import Item, ItemState, Job, Twin
from portal.bulk.operations import Step
from portal.bulk.proof.replay import Replay
from portal.bulk.pump import pump
from portal.bulk.timing import Timing
from portal.bulk.verdicts import Verdict
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.conftest import assert_chain_holds
from tests.portal.bulk.engine.test_outcomes import results
from tests.support.sandbox import Sandbox
from zoomapi import spec
from zoomapi.client.wire import Line
from zoomapi.spec.base import Effect

pytestmark = pytest.mark.django_db(transaction=True)

TOLD = ("fenced", "")  # the result that came late, and what it means


def creation(account: SubAccount, owner: Staff, endpoint: str = "groups.create", **parts: Any) -> Job:
    step = Step(account=account, endpoint=endpoint, **({"body": {"name": "Late shift"}, "label": "Late shift"} | parts))
    job = operations.plan(
        scope=scope_of(owner), actor=owner, connection=account.connection, kind="groups", title="Groups", steps=[step]
    )
    operations.start(job, owner)
    return job


def groups(sandbox: Sandbox, account: SubAccount) -> set[str]:
    rows = sandbox.call("GET", f"/accounts/{account.zoom_id}/groups").json()["groups"]
    return {row["id"] for row in rows if row["name"] == "Late shift"}


def late(
    monkeypatch: pytest.MonkeyPatch,
    claim: Claim,
    timing: Timing,
    meanwhile: Callable[[], object],
    *,
    reads: bool = True,
) -> None:
    """Run the claim to its end; between its last look at the clock and the first byte, this happens to the others.

    ``reads``: the machine was suspended, and its monotonic clock with it, so that the answer is still read.
    """
    send, receive, frozen = Line.send, Line.receive, []

    def slow(line: Line, data: bytes, deadline: float) -> None:
        if data.startswith(b"POST") and not frozen:
            frozen.append(line)
            time.sleep(timing.lease + 0.1)
            meanwhile()
            deadline += time.monotonic()
        send(line, data, deadline)

    def patient(line: Line, deadline: float) -> bytes:
        return receive(line, deadline + time.monotonic() if reads and line in frozen else deadline)

    monkeypatch.setattr(Line, "send", slow)
    monkeypatch.setattr(Line, "receive", patient)
    engine.run(claim, timing)
    assert frozen


def others(job: Job) -> None:
    """What other processes make of the row."""
    sweeper.sweep()
    pump(job.pk)


def test_a_frozen_worker_that_sends_late_is_told_with_both_ids(
    tenant: SubAccount, olga: Staff, clean: Sandbox, quick: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = creation(tenant, olga)
    (claim,) = claims.claim(job.pk, "frozen", 1, quick)
    late(monkeypatch, claim, quick, lambda: others(job))
    item = job.items.get()
    assert (item.state, item.sends, results(item)[-2:]) == (ItemState.DONE, 2, list(TOLD)), item.message
    (twin,) = Twin.objects.all()
    assert groups(clean, tenant) == {item.remote_id, twin.zoom_id}
    entry = Entry.objects.get(verb=Verb.TWIN_FOUND)
    assert entry.message == (
        f"Zoom has another group “Late shift” (id {twin.zoom_id}) made at about the same time; the portal sent this"
        " creation more than once. Please compare them and remove one."
    )
    assert (entry.account_id, entry.target, entry.after) == (
        tenant.pk, "Late shift", {"id": item.remote_id, "others": [twin.zoom_id]}
    )  # fmt: skip
    replay = Replay(item, quick).follow(Entry.objects.filter(operation=item.operation).order_by("number"))
    assert (replay.problems, replay.state) == ([], ItemState.DONE)
    assert_chain_holds()


def test_a_frozen_worker_that_cannot_read_its_answer_any_more_is_found_at_night(
    tenant: SubAccount, olga: Staff, clean: Sandbox, quick: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = creation(tenant, olga)
    (claim,) = claims.claim(job.pk, "frozen", 1, quick)
    late(monkeypatch, claim, quick, lambda: others(job), reads=False)
    item = job.items.get()
    assert (item.state, results(item)[-1], Twin.objects.count()) == (ItemState.DONE, "fenced", 0)
    assert twin_finder.find() == 1
    assert groups(clean, tenant) == {item.remote_id, Twin.objects.get().zoom_id}


def test_a_late_result_that_a_look_adopts_is_no_second_thing(
    tenant: SubAccount, olga: Staff, clean: Sandbox, quick: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = creation(tenant, olga)
    (claim,) = claims.claim(job.pk, "frozen", 1, quick)
    late(monkeypatch, claim, quick, lambda: sweeper.bury(quick))
    assert job.items.get().state == ItemState.UNKNOWN
    pump(job.pk)
    item = job.items.get()
    assert (item.state, groups(clean, tenant), Twin.objects.count()) == (ItemState.DONE, {item.remote_id}, 0)


def test_a_result_that_comes_late_before_the_row_is_done_is_told_when_it_is(
    tenant: SubAccount, olga: Staff, clean: Sandbox, quick: Timing
) -> None:
    """The late send's result is written while the second send is under way."""
    job = creation(tenant, olga)
    (lost,) = claims.claim(job.pk, "frozen", 1, quick)
    Item.objects.update(state=ItemState.SENDING, checks=3, attempt=2, fence=9)
    assert not outcomes.record(lost, Verdict(ItemState.DONE, "done", remote_id="late"), settle=1.0)
    assert Twin.objects.count() == 0
    now = Claim(job.items.get(), 9, lost.ends)
    assert outcomes.record(now, Verdict(ItemState.DONE, "done", remote_id="own"), settle=1.0)
    assert [twin.zoom_id for twin in Twin.objects.all()] == ["late"]


@pytest.mark.parametrize(
    ("endpoint", "remote_id", "found"),
    [("groups.create", "own", 0), ("groups.create", "", 0), ("groups.create", "late", 1), ("users.create", "late", 0)],
)
def test_only_another_thing_that_zoom_would_not_refuse_is_told(
    tenant: SubAccount, olga: Staff, clean: Sandbox, quick: Timing, endpoint: str, remote_id: str, found: int
) -> None:
    job = creation(tenant, olga)
    (lost,) = claims.claim(job.pk, "frozen", 1, quick)
    Item.objects.update(state=ItemState.DONE, remote_id="own", fence=9, endpoint=endpoint)
    lost.item.endpoint = endpoint
    for _ in range(2):  # told once, whoever tells it
        outcomes.record(lost, Verdict(ItemState.DONE, "done", remote_id=remote_id), settle=1.0)
    assert (Twin.objects.count(), Entry.objects.filter(verb=Verb.TWIN_FOUND).count()) == (found, found)


def test_what_can_be_made_twice_has_a_word() -> None:
    keys = [endpoint.key for endpoint in spec.all_endpoints() if endpoint.effect is Effect.CREATE]
    assert {twins.thing(Item(endpoint=key)) for key in keys} == {
        "sub-account", "device", "group", "IM group", "meeting", "TSP account", "webhook", "webinar"
    }  # fmt: skip


def test_several_copies_and_one_without_an_id_are_told_in_words() -> None:
    item = Item(endpoint="meetings.create", label="Open day", attempt=1)
    assert twins.words(item, [""]) == (
        "Zoom has another meeting “Open day” (id unknown) made at about the same time; the portal did not learn at once"
        " whether its own was made. Please compare them and remove one."
    )
    assert "2 other meetings “Open day” (id 7, 8)" in twins.words(item, ["7", "8"])
