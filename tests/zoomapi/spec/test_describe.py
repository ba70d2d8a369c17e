"""Fields as data."""

from zoomapi import spec
from zoomapi.spec.describe import FieldInfo, Kind, describe_shape, flat
from zoomapi.spec.shapes import NumberedQuery


def body(key: str) -> dict[str, FieldInfo]:
    shape = spec.endpoint(key).body
    assert shape is not None
    return {info.name: info for info in flat(shape)}


def test_a_number_tells_its_bounds_and_default() -> None:
    size, page = describe_shape(NumberedQuery)
    assert (size.type, size.min, size.max, size.default) == (Kind.INTEGER, 1, 300, 30)
    assert (page.min, page.max, page.default, page.required) == (1, None, 1, False)


def test_a_secret_is_told() -> None:
    info = body("users.create")["user_info.password"]
    assert (info.secret, info.max_length, info.type) == (True, 31, Kind.TEXT)


def test_a_choice_tells_codes_and_labels() -> None:
    info = body("users.create")["user_info.type"]
    assert (info.type, info.choices, info.required) == (Kind.CHOICE, {1: "Basic", 2: "Pro", 3: "Corp"}, True)


def test_a_list_of_codes_tells_them() -> None:
    info = body("billing.add_addon")["premium_countries"]
    assert (info.type, len(info.choices or {})) == (Kind.CODES, 17)


def test_a_list_of_objects_stays_one_field_with_members() -> None:
    info = body("groups.add_members")["members"]
    assert (info.type, info.max_items, info.max_length) == (Kind.LIST, 30, None)
    assert [member.name for member in info.members] == ["members[].id", "members[].email"]


def test_an_object_is_replaced_by_its_members_when_flat() -> None:
    assert list(body("users.create"))[:3] == ["action", "user_info.email", "user_info.type"]
    shape = spec.endpoint("users.create").body
    assert shape is not None
    assert [(info.name, info.type) for info in describe_shape(shape)] == [
        ("action", Kind.CHOICE),
        ("user_info", Kind.OBJECT),
    ]


def test_a_false_default_is_not_the_same_as_none() -> None:
    options = body("accounts.update_options")
    settings = body("accounts.update_settings")
    assert (options["share_rc"].default, settings["in_meeting.chat"].default) == (False, None)


def test_texts_dates_and_flags_have_their_kinds() -> None:
    reply = spec.endpoint("users.get").reply
    assert reply is not None
    kinds = {info.name: info.type for info in flat(reply)}
    assert (kinds["pmi"], kinds["created_at"], kinds["group_ids"]) == (Kind.TEXT, Kind.DATETIME, Kind.LIST)
    assert body("users.update_settings")["in_meeting.chat"].type == Kind.BOOLEAN
    assert body("billing.update")["email"].type == Kind.EMAIL
