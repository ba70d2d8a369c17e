"""The client and the sandbox, which share nothing but the specification, understand each other."""

from collections.abc import Iterator

import pytest

from tests.support.sandbox import Sandbox
from zoomapi.client import JwtAuth, ZoomClient, errors
from zoomapi.client.permits import Unlimited
from zoomapi.client.transport import Transport


@pytest.fixture
def zoom(sandbox: Sandbox) -> Iterator[ZoomClient]:
    sandbox.reset()
    transport = Transport(sandbox.base_url)
    yield ZoomClient(
        sandbox.base_url, JwtAuth(sandbox.key, sandbox.secret), permits=Unlimited(), transport=transport, deadline=10.0
    )
    transport.close()


def test_a_user_lives_from_creation_to_deletion(zoom: ZoomClient) -> None:
    made = zoom.users.create(
        action="custCreate", user_info={"email": "life@example.com", "type": 1, "first_name": "Li"}
    )
    assert zoom.users.get(made["id"])["email"] == "life@example.com"
    assert zoom.users.get("life@example.com")["id"] == made["id"]
    assert zoom.users.update(made["id"], first_name="Lo", dept="Sales") is None
    changed = zoom.users.get(made["id"])
    assert (changed["first_name"], changed["dept"]) == ("Lo", "Sales")
    with pytest.raises(errors.Conflict):
        zoom.users.create(action="create", user_info={"email": "life@example.com", "type": 1})
    assert zoom.users.delete(made["id"], action="delete") is None
    with pytest.raises(errors.NotFound):
        zoom.users.get(made["id"])


def test_whole_lists_are_read_in_the_master_and_in_a_sub_account(zoom: ZoomClient) -> None:
    accounts = zoom.accounts.list.each()
    ids = [account["id"] for account in accounts]
    assert (accounts.complete, len(ids)) == (True, len(set(ids)))
    users = zoom.account(ids[0]).users.list.each(page_size=2)
    found = list(users)
    assert (users.complete, len(found)) == (True, users.total)
    assert users.pages >= len(found) / 2


def test_a_wrong_secret_is_unauthorized(sandbox: Sandbox, zoom: ZoomClient) -> None:
    stranger = ZoomClient(sandbox.base_url, JwtAuth(sandbox.key, "x" * 40), permits=Unlimited())
    with pytest.raises(errors.Unauthorized):
        stranger.users.list()


def test_an_unknown_object_is_not_found_and_the_clock_difference_is_known(zoom: ZoomClient) -> None:
    with pytest.raises(errors.NotFound):
        zoom.groups.get("nosuchgroup")
    assert zoom.offset is not None
    assert abs(zoom.offset) < 5


def test_a_user_list_of_the_sandbox_holds_no_more_than_one_page_without_each(zoom: ZoomClient) -> None:
    page = zoom.users.list.page(page_size=1)
    assert len(page.items) == 1
