"""Any write of the specification from a file."""

import json
from typing import Any

import pytest

from portal.access.models import Staff
from portal.bulk.files import flows
from portal.bulk.files.columns import match
from portal.bulk.files.flows import flow_named, generic
from portal.bulk.files.refusal import Bad
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.bulk.files.conftest import user_in
from tests.portal.bulk.files.flows.test_hand_made import CheckedAs, calls, checked_as, told
from zoomapi import spec

pytestmark = pytest.mark.django_db
__all__ = ["checked_as"]  # a fixture

WRITES = [endpoint for endpoint in spec.all_endpoints() if generic.offered(endpoint)]


def test_every_write_but_the_upload_of_a_file_is_offered() -> None:
    left_out = [e.key for e in spec.all_endpoints() if not e.is_read and not generic.offered(e)]
    assert left_out == ["users.upload_picture"]
    listed = {endpoint.key for _, rows in flows.operations() for endpoint, _ in rows}
    assert listed == {endpoint.key for endpoint in WRITES}


@pytest.mark.parametrize("endpoint", WRITES, ids=lambda endpoint: endpoint.key)
def test_every_operation_has_columns_and_a_check_for_each(endpoint: spec.Endpoint) -> None:
    flow = flow_named(endpoint.key)
    assert {column.name for column in flow.columns()} == set(flow.checks())
    assert len({column.name for column in flow.columns()}) == len(flow.columns())
    assert set(endpoint.params) - {"accountId"} <= {column.name for column in flow.columns()}


def test_a_meeting_is_scheduled_from_flattened_columns_and_constants(checked_as: CheckedAs, acme: SubAccount) -> None:
    user_in(acme, "host@x.example")
    header = "userId,topic,type,start_time,timezone,settings.host_video,settings.alternative_hosts,password\n"
    row = 'HOST@x.example,Weekly,2,2026-12-01T09:00:00,Europe/Berlin,yes,"a@x.example,b@x.example",secret1\n'
    job = checked_as("meetings.create", header + row, duration="45")
    (item,) = job.items.all()
    assert (item.path, item.account, item.action) == ({"userId": "id-host@x.example"}, acme, "create")
    assert item.body == {
        "topic": "Weekly",
        "type": 2,
        "start_time": "2026-12-01T09:00:00",
        "duration": 45,
        "timezone": "Europe/Berlin",
        "settings": {"host_video": True, "alternative_hosts": "a@x.example,b@x.example"},
    }
    assert "secret1" not in json.dumps([item.body, item.source, job.options])
    assert item.secret != ""


def test_objects_of_a_list_come_from_cells_with_several_entries(checked_as: CheckedAs, acme: SubAccount) -> None:
    user_in(acme, "a@x.example")
    header = "userId,conference_code,leader_pin,dial_in_numbers[].code,dial_in_numbers[].number\n"
    job = checked_as("tsp.create", header + "a@x.example,123,456,1;44,5550100; 5550101\n")
    (item,) = job.items.all()
    assert item.body["dial_in_numbers"] == [{"code": "1", "number": "5550100"}, {"code": "44", "number": "5550101"}]


def assistants(checked_as: CheckedAs, *cells: str) -> list[Any]:
    """What a row would add to an assistant's list, or what it is told."""
    job = checked_as(
        "users.add_assistants", f"userId;assistants[].id;assistants[].email\na@x.example;{';'.join(cells)}\n"
    )
    (item,) = job.items.all()
    return [told(job)[0][1]] if item.action == "error" else item.body["assistants"]


def test_an_empty_place_in_a_cell_with_several_entries_keeps_the_others_where_they_are(
    checked_as: CheckedAs, acme: SubAccount
) -> None:
    user_in(acme, "a@x.example")
    emma, noah = {"email": "emma@x.example"}, {"email": "noah@x.example"}
    assert assistants(checked_as, '";x"', '"emma@x.example;noah@x.example"') == [emma, noah | {"id": "x"}]
    assert assistants(checked_as, '";\nx"', '"emma@x.example;\nnoah@x.example;\n"') == [emma, noah | {"id": "x"}]
    assert assistants(checked_as, '"x; "', '"emma@x.example;noah@x.example"') == [emma | {"id": "x"}, noah]
    assert assistants(checked_as, "", '"emma@x.example;;noah@x.example"') == [emma, noah]


