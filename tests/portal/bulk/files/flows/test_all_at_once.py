"""Every error of a row is told at once, and nothing that only follows from another one."""

import pytest

from portal.bulk.files import user_columns
from portal.bulk.files.plans import FAILED
from portal.bulk.files.reader import Row
from portal.bulk.files.rows import RowChecker
from portal.bulk.models import ItemState, Job
from portal.directory.models import SubAccount
from tests.portal.bulk.files.conftest import Checked, group_in, user_in
from tests.portal.bulk.files.flows.test_hand_made import CheckedAs, calls, checked_as

pytestmark = pytest.mark.django_db
__all__ = ["checked_as"]  # a fixture
OWNER = "first_name,last_name,email,"
CONTACT = (
    "contact_first_name,contact_last_name,contact_email,contact_phone,contact_address,contact_city,contact_zip,"
    "contact_country,contact_state"
)
PAYER = "Ida,Owner,bill@new.example,+1 555 0100,1 Main St,San Jose,95113"
HIDDEN = "Contains a hidden character: U+200B ZERO WIDTH SPACE. Delete it."
YES_NO = "Write yes or no."
TAKEN = "The owner's address is in use already; Zoom needs one that is not. Nothing will be done for this row."
NO_ACCOUNT = "No sub-account: the row names none and no general one was chosen."


def errors(job: Job) -> list[dict[str, list[str]]]:
    """What is told of each row, which plans nothing when that is anything."""
    found = list(job.items.filter(step=0).order_by("row"))
    for item in found:
        assert (item.action in ("error", "conflict"), item.state == ItemState.INVALID) == (bool(item.errors),) * 2
    assert job.options["summary"]["seats"] == []
    return [item.errors for item in found]


def columns(job: Job) -> list[list[str]]:
    return [sorted(told) for told in errors(job)]


def test_a_bad_country_does_not_hide_a_missing_state_and_a_plan_that_cannot_be_had(checked_as: CheckedAs) -> None:
    job = checked_as(
        "sub_accounts", f"{OWNER}plan,hosts,{CONTACT}\nIda,O,i@n.example,monthly,500,{PAYER},Deutschland,\n"
    )
    (told,) = errors(job)
    assert sorted(told) == ["contact_country", "contact_state", "hosts"]
    assert told["contact_state"] == ["This field is required."]
    assert told["hosts"][0].startswith("Pro allows")


def test_a_state_is_not_judged_by_a_country_that_cannot_be_read(checked_as: CheckedAs) -> None:
    rows = f"Ida,O,i@n.example,monthly,5,{PAYER},Deutschland,Hessen\nIda,O,j@n.example,monthly,5,{PAYER},US,Hessen\n"
    job = checked_as("sub_accounts", f"{OWNER}plan,hosts,{CONTACT}\n{rows}")
    assert columns(job) == [["contact_country"], ["contact_state"]]


def test_what_belongs_together_is_judged_beside_a_bad_cell_that_has_no_part_in_it(checked_as: CheckedAs) -> None:
    payer = PAYER.replace("bill@new.example", "nobody")
    job = checked_as("sub_accounts", f"{OWNER}plan,hosts,{CONTACT}\nIda,O,i@n.example,gold,500,{payer},US,Hessen\n")
    assert columns(job) == [["contact_email", "contact_state", "plan"]]


def test_a_billing_contact_whose_only_cell_is_bad_lacks_the_others_and_not_itself(checked_as: CheckedAs) -> None:
    file = f"{OWNER}plan,hosts,contact_country,contact_city,contact_zip\nIda,O,i@n.example,monthly,5,Deutschland,,\n"
    (told,) = errors(checked_as("sub_accounts", file))
    assert "contact" not in told
    assert {"contact_country", "contact_city", "contact_zip"} <= set(told)
    assert len(told["contact_country"]) == 1


