"""Changing one user: only what changed is sent, acts ask first, and one click is one call."""

import struct
import uuid
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse, QueryDict
from django.test import Client

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.bulk.models import Item
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.ui.submitted import submitted
from tests.portal.users.conftest import some
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ritas(client_of: Callable[[Staff], Client], rita: Staff) -> Client:
    return client_of(rita)


def address(user: MirrorUser, rest: str = "") -> str:
    return f"/users/{user.account_id}/{user.zoom_id}/{rest}"


def shown(client: Client, url: str) -> QueryDict:
    """What the page's own form would send, unchanged."""
    answer = client.get(url)
    assert answer.status_code == 200, answer.content
    page = answer.content.decode()
    start = page.rindex("<form", 0, page.index('name="operation_key"'))
    return submitted(page[start : page.index("</form>", start)])


def send(client: Client, url: str, **changes: Any) -> HttpResponse:
    data = shown(client, url)
    for name, value in changes.items():
        data.setlist(name.replace("__", "."), [value])
    return client.post(url, data.urlencode(), content_type="application/x-www-form-urlencoded")


def writes(sandbox: Sandbox) -> list[str]:
    return [write["operation"] for write in sandbox.ledger()]


def live(sandbox: Sandbox, user: MirrorUser, rest: str = "") -> dict[str, Any]:
    found: dict[str, Any] = sandbox.call("GET", f"/accounts/{user.account.zoom_id}/users/{user.zoom_id}{rest}").json()
    return found


def test_only_what_was_changed_is_sent(ritas: Client, user: MirrorUser, clean: Sandbox) -> None:
    answer = send(ritas, address(user, "edit/"), dept="Legal", timezone="Europe/Berlin")
    assert (answer.status_code, answer["Location"]) == (302, address(user))
    assert Item.objects.get().body == {"dept": "Legal", "timezone": "Europe/Berlin"}
    assert live(clean, user)["dept"] == "Legal"
    user.refresh_from_db()
    assert user.dept == "Legal"


def test_nothing_changed_sends_nothing(ritas: Client, user: MirrorUser, clean: Sandbox) -> None:
    assert send(ritas, address(user, "edit/")).status_code == 302
    assert clean.ledger() == []
    assert Item.objects.count() == 0


FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def clash(ritas: Client, user: MirrorUser, clean: Sandbox) -> HttpResponse:
    """Rita opens the form; somebody else changes department and first name; Rita sends department and last name."""
    data = shown(ritas, address(user, "edit/"))
    theirs = {"dept": "Theirs", "first_name": "Their"}
    clean.call("PATCH", f"/accounts/{user.account.zoom_id}/users/{user.zoom_id}", json=theirs)
    data["dept"], data["last_name"] = "Ours", "Our"
    return ritas.post(address(user, "edit/"), data.urlencode(), content_type=FORM)


def again(client: Client, answer: HttpResponse, user: MirrorUser, **changes: str) -> HttpResponse:
    page = answer.content.decode()
    start = page.rindex("<form", 0, page.index('name="operation_key"'))
    data = submitted(page[start : page.index("</form>", start)])
    data.update(changes)
    return client.post(address(user, "edit/"), data.urlencode(), content_type=FORM)


def test_fault_U14_who_edits_what_another_changed_sees_three_values_and_keeps_what_was_typed(
    clash: HttpResponse, user: MirrorUser, clean: Sandbox
) -> None:
    assert (clash.status_code, Item.objects.count(), live(clean, user)["dept"]) == (409, 0, "Theirs")
    rows = {row.name: (row.was, row.now, row.yours) for row in clash.context["meanwhile"]}
    assert rows["dept"] == (user.dept or "nothing", "Theirs", "Ours")
    assert rows["first_name"] == (user.first_name, "Their", "")
    assert "When you opened it" in clash.content.decode()
    assert [clash.context["form"][name].value() for name in ("dept", "last_name")] == ["Ours", "Our"]