def test_columns_of_a_list_with_unequal_numbers_of_entries_are_an_error(
    checked_as: CheckedAs, acme: SubAccount
) -> None:
    user_in(acme, "a@x.example")
    told_beside = (
        "assistants[].id: There is 1 entry here, and 2 in another column of the same list. Leave the place between two "
        "semicolons empty where there is nothing."
    )
    assert assistants(checked_as, "x", '"emma@x.example;noah@x.example"') == [told_beside]


def test_a_row_that_breaks_a_rule_of_the_whole_shape_says_so(checked_as: CheckedAs) -> None:
    job = checked_as("billing.update_base", "Sub-account,type,hosts\nAcme,monthly,99\n", account="")
    assert job.right == "billing"
    assert [action for action, _ in told(job)] == ["error"]
    assert "Pro allows" in told(job)[0][1]


def test_a_partial_change_with_nothing_in_it_and_the_same_object_twice_are_errors(checked_as: CheckedAs) -> None:
    job = checked_as("meetings.update", "meetingId,topic\n111222333,\n222333444,New\n222333444,Newer\n")
    assert [action for action, _ in told(job)] == ["error", "update", "error"]
    assert told(job)[0][1] == "Nothing to change: all cells of this row are empty."
    assert told(job)[2][1] == "The same object stands in line 3 already."


def test_a_device_belongs_to_the_master_account_and_only_those_who_see_all_of_it_may_add_one(
    checked_as: CheckedAs, acme: SubAccount, rita: Staff
) -> None:
    master = SubAccount.objects.create(connection=acme.connection, zoom_id="me", name="Master", is_master=True)
    file = "name,protocol,ip,encryption\nRoom 1,SIP,10.0.0.1,auto\n"
    assert checked_as("devices.create", file, account="").items.get().account == master
    refused = checked_as("devices.create", file, account="", actor=rita)
    assert told(refused) == [("error", "Only people who see the whole master account can do this.")]


@pytest.mark.parametrize("value", ["../accounts", "a b", "x?y=1", "a#b", "..", "x" * 300])
def test_fault_A11_an_id_cannot_lead_elsewhere(checked_as: CheckedAs, value: str) -> None:
    for key, header in (("meetings.delete", "meetingId"), ("groups.delete", "groupId")):
        assert [action for action, _ in told(checked_as(key, f"{header}\n{value}\n"))] == ["error"]


def test_the_number_of_a_meeting_is_taken_however_it_is_grouped_and_never_guessed(checked_as: CheckedAs) -> None:
    cells = (
        "123 456 7890",
        "123-456-7891",
        "123\u202f456\u202f7892",
        "1.23457E+09",
        '"1,23457E+09"',
        "abc",
        "12345678.0",
    )
    job = checked_as("meetings.delete", "Meeting ID\n" + "\n".join(cells) + "\n")
    assert [path["meetingId"] for _, path, _ in calls(job)] == ["1234567890", "1234567891", "1234567892"]
    shortened = "The spreadsheet has shortened this number. Format the column as text and type it again."
    wanted = "Write the number of a meeting or webinar: 9 to 11 digits, also with blanks or hyphens between them."
    assert [item.errors["Meeting ID"] for item in job.items.filter(action="error").order_by("row")] == [
        [shortened],
        [shortened],
        [wanted],
        [wanted],
    ]


def test_a_recording_is_named_by_the_uuid_of_its_meeting_or_its_number() -> None:
    check = flow_named("recordings.delete").checks()["meetingId"]
    assert [check(text) for text in ("/abc+def==", "123 456 789")] == ["/abc+def==", "123456789"]
    with pytest.raises(Bad):
        check("../x y")