def test_a_bad_payer_does_not_hide_that_the_owner_is_known(checked_as: CheckedAs, globex: SubAccount) -> None:
    user_in(globex, "user@x.example")
    rows = "A,B,user@x.example,Meister,monthly,500\nA,B,user@y.example,Meister,,\nA,B,nobody,master,monthly,500\n"
    job = checked_as("sub_accounts", f"{OWNER}pay_mode,plan,hosts\n{rows}")
    first, second, third = errors(job)
    assert (first[""], "hosts" in first, "pay_mode" in first) == ([TAKEN], True, True)
    assert list(second) == ["pay_mode"]
    assert ("email" in third, "hosts" in third, "" in third) == (True, True, False)
    assert [item.action for item in job.items.all()] == ["error"] * 3


def test_a_bad_payer_leaves_open_whether_a_plan_may_be_subscribed(checked_as: CheckedAs) -> None:
    rows = f"A,B,a@x.example,sub,monthly,5,{PAYER},US,CA\nA,B,b@x.example,Meister,monthly,5,{PAYER},US,CA\n"
    first, second = errors(checked_as("sub_accounts", f"{OWNER}pay_mode,plan,hosts,{CONTACT}\n{rows}"))
    assert first[""][0].startswith("The sub-account pays itself")
    assert list(second) == ["pay_mode"]


@pytest.mark.parametrize("family", ["meetings", "webinars"])
def test_a_bad_zone_does_not_hide_what_is_wrong_with_the_host(
    checked_as: CheckedAs, acme: SubAccount, family: str
) -> None:
    user_in(acme, "off@x.example", status="inactive", type=2)
    user_in(acme, "basic@x.example")
    rows = "off@x.example,T,Berlin,45\nbasic@x.example,T,Berlin,45\nnobody@x.example,T,Berlin,x\n"
    job = checked_as(f"{family}_create", f"Host,Topic,Time zone,Duration\n{rows}", account="")
    off, basic, nobody = errors(job)
    assert (list(off), off[""]) == (["Time zone", ""], ["The user is inactive; only an active one can be the host."])
    unlicensed = {"": ["Only a licensed user can hold webinars."]} if family == "webinars" else {}
    assert basic == {"Time zone": off["Time zone"], **unlicensed}
    assert sorted(nobody) == ["", "Duration", "Time zone"]


def test_an_unknown_host_does_not_hide_a_rule_of_the_whole_meeting(checked_as: CheckedAs) -> None:
    header = "Host,Topic,recurrence.type,recurrence.repeat_interval,recurrence.end_times,recurrence.end_date_time\n"
    rows = "nobody@x.example,T,1,,5,2030-01-01T00:00:00Z\nnobody@x.example,U,9,91,5,\n"
    both, bad = errors(checked_as("meetings_create", header + rows, account=""))
    assert sorted(both) == ["", "recurrence.end_date_time"]
    assert sorted(bad) == ["", "recurrence.repeat_interval", "recurrence.type"]


def test_a_bad_cell_of_a_user_does_not_hide_what_is_wrong_with_the_row(checked: Checked) -> None:
    job = checked(
        "email,user type,status,sub-account\na@x.example,Gold,Inactive,Acme\nb@x.example,Gold,Inactive,\n",
        account="",
    )  # fmt: skip
    inactive = "A new user cannot start inactive. Leave the status empty, deactivate later."
    assert [told[""] for told in errors(job)] == [[inactive], [NO_ACCOUNT, inactive]]
    assert [len(told["user type"]) for told in errors(job)] == [1, 1]


def test_nothing_is_said_of_a_user_whose_address_cannot_be_read(checked: Checked) -> None:
    job = checked("email,status,user group\nnobody,Inactive,\nnobody,Inactive,Ghosts\n", account="")
    assert columns(job) == [["email"], ["email"]]
    job = checked("email,status,user group\nnobody,Inactive,Ghosts\n")
    assert columns(job) == [["email", "user group"]]


