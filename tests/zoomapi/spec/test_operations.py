"""What is said about operations besides their arguments: secrets, rates, effects, paging."""

from collections import Counter

import pytest
from rest_framework.serializers import ListSerializer

from zoomapi import spec
from zoomapi.spec import Effect, Paging
from zoomapi.spec.limits import RATE_CLASSES, rate_class

SECRETS = {
    "accounts.create": {"password"},
    "users.create": {"user_info.password"},
    "users.get": {"host_key"},
    "users.update": {"host_key"},
    "users.update_password": {"password"},
    "users.token": {"token"},
    "users.check_zpk": {"zpk"},
    "meetings.create": {"password", "h323_password", "start_url"},
    "meetings.get": {"password", "h323_password", "start_url"},
    "meetings.update": {"password"},
    "webinars.create": {"password", "start_url"},
    "webinars.get": {"start_url"},
    "webinars.update": {"password"},
    "webhooks.list": {"webhooks[].auth_password"},
    "webhooks.create": {"auth_password"},
    "webhooks.get": {"auth_password"},
    "webhooks.update": {"auth_password"},
    "tsp.list": {"tsp_accounts[].leader_pin"},
    "tsp.create": {"leader_pin"},
    "tsp.get": {"leader_pin"},
    "tsp.update": {"leader_pin"},
    "pac.list": {"tsp_accounts[].participant_password", "tsp_accounts[].listen_only_password"},
}


@pytest.mark.parametrize("endpoint", list(spec.all_endpoints()), ids=lambda e: e.key)
def test_secrets_are_marked_and_nothing_else_is(endpoint: spec.Endpoint) -> None:
    assert endpoint.secrets == SECRETS.get(endpoint.key, set())


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/users", "general"),
        ("/accounts/{accountId}", "general"),
        ("/accounts/{accountId}/options", "general"),
        ("/accounts/{accountId}/billing", "billing"),
        ("/accounts/{accountId}/plans", "billing"),
        ("/accounts/{accountId}/plans/addons", "billing"),
        ("/metrics/meetings", "dashboard"),
        ("/metrics/webinars/{webinarId}/participants", "dashboard"),
        ("/accounts/{accountId}/metrics/meetings", "dashboard"),
        ("/metrics/crc", "metrics"),
        ("/report/daily", "report"),
        ("/accounts/{accountId}/report/users", "report"),
        ("/past_meetings/{meetingUUID}", "general"),
    ],
)
def test_a_path_has_one_rate_class(path: str, name: str) -> None:
    assert rate_class(path).name == name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("general", "10 a second"),
        ("billing", "1 a second"),
        ("report", "1 a second, 2,000 a day"),
        ("dashboard", "1 a minute, 2,000 a day"),
    ],
)
def test_rate_classes_have_the_documented_figures(name: str, told: str) -> None:
    assert str(RATE_CLASSES[name]) == told


def test_every_operation_is_in_one_rate_class() -> None:
    families: dict[str, Counter[str]] = {}
    for endpoint in spec.all_endpoints():
        families.setdefault(endpoint.rate.name, Counter())[endpoint.family] += 1
    assert families.pop("billing") == {"billing": 7}
    assert families.pop("report") == {"reports": 11}
    assert families.pop("dashboard") == {"dashboards": 12}
    assert families.pop("metrics") == {"dashboards": 4}
    assert (list(families), families["general"].total()) == (["general"], 130 - 7 - 11 - 16)


@pytest.mark.parametrize("endpoint", [e for e in spec.all_endpoints() if e.mirror], ids=lambda e: e.key)
def test_a_mirrored_form_has_the_rate_class_of_the_direct_one(endpoint: spec.Endpoint) -> None:
    assert rate_class(endpoint.mirror_path) is endpoint.rate
    assert [rate_class(odd.path) for odd in endpoint.odd_mirrors] == [endpoint.rate] * len(endpoint.odd_mirrors)


# What the method does not tell by itself: GET reads, PUT and PATCH set, DELETE deletes, POST creates.
EFFECTS = {
    "users.create": Effect.CREATE_KEYED,
    "users.upload_picture": Effect.SET,
    "users.delete": Effect.PEOPLE,
    "users.update_password": Effect.PEOPLE,
    "users.add_assistants": Effect.CREATE_KEYED,
    "billing.subscribe": Effect.MONEY,
    "billing.update_base": Effect.MONEY,
    "billing.add_addon": Effect.MONEY,
    "billing.update_addon": Effect.MONEY,
    "groups.add_members": Effect.CREATE_KEYED,
    "im_groups.add_members": Effect.CREATE_KEYED,
    "meetings.add_registrant": Effect.CREATE_KEYED,
    "webinars.add_registrant": Effect.CREATE_KEYED,
    "webinars.add_panelists": Effect.CREATE_KEYED,
    "recordings.delete": Effect.PEOPLE,
    "recordings.delete_file": Effect.PEOPLE,
}
BY_METHOD = {
    "GET": Effect.READ,
    "POST": Effect.CREATE,
    "PUT": Effect.SET,
    "PATCH": Effect.SET,
    "DELETE": Effect.DELETE,
}


