"""One change for many sub-accounts: chosen on the list, compared with Zoom by a worker, done by a job."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.access.models import Grant, Staff
from portal.access.rights import Role
from portal.access.scope import scope_of
from portal.bulk import compared
from portal.bulk.files.validate import validate
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.preparing import prepare
from portal.bulk.undo.planning import parts
from portal.bulk.undo.planning import prepare as prepare_undo
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from tests.support.cast import person, sub_account
from tests.support.choosing import boxes, choose, confirm, ran
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[Staff], Client]
HOME = "/accounts/"


@pytest.fixture
def olgas(client_of: ClientOf, olga: Staff) -> Client:
    return client_of(olga)


@pytest.fixture
def three(mirrored: list[SubAccount]) -> list[SubAccount]:
    return sorted(mirrored[:3], key=lambda account: account.name)


def picked(accounts: list[SubAccount]) -> list[int]:
    return [account.pk for account in accounts]


def options(sandbox: Sandbox, account: SubAccount) -> dict[str, Any]:
    found: dict[str, Any] = sandbox.call("GET", f"/accounts/{account.zoom_id}").json()["options"]
    return found


def chat(sandbox: Sandbox, account: SubAccount) -> bool:
    settings = sandbox.call("GET", f"/accounts/{account.zoom_id}/settings").json()
    return bool(settings["in_meeting"]["chat"])


def done() -> Job:
    """The one job there is, after both workers' turns."""
    prepare(Job.objects.get().pk)
    return ran()


def test_options_are_set_for_the_chosen_and_what_is_so_already_is_not_sent(
    olgas: Client, three: list[SubAccount], clean: Sandbox
) -> None:
    path = f"/accounts/{three[0].zoom_id}/options"
    assert clean.call("PATCH", path, json={"share_rc": True}).status_code == 204
    url = choose(olgas, f"{HOME}choose/", "options", selected=picked(three))
    asked = olgas.get(url).content.decode()
    assert "Options of 3 sub-accounts" in asked
    assert (asked.count(">Leave as it is</option>"), ">Not set</option>" in asked) == (3, False)
    url += "&share_rc=true&share_mc=&pay_mode=&room_connectors=&meeting_connectors="
    text = olgas.get(url).content.decode()
    assert "Set “Share room connectors” to Yes for 3 sub-accounts" in text
    assert "6 calls will be made to Zoom" in text
    answer = confirm(olgas, url, times=2)
    job = Job.objects.get()
    assert (answer.status_code, answer["Location"], job.state) == (302, f"/jobs/{job.pk}/", JobState.PREPARING)
    assert olgas.get(answer["Location"]).status_code == 200
    job = done()
    assert (job.state, job.reason) == (JobState.DONE, "tidying up")
    assert [(item.label, item.action, item.state) for item in job.items.all()] == [
        (three[0].name, "unchanged", ItemState.SKIPPED),
        (three[1].name, "update", ItemState.DONE),
        (three[2].name, "update", ItemState.DONE),
    ]
    assert [options(clean, account)["share_rc"] for account in three] == [True] * 3


def test_fault_U18_who_pays_is_changed_for_many_only_once_a_second_person_agreed(
    olgas: Client, client_of: ClientOf, adam: Staff, three: list[SubAccount], clean: Sandbox
) -> None:
    was = options(clean, three[0])["pay_mode"]
    url = choose(olgas, f"{HOME}choose/", "options", selected=picked(three))
    url += f"&pay_mode={'sub' if was == 'master' else 'master'}"
    assert "A second person with the same rights must approve it first" in olgas.get(url).content.decode()
    confirm(olgas, url)
    job = Job.objects.get()
    prepare(job.pk)
    job.refresh_from_db()
    assert (job.state, job.awaits_approval) == (JobState.READY, True)
    page = client_of(adam).get(f"/jobs/{job.pk}/approval/").content.decode()
    assert "of plans or of who pays" in page
    assert options(clean, three[0])["pay_mode"] == was
    word = {"decision": "approve", "version": job.approvals.get().version}
    client_of(adam).post(f"/jobs/{job.pk}/approval/", word)
    assert ran().state == JobState.DONE
    assert options(clean, three[0])["pay_mode"] != was