def test_fault_U14_saving_again_replaces_only_what_the_person_changed(
    ritas: Client, clash: HttpResponse, user: MirrorUser, clean: Sandbox
) -> None:
    answer = again(ritas, clash, user)
    assert answer.status_code == 302
    assert Item.objects.get().body == {"dept": "Ours", "last_name": "Our"}
    found = live(clean, user)
    assert [found[name] for name in ("dept", "first_name", "last_name")] == ["Ours", "Their", "Our"]
    assert "Somebody else changed meanwhile, and it was kept" in ritas.get(answer["Location"]).content.decode()


def test_fault_U14_the_other_value_can_be_taken(
    ritas: Client, clash: HttpResponse, user: MirrorUser, clean: Sandbox
) -> None:
    assert again(ritas, clash, user, theirs="dept").status_code == 302
    assert Item.objects.get().body == {"last_name": "Our"}
    assert live(clean, user)["dept"] == "Theirs"


@pytest.mark.parametrize("rest", ["edit/", "settings/", "status/deactivate/", "token/revoke/"])
def test_fault_U15_acting_on_a_deleted_user_leads_to_the_list_as_it_is_now(
    ritas: Client, user: MirrorUser, clean: Sandbox, rest: str
) -> None:
    data = shown(ritas, address(user, rest))
    data["reason"] = "asked for"
    clean.call("DELETE", f"/accounts/{user.account.zoom_id}/users/{user.zoom_id}?action=delete")
    sent = len(clean.ledger())
    for _ in range(2):  # the second time the mirror knows it, too
        answer = ritas.post(address(user, rest), data.urlencode(), content_type=FORM)
        assert answer.status_code == 404
        assert '<a class="button primary" href="/users/">Users, read anew</a>' in answer.content.decode()
    assert len(clean.ledger()) == sent


def test_fault_U15_acting_on_a_user_of_a_stranger_leads_to_the_own_list(
    ritas: Client, user: MirrorUser, globex: SubAccount, clean: Sandbox
) -> None:
    data = shown(ritas, address(user, "edit/"))
    foreign = f"/users/{globex.pk}/{user.zoom_id}/edit/"  # as if the user had moved
    answer = ritas.post(foreign, data.urlencode(), content_type=FORM)
    assert (answer.status_code, clean.ledger()) == (404, [])
    assert 'href="/users/"' in answer.content.decode()


def test_a_new_host_key_is_sent_and_never_shown(ritas: Client, user: MirrorUser, clean: Sandbox) -> None:
    answer = send(ritas, address(user, "edit/"), host_key="918273")
    assert answer.status_code == 302
    assert live(clean, user)["host_key"] == "918273"
    assert "918273" not in ritas.get(address(user)).content.decode()
    assert not any("918273" in str(list(model.objects.values())) for model in (Item, Entry))


def test_a_licence_without_a_free_seat_is_explained_before_the_call(
    ritas: Client, tenant: SubAccount, clean: Sandbox
) -> None:
    basic = some(tenant, "active", type=1)
    SubAccount.objects.filter(pk=tenant.pk).update(plan_hosts=1, seats_used=1)
    answer = send(ritas, address(basic, "edit/"), type="2")
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["type"]
    assert clean.ledger() == []


