"""One user's page: live from Zoom, from the mirror when Zoom cannot be read."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from portal.access.models import Staff
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.users.conftest import some
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

ClientOf = Callable[[Staff], Client]


@pytest.fixture
def ritas(client_of: ClientOf, rita: Staff) -> Client:
    return client_of(rita)


def address(user: MirrorUser, rest: str = "") -> str:
    return f"/users/{user.account_id}/{user.zoom_id}/{rest}"


def live(sandbox: Sandbox, user: MirrorUser) -> dict[str, object]:
    found: dict[str, object] = sandbox.call("GET", f"/accounts/{user.account.zoom_id}/users/{user.zoom_id}").json()
    return found


def test_a_user_is_read_live_and_the_mirror_refreshed(ritas: Client, clean: Sandbox, user: MirrorUser) -> None:
    path = f"/accounts/{user.account.zoom_id}/users/{user.zoom_id}"
    assert clean.call("PATCH", path, json={"dept": "Quality", "first_name": "Petra"}).status_code == 204
    text = ritas.get(address(user)).content.decode()
    assert "Quality" in text
    user.refresh_from_db()
    assert (user.dept, user.first_name, user.status) == ("Quality", "Petra", "active")


def test_the_host_key_is_nowhere(ritas: Client, clean: Sandbox, user: MirrorUser) -> None:
    key = str(live(clean, user)["host_key"])
    assert re.fullmatch(r"\d{6}", key)
    for page in ("", "edit/", "settings/", "assistants/", "groups/", "permissions/"):
        answer = ritas.get(address(user, page))
        assert answer.status_code == 200
        assert f">{key}<" not in answer.content.decode()
        assert f'"{key}"' not in answer.content.decode()


def test_an_unreachable_zoom_leaves_the_mirror_marked_as_such(ritas: Client, user: MirrorUser, clean: Sandbox) -> None:
    clean.faults({"match": {"method": "GET"}, "do": "status", "value": 500, "rate": 1.0})
    answer = ritas.get(address(user))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "this is what the portal knew" in text
    assert user.email in text
    assert "Set a new password" not in text


def test_a_user_that_is_gone_at_zoom_is_told_so(ritas: Client, clean: Sandbox, user: MirrorUser) -> None:
    clean.call("DELETE", f"/accounts/{user.account.zoom_id}/users/{user.zoom_id}?action=delete")
    answer = ritas.get(address(user))
    assert answer.status_code == 404
    assert "Zoom does not have this" in answer.content.decode()
    assert not MirrorUser.objects.filter(pk=user.pk).exists()


def test_strangers_and_unknown_ids_get_the_same_404(
    client_of: ClientOf, ravi: Staff, ritas: Client, user: MirrorUser, globex: SubAccount
) -> None:
    ravis = client_of(ravi)
    pages = ("", "edit/", "settings/", "password/", "picture/", "groups/", "assistants/", "remove/", "token/revoke/")
    foreign = [ravis.get(address(user, page)) for page in (*pages, "status/activate/", "permissions/", "schedulers/")]
    foreign.append(ravis.get(f"/users/{user.account_id}/new/"))
    missing = ritas.get(f"/users/{user.account_id}/nobody-has-this-id/")
    me = ritas.get(f"/users/{user.account_id}/me/")
    answers = [*foreign, missing, me]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_a_user_of_another_sub_account_is_not_found_below_ones_own(
    ritas: Client, clean: Sandbox, tenant: SubAccount
) -> None:
    rows = clean.call("GET", "/accounts?page_size=300").json()["accounts"]
    other = next(row for row in rows if row["id"] != tenant.zoom_id)
    stranger = clean.call("GET", f"/accounts/{other['id']}/users").json()["users"][0]
    assert ritas.get(f"/users/{tenant.pk}/{stranger['id']}/").status_code == 404
    assert ritas.get(f"/users/{tenant.pk}/{stranger['email']}/").status_code == 404


def test_an_e_mail_leads_to_the_same_page(ritas: Client, user: MirrorUser) -> None:
    answer = ritas.get(f"/users/{user.account_id}/{user.email}/")
    assert (answer.status_code, answer["Location"]) == (302, address(user))


def test_of_a_pending_user_it_is_said_what_can_be_done(ritas: Client, tenant: SubAccount) -> None:
    pending = some(tenant, "pending")
    text = ritas.get(address(pending)).content.decode()
    assert "can be disassociated but not deleted" in text
    assert (address(pending, "remove/") in text, address(pending, "edit/") in text) == (True, True)
    assert (address(pending, "password/") in text, address(pending, "settings/") in text) == (False, False)
    assert ritas.get(address(pending, "settings/")).status_code == 404


def test_schedulers_and_permissions_are_said_to_be_the_master_accounts_only(ritas: Client, user: MirrorUser) -> None:
    for page in ("schedulers/", "permissions/"):
        assert "only for users of the master account" in ritas.get(address(user, page)).content.decode()


def test_an_auditor_looks_and_cannot_change(client_of: ClientOf, anna: Staff, user: MirrorUser) -> None:
    client = client_of(anna)
    text = client.get(address(user)).content.decode()
    assert "Edit" not in text
    assert client.get(address(user, "settings/")).status_code == 200
    assert client.get(address(user, "edit/")).status_code == 403
    assert client.post(address(user, "settings/"), {}).status_code == 403
    assert client.post(address(user, "assistants/"), {"people": "a@x.example"}).status_code == 403
