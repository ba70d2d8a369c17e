"""Finding operations, and who may perform them."""

import pytest

from portal.access.rights import Right, Role
from portal.access.scope import Scope
from portal.console import catalogue
from zoomapi.spec import all_endpoints, endpoint


def keys(words: str) -> list[str]:
    return [hit.endpoint.key for group in catalogue.groups(words) for hit in group.operations]


def test_without_a_search_every_operation_is_there() -> None:
    assert sorted(keys("")) == sorted(found.key for found in all_endpoints())


@pytest.mark.parametrize("words", ["users.create", "create a user", "POST /users", "Users CREATE user"])
def test_an_operation_is_found_by_name_title_and_path(words: str) -> None:
    assert "users.create" in keys(words)


def test_every_word_must_match() -> None:
    assert keys("users nothing-like-it") == []


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("GET /users/me/settings", [("users.settings", "path-userId=me")]),
        (
            "GET https://api.zoom.us/v2/accounts/a1/users/ada%40x.example/meetings?type=live&page_size=5&access_token=t",
            [("meetings.list", "path-accountId=a1&path-userId=ada%40x.example&query-type=live&query-page_size=5")],
        ),
        ("get /v2/past_meetings/%2Fa%2F%2Fb==/", [("meetings.past", "path-meetingUUID=%2Fa%2F%2Fb%3D%3D")]),
        ("DELETE /users/me/settings", []),
        ("/users/me/nothing", []),
    ],
)
def test_a_call_with_its_ids_is_found_and_its_arguments_are_kept(call: str, found: list[tuple[str, str]]) -> None:
    hits = [hit for group in catalogue.groups(call) for hit in group.operations]
    assert [(hit.endpoint.key, hit.given) for hit in hits] == found


def test_a_secret_of_a_call_is_not_put_into_an_address() -> None:
    hits = [hit for group in catalogue.groups("GET /users/zpk?zpk=abc") for hit in group.operations]
    assert {hit.given for hit in hits if hit.endpoint.key == "users.check_zpk"} == {""}


@pytest.mark.parametrize(
    ("key", "right"),
    [
        ("users.list", Right.VIEW),
        ("users.create", Right.WRITE),
        ("accounts.create", Right.CREATE_ACCOUNT),
        ("billing.subscribe", Right.BILLING),
        ("billing.update", Right.BILLING),
        ("accounts.delete", Right.WRITE),
    ],
)
def test_a_write_takes_the_right_of_its_effect(key: str, right: Right) -> None:
    assert catalogue.right_of(endpoint(key)) is right


def test_every_operation_has_somewhere_to_be_performed() -> None:
    everywhere = Scope(1, Role.OPERATOR, None)
    assert [
        e.key for e in all_endpoints() if not catalogue.in_accounts(e) and not catalogue.direct(e, everywhere)
    ] == []


def test_a_reseller_performs_nothing_in_the_master_account_but_the_creation_of_sub_accounts() -> None:
    reseller = Scope(1, Role.RESELLER, frozenset({7}))
    assert [e.key for e in all_endpoints() if catalogue.direct(e, reseller)] == ["accounts.create"]
