"""What the shapes accept and refuse."""

from typing import Any

import pytest
from rest_framework.exceptions import ValidationError

from zoomapi import spec

CONTACT = {
    "first_name": "Ada", "last_name": "King", "email": "ada@example.com", "phone_number": "+1 555 0100",
    "address": "1 Main Street", "city": "San Jose", "state": "CA", "zip": "95113", "country": "US",
}  # fmt: skip
NEW_USER: dict[str, Any] = {"action": "create", "user_info": {"email": "a@example.com", "type": 1}}


def errors(key: str, data: dict[str, Any], part: str = "body") -> Any:
    """Return what is wrong with the body (or query) of an operation: {} when it is accepted."""
    endpoint = spec.endpoint(key)
    shape = getattr(endpoint, part)(partial=endpoint.partial or part == "query", data=data)
    shape.is_valid()
    return shape.errors


def base(code: str, hosts: Any) -> Any:
    return errors("billing.update_base", {"type": code, "hosts": hosts})


@pytest.mark.parametrize(
    ("code", "least", "most"),
    [("monthly", 1, 9), ("business_yearly", 10, 49), ("edu20", 20, 149), ("trial", 1, 9999), ("zroom_yearly", 1, 9999)],
)
def test_a_base_plan_takes_hosts_within_its_bounds_only(code: str, least: int, most: int) -> None:
    verdicts = [base(code, hosts) == {} for hosts in (least - 1, least, most, most + 1)]
    assert verdicts == [False, True, True, False]


def test_a_refused_number_of_hosts_says_what_would_fit() -> None:
    assert base("monthly", 12) == {"hosts": ["Pro allows 1–9; Business allows 10–49."]}


def test_host_bounds_hold_inside_a_subscription() -> None:
    data = {"contact": CONTACT, "plan_base": {"type": "edu20", "hosts": 19}}
    assert errors("billing.subscribe", data) == {
        "plan_base": {"hosts": ["Education allows 20–149; Business allows 10–49."]}
    }


def test_a_subscription_may_hold_every_additional_plan() -> None:
    data = {
        "contact": CONTACT,
        "plan_base": {"type": "monthly", "hosts": 9},
        "plan_zoom_rooms": {"type": "zroom_monthly", "hosts": 2},
        "plan_room_connector": {"type": "roomconnector_yearly", "hosts": 1},
        "plan_large_meeting": [{"type": "large200_monthly", "hosts": 20}],
        "plan_webinar": [{"type": "webinar100_yearly", "hosts": 1}, {"type": "webinar500_monthly", "hosts": 2}],
        "plan_recording": "cmr_monthly_commitment_40",
        "plan_audio": {"type": "tollfree_payongo", "tollfree_countries": "AU,AT", "ddi_numbers": 10},
    }
    assert errors("billing.subscribe", data) == {}


def test_half_a_plan_is_refused() -> None:
    data = {
        "contact": CONTACT,
        "plan_base": {"type": "yearly", "hosts": 1},
        "plan_zoom_rooms": {"type": "zroom_yearly"},
    }
    assert list(errors("billing.subscribe", data)["plan_zoom_rooms"]) == ["hosts"]


def test_a_plan_of_another_group_is_refused() -> None:
    data = {"contact": CONTACT, "plan_base": {"type": "large100_yearly", "hosts": 1}, "plan_webinar": [{"type": "x"}]}
    found = errors("billing.subscribe", data)
    assert (list(found["plan_base"]), sorted(found["plan_webinar"][0])) == (["type"], ["hosts", "type"])


def test_a_legacy_plan_is_kept_in_an_answer() -> None:
    reply = spec.endpoint("billing.plans").reply
    assert reply is not None
    data = {"plan_base": {"type": "business_yearly_c50", "hosts": 50}}
    shape = reply(data=data, partial=True)
    assert shape.is_valid()
    assert shape.validated_data["plan_base"]["type"] == "business_yearly_c50"


def test_dial_in_countries_are_codes_of_their_own_list() -> None:
    data = {"type": "tollfree_payongo", "hosts": 1, "premium_countries": "TW, TH", "callout_countries": "TW_mobile"}
    assert errors("billing.add_addon", data) == {}
    assert errors("billing.add_addon", {**data, "premium_countries": "TW,DE"}) == {
        "premium_countries": ["Unknown: DE."]
    }


def test_every_contact_field_but_the_apartment_is_required_for_a_subscription() -> None:
    missing = errors("billing.subscribe", {"contact": {}, "plan_base": {"type": "yearly", "hosts": 1}})["contact"]
    assert sorted(missing) == sorted(CONTACT)


