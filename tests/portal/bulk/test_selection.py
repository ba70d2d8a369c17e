"""A change for many chosen users becomes one row a user."""

from typing import Any

import pytest

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk.models import Job
from portal.bulk.selection import Change, Kind, SelectionRefused, plan_users
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.bulk.files.conftest import group_in, user_in

pytestmark = pytest.mark.django_db


def rows(job: Job) -> list[tuple[Any, ...]]:
    return [(item.label, item.action, item.endpoint, item.query | item.body) for item in job.items.all()]


@pytest.fixture
def people(acme: SubAccount) -> list[int]:
    SubAccount.objects.filter(pk=acme.pk).update(owner_id="id-owner@x.example")
    made = [
        user_in(acme, "a@x.example"),
        user_in(acme, "b@x.example", status="inactive", type=2, dept="Sales"),
        user_in(acme, "c@x.example", status="pending"),
        user_in(acme, "owner@x.example", type=2),
    ]
    return [user.pk for user in made]


def planned(staff: Staff, people: list[int], change: Change) -> Job:
    return plan_users(scope_of(staff), staff, people, change)


def test_deactivating_leaves_out_the_owner_the_invited_and_the_inactive(olga: Staff, people: list[int]) -> None:
    assert rows(planned(olga, people, Change(Kind.DEACTIVATE))) == [
        ("a@x.example", "update", "users.update_status", {"action": "deactivate"}),
        ("b@x.example", "unchanged", "", {}),
        ("c@x.example", "error", "", {}),
        ("owner@x.example", "error", "", {}),
    ]


def test_type_and_department_send_one_field_and_keep_what_was(olga: Staff, people: list[int]) -> None:
    job = planned(olga, people[:2], Change(Kind.TYPE, 2))
    assert rows(job) == [("a@x.example", "update", "users.update", {"type": 2}), ("b@x.example", "unchanged", "", {})]
    assert job.items.get(row=1).before == {"type": 1}
    job = planned(olga, people[:2], Change(Kind.DEPARTMENT, "Sales"))
    assert [row[1:] for row in rows(job)] == [("update", "users.update", {"dept": "Sales"}), ("unchanged", "", {})]


def test_a_group_is_found_in_each_sub_account(
    olga: Staff, people: list[int], acme: SubAccount, globex: SubAccount
) -> None:
    group_in(acme, "Field")
    other = user_in(globex, "z@x.example")
    job = planned(olga, [people[0], other.pk], Change(Kind.GROUP, "field"))
    assert [(row[1], row[3]) for row in rows(job)] == [
        ("update", {"members": [{"id": "id-a@x.example"}]}),
        ("error", {}),
    ]
    assert job.items.get(row=2).message == "Globex has no group named “field”."


def test_a_removal_names_who_takes_over_and_asks_for_an_active_user(olga: Staff, people: list[int]) -> None:
    change = Change(Kind.DELETE, transfer_email="owner@x.example", transfers=("meeting",))
    assert rows(planned(olga, people[:1], change)) == [
        (
            "a@x.example",
            "delete",
            "users.delete",
            {"action": "delete", "transfer_email": "owner@x.example", "transfer_meeting": True},
        )
    ]
    nobody = planned(olga, people[:1], Change(Kind.DELETE, transfer_email="b@x.example"))
    assert nobody.items.get().message.startswith("b@x.example is no active user of Acme")


def test_foreign_and_vanished_users_refuse_the_whole_choice(rita: Staff, people: list[int], globex: SubAccount) -> None:
    foreign = user_in(globex, "z@x.example")
    with pytest.raises(SelectionRefused, match="1 of the chosen users"):
        planned(rita, [people[0], foreign.pk], Change(Kind.ACTIVATE))
    everything = plan_users(scope_of(rita), rita, MirrorUser.objects.all(), Change(Kind.DISASSOCIATE))
    assert everything.items.filter(label="z@x.example").count() == 0
    with pytest.raises(SelectionRefused, match="No user was chosen"):
        planned(rita, [], Change(Kind.ACTIVATE))


def test_the_same_key_gives_the_same_job(olga: Staff, people: list[int]) -> None:
    jobs = [plan_users(scope_of(olga), olga, people, Change(Kind.ACTIVATE), key="click") for _ in range(2)]
    assert jobs[0].pk == jobs[1].pk
