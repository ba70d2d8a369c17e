"""The hand-made kinds of files: each row becomes the right call, or says why not."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.access.models import Staff
from portal.bulk.files import jobs, preview
from portal.bulk.files.columns import match
from portal.bulk.files.flows import flow_named, hand_made
from portal.bulk.files.reader import Row
from portal.bulk.files.rows import RowChecker
from portal.bulk.files.validate import validate
from portal.bulk.models import ItemState, Job
from portal.directory.models import SubAccount
from tests.portal.bulk.files.conftest import group_in, stored, user_in

pytestmark = pytest.mark.django_db
CheckedAs = Callable[..., Job]


@pytest.fixture
def checked_as(olga: Staff, acme: SubAccount) -> CheckedAs:
    """Upload and check a file of a kind: ``checked_as("users_status", "email,status…")``."""

    def run(key: str, content: str, *, actor: Staff | None = None, account: str = "acme-1", **fixed: str) -> Job:
        job = jobs.create(actor or olga, acme.connection, stored(content), "rows.csv", flow_named(key))
        jobs.submit(job, job.options["mapping"], {"account": account, "fixed": fixed})
        validate(str(job.pk))
        job.refresh_from_db()
        return job

    return run


def calls(job: Job) -> list[tuple[Any, ...]]:
    items = job.items.exclude(endpoint="")
    return [(item.endpoint, item.path, item.query | item.body) for item in items]


def told(job: Job) -> list[tuple[str, str]]:
    return [(item.action, item.message) for item in job.items.filter(step=0)]


def test_statuses_are_set_where_they_differ(checked_as: CheckedAs, acme: SubAccount) -> None:
    user_in(acme, "a@x.example")
    user_in(acme, "b@x.example", status="inactive")
    user_in(acme, "c@x.example", status="pending")
    SubAccount.objects.filter(pk=acme.pk).update(users_at=acme.seen_at)
    job = checked_as(
        "users_status",
        "Email,Status\na@x.example,Inactive\nb@x.example,deactivated\nc@x.example,active\nd@x.example,active\na@x.example,x\n",
    )
    assert calls(job) == [("users.update_status", {"userId": "id-a@x.example"}, {"action": "deactivate"})]
    assert told(job) == [
        ("update", ""),
        ("unchanged", "Already as the file says."),
        ("error", "The user is invited and has not accepted yet. Until then this is not possible."),
        ("error", "Acme has no such user."),
        ("error", "Status: Write active or inactive. The same user stands in line 2 already."),
    ]


def test_one_file_of_statuses_spans_sub_accounts(checked_as: CheckedAs, acme: SubAccount, globex: SubAccount) -> None:
    user_in(acme, "a@x.example")
    user_in(globex, "b@x.example")
    job = checked_as("users_status", "Email,Status\na@x.example,off\nb@x.example,off\n", account="")
    assert [item.account for item in job.items.all()] == [acme, globex]


def test_a_reseller_does_not_meet_the_users_of_another(checked_as: CheckedAs, globex: SubAccount, rita: Staff) -> None:
    user_in(globex, "b@x.example")
    job = checked_as("users_status", "Email,Status\nb@x.example,off\n", actor=rita, account="")
    assert told(job) == [("error", "There is no such user in any sub-account that you see.")]


def test_users_leave_with_what_they_hand_over(checked_as: CheckedAs, acme: SubAccount) -> None:
    for name in ("a", "b", "boss"):
        user_in(acme, f"{name}@x.example", type=2)
    header = "Email,How,transfer_email,transfer_meeting,transfer_recording\n"
    rows = "a@x.example,delete,boss@x.example,yes,no\nb@x.example,,,,\nboss@x.example,leave,boss@x.example,yes,\n"
    job = checked_as("users_remove", header + rows)
    assert calls(job) == [
        (
            "users.delete",
            {"userId": "id-a@x.example"},
            {"action": "delete", "transfer_email": "boss@x.example", "transfer_meeting": True},
        ),
        ("users.delete", {"userId": "id-b@x.example"}, {"action": "disassociate"}),
    ]
    assert told(job)[2] == ("error", "Nobody can take over their own meetings and recordings.")
    assert job.options["summary"]["seats"] == [{"account": "Acme", "taken": 0, "given": 2, "free": None, "short": 0}]


def test_members_join_and_leave_groups(checked_as: CheckedAs, acme: SubAccount) -> None:
    group = group_in(acme, "Sales")
    user_in(acme, "a@x.example")
    user_in(acme, "b@x.example", group_ids=[group.zoom_id])
    rows = "a@x.example,sales,\nb@x.example,Sales,remove\nb@x.example,Nobody,add\n"
    job = checked_as("group_members", "Email,Group,Add or remove\n" + rows)
    assert calls(job) == [
        ("groups.add_members", {"groupId": "group-Sales"}, {"members": [{"id": "id-a@x.example"}]}),
        ("groups.delete_member", {"groupId": "group-Sales", "memberId": "id-b@x.example"}, {}),
    ]
    assert told(job)[2] == ("error", "Acme has no group named “Nobody”.")


def test_users_move_from_one_group_to_another(checked_as: CheckedAs, acme: SubAccount) -> None:
    sales, support, staff = (group_in(acme, name).zoom_id for name in ("Sales", "Support", "Staff"))
    for name, groups in (("a", [sales]), ("b", [sales, support]), ("c", [support]), ("d", []), ("e", [sales, staff]),
                         ("f", [sales]), ("g", [sales])):  # fmt: skip
        user_in(acme, f"{name}@x.example", group_ids=groups)
    rows = [
        *("a@x.example,Support,move,", "b@x.example,Support,move,Sales", "c@x.example,support,move,Sales"),
        *("d@x.example,Support,move,", "e@x.example,Support,move,", "a@x.example,Staff,move,Sales"),
        *("e@x.example,Staff,add,Sales", "f@x.example,Nobody,move,", "g@x.example,Support,move,Staff"),
    ]
    job = checked_as("group_members", "Email,Group,Action,From group\n" + "\n".join(rows) + "\n")
    assert calls(job) == [
        ("groups.add_members", {"groupId": support}, {"members": [{"id": "id-a@x.example"}]}),
        ("groups.delete_member", {"groupId": sales, "memberId": "id-a@x.example"}, {}),
        ("groups.delete_member", {"groupId": sales, "memberId": "id-b@x.example"}, {}),
    ]
    assert job.items.get(row=1, step=1).after == job.items.get(row=1, step=0)
    assert next(preview.rows(job, job.items.filter(row=1, step=0))).changes == [
        ("User group “Support”", "", "added"),
        ("User group “Sales”", "", "taken out"),
    ]
    assert told(job)[2:] == [
        ("unchanged", "Already as the file says."),
        ("error", "The user is in no group that could be left. Write add instead of move."),
        ("error", "The user is in several groups (Sales, Staff). Say which one to leave."),
        ("error", "The same user stands in line 2 already."),
        ("error", "“From group” is for moves only. Write move, or leave it empty."),
        ("error", "Acme has no group named “Nobody”."),
        ("error", "The user is not in the group “Staff”."),
    ]


def test_settings_of_users_and_accounts_send_only_what_the_file_names(checked_as: CheckedAs, acme: SubAccount) -> None:
    user_in(acme, "a@x.example")
    job = checked_as("user_settings", "Email,scheduled_meeting.host_video,feature.meeting_capacity\na@x.example,no,\n")
    assert calls(job) == [
        ("users.update_settings", {"userId": "id-a@x.example"}, {"scheduled_meeting": {"host_video": False}})
    ]
    job = checked_as("account_settings", "Sub-account,in_meeting.chat\nAcme,yes\n", account="")
    assert calls(job) == [("accounts.update_settings", {}, {"in_meeting": {"chat": True}})]


def test_sub_accounts_come_with_their_plan_and_billing_contact(checked_as: CheckedAs, acme: SubAccount) -> None:
    header = (
        "first_name,last_name,email,password,account_name,pay_mode,share_rc,room_connectors,plan_type,plan_hosts,"
        "contact_first_name,contact_last_name,contact_email,contact_phone,contact_address,contact_city,contact_state,"
        "contact_zip,contact_country,template,reference\n"
    )
    row = (
        'Ida,Owner,Ida@new.example,,ACME,master,false,"10.0.0.1,10.0.0.2",monthly,5,Ida,Owner,bill@new.example,'
        '+1 555 0100,"1 Main St\nBuilding 4",San Jose,CA,95113,US,default-edu,CRM-1\n'
    )
    job = checked_as(
        "sub_accounts", header + row + row.replace("Ida@new", "two@new").replace("monthly,5", "monthly,99")
    )
    first, second = job.items.filter(row=1)
    assert (first.endpoint, first.body, bool(first.secret)) == (
        "accounts.create",
        {
            "first_name": "Ida",
            "last_name": "Owner",
            "email": "ida@new.example",
            "options": {"share_rc": False, "room_connectors": "10.0.0.1,10.0.0.2", "pay_mode": "master"},
        },
        True,
    )
    assert (second.endpoint, second.after, second.body["plan_base"]) == (
        "billing.subscribe",
        first,
        {"type": "monthly", "hosts": 5},
    )
    assert second.body["contact"]["address"] == "1 Main St\nBuilding 4"
    bought = next(preview.rows(job, [first])).changes
    assert bought == [("Plan", "", "Pro, monthly"), ("Hosts", "", "5")]
    assert (first.label, job.right) == ("ACME · ida@new.example · CRM-1", "create_account")
    assert "Pro" in job.items.get(row=2).message
    assert [job.options["header"][n] for n in range(21) if n not in job.options["mapping"].values()] == ["template"]


@pytest.mark.parametrize(
    ("plan", "hosts"),
    [("monthly", "0"), ("monthly", "-1"), ("monthly", "ten"), ("business_monthly", "9"), ("gold", "9")],
)
def test_fault_U11_a_plan_that_cannot_be_had_is_an_error_before_any_call(
    checked_as: CheckedAs, plan: str, hosts: str
) -> None:
    header = "first_name,last_name,email,password,pay_mode,plan_type,plan_hosts\n"
    job = checked_as("sub_accounts", f"{header}Ida,Owner,ida@new.example,Correct-Horse-7,master,{plan},{hosts}\n")
    assert ([action for action, _ in told(job)], calls(job)) == (["error"], [])


def test_an_owner_who_is_known_already_gets_no_second_sub_account(
    checked_as: CheckedAs, acme: SubAccount, globex: SubAccount, rita: Staff
) -> None:
    user_in(globex, "user@x.example")
    header = "first_name,last_name,email,pay_mode,plan_type,plan_hosts\n"
    rows = "".join(f"A,B,{email},,,\n" for email in (acme.owner_email, globex.owner_email, "user@x.example"))
    there = "The sub-account is there already. Its options and plan are left as they are."
    taken = "The owner's address is in use already; Zoom needs one that is not. Nothing will be done for this row."
    assert told(checked_as("sub_accounts", header + rows)) == [
        ("unchanged", there),
        ("unchanged", there),
        ("conflict", taken),
    ]
    # A reseller learns the same of the users and of the sub-accounts of others.
    seen = told(checked_as("sub_accounts", header + rows, actor=rita, account=""))
    assert seen == [("unchanged", there), ("conflict", taken), ("conflict", taken)]


def test_decisions_about_registrants_travel_thirty_to_a_call(checked_as: CheckedAs) -> None:
    rows = "".join(f"r{n}@x.example,approve\n" for n in range(75)) + "z@x.example,deny\nr0@x.example,approve\n"
    job = checked_as("webinar_registrants_status", "Email,Decision\n" + rows, webinarId="123456789")
    sent = list(job.items.filter(state=ItemState.PENDING))
    assert [(item.row, item.body["action"], len(item.body["registrants"])) for item in sent] == [
        (1, "approve", 30),
        (31, "approve", 30),
        (61, "approve", 15),
        (76, "deny", 1),
    ]
    assert job.items.filter(state=ItemState.JOINED).count() == 72
    assert job.items.get(row=62).message == "Sent in the call of row 61."
    assert told(job)[-1] == ("error", "The same registrant stands in line 2 already.")


@pytest.mark.parametrize("key", list(hand_made()))
def test_the_sample_of_every_kind_is_understood_without_a_hand(key: str) -> None:
    flow = flow_named(key)
    header, cells = flow.sample
    headers = match(header, flow.columns())
    assert [header[place] for place in headers.ignored] == []
    checker = RowChecker(flow.columns(), flow.checks(), headers.mapping, header)
    found = checker(Row(1, 2, 2, list(cells)))
    events = {name: ["Missing."] for name in found.problems if name.endswith(("number", "Event"))}  # the form's value
    assert (found.problems, found.notes) == (events, [])
    missing = [names for names, _ in flow.needed if not set(names) & set(headers.mapping)]
    assert [names for names in missing if names not in (("meetingId",), ("webinarId",))] == []