def test_a_bad_status_of_a_user_leaves_open_whether_a_new_one_may_have_it(
    checked: Checked, acme: SubAccount, globex: SubAccount
) -> None:
    user_in(globex, "gus@x.example")
    job = checked("email,status,type\na@x.example,maybe,\ngus@x.example,maybe,\ngus@x.example,,\n")
    first, second, third = errors(job)
    assert list(first) == ["status"]
    assert "user of Globex" in second[""][0]
    assert third[""][0] == "The same address stands in line 3 already." + FAILED


def test_a_bad_word_does_not_hide_that_the_owner_stays(checked_as: CheckedAs, acme: SubAccount) -> None:
    user_in(acme, acme.owner_email, zoom_id="o-1")
    SubAccount.objects.filter(pk=acme.pk).update(owner_id="o-1")
    user_in(acme, "a@x.example", status="pending")
    rows = f"{acme.owner_email},vielleicht,,\n{acme.owner_email},,,sofort\na@x.example,,,sofort\n"
    owner, how, invited = errors(checked_as("users_remove", "Email,transfer_meeting,transfer_email,How\n" + rows))
    stays = "The owner of a sub-account can neither be removed nor deactivated."
    assert owner == {"transfer_meeting": [YES_NO], "": [stays]}
    twice = "The same user stands in line 2 already." + FAILED
    assert how == {"How": ["Write disassociate or delete."], "": [twice, stays]}
    assert list(invited) == ["How"]  # whether an invited one can be removed depends on it


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ("vielleicht,,b@x.example", ["transfer_meeting"]),
        ("vielleicht,yes,", ["transfer_email", "transfer_meeting"]),
        ("vielleicht,,", ["transfer_meeting"]),
        ("yes,,nobody", ["transfer_email"]),
        ("yes,,", ["transfer_email"]),
        ("vielleicht,,c@x.example", ["", "transfer_meeting"]),
    ],
)
def test_who_takes_over_what_is_judged_by_what_could_be_read(
    checked_as: CheckedAs, acme: SubAccount, cells: str, told: list[str]
) -> None:
    for name in "ab":
        user_in(acme, f"{name}@x.example")
    header = "Email,transfer_meeting,transfer_webinar,transfer_email\n"
    assert columns(checked_as("users_remove", f"{header}a@x.example,{cells}\n")) == [told]


def test_an_invited_user_has_no_status_whatever_the_word_was(checked_as: CheckedAs, acme: SubAccount) -> None:
    user_in(acme, "a@x.example", status="pending")
    user_in(acme, "b@x.example")
    job = checked_as("users_status", "Email,Status\na@x.example,aus\nb@x.example,aus\n")
    assert columns(job) == [["", "Status"], ["Status"]]


def test_a_bad_action_does_not_hide_that_there_is_no_such_group(checked_as: CheckedAs, acme: SubAccount) -> None:
    group_in(acme, "Sales")
    for name in "abcdef":
        user_in(acme, f"{name}@x.example")
    rows = [
        *("a@x.example,Nope,hinzu,", "b@x.example,Sales,hinzu,Nope", "c@x.example,Nope,move,Nix"),
        *("d@x.example,Sa\u200bles,move,Nix", "e@x.example,Sa\u200bles,add,", "f@x.example,Sales,move,S\u200bales"),
    ]
    found = errors(checked_as("group_members", "Email,Group,Action,From group\n" + "\n".join(rows) + "\n"))
    assert found == [
        {"Action": ["Write add, remove or move."], "": ["Acme has no group named “Nope”."]},
        {"Action": ["Write add, remove or move."]},
        {"": ["Acme has no group named “Nix”.", "Acme has no group named “Nope”."]},
        {"Group": [HIDDEN], "": ["Acme has no group named “Nix”."]},
        {"Group": [HIDDEN]},
        {"From group": [HIDDEN]},
    ]