def test_the_settings_tree_sends_only_changed_leaves(ritas: Client, user: MirrorUser, clean: Sandbox) -> None:
    url = address(user, "settings/")
    was = live(clean, user, "/settings")["in_meeting"]["waiting_room"]
    data = shown(ritas, url)
    data.setlist("in_meeting.waiting_room", ["off"] if was else ["off", "on"])
    answer = ritas.post(url, data.urlencode(), content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 302
    assert Item.objects.get().body == {"in_meeting": {"waiting_room": not was}}
    assert live(clean, user, "/settings")["in_meeting"]["waiting_room"] is (not was)


def test_a_new_password_reaches_zoom_and_nothing_else(ritas: Client, user: MirrorUser, clean: Sandbox) -> None:
    secret = "Battery-staple-7"
    answer = send(ritas, address(user, "password/"), password=secret)
    assert Item.objects.count() == 1
    assert secret not in answer.content.decode()
    assert not any(secret in str(list(model.objects.values())) for model in (Item, Entry))


def confirm(client: Client, url: str, **more: Any) -> HttpResponse:
    """Press the button of a confirm page."""
    data = shown(client, url)
    data["reason"] = "asked for"
    for name, value in more.items():
        data[name] = value
    return client.post(url, data.urlencode(), content_type="application/x-www-form-urlencoded")


def test_a_user_is_deactivated_and_activated_again(ritas: Client, user: MirrorUser, clean: Sandbox) -> None:
    assert confirm(ritas, address(user, "status/deactivate/")).status_code == 302
    user.refresh_from_db()
    assert user.status == "inactive"
    assert confirm(ritas, address(user, "status/activate/")).status_code == 302
    user.refresh_from_db()
    assert user.status == "active"
    assert writes(clean) == ["users.update_status", "users.update_status"]


def test_the_same_button_twice_deactivates_once(ritas: Client, user: MirrorUser, clean: Sandbox) -> None:
    url = address(user, "status/deactivate/")
    data = shown(ritas, url)
    data["reason"] = "twice"
    answers = [ritas.post(url, data.urlencode(), content_type="application/x-www-form-urlencoded") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert writes(clean) == ["users.update_status"]


def test_revoking_the_token_asks_first(ritas: Client, user: MirrorUser, clean: Sandbox) -> None:
    url = address(user, "token/revoke/")
    assert ritas.get(url).status_code == 200
    assert clean.ledger() == []
    assert confirm(ritas, url).status_code == 302
    assert writes(clean) == ["users.revoke_token"]


def test_a_user_is_deleted_with_a_transfer_after_typing_the_address(
    ritas: Client, user: MirrorUser, clean: Sandbox
) -> None:
    heir = user.account.users.filter(status="active").exclude(pk=user.pk)[0]
    choice = f"action=delete&transfer_email={heir.email}&transfer_meeting=on"
    on = ritas.get(address(user, f"remove/?{choice}"))
    assert on.status_code == 302
    url = on["Location"]
    assert confirm(ritas, url, typed="somebody else").status_code == 422
    assert clean.ledger() == []
    answer = confirm(ritas, url, typed=user.email)
    assert (answer.status_code, answer["Location"]) == (302, f"/users/?account={user.account_id}")
    assert writes(clean) == ["users.delete"]
    item = Item.objects.get()
    assert item.query == {"action": "delete", "transfer_email": heir.email, "transfer_meeting": True}
    assert not MirrorUser.objects.filter(pk=user.pk).exists()


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        ("action=delete&transfer_meeting=on", "transfer_email"),
        ("action=delete&transfer_email=nobody@nowhere.example&transfer_meeting=on", "transfer_email"),
        ("action=vanish", "action"),
    ],
)
def test_a_removal_that_zoom_would_refuse_is_told_beside_its_field(
    ritas: Client, user: MirrorUser, choice: str, field: str
) -> None:
    answer = ritas.get(address(user, f"remove/?{choice}"))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_nobody_hands_over_to_themselves(ritas: Client, user: MirrorUser) -> None:
    answer = ritas.get(address(user, f"remove/?action=delete&transfer_email={user.email}&transfer_meeting=on"))
    assert list(answer.context["form"].errors) == ["transfer_email"]


def test_the_owner_can_be_neither_removed_nor_deactivated(ritas: Client, tenant: SubAccount) -> None:
    owner = tenant.users.get(zoom_id=tenant.owner_id)
    assert ritas.get(address(owner, "status/deactivate/")).status_code == 404
    assert ritas.get(address(owner, "remove/confirm/?action=delete")).status_code == 404
    assert "owner" in ritas.get(address(owner, "remove/")).content.decode()


def test_the_profile_of_a_pending_user_can_be_changed(ritas: Client, tenant: SubAccount, clean: Sandbox) -> None:
    pending = some(tenant, "pending")
    assert send(ritas, address(pending, "edit/"), dept="Legal").status_code == 302
    assert live(clean, pending)["dept"] == "Legal"


