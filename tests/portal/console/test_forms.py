"""The form of every operation, and what it makes of what was typed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from portal.console.forms import MOST_BYTES, OperationForm, spaced
from zoomapi.spec import all_endpoints, endpoint
from zoomapi.spec.base import leaves


def filled(key: str, text: str) -> OperationForm:
    return OperationForm(endpoint(key), QueryDict(text))


@pytest.mark.parametrize("key", [found.key for found in all_endpoints()])
def test_every_argument_of_every_operation_has_a_field(key: str) -> None:
    found = endpoint(key)
    form = OperationForm(found)
    shown = {name for part in (form.query, form.body) if part for name in part.fields}
    shown |= {f"{rows.name}[].{name}" for rows in form.rows for name in rows.forms[0].fields}
    wanted = {name for shape in (found.query, found.body) if shape for name, _ in leaves(shape())}
    assert {name.removesuffix("[]") for name in wanted} - shown == set()
    assert set(form.path.fields) == set(found.params) - {"accountId"}


def test_nested_members_become_a_nested_body() -> None:
    form = filled("users.create", "body-action=create&body-user_info.email=a@b.example&body-user_info.type=1&reason=x")
    assert form.is_valid(), [part.errors for part in form.every_part]
    assert form.values() == ({}, {}, {"action": "create", "user_info": {"email": "a@b.example", "type": 1}})


def test_rows_left_blank_are_not_sent() -> None:
    form = filled(
        "groups.add_members",
        "path-groupId=g&reason=x&count-members=3&row-members-0-id=&row-members-1-email=a@b.example&row-members-2-id=u2",
    )
    assert form.is_valid()
    assert form.values() == ({"groupId": "g"}, {}, {"members": [{"email": "a@b.example"}, {"id": "u2"}]})


def test_a_row_more_keeps_what_was_typed() -> None:
    form = filled("groups.add_members", "count-members=2&row-members-1-id=u2")
    form.add_row("members")
    (rows,) = form.rows
    assert (rows.count, rows.forms[1]["id"].value()) == (3, "u2")


def test_there_are_never_more_rows_than_the_operation_takes() -> None:
    (rows,) = filled("groups.add_members", "count-members=999").rows
    assert (rows.count, rows.can_grow) == (30, False)


def test_a_message_about_an_entry_stands_at_the_row_it_came_from() -> None:
    form = filled("groups.add_members", "count-members=3&row-members-0-id=&row-members-2-id=u2")
    form.is_valid()
    form.place("members[0].id", ["Unknown."])
    form.place("members", ["Too many."])
    form.place("elsewhere", ["Odd."])
    (rows,) = form.rows
    assert (rows.forms[2].errors["id"], rows.errors, form.general) == (["Unknown."], ["Too many."], ["elsewhere: Odd."])


def test_a_partial_change_sends_only_what_was_given() -> None:
    form = filled("users.update", "path-userId=u&body-dept=Sales&body-type=&reason=x")
    assert form.is_valid()
    assert form.values()[2] == {"dept": "Sales"}


def test_a_body_of_json_replaces_the_fields() -> None:
    form = filled("groups.create", 'body_as=json&raw={"name": "Team"}&body-name=Other&reason=x')
    assert form.is_valid()
    assert form.values()[2] == {"name": "Team"}


@pytest.mark.parametrize("raw", ["{", "[1]", '"text"', '{"name": NaN}', '{"name": "(hidden)"}'])
def test_a_body_that_is_no_usable_json_is_refused(raw: str) -> None:
    data = QueryDict(mutable=True)
    data.update({"body_as": "json", "raw": raw, "reason": "x"})
    form = OperationForm(endpoint("groups.create"), data)
    assert not form.is_valid()
    assert form.raw is not None
    assert list(form.raw.errors) == ["raw"]


@pytest.mark.parametrize("raw", ['{"password": "S3cret-pw"}', '{"password": "S3cret-pw", ', "password: S3cret-pw"])
def test_secrets_of_a_json_body_are_not_shown_again(raw: str) -> None:
    data = QueryDict(mutable=True)
    data.update({"body_as": "json", "raw": raw})
    form = OperationForm(endpoint("users.update_password"), data)
    form.is_valid()
    assert form.raw is not None
    form.raw.for_page()
    assert "S3cret" not in str(form.raw["raw"])
    assert "(hidden)" in str(form.raw["raw"])


def test_a_grave_operation_wants_its_name_typed() -> None:
    form = filled("users.delete", "path-userId=u&reason=x&typed=users.remove")
    assert not form.is_valid()
    assert form.act is not None
    assert form.act.errors["typed"] == ["Type “users.delete” exactly."]
    assert filled("users.delete", "path-userId=u&reason=x&typed=users.delete").is_valid()


def test_the_request_can_be_looked_at_without_a_reason() -> None:
    form = filled("groups.create", "body-name=Team")
    assert (form.is_valid(act=False), form.is_valid()) == (True, False)


def test_placeholders_become_labels() -> None:
    assert [spaced(name) for name in ("userId", "meetingUUID", "h323")] == ["User id", "Meeting UUID", "H323"]


def test_nothing_is_wrong_in_the_fields_while_json_is_sent() -> None:
    form = OperationForm(endpoint("users.create"), QueryDict("body_as=json&raw=[]&reason=r"))
    assert (form.is_valid(), [label for _, label, _ in form.problems]) == (False, ["Body as JSON"])
    assert form.body is not None
    assert dict(form.body.errors) == {}


def test_a_file_that_is_too_large_is_refused() -> None:
    picture = SimpleUploadedFile("p.png", b"x" * (MOST_BYTES + 1), "image/png")
    files = MultiValueDict({"file-pic_file": [picture]})
    form = OperationForm(endpoint("users.upload_picture"), QueryDict("path-userId=me&reason=r"), files)
    assert (form.is_valid(), [text for _, _, text in form.problems]) == (False, ["The file is larger than 2 MB."])


def test_an_address_fills_in_path_and_query() -> None:
    form = OperationForm(endpoint("meetings.list"), given=QueryDict("path-userId=me&query-type=live"))
    assert form.query is not None
    assert (form.path["userId"].value(), form.query["type"].value()) == ("me", "live")
