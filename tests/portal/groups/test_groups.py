"""Groups: over all sub-accounts, of one sub-account, and their members."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.access.models import Staff
from portal.directory.models import MirrorGroup, SubAccount
from tests.portal.groups.conftest import names
from tests.portal.ui.submitted import submitted
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


def fill(client: Client, url: str, **changes: Any) -> HttpResponse:
    page = client.get(url).content.decode()
    start = page.rindex("<form", 0, page.index('name="operation_key"'))
    data = submitted(page[start : page.index("</form>", start)])
    for name, value in changes.items():
        data[name] = value
    return client.post(url, data.urlencode(), content_type="application/x-www-form-urlencoded")


def operations(sandbox: Sandbox) -> list[str]:
    return [write["operation"] for write in sandbox.ledger()]


def test_a_group_is_created_once_and_shown(ritas: Client, tenant: SubAccount, clean: Sandbox) -> None:
    url, data = f"/groups/{tenant.pk}/new/", {"name": "Day shift", "operation_key": str(uuid.uuid4())}
    first, second = ritas.post(url, data), ritas.post(url, data)
    row = tenant.groups.get(name="Day shift")
    assert [first["Location"], second["Location"]] == [f"/groups/{tenant.pk}/{row.zoom_id}/"] * 2
    assert operations(clean) == ["groups.create"]
    assert ritas.get(first["Location"]).status_code == 200


def test_a_name_that_is_taken_is_refused_with_words(ritas: Client, tenant: SubAccount, group: str) -> None:
    answer = fill(ritas, f"/groups/{tenant.pk}/new/", name="Night shift")
    assert answer.status_code == 422
    assert answer.context["form"].errors


def test_a_group_needs_a_name(ritas: Client, tenant: SubAccount, clean: Sandbox) -> None:
    assert fill(ritas, f"/groups/{tenant.pk}/new/", name="  ").status_code == 422
    assert clean.ledger() == []


def test_a_group_is_renamed(ritas: Client, tenant: SubAccount, group: str, clean: Sandbox) -> None:
    assert fill(ritas, f"/groups/{tenant.pk}/{group}/rename/", name="Late shift").status_code == 302
    assert "Late shift" in names(clean, tenant)
    assert tenant.groups.get(zoom_id=group).name == "Late shift"


def test_fault_U14_a_group_that_somebody_renamed_meanwhile_is_not_renamed_unseen(
    ritas: Client, tenant: SubAccount, group: str, clean: Sandbox
) -> None:
    url = f"/groups/{tenant.pk}/{group}/rename/"
    page = ritas.get(url).content.decode()
    start = page.rindex("<form", 0, page.index('name="operation_key"'))
    data = submitted(page[start : page.index("</form>", start)])
    clean.call("PATCH", f"/accounts/{tenant.zoom_id}/groups/{group}", json={"name": "Theirs"})
    data["name"] = "Ours"
    answer = ritas.post(url, data.urlencode(), content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 409
    assert [(row.was, row.now, row.yours) for row in answer.context["meanwhile"]] == [("Night shift", "Theirs", "Ours")]
    assert "Theirs" in names(clean, tenant)


def test_a_group_is_deleted_after_typing_its_name(
    ritas: Client, tenant: SubAccount, group: str, clean: Sandbox
) -> None:
    url = f"/groups/{tenant.pk}/{group}/delete/"
    assert fill(ritas, url, typed="something", reason="old").status_code == 422
    assert "Night shift" in names(clean, tenant)
    assert fill(ritas, url, typed="Night shift", reason="old").status_code == 302
    assert "Night shift" not in names(clean, tenant)


def test_members_are_added_by_e_mail_and_taken_out(
    ritas: Client, tenant: SubAccount, group: str, clean: Sandbox
) -> None:
    users = clean.call("GET", f"/accounts/{tenant.zoom_id}/users").json()["users"][:2]
    home = f"/groups/{tenant.pk}/{group}/"
    text = "\n".join(user["email"] for user in users)
    answer = ritas.post(f"{home}add/", {"people": text, "operation_key": str(uuid.uuid4())}, follow=True)
    page = answer.content.decode()
    assert all(f'/users/{tenant.pk}/{user["id"]}/"' in page for user in users)
    ritas.post(f"{home}members/{users[0]['id']}/remove/", {"operation_key": str(uuid.uuid4())})
    members = clean.call("GET", f"/accounts/{tenant.zoom_id}/groups/{group}/members").json()["members"]
    assert [member["id"] for member in members] == [users[1]["id"]]


def test_more_than_thirty_members_at_a_time_are_refused_before_the_call(
    ritas: Client, tenant: SubAccount, group: str, clean: Sandbox
) -> None:
    before = len(clean.ledger())
    people = ",".join(f"u{n}@x.example" for n in range(31))
    answer = ritas.post(f"/groups/{tenant.pk}/{group}/add/", {"people": people})
    assert answer.status_code == 422
    assert "At most 30" in answer.content.decode()
    assert len(clean.ledger()) == before


def test_the_groups_of_a_sub_account_are_read_live(ritas: Client, tenant: SubAccount, group: str) -> None:
    assert "Night shift" in ritas.get(f"/groups/{tenant.pk}/").content.decode()
    assert tenant.groups.filter(zoom_id=group).exists()


def test_strangers_and_unknown_groups_get_the_same_404(
    ritas: Client, client_of: Callable[[Staff], Client], ravi: Staff, tenant: SubAccount, group: str
) -> None:
    ravis = client_of(ravi)
    home = f"/groups/{tenant.pk}/"
    gets = [ravis.get(home + rest) for rest in ("", "new/", f"{group}/", f"{group}/rename/", f"{group}/delete/")]
    posts = [ravis.post(home + rest) for rest in (f"{group}/add/", f"{group}/members/x/remove/")]
    assert {answer.status_code for answer in [*gets, *posts]} == {404}
    assert len({answer.content for answer in [*gets, *posts]}) == 1
    assert ritas.get(f"{home}no-such-group/").status_code == 404


def test_a_reseller_lists_only_the_groups_of_their_own(ritas: Client, tenant: SubAccount, globex: SubAccount) -> None:
    MirrorGroup.objects.create(account=globex, zoom_id="g", name="Foreign")
    MirrorGroup.objects.create(account=tenant, zoom_id="t", name="Mine")
    text = ritas.get("/groups/").content.decode()
    assert "Mine" in text
    assert "Foreign" not in text


def test_thirty_groups_cost_as_many_queries_as_one(
    olga: Staff, acme: SubAccount, client_of: Callable[[Staff], Client]
) -> None:
    client = client_of(olga)
    MirrorGroup.objects.create(account=acme, zoom_id="0", name="First")
    client.get("/groups/")
    with CaptureQueriesContext(connection) as one:
        client.get("/groups/")
    MirrorGroup.objects.bulk_create(MirrorGroup(account=acme, zoom_id=str(n), name=f"Group {n}") for n in range(1, 30))
    with CaptureQueriesContext(connection) as thirty:
        client.get("/groups/")
    assert len(thirty) == len(one)


def test_an_auditor_looks_and_cannot_change(
    anna: Staff, tenant: SubAccount, group: str, client_of: Callable[[Staff], Client]
) -> None:
    client = client_of(anna)
    text = client.get(f"/groups/{tenant.pk}/{group}/").content.decode()
    assert "Delete…" not in text
    for rest in ("rename/", "delete/"):
        assert client.get(f"/groups/{tenant.pk}/{group}/{rest}").status_code == 403
    assert client.post(f"/groups/{tenant.pk}/{group}/add/", {"people": "a@x.example"}).status_code == 403