@pytest.mark.parametrize("flow", ["user_settings", "account_settings"])
def test_a_setting_that_cannot_be_read_is_not_nothing_to_change(
    checked_as: CheckedAs, acme: SubAccount, flow: str
) -> None:
    user_in(acme, "a@x.example", status="pending")
    who, header, empty = {
        "user_settings": ("a@x.example", "Email,scheduled_meeting.host_video", "x"),
        "account_settings": ("Nowhere", "Sub-account,in_meeting.chat", "Acme"),
    }[flow]
    job = checked_as(
        flow, f"{header}\n{who},vielleicht\n{empty},\n", account="acme-1" if flow == "user_settings" else ""
    )
    first, second = errors(job)
    setting = header.partition(",")[2]
    assert first[setting] == [YES_NO]
    assert "Nothing to change" not in str(first)
    assert len(first) == 2
    assert "Nothing to change" in str(second)


def test_a_bad_cell_of_any_operation_does_not_hide_the_rest(checked_as: CheckedAs, acme: SubAccount) -> None:
    SubAccount.objects.filter(pk=acme.pk).update(users_at=acme.seen_at)
    job = checked_as("meetings_update", "Meeting ID,duration,Sub-account\n12,,\n12,long,Nowhere\n123456789,long,\n")
    empty, nowhere, long = errors(job)
    assert sorted(empty) == ["", "Meeting ID"]
    assert sorted(nowhere) == ["Meeting ID", "Sub-account", "duration"]
    assert list(long) == ["duration"]
    job = checked_as("groups.create", "name,Sub-account\nS\u200bales,\nS\u200btaff,\n")
    assert columns(job) == [["name"], ["name"]]
    job = checked_as("billing.update_base", "Sub-account,type,hosts\nNowhere,monthly,99\n,gold,99\n", account="")
    assert columns(job) == [["Sub-account", "hosts"], ["", "type"]]


def test_whose_address_cannot_be_read_may_be_anywhere(checked_as: CheckedAs) -> None:
    job = checked_as("meetings.create", "userId,topic,duration\na b@x,T,long\n", account="")
    assert columns(job) == [["duration", "userId"]]


def test_cells_of_a_row_that_lacks_some_are_not_judged_together(checked_as: CheckedAs) -> None:
    job = checked_as("users_status", "Email,Status,Sub-account\nnobody@x.example,active\n", account="")
    assert columns(job) == [[""]]
    assert len(errors(job)[0][""]) == 1


def test_a_bad_row_says_to_its_double_that_neither_runs(
    checked_as: CheckedAs, checked: Checked, acme: SubAccount
) -> None:
    user_in(acme, "a@x.example")
    rows = "a@x.example,aus\na@x.example,inactive\nb@x.example,active\n"
    job = checked_as("users_status", "Email,Status\n" + rows)
    assert errors(job)[1] == {"": ["The same user stands in line 2 already." + FAILED]}
    job = checked("email,user type\nnew@x.example,Gold\nnew@x.example,Basic\n")
    assert errors(job)[1] == {"": ["The same address stands in line 2 already." + FAILED]}
    assert calls(job) == []


def test_a_double_that_names_a_topic_says_that_only_the_first_is_compared(checked_as: CheckedAs) -> None:
    job = checked_as("webinars_delete", "Webinar ID,Topic\n123456789,Wrong\n123456789,Right\n123456789,\n")
    first, second, third = errors(job)
    assert (first, third) == ({}, {"": ["The same object stands in line 2 already."]})
    assert second[""][0].endswith("if it has the wrong topic, neither runs. Keep only the right one.")


def test_the_values_of_a_row_without_errors_are_plain() -> None:
    check = RowChecker(user_columns.columns(), user_columns.checks(), {"user_info.email": 0}, ["email"])
    good, bad = (check(Row(1, 2, 2, [cell])) for cell in ("a@x.example", "nobody"))
    assert (type(good.values), good.refused, bad.refused) == (dict, frozenset(), {"user_info.email"})
