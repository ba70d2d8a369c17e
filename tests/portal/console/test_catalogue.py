"""Finding operations, and who may perform them."""

import pytest

from portal.access.rights import Right, Role
from portal.access.scope import Scope
from portal.console import catalogue
from zoomapi.spec import all_endpoints, endpoint


def keys(words: str) -> list[str]:
    return [found.key for group in catalogue.groups(words) for found in group.operations]


def test_without_a_search_every_operation_is_there() -> None:
    assert sorted(keys("")) == sorted(found.key for found in all_endpoints())


@pytest.mark.parametrize("words", ["users.create", "create a user", "POST /users", "Users CREATE user"])
def test_an_operation_is_found_by_name_title_and_path(words: str) -> None:
    assert "users.create" in keys(words)


def test_every_word_must_match() -> None:
    assert keys("users nothing-like-it") == []


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
