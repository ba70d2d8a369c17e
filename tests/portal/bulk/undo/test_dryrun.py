"""What an undo would do, row by row, before anything is sent."""

from typing import Any

import pytest
from django.utils import timezone

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.audit.models import Entry
from portal.bulk import operations
from portal.bulk.files.validate import validate
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.operations import Step
from portal.bulk.recheck import recheck
from portal.bulk.undo.planning import can_undo, parts, prepare
from portal.directory.models import MirrorUser, SubAccount
from portal.gateway.clients import NoRight
from tests.portal.bulk.files.conftest import group_in, user_in
from zoomapi import spec

pytestmark = pytest.mark.django_db


def done(owner: Staff, account: SubAccount, *steps: Step, remote: str = "") -> Job:
    """A job whose steps were all carried out."""
    job = operations.plan(
        scope=scope_of(owner), actor=owner, connection=account.connection, kind="x", title="Change", steps=steps
    )
    job.items.update(state=ItemState.DONE, ended_at=timezone.now(), remote_id=remote)
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
    job.refresh_from_db()
    return job


def undo(job: Job, actor: Staff) -> Job:
    made = prepare(job, scope=scope_of(actor), actor=actor)
    validate(str(made.pk))
    made.refresh_from_db()
    return made


def rows(job: Job) -> list[tuple[Any, ...]]:
    return [(item.action, item.endpoint, item.query | item.body, item.message) for item in job.items.all()]


def change(account: SubAccount, user: MirrorUser, row: int = 1, **values: Any) -> Step:
    """A change of a user that has been made: the mirror holds the new values."""
    before = {name: getattr(user, name) for name in values}
    MirrorUser.objects.filter(pk=user.pk).update(**values)
    path = {"userId": user.zoom_id}
    return Step(
        row=row, account=account, endpoint="users.update", path=path, body=values, before=before, label=user.email
    )


def test_former_values_come_back_but_not_where_somebody_changed_them_since(acme: SubAccount, olga: Staff) -> None:
    people = [user_in(acme, f"{name}@x.example", dept="Old", type=1) for name in "abc"]
    job = done(olga, acme, *(change(acme, user, row, dept="New", type=2) for row, user in enumerate(people, 1)))
    MirrorUser.objects.filter(pk=people[1].pk).update(dept="Third")
    MirrorUser.objects.filter(pk=people[2].pk).delete()
    made = undo(job, olga)
    assert rows(made) == [
        ("update", "users.update", {"dept": "Old", "type": 1}, ""),
        (
            "conflict",
            "",
            {},
            "Changed since: department is “Third”, the job had left “New”. Nothing will be done for this row.",
        ),
        ("conflict", "", {}, "The user is not in Acme any more."),
    ]
    assert (made.state, made.parent, made.options["summary"]["calls"]) == (JobState.READY, job, {"users.update": 1})


def test_a_created_user_who_signs_in_after_the_check_is_not_removed_when_it_starts_later(
    acme: SubAccount, olga: Staff
) -> None:
    steps = []
    for row, name in enumerate("abc", 1):
        user_in(acme, f"{name}@x.example", zoom_id=f"id-{row}", status="pending", first_name="New", last_name="")
        info = {"email": f"{name}@x.example", "type": 1, "first_name": "New"}
        body = {"action": "create", "user_info": info}
        steps.append(Step(row=row, account=acme, endpoint="users.create", body=body, label=f"{name}@x.example"))
    job = done(olga, acme, *steps)
    for item in job.items.all():
        Item.objects.filter(pk=item.pk).update(remote_id=f"id-{item.row}")
    made = undo(job, olga)
    assert recheck(made) == 0
    MirrorUser.objects.filter(zoom_id="id-1").update(status="active", last_login_time=timezone.now())
    MirrorUser.objects.filter(zoom_id="id-2").update(first_name="Else")
    assert recheck(made) == 2
    assert [(item.state, item.message.partition("“")[0]) for item in made.items.all()] == [
        (ItemState.SKIPPED, "Changed since it was checked: status is "),
        (ItemState.SKIPPED, "Changed since it was checked: first name is "),
        (ItemState.PENDING, "The invitation that was mailed cannot be called back."),
    ]


def test_what_was_empty_is_emptied_and_what_is_not_known_stays(acme: SubAccount, olga: Staff) -> None:
    user = user_in(acme, "a@x.example", dept="")
    step = change(acme, user, dept="New")
    step.body |= {"vanity_name": "room", "host_key": "123456"}
    assert rows(undo(done(olga, acme, step), olga)) == [
        (
            "update",
            "users.update",
            {"dept": ""},
            "Not restored, since it is not known or cannot be emptied: Personal room name, a secret value.",
        )
    ]