@pytest.mark.parametrize(
    ("change", "accepted"),
    [
        ({"state": "CA"}, True),
        ({"state": "Bavaria"}, False),
        ({"state": "Bavaria", "country": "US"}, False),
        ({"state": "Bavaria", "country": "DE"}, True),
        ({"country": "XX"}, False),
        ({"country": "FX"}, True),
        ({"state": {}, "country": "DE"}, False),
        ({"state": ["CA"]}, False),
        ({"state": "", "country": "DE"}, True),
    ],
)
def test_states_are_checked_in_the_countries_that_have_a_list(change: dict[str, str], accepted: bool) -> None:
    assert (errors("billing.update", change) == {}) == accepted


def test_an_owner_needs_a_name_an_address_and_a_password() -> None:
    assert sorted(errors("accounts.create", {})) == ["email", "first_name", "last_name", "password"]


@pytest.mark.parametrize(
    ("info", "wrong"),
    [
        ({}, []),
        ({"first_name": "x" * 64}, []),
        ({"first_name": ""}, []),
        ({"first_name": "x" * 65}, ["first_name"]),
        ({"last_name": "司馬相如長卿"}, ["last_name"]),
        ({"last_name": "司馬相如長"}, []),
        ({"email": "x" * 120 + "@example.com"}, ["email"]),
        ({"type": 4}, ["type"]),
        ({"type": "2"}, []),
        ({"password": "x" * 31}, []),
        ({"password": "x" * 32}, ["password"]),
    ],
)
def test_a_new_user_is_checked(info: dict[str, Any], wrong: list[str]) -> None:
    found = errors("users.create", {**NEW_USER, "user_info": {**NEW_USER["user_info"], **info}})
    assert list(found.get("user_info", {})) == wrong


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, []),
        ({"pmi": "1234567890"}, []),
        ({"pmi": 1234567890}, []),
        ({"pmi": "123456789"}, ["pmi"]),
        ({"pmi": "12345678ab"}, ["pmi"]),
        ({"host_key": "012345"}, []),
        ({"host_key": "1234567"}, ["host_key"]),
        ({"host_key": "١٢٣٤٥٦"}, ["host_key"]),
        ({"timezone": "SST"}, []),
        ({"timezone": "Mars/Olympus"}, ["timezone"]),
        ({"dept": ""}, []),
    ],
)
def test_a_changed_user_is_checked(change: dict[str, Any], wrong: list[str]) -> None:
    assert list(errors("users.update", change)) == wrong


@pytest.mark.parametrize(
    ("settings", "accepted"),
    [
        ({"in_meeting": {"dscp_audio": 1, "dscp_video": 63}}, True),
        ({"in_meeting": {"dscp_audio": 0}}, False),
        ({"in_meeting": {"dscp_video": 64}}, False),
        ({"in_meeting": {"ports_range": "55,56"}}, True),
        ({"in_meeting": {"ports_range": "55,65536"}}, False),
        ({"in_meeting": {"ports_range": "55-56"}}, False),
        ({"recording": {"auto_delete_cmr_days": 60}}, True),
        ({"recording": {"auto_delete_cmr_days": 61}}, False),
        ({"schedule_meting": {"audio_type": "thirdParty"}}, True),
        ({"schedule_meting": {"audio_type": "smoke"}}, False),
    ],
)
def test_account_settings_are_checked(settings: dict[str, Any], accepted: bool) -> None:
    assert (errors("accounts.update_settings", settings) == {}) == accepted


@pytest.mark.parametrize("key", ["groups.add_members", "users.add_assistants"])
def test_thirty_people_at_most_are_added_at_once(key: str) -> None:
    name = "members" if key.startswith("groups") else "assistants"
    counts = [errors(key, {name: [{"email": f"u{n}@example.com"} for n in range(many)]}) == {} for many in (30, 31)]
    assert counts == [True, False]


def test_a_person_to_add_needs_an_id_or_an_address() -> None:
    assert errors("groups.add_members", {"members": [{"id": "a"}, {}]}) == {
        "members": {1: {"non_field_errors": ["Give an id or an e-mail address."]}}
    }


@pytest.mark.parametrize(("size", "accepted"), [(1, True), (300, True), (0, False), (301, False)])
def test_a_page_has_at_most_300_records(size: int, accepted: bool) -> None:
    assert (errors("users.list", {"page_size": size}, "query") == {}) == accepted


def test_a_group_name_is_shorter_than_128_characters() -> None:
    assert [errors("groups.update", {"name": "x" * n}) == {} for n in (127, 128)] == [True, False]


def test_a_shape_sends_nothing_the_caller_did_not_give() -> None:
    endpoint = spec.endpoint("accounts.update_options")
    assert endpoint.body is not None
    shape = endpoint.body(data={"share_rc": True}, partial=True)
    shape.is_valid(raise_exception=True)
    assert dict(shape.validated_data) == {"share_rc": True}


def test_a_password_keeps_the_spaces_around_it() -> None:
    endpoint = spec.endpoint("users.update_password")
    assert endpoint.body is not None
    assert endpoint.body().run_validation({"password": " secret "}) == {"password": " secret "}
    with pytest.raises(ValidationError):
        endpoint.body().run_validation({})