def test_a_row_with_a_bad_cell_is_told_the_rest_of_its_problems_too(checked_as: CheckedAs, acme: SubAccount) -> None:
    SubAccount.objects.filter(pk=acme.pk).update(users_at=acme.seen_at)
    header = "userId,topic,duration,account\n"
    job = checked_as("meetings.create", header + "a@x.example,One,long,\na@x.example,Two,long,Nowhere\n")
    assert [sorted(item.errors) for item in job.items.order_by("row")] == [
        ["duration", "userId"],
        ["account", "duration"],
    ]


def test_an_address_that_nobody_has_is_told_before_anything_is_sent(checked_as: CheckedAs, acme: SubAccount) -> None:
    SubAccount.objects.filter(pk=acme.pk).update(users_at=acme.seen_at)
    assert MirrorUser.objects.count() == 0
    job = checked_as("users.revoke_token", "userId\nnobody@x.example\n")
    assert told(job) == [("error", "userId: Acme has no user with this address.")]


def test_the_user_of_a_row_is_found_by_the_usual_headers_of_addresses_where_nothing_else_has_them() -> None:
    def found(key: str, *header: str) -> dict[str, int]:
        return match(header, flow_named(key).columns()).mapping

    assert found("meetings.create", "Topic", "Host Email") == {"topic": 0, "userId": 1}
    assert found("meetings.create", "E-Mail", "Thema") == {"userId": 0}
    assert found("groups.create", "Group Name") == {"name": 0}
    assert found("users_status", "Account Name", "Account ID", "Member Email") == {"account": 1, "user": 2}
    assert found("users.add_assistants", "User", "Email") == {"userId": 0, "assistants[].email": 1}


@pytest.mark.parametrize("header", ["{}", "{} ID", "{} Id", "{} number", "{} no."])
@pytest.mark.parametrize("family", ["meeting", "webinar"])
def test_the_event_of_a_row_is_found_by_what_people_call_its_number(family: str, header: str) -> None:
    event, head = f"{family}Id", header.format(family.capitalize())
    hand = ("{}s_update", "{}s_delete", "{}_registrants", "{}_registrants_status")
    keys = [key.format(family) for key in hand]
    keys += [one.key for one in spec.all_endpoints() if one.params and one.params[-1] == event and generic.offered(one)]
    assert len(keys) > len(hand)
    found = {key: match([head], flow_named(key).columns()).mapping for key in keys}
    assert found == {key: {event: 0} for key in keys}


def test_a_change_of_plan_is_shown_beside_the_plan_there_is(checked_as: CheckedAs, acme: SubAccount) -> None:
    acme.plans = {"plan_base": {"type": "business_monthly", "hosts": 25}}
    acme.save()
    job = checked_as("billing.update_base", "Sub-account,type,hosts\nAcme,business_monthly,30\n", account="")
    assert [(item.action, item.before, item.body) for item in job.items.all()] == [
        ("update", {"type": "business_monthly", "hosts": 25}, {"type": "business_monthly", "hosts": 30})
    ]
    same = checked_as("billing.update_base", "Sub-account,type,hosts\nAcme,business_monthly,25\n", account="")
    assert [(item.action, item.endpoint) for item in same.items.all()] == [("unchanged", "")]


def test_a_user_named_by_address_tells_the_sub_account(
    checked_as: CheckedAs, acme: SubAccount, globex: SubAccount, rita: Staff
) -> None:
    for place, name in ((acme, "a"), (globex, "b"), (acme, "both"), (globex, "both")):
        user_in(place, f"{name}@x.example")
    file = "userId\na@x.example\nB@x.example\nboth@x.example\n"
    assert [item.account for item in checked_as("users.revoke_token", file, account="").items.all()] == [
        acme,
        globex,
        None,
    ]
    seen = checked_as("users.revoke_token", file, account="", actor=rita)
    assert [item.account for item in seen.items.all()] == [acme, None, acme]


def test_a_row_that_lacks_its_id_goes_by_its_topic_not_by_its_sub_account(
    checked_as: CheckedAs, acme: SubAccount
) -> None:
    job = checked_as("meetings.update", "meetingId,topic,Sub-account\n,Weekly,acme-1\n123456789,Daily,acme-1\n")
    assert [item.label for item in job.items.order_by("row")] == ["Weekly", "123456789"]