def test_a_setting_is_set_for_all_and_an_undo_puts_back_what_each_had(
    olgas: Client, olga: Staff, three: list[SubAccount], clean: Sandbox
) -> None:
    before = [chat(clean, account) for account in three]
    value = not before[0]
    url = choose(olgas, f"{HOME}choose/", "settings", selected=picked(three))
    assert '<optgroup label="In meetings">' in olgas.get(url).content.decode()
    url += "&setting=in_meeting.chat"
    asked = olgas.get(url).content.decode()
    assert ('name="in_meeting.chat"' in asked, 'name="in_meeting.private_chat"' in asked) == (True, False)
    confirm(olgas, f"{url}&in_meeting.chat={str(value).lower()}")
    job = done()
    assert job.title == f"Set “Chat” to {'Yes' if value else 'No'} for 3 sub-accounts"
    assert [chat(clean, account) for account in three] == [value] * 3
    assert {part.why for part in parts(job)} == {""}
    undo = prepare_undo(job, scope=scope_of(olga), actor=olga)
    validate(str(undo.pk))
    undo.refresh_from_db()
    assert (undo.state, undo.options["summary"]["calls"]) == (
        JobState.READY,
        {"accounts.update_settings": before.count(not value)},
    )


def test_what_cannot_be_read_is_set_all_the_same_and_says_so(
    olgas: Client, three: list[SubAccount], clean: Sandbox
) -> None:
    url = choose(olgas, f"{HOME}choose/", "options", selected=picked(three))
    confirm(olgas, f"{url}&share_mc=true")
    clean.call("DELETE", f"/accounts/{three[0].zoom_id}")
    clean.faults({"match": {"method": "GET"}, "do": "status", "value": 500, "rate": 1.0})
    job = Job.objects.get()
    prepare(job.pk)
    clean.faults()
    rows = [(item.state, item.message, item.before) for item in job.items.all()]
    assert rows == [(ItemState.PENDING, compared.UNREAD, {})] * 3
    assert [item.state for item in ran().items.all()] == [ItemState.FAILED, ItemState.DONE, ItemState.DONE]


def test_sub_accounts_that_zoom_does_not_know_any_more_are_rows_that_are_not_sent(
    olgas: Client, three: list[SubAccount], clean: Sandbox
) -> None:
    url = choose(olgas, f"{HOME}choose/", "options", selected=picked(three))
    confirm(olgas, f"{url}&share_mc=true")
    clean.call("DELETE", f"/accounts/{three[0].zoom_id}")
    job = done()
    assert [item.state for item in job.items.all()] == [ItemState.INVALID, ItemState.DONE, ItemState.DONE]
    assert job.items.all()[0].message.lower().count("zoom does not know") == 1
    assert job.state == JobState.DONE_WITH_ERRORS


def test_chosen_sub_accounts_are_disassociated_by_a_job(olgas: Client, three: list[SubAccount], clean: Sandbox) -> None:
    url = choose(olgas, f"{HOME}choose/", "disassociate", selected=picked(three[:2]))
    text = olgas.get(url).content.decode()
    assert "2 sub-accounts leave the master account" in text
    assert "The first call is made after 60 seconds." in text
    assert confirm(olgas, url, typed="2").status_code == 422
    confirm(olgas, url, typed="disassociate 2 sub-accounts", times=2)
    job = ran()
    assert (job.state, job.title) == (JobState.DONE, "Disassociate 2 sub-accounts")
    left = {row["id"] for row in clean.call("GET", "/accounts?page_size=300").json()["accounts"]}
    assert [account.zoom_id in left for account in three] == [False, False, True]
    assert [bool(one.gone_since) for one in SubAccount.objects.filter(pk__in=picked(three)).order_by("name")] == [
        True,
        True,
        False,
    ]
    assert parts(job)[0].why == "A sub-account that left can only be taken in again by Zoom."


