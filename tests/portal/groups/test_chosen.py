"""Chosen groups are deleted, and chosen members taken out or moved, by jobs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk.approval import Gravity, gravity
from portal.bulk.files.validate import validate
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.operations import start
from portal.bulk.undo.planning import parts
from portal.bulk.undo.planning import prepare as prepare_undo
from portal.directory import sync
from portal.directory.models import MirrorGroup, MirrorUser, SubAccount
from portal.groups.chosen import member_word
from portal.groups.listed import group_word
from tests.portal.groups.conftest import join, members, names, new_group, users_of
from tests.support.choosing import boxes, choose, confirm, ran
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[Staff], Client]
HOME = "/groups/"


def read_groups(sandbox: Sandbox, tenant: SubAccount) -> None:
    rows = sandbox.call("GET", f"/accounts/{tenant.zoom_id}/groups").json()["groups"]
    sync.save_groups(tenant, rows)


@pytest.fixture
def three(clean: Sandbox, tenant: SubAccount, group: str) -> list[str]:
    """Words of three groups, made last to first, and one of them has a member."""
    join(clean, tenant, group, users_of(clean, tenant, 1))
    for name in ("Field", "Desk"):
        new_group(clean, tenant, name)
    read_groups(clean, tenant)
    found = {one.name: group_word(one) for one in tenant.groups.all()}
    return [found[name] for name in ("Desk", "Field", "Night shift")]


def test_chosen_groups_are_deleted_by_a_job_although_they_were_read_anew_meanwhile(
    ritas: Client, tenant: SubAccount, three: list[str], clean: Sandbox
) -> None:
    before = names(clean, tenant)
    assert set(three) <= set(boxes(ritas, HOME))
    url = choose(ritas, f"{HOME}choose/", "remove", selected=three[1:])
    keys = set(MirrorGroup.objects.values_list("pk", flat=True))
    read_groups(clean, tenant)
    assert keys & set(MirrorGroup.objects.values_list("pk", flat=True)) == set()
    text = ritas.get(url).content.decode()
    assert "2 groups in 1 sub-account chosen." in text
    assert "Their 1 membership, as last read, end" in text
    assert confirm(ritas, url, typed="2").status_code == 422
    answer = confirm(ritas, url, typed="delete 2 groups", times=2)
    job = ran()
    assert (answer.status_code, answer["Location"]) == (302, f"/jobs/{job.pk}/")
    assert (job.state, job.title, job.reason) == (JobState.DONE, "Delete 2 groups", "tidying up")
    assert [item.label for item in job.items.all()] == ["Field", "Night shift"]
    assert set(before) - set(names(clean, tenant)) == {"Field", "Night shift"}
    assert not tenant.groups.filter(name__in=("Field", "Night shift")).exists()
    assert [(part.number, part.why) for part in parts(job)] == [(2, "What was removed is gone at Zoom.")]


def test_all_groups_of_a_filter_or_of_one_sub_account_are_meant(
    ritas: Client, tenant: SubAccount, three: list[str]
) -> None:
    url = choose(ritas, f"{HOME}choose/", "remove", everything="1", filters="name=esk")
    assert ritas.get(url).context["confirmation"].typed == "delete 1 group"
    number = tenant.groups.count()
    url = choose(ritas, f"{HOME}choose/?account={tenant.pk}", "remove", everything="1", filters="name=esk")
    assert ritas.get(url).context["confirmation"].typed == f"delete {number} groups"


def test_a_filter_that_cannot_be_read_chooses_no_group(ritas: Client, three: list[str]) -> None:
    url = choose(ritas, f"{HOME}choose/", "remove", everything="1", filters=f"name={'x' * 201}")
    assert "could not be understood" in ritas.get(url, follow=True).content.decode()
    assert Job.objects.count() == 0


@pytest.mark.parametrize("account", ["x", "0", "²", "9" * 30])
def test_a_sub_account_that_is_none_never_means_all(ritas: Client, three: list[str], account: str) -> None:
    answer = ritas.get(f"{HOME}remove/?do=remove&all=1&account={account}")
    assert (answer.status_code, Job.objects.count()) == (302, 0)


def test_groups_of_a_foreign_sub_account_are_unknown(
    client_of: ClientOf, ravi: Staff, globex: SubAccount, tenant: SubAccount, three: list[str]
) -> None:
    own = MirrorGroup.objects.create(account=globex, zoom_id="own", name="Own")
    client = client_of(ravi)
    assert boxes(client, HOME) == [group_word(own)]
    answer = client.get(f"{HOME}remove/?do=remove&ids={'.'.join(three)}")
    assert (answer.status_code, answer["Location"]) == (302, HOME)
    mixed = client.get(f"{HOME}remove/?do=remove&ids={group_word(own)}.{three[0]}")
    assert mixed.context["confirmation"].count == 1
    assert "1 of the chosen is not there any more." in mixed.content.decode()
    assert client.get(f"{HOME}remove/?do=remove&all=1&account={tenant.pk}", follow=True).status_code == 404


def test_more_groups_than_the_limit_wait_for_a_second_person(
    ritas: Client, tenant: SubAccount, three: list[str], clean: Sandbox, settings: Any
) -> None:
    settings.BULK_APPROVAL_DELETES = 1
    confirm(ritas, choose(ritas, f"{HOME}choose/", "remove", selected=three[:2]), typed="delete 2 groups")
    job = ran()
    assert (job.state, job.awaits_approval) == (JobState.READY, True)
    assert {"Desk", "Field"} <= set(names(clean, tenant))


def test_a_page_of_groups_costs_as_many_queries_for_thirty_as_for_one(
    client_of: ClientOf, olga: Staff, acme: SubAccount
) -> None:
    client = client_of(olga)
    for n in range(30):
        if n == 1:
            client.get(HOME)
            with CaptureQueriesContext(connection) as one:
                client.get(HOME)
                client.get(f"{HOME}remove/?do=remove&all=1")
        MirrorGroup.objects.create(account=acme, zoom_id=f"g{n}", name=f"Group {n}")
    with CaptureQueriesContext(connection) as thirty:
        client.get(HOME)
        client.get(f"{HOME}remove/?do=remove&all=1")
    assert len(thirty) == len(one)


@pytest.fixture
def home(tenant: SubAccount, group: str) -> str:
    return f"/groups/{tenant.pk}/{group}/"


@pytest.fixture
def people(clean: Sandbox, tenant: SubAccount, group: str) -> list[dict[str, Any]]:
    """Three members, who are in the mirror."""
    found = users_of(clean, tenant, 3)
    join(clean, tenant, group, found)
    for user in found:
        MirrorUser.objects.create(
            account=tenant, zoom_id=user["id"], email=user["email"], status="active", group_ids=[group]
        )
    return found


def ids(people: list[dict[str, Any]]) -> set[str]:
    return {one["id"] for one in people}


def test_chosen_members_are_taken_out_by_a_job(
    ritas: Client, home: str, tenant: SubAccount, group: str, people: list[dict[str, Any]], clean: Sandbox
) -> None:
    assert set(boxes(ritas, home)) == {member_word(one) for one in people}
    chosen = [member_word(one) for one in people[:2]]
    url = choose(ritas, f"{home}members/choose/", "take_out", selected=chosen)
    answer = confirm(ritas, url, times=2)
    job = ran()
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert (job.state, job.title) == (JobState.DONE, "Take 2 members out of Night shift")
    assert members(clean, tenant, group) == ids(people[2:])
    assert [user.group_ids for user in tenant.users.filter(zoom_id__in=ids(people[:2]))] == [[], []]
    assert [(part.number, part.why) for part in parts(job)] == [(2, "")]


def test_chosen_members_move_to_another_group_and_who_is_there_already_only_leaves(
    ritas: Client, home: str, tenant: SubAccount, group: str, people: list[dict[str, Any]], clean: Sandbox
) -> None:
    other = new_group(clean, tenant, "Day shift")
    join(clean, tenant, other, people[:1])
    read_groups(clean, tenant)
    url = choose(ritas, f"{home}members/choose/", "move", everything="1")
    assert "Day shift" in ritas.get(url).content.decode()
    assert ritas.get(f"{url}&to=nowhere").status_code == 422
    text = ritas.get(f"{url}&to={other}").content.decode()
    assert "1 is in it already and only leaves Night shift." in text
    assert "5 calls will be made to Zoom" in text
    confirm(ritas, f"{url}&to={other}")
    job = ran()
    assert (job.state, job.title) == (JobState.DONE, "Move 3 members of Night shift to Day shift")
    assert (members(clean, tenant, group), members(clean, tenant, other)) == (set(), ids(people))
    assert sorted(job.items.values_list("endpoint", flat=True)) == [
        *["groups.add_members"] * 2,
        *["groups.delete_member"] * 3,
    ]
    assert {part.why for part in parts(job)} == {""}


def test_an_undo_of_a_move_leads_back_and_leaves_who_was_there_before(
    ritas: Client, home: str, tenant: SubAccount, group: str, people: list[dict[str, Any]], clean: Sandbox
) -> None:
    other = new_group(clean, tenant, "Day shift")
    join(clean, tenant, other, people[:1])
    MirrorUser.objects.filter(zoom_id=people[0]["id"]).update(group_ids=[group, other])
    read_groups(clean, tenant)
    url = choose(ritas, f"{home}members/choose/", "move", everything="1")
    confirm(ritas, f"{url}&to={other}")
    job = ran()
    undo = prepare_undo(job, scope=scope_of(job.owner), actor=job.owner)
    validate(str(undo.pk))
    start(undo, job.owner)
    undo = ran(undo)
    assert undo.state == JobState.DONE
    assert (members(clean, tenant, group), members(clean, tenant, other)) == (ids(people), ids(people[:1]))


def test_who_cannot_join_the_other_group_does_not_leave_this_one(
    ritas: Client, home: str, tenant: SubAccount, group: str, people: list[dict[str, Any]], clean: Sandbox
) -> None:
    other = new_group(clean, tenant, "Day shift")
    read_groups(clean, tenant)
    url = choose(ritas, f"{home}members/choose/", "move", selected=[member_word(people[0])])
    confirm(ritas, f"{url}&to={other}")
    clean.call("DELETE", f"/accounts/{tenant.zoom_id}/groups/{other}")
    job = ran()
    assert [(item.step, item.state) for item in job.items.all()] == [(0, ItemState.FAILED), (1, ItemState.CANCELLED)]
    assert members(clean, tenant, group) == ids(people)


def test_members_who_left_meanwhile_are_left_out_and_said(
    ritas: Client, home: str, tenant: SubAccount, group: str, people: list[dict[str, Any]], clean: Sandbox
) -> None:
    url = choose(ritas, f"{home}members/choose/", "take_out", selected=[member_word(one) for one in people])
    clean.call("DELETE", f"/accounts/{tenant.zoom_id}/groups/{group}/members/{people[0]['id']}")
    assert "1 of the chosen was left out: no longer in the group." in ritas.get(url).content.decode()
    confirm(ritas, url)
    assert gravity(Job.objects.get()) == Gravity(calls=2, deletes=0, money=0)


def test_one_click_still_takes_one_member_out(ritas: Client, home: str, people: list[dict[str, Any]]) -> None:
    text = ritas.get(home).content.decode()
    assert f'form="take-out" formaction="{home}members/{people[0]["id"]}/remove/"' in text
    assert '<form id="take-out" method="post">' in text


def test_many_members_are_paged_and_cost_as_many_queries_as_one(
    ritas: Client, home: str, tenant: SubAccount, group: str, clean: Sandbox
) -> None:
    found = users_of(clean, tenant, 60)
    join(clean, tenant, group, found[:1])
    ritas.get(home)
    with CaptureQueriesContext(connection) as one:
        ritas.get(home)
    join(clean, tenant, group, found[1:])
    with CaptureQueriesContext(connection) as many:
        first = boxes(ritas, home)
    assert len(many) == len(one)
    assert (len(first), len(boxes(ritas, f"{home}?page=2"))) == (50, len(found) - 50)
    assert ritas.get(f"{home}?page=9")["Location"] == f"{home}?"


def test_an_auditor_and_a_foreign_reseller_change_no_members(
    client_of: ClientOf, anna: Staff, ravi: Staff, home: str, people: list[dict[str, Any]]
) -> None:
    address = f"{home}members/change/?do=take_out&all=1"
    for staff, status in ((anna, 403), (ravi, 404)):
        client = client_of(staff)
        answers = [client.get(address), client.post(f"{home}members/choose/", {"action": "take_out"})]
        assert [answer.status_code for answer in answers] == [status] * 2
    assert 'name="selected"' not in client_of(anna).get(home).content.decode()