def test_a_created_user_is_removed_with_all_that_followed_unless_they_came(acme: SubAccount, olga: Staff) -> None:
    for row, (name, status, seen) in enumerate(
        [("a", "pending", None), ("b", "active", None), ("c", "active", timezone.now())], 1
    ):
        fields = {"status": status, "last_login_time": seen, "first_name": "", "last_name": "", "dept": "New"}
        user_in(acme, f"{name}@x.example", zoom_id=f"id-{row}", **fields)
    steps: list[Step] = []
    for row, name in enumerate("abc", 1):
        info = {"email": f"{name}@x.example", "type": 1}
        body = {"action": "create", "user_info": info}
        steps.append(Step(row=row, account=acme, endpoint="users.create", body=body, label=f"{name}@x.example"))
        path = {"userId": "{after.remote_id}"}
        after = len(steps) - 1
        steps.append(
            Step(row=row, step=1, account=acme, endpoint="users.update", path=path, body={"dept": "New"}, after=after)
        )
    job = done(olga, acme, *steps)
    for item in job.items.filter(step=0):
        Item.objects.filter(pk=item.pk).update(remote_id=f"id-{item.row}")
    found = rows(undo(job, olga))
    mailed = "The invitation that was mailed cannot be called back."
    assert found == [
        ("delete", "users.delete", {"action": "disassociate"}, mailed),
        ("delete", "users.delete", {"action": "delete"}, mailed),
        ("conflict", "", {}, "The user has signed in since. Nothing will be done for this row."),
    ]


def test_status_and_membership_go_back(acme: SubAccount, olga: Staff) -> None:
    group = group_in(acme, "Sales")
    user = user_in(acme, "a@x.example", status="inactive", group_ids=[group.zoom_id])
    status = Step(
        account=acme,
        endpoint="users.update_status",
        path={"userId": user.zoom_id},
        body={"action": "deactivate"},
        before={"status": "active"},
    )
    joined = Step(
        step=1,
        account=acme,
        endpoint="groups.add_members",
        path={"groupId": group.zoom_id},
        body={"members": [{"email": user.email}]},
        before={"group_ids": []},
    )
    made = undo(done(olga, acme, status, joined), olga)
    assert [(item.endpoint, item.path, item.body) for item in made.items.all()] == [
        ("groups.delete_member", {"groupId": "group-Sales", "memberId": user.zoom_id}, {}),
        ("users.update_status", {"userId": user.zoom_id}, {"action": "activate"}),
    ]


def test_every_write_says_whether_it_can_be_taken_back(acme: SubAccount, olga: Staff) -> None:
    body = {"type": "monthly", "hosts": 5}
    steps = [
        Step(row=1, account=acme, endpoint="billing.update_base", body=body),
        Step(row=2, account=acme, endpoint="users.delete", path={"userId": "x"}),
        Step(row=3, account=acme, endpoint="users.update_password", path={"userId": "x"}, body={"password": "y"}),
    ]
    job = done(olga, acme, *steps)
    assert [part.why for part in parts(job)] == [
        "Plans cost money from the moment they are changed. Change them on the page of plans, where it is shown.",
        "Users who left or were deleted cannot be brought back; they can only be invited again.",
        "The old password is known to nobody here.",
    ]
    made = undo(job, olga)
    assert (made.state, {item.action for item in made.items.all()}) == (JobState.INVALID, {"impossible"})
    from portal.bulk.undo.reasons import REVERSIBLE, why_not  # noqa: PLC0415

    for endpoint in spec.all_endpoints():
        if not endpoint.is_read:
            assert bool(why_not(endpoint.key)) is (endpoint.key not in REVERSIBLE)


def test_what_was_taken_back_once_is_not_taken_back_again(acme: SubAccount, olga: Staff) -> None:
    user = user_in(acme, "a@x.example", dept="Old")
    job = done(olga, acme, change(acme, user, dept="New"))
    first = undo(job, olga)
    operations.start(first, olga)
    second = undo(job, olga)
    assert [(item.action, item.message) for item in second.items.all()] == [("unchanged", "Taken back already.")]


def test_rows_outside_the_scope_are_left_alone_and_a_missing_right_is_refused(
    acme: SubAccount, globex: SubAccount, olga: Staff, rita: Staff, anna: Staff
) -> None:
    user = user_in(globex, "a@x.example", dept="Old")
    job = done(olga, globex, change(globex, user, dept="New"))
    Job.objects.filter(pk=job.pk).update(owner=rita)
    assert [item.message for item in undo(job, rita).items.all()] == ["The sub-account is not one of yours any more."]
    with pytest.raises(NoRight):
        prepare(job, scope=scope_of(anna), actor=anna)


def test_the_same_click_makes_one_undo_and_the_audit_links_both(acme: SubAccount, olga: Staff) -> None:
    user = user_in(acme, "a@x.example", dept="Old")
    job = done(olga, acme, change(acme, user, dept="New"))
    assert can_undo(job)
    made = prepare(job, scope=scope_of(olga), actor=olga, key="one")
    assert prepare(job, scope=scope_of(olga), actor=olga, key="one") == made
    messages = list(Entry.objects.filter(verb__in=("job_created", "job_undone")).values_list("operation", "message"))
    assert (str(made.pk), f"Undoes job {job.pk}, “Change”.") in messages
    assert (str(job.pk), f"An undo was prepared: job {made.pk}.") in messages