def test_more_departures_than_the_limit_wait_for_a_second_person(
    olgas: Client, three: list[SubAccount], clean: Sandbox, settings: Any
) -> None:
    settings.BULK_APPROVAL_DELETES = 2
    url = choose(olgas, f"{HOME}choose/", "disassociate", selected=picked(three))
    assert "A second person with the same rights must approve it first" in olgas.get(url).content.decode()
    confirm(olgas, url, typed="disassociate 3 sub-accounts")
    job = ran()
    assert (job.state, job.awaits_approval) == (JobState.READY, True)
    assert [write["operation"] for write in clean.ledger()] == []


def test_all_that_match_are_found_again_from_the_filters(olgas: Client, acme: SubAccount, globex: SubAccount) -> None:
    url = choose(olgas, f"{HOME}choose/", "disassociate", everything="1", filters="q=glob")
    assert olgas.get(url).context["confirmation"].typed == "disassociate 1 sub-account"
    wrong = choose(olgas, f"{HOME}choose/", "disassociate", everything="1", filters="plan=nonsense")
    assert "could not be understood" in olgas.get(wrong, follow=True).content.decode()
    assert Job.objects.count() == 0


def test_a_reseller_changes_their_own_and_knows_no_others(
    client_of: ClientOf, ravi: Staff, acme: SubAccount, globex: SubAccount
) -> None:
    client = client_of(ravi)
    assert boxes(client, HOME) == [str(globex.pk)]
    for ids in (f"{acme.pk}", f"{acme.pk}.{globex.pk}", "x", ""):
        answer = client.get(f"{HOME}change/?do=disassociate&ids={ids}")
        assert (answer.status_code, answer["Location"]) == (302, HOME)
    everything = client.get(f"{HOME}change/?do=disassociate&all=1")
    assert everything.context["confirmation"].count == 1


def test_a_reseller_who_lost_a_sub_account_meanwhile_changes_nothing_there(
    client_of: ClientOf, tenant: SubAccount, clean: Sandbox
) -> None:
    rita = person("Rita", Role.RESELLER)
    grant = Grant.objects.create(staff=rita, account=tenant)
    client = client_of(rita)
    url = choose(client, f"{HOME}choose/", "options", selected=[tenant.pk])
    confirm(client, f"{url}&share_mc=true")
    grant.delete()
    job = Job.objects.get()
    prepare(job.pk)
    assert (job.items.count(), [write["operation"] for write in clean.ledger()]) == (0, [])


def test_sub_accounts_of_two_master_accounts_are_refused(olgas: Client, acme: SubAccount) -> None:
    other = Connection.objects.create(name="Other", base_url="http://127.0.0.1:1/v2", api_key="k", api_secret="s" * 40)
    foreign = sub_account(other, "other-1", "Other")
    url = choose(olgas, f"{HOME}choose/", "disassociate", selected=[acme.pk, foreign.pk])
    assert "belong to several master accounts" in olgas.get(url, follow=True).content.decode()


def test_an_auditor_chooses_nothing(client_of: ClientOf, anna: Staff, acme: SubAccount) -> None:
    client = client_of(anna)
    assert 'name="selected"' not in client.get(HOME).content.decode()
    assert client.post(f"{HOME}choose/", {"action": "options", "selected": [acme.pk]}).status_code == 403
    assert client.get(f"{HOME}change/?do=options&ids={acme.pk}").status_code == 403


@pytest.mark.parametrize("said", ["&share_rc=", "&share_rc=perhaps", "&pay_mode=nobody"])
def test_options_that_say_nothing_or_nonsense_are_asked_for_again(olgas: Client, acme: SubAccount, said: str) -> None:
    answer = olgas.get(f"{HOME}change/?do=options&ids={acme.pk}{said}")
    assert (answer.status_code, bool(answer.context["form"].errors)) == (422, True)


def test_thirty_sub_accounts_cost_as_many_queries_as_one(olgas: Client, sandbox_connection: Connection) -> None:
    address = f"{HOME}change/?do=options&all=1&share_rc=true"
    for n in range(30):
        if n == 1:
            olgas.get(HOME)
            with CaptureQueriesContext(connection) as one:
                olgas.get(HOME)
                olgas.get(address)
        sub_account(sandbox_connection, f"many-{n}", f"Many {n}")
    with CaptureQueriesContext(connection) as thirty:
        olgas.get(HOME)
        assert olgas.get(address).context["confirmation"].count == 30
    assert len(thirty) == len(one)