def test_a_pending_user_is_disassociated_and_not_deleted(ritas: Client, tenant: SubAccount, clean: Sandbox) -> None:
    pending = some(tenant, "pending")
    assert ritas.get(address(pending, "remove/confirm/?action=delete")).status_code == 404
    assert ritas.get(address(pending, "status/deactivate/")).status_code == 404
    url = ritas.get(address(pending, "remove/?action=disassociate"))["Location"]
    assert confirm(ritas, url, typed=pending.email).status_code == 302
    assert writes(clean) == ["users.delete"]


def test_assistants_are_added_by_e_mail_and_removed(ritas: Client, user: MirrorUser, clean: Sandbox) -> None:
    helpers = list(user.account.users.filter(status="active").exclude(pk=user.pk)[:3])
    url = address(user, "assistants/")
    send(ritas, url, people=f"{helpers[0].email}\n{helpers[1].zoom_id}\n{helpers[2].email}")
    told = live(clean, user, "/assistants")["assistants"]
    assert {row["id"] for row in told} >= {helper.zoom_id for helper in helpers}
    ritas.post(f"{url}{helpers[0].zoom_id}/remove/", {"operation_key": str(uuid.uuid4())})
    left = {row["id"] for row in live(clean, user, "/assistants")["assistants"]}
    assert helpers[0].zoom_id not in left
    confirm(ritas, f"{url}remove/", typed=str(len(left)))
    assert live(clean, user, "/assistants")["assistants"] == []


def test_a_list_of_people_is_checked_before_the_call(ritas: Client, user: MirrorUser, clean: Sandbox) -> None:
    many = send(ritas, address(user, "assistants/"), people="\n".join(f"a{n}@x.example" for n in range(31)))
    bad = send(ritas, address(user, "assistants/"), people="not@an@address")
    assert "At most 30" in many.context["form"].errors["people"][0]
    assert "is not an e-mail address" in bad.context["form"].errors["people"][0]
    assert clean.ledger() == []


def test_a_user_is_put_into_a_group_and_taken_out(ritas: Client, user: MirrorUser, clean: Sandbox) -> None:
    made = clean.call("POST", f"/accounts/{user.account.zoom_id}/groups", json={"name": "Night shift"}).json()
    send(ritas, address(user, "groups/"), group=made["id"])
    assert made["id"] in live(clean, user)["group_ids"]
    user.refresh_from_db()
    assert made["id"] in user.group_ids
    ritas.post(address(user, f"groups/{made['id']}/leave/"), {"operation_key": str(uuid.uuid4())})
    assert made["id"] not in live(clean, user)["group_ids"]


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")


def upload(client: Client, user: MirrorUser, content: bytes, name: str = "me.png") -> HttpResponse:
    file = SimpleUploadedFile(name, content, content_type="image/png")
    return client.post(address(user, "picture/"), {"picture": file, "operation_key": str(uuid.uuid4())})


def test_a_picture_is_passed_on_to_zoom(ritas: Client, user: MirrorUser, clean: Sandbox) -> None:
    assert upload(ritas, user, png(2, 4), name="../../evil.html").status_code == 302
    assert writes(clean) == ["users.upload_picture"]
    assert live(clean, user)["pic_url"]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a whole JPEG"),
        (b"<html><script>alert(1)</script></html>", "not a whole JPEG"),
        (png(2, 2)[:-20], "not a whole JPEG"),
        (png(50_000, 50_000), "pixels"),
        (png(2, 2) + b"\0" * 2_200_000, "larger than 2 MB"),
    ],
    ids=["svg", "html", "cut", "flood", "heavy"],
)
def test_what_is_no_picture_is_not_sent(
    ritas: Client, user: MirrorUser, clean: Sandbox, content: bytes, word: str
) -> None:
    answer = upload(ritas, user, content)
    assert answer.status_code == 422
    assert word in answer.context["form"].errors["picture"][0]
    assert clean.ledger() == []
