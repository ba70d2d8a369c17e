import struct
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.sandbox import Sandbox
from tests.zoomapi.sandbox.conftest import problem
from tests.zoomapi.sandbox.test_every_operation import PNG

NewUser = Callable[..., dict[str, Any]]


def linked(sandbox: Sandbox, user: str, kind: str) -> list[str]:
    return [person["id"] for person in sandbox.call("GET", f"/users/{user}/{kind}").json()["assistants"]]


def test_assistants_and_schedulers_are_two_sides_of_one_thing(sandbox: Sandbox, new_user: NewUser) -> None:
    boss, one, two = new_user(), new_user(), new_user()
    path = f"/users/{boss['id']}/assistants"
    answer = sandbox.call("POST", path, json={"assistants": [{"id": one["id"]}, {"email": two["email"]}]})
    assert answer.json()["ids"] == f"{one['id']},{two['id']}"
    assert sorted(linked(sandbox, boss["id"], "assistants")) == sorted([one["id"], two["id"]])
    assert linked(sandbox, one["id"], "schedulers") == [boss["id"]]
    assert sandbox.call("DELETE", f"{path}/{one['id']}").status_code == 204
    assert problem(sandbox.call("DELETE", f"{path}/{one['id']}")) == (404, 1001)
    assert linked(sandbox, one["id"], "schedulers") == []
    assert sandbox.call("DELETE", f"/users/{two['id']}/schedulers/{boss['id']}").status_code == 204
    assert linked(sandbox, boss["id"], "assistants") == []


def test_all_links_of_a_user_go_at_once(sandbox: Sandbox, new_user: NewUser) -> None:
    boss, one = new_user()["id"], new_user()["id"]
    add = {"assistants": [{"id": one}]}
    for path in (f"/users/{boss}/assistants", f"/users/{one}/schedulers"):
        assert sandbox.call("POST", f"/users/{boss}/assistants", json=add).status_code == 201
        assert sandbox.call("DELETE", path).status_code == 204
        assert linked(sandbox, boss, "assistants") == []


def test_nobody_assists_himself_and_thirty_are_enough(sandbox: Sandbox, new_user: NewUser) -> None:
    user = new_user()["id"]
    path = f"/users/{user}/assistants"
    assert problem(sandbox.call("POST", path, json={"assistants": [{"id": user}]})) == (400, 300)
    assert problem(sandbox.call("POST", path, json={"assistants": [{"id": "x"}] * 31})) == (400, 300)
    assert problem(sandbox.call("POST", path, json={"assistants": [{"id": "x"}]})) == (404, 1001)


def upload(sandbox: Sandbox, user: str, data: bytes, field: str = "pic_file") -> Any:
    return sandbox.call("POST", f"/users/{user}/picture", files={field: ("me.png", data, "image/png")})


def test_a_picture_changes_the_users_address_of_it(sandbox: Sandbox, new_user: NewUser) -> None:
    user = new_user()["id"]
    assert upload(sandbox, user, PNG).status_code == 201
    assert sandbox.call("GET", f"/users/{user}").json()["pic_url"].startswith(f"https://sandbox.example/p/{user}/")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg/>",
        PNG[:40],
        PNG[:23] + b"\2" + PNG[24:],
        PNG + b"\0" * 2**21,
        b"GIF89a" + struct.pack("<HH", 0, 5) + b"\0\0\0\0;",
    ],
)
def test_what_is_no_picture_is_refused(sandbox: Sandbox, new_user: NewUser, data: bytes) -> None:
    answer = upload(sandbox, new_user()["id"], data)
    assert (problem(answer), answer.json()["errors"][0]["field"]) == ((400, 300), "pic_file")


def test_a_picture_comes_in_its_own_field(sandbox: Sandbox, new_user: NewUser) -> None:
    user = new_user()["id"]
    assert problem(upload(sandbox, user, PNG, field="file")) == (400, 300)
    assert problem(sandbox.call("POST", f"/users/{user}/picture", json={})) == (400, 300)
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=é", "multipart/form-data; boundary=x"):
        headers = {"Content-Type": content_type.encode()}
        assert problem(sandbox.call("POST", f"/users/{user}/picture", data=b"--x", headers=headers)) == (400, 300)


def test_settings_are_whole_and_keep_what_was_not_sent(sandbox: Sandbox, new_user: NewUser) -> None:
    path = f"/users/{new_user()['id']}/settings"
    before = sandbox.call("GET", path).json()
    change = {"recording": {"auto_recording": "cloud", "auto_delete_cmr_days": 30}}
    assert sandbox.call("PATCH", path, json=change).status_code == 204
    before["recording"] |= change["recording"]
    assert sandbox.call("GET", path).json() == before
    assert problem(sandbox.call("PATCH", path, json={"recording": {"auto_delete_cmr_days": 61}})) == (400, 300)
    assert problem(sandbox.call("PATCH", path, json={"recording": 5})) == (400, 300)


def test_permissions_grow_with_the_role(sandbox: Sandbox, new_user: NewUser) -> None:
    member = sandbox.call("GET", f"/users/{new_user()['id']}/permissions").json()["permissions"]
    owner = sandbox.call("GET", "/users/me/permissions").json()["permissions"]
    assert set(member) < set(owner)


def test_a_zpk_lives_two_hours_and_dies_when_revoked(sandbox: Sandbox, new_user: NewUser) -> None:
    user = new_user()["id"]
    zpk = sandbox.call("GET", f"/users/{user}/token?type=zpk").json()["token"]
    left = sandbox.call("GET", "/users/zpk", params={"zpk": zpk}).json()["expire_in"]
    assert 7100 < left <= 7200
    assert sandbox.call("DELETE", f"/users/{user}/token").status_code == 204
    assert sandbox.call("GET", "/users/zpk", params={"zpk": zpk}).json() == {"expire_in": 0}


@pytest.mark.parametrize("zpk", ["", "x", "é", "AAAA" * 20])
def test_an_invented_zpk_is_refused(sandbox: Sandbox, zpk: str) -> None:
    assert problem(sandbox.call("GET", "/users/zpk", params={"zpk": zpk})) == (400, 300)


def test_another_kind_of_token_is_no_zpk(sandbox: Sandbox, new_user: NewUser) -> None:
    zak = sandbox.call("GET", f"/users/{new_user()['id']}/token?type=zak").json()["token"]
    assert problem(sandbox.call("GET", "/users/zpk", params={"zpk": zak})) == (400, 300)


def test_a_pending_user_has_no_token(sandbox: Sandbox, new_user: NewUser) -> None:
    assert problem(sandbox.call("GET", f"/users/{new_user(action='create')['id']}/token")) == (400, 300)