@pytest.mark.parametrize("endpoint", list(spec.all_endpoints()), ids=lambda e: e.key)
def test_operations_say_what_they_do_at_the_other_end(endpoint: spec.Endpoint) -> None:
    assert endpoint.effect is EFFECTS.get(endpoint.key, BY_METHOD[endpoint.method])


def test_creations_name_the_field_that_tells_them_apart() -> None:
    assert {e.key: e.remote_key for e in spec.all_endpoints() if e.remote_key} == {
        "users.create": "user_info.email",
        "accounts.create": "email",
        "groups.create": "name",
        "im_groups.create": "name",
        "meetings.create": "topic",
        "meetings.add_registrant": "email",
        "webinars.create": "topic",
        "webinars.add_registrant": "email",
        "webhooks.create": "url",
        "tsp.create": "conference_code",
        "devices.create": "name",
    }


def paged(paging: Paging) -> dict[str, str]:
    return {e.key: e.item_key for e in spec.all_endpoints() if e.paging is paging}


def test_lists_with_page_numbers_are_paged_so() -> None:
    assert paged(Paging.NUMBERED) == {
        "accounts.list": "accounts",
        "users.list": "users",
        "groups.members": "members",
        "im_groups.list": "groups",
        "im_groups.members": "members",
        "meetings.list": "meetings",
        "meetings.registrants": "registrants",
        "webinars.list": "webinars",
        "webinars.registrants": "registrants",
        "reports.users": "users",
        "reports.telephone": "telephony_usage",
        "dashboards.zoom_rooms": "zoom_rooms",
        "devices.list": "devices",
    }


def test_lists_with_page_tokens_are_paged_so() -> None:
    assert paged(Paging.TOKEN) == {
        "meetings.past_participants": "participants",
        "im_chat.sessions": "sessions",
        "im_chat.messages": "messages",
        "recordings.list": "meetings",
        "reports.user_meetings": "meetings",
        "reports.meeting_participants": "participants",
        "reports.webinar_participants": "participants",
        "dashboards.meetings": "meetings",
        "dashboards.meeting_participants": "participants",
        "dashboards.meeting_qos": "participants",
        "dashboards.meeting_sharing": "participants",
        "dashboards.webinars": "webinars",
        "dashboards.webinar_participants": "participants",
        "dashboards.webinar_qos": "participants",
        "dashboards.webinar_sharing": "participants",
        "dashboards.im": "users",
    }


@pytest.mark.parametrize("endpoint", [e for e in spec.all_endpoints() if e.paging], ids=lambda e: e.key)
def test_a_paged_list_asks_for_its_pages_and_answers_its_items(endpoint: spec.Endpoint) -> None:
    assert endpoint.query is not None
    assert endpoint.reply is not None
    assert {"page_size", endpoint.paging} <= set(endpoint.query().fields)
    assert isinstance(endpoint.reply().fields[endpoint.item_key], ListSerializer)


def test_every_list_is_named_that_an_answer_holds() -> None:
    unnamed = [e.key for e in spec.all_endpoints() if e.item_key and e.reply and e.item_key not in e.reply().fields]
    assert unnamed == []


def test_a_meeting_is_named_by_uuid_where_it_may_be() -> None:
    named = {e.key for e in spec.all_endpoints() if e.uuid}
    recordings = {e.key for e in spec.all_endpoints() if e.family == "recordings" and e.key != "recordings.list"}
    inside = {e.key for e in spec.all_endpoints() if e.family in ("reports", "dashboards") and "binarId}" in e.path}
    inside |= {e.key for e in spec.all_endpoints() if e.family in ("reports", "dashboards") and "meetingId}" in e.path}
    assert named == recordings | inside | {"meetings.past", "meetings.past_participants"}
    assert len(named) == 5 + 7 + 10 + 2


def test_every_patch_is_partial_but_those_that_need_everything() -> None:
    whole = {e.key for e in spec.all_endpoints() if e.partial != (e.method == "PATCH")}
    assert whole == {"devices.update", "tsp.update", "webhooks.switch_version"}


@pytest.mark.parametrize("endpoint", list(spec.all_endpoints()), ids=lambda e: e.key)
def test_every_operation_has_a_title(endpoint: spec.Endpoint) -> None:
    assert endpoint.title


def test_an_unknown_operation_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        spec.endpoint("users.fly")
