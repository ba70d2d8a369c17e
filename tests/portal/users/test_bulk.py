"""One change for many users: chosen on the list, confirmed with fresh consequences, done by a job."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models import QuerySet
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from portal.access.models import Staff
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.preparing import prepare
from portal.bulk.pump import pump
from portal.bulk.undo.planning import parts
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.users.conftest import ROWS, some
from tests.support.choosing import confirm
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def olgas(client_of: Callable[[Staff], Client], olga: Staff) -> Client:
    return client_of(olga)


def choose(client: Client, action: str, users: Any = (), **more: str) -> HttpResponse:
    return client.post("/users/choose/", {"action": action, "selected": [user.pk for user in users], **more})


def active(account: SubAccount) -> QuerySet[MirrorUser]:
    return account.users.filter(status="active").exclude(zoom_id=account.owner_id).order_by("email")


def test_chosen_users_are_deactivated_by_a_job(olgas: Client, tenant: SubAccount, clean: Sandbox) -> None:
    users = list(active(tenant)[:3])
    url = choose(olgas, "deactivate", users)["Location"]
    assert parse_qs(urlsplit(url).query)["ids"] == [".".join(str(user.pk) for user in users)]
    assert "3 users in 1 sub-account chosen." in olgas.get(url).content.decode()
    answer = confirm(olgas, url)
    job = Job.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/jobs/{job.pk}/")
    assert job.reason == "tidying up"
    pump(job.pk)
    job.refresh_from_db()
    assert (job.state, job.items.filter(state=ItemState.DONE).count()) == (JobState.DONE, 3)
    assert {user.status for user in tenant.users.filter(pk__in=[user.pk for user in users])} == {"inactive"}


def test_the_button_pressed_twice_makes_one_job(olgas: Client, tenant: SubAccount) -> None:
    url = choose(olgas, "deactivate", active(tenant)[:2])["Location"]
    confirm(olgas, url, times=2)
    assert Job.objects.count() == 1


def test_nothing_chosen_is_said_and_leads_back_with_the_filters(olgas: Client) -> None:
    answer = choose(olgas, "deactivate", filters="status=active")
    assert (answer.status_code, answer["Location"]) == (302, "/users/?status=active")


def test_all_matching_rows_are_found_again_from_the_filters(olgas: Client, acme: SubAccount, rows: ROWS) -> None:
    rows(acme, 60)
    MirrorUser.objects.filter(email__in=("u0001@acme.example", "u0002@acme.example")).update(dept="HR")
    url = choose(olgas, "type", everything="1", filters="dept=Sales")["Location"]
    page = olgas.get(f"{url}&value=2")
    assert page.context["confirmation"].count == 58
    assert page.context["confirmation"].asked_text == "58"
    assert "58 users in 1 sub-account chosen." in page.content.decode()


def test_a_filter_that_cannot_be_read_chooses_nobody(olgas: Client, acme: SubAccount, rows: ROWS) -> None:
    rows(acme, 3)
    url = choose(olgas, "deactivate", everything="1", filters="status=nonsense")["Location"]
    answer = olgas.get(url, follow=True)
    assert "could not be understood" in answer.content.decode()
    assert Job.objects.count() == 0


def test_foreign_users_cannot_be_chosen(
    client_of: Callable[[Staff], Client], ravi: Staff, acme: SubAccount, globex: SubAccount, rows: ROWS
) -> None:
    mine, foreign = rows(globex, 1), rows(acme, 1)
    client = client_of(ravi)
    for users in ([*mine, *foreign], foreign):
        answer = client.get(choose(client, "deactivate", users)["Location"])
        assert (answer.status_code, answer["Location"]) == (302, "/users/")
    url = choose(client, "deactivate", everything="1", filters="")["Location"]
    assert client.get(url).context["confirmation"].count == 1
    assert client.get(f"/users/bulk/?do=deactivate&all=1&filters=account%3D{acme.pk}").status_code == 404


def test_consequences_tell_who_cannot_and_who_need_not_be_changed(olgas: Client, acme: SubAccount, rows: ROWS) -> None:
    rows(acme, 2)
    rows(acme, 1, zoom_id="p", email="p@x.example", status="pending")
    rows(acme, 1, zoom_id="i", email="i@x.example", status="inactive")
    rows(acme, 1, zoom_id="o", email="o@x.example")
    SubAccount.objects.filter(pk=acme.pk).update(owner_id="o")
    text = olgas.get(choose(olgas, "deactivate", acme.users.all())["Location"]).content.decode()
    assert "5 users in 1 sub-account chosen." in text
    assert "For 2 of them it cannot be done" in text
    assert "1 is so already" in text
    assert "2 changes will be sent to Zoom" in text


def test_missing_seats_are_told_before_anything_is_sent(olgas: Client, acme: SubAccount, rows: ROWS) -> None:
    rows(acme, 3)
    SubAccount.objects.filter(pk=acme.pk).update(plan_type="monthly", plan_hosts=1, detail_at=timezone.now())
    url = choose(olgas, "type", acme.users.all())["Location"]
    assert "Acme needs 3 and has 1" in olgas.get(f"{url}&value=2").content.decode()


def test_a_removal_of_many_is_typed_and_waits_a_minute(olgas: Client, tenant: SubAccount, clean: Sandbox) -> None:
    users = [some(tenant, "active"), some(tenant, "pending")]
    url = f"{choose(olgas, 'remove', users)['Location']}&action=disassociate"
    assert confirm(olgas, url, typed="yes").status_code == 422
    confirm(olgas, url, typed="disassociate 2 users")
    job = Job.objects.get()
    pump(job.pk)
    assert clean.ledger() == []
    waits = [item.not_before - timezone.now() for item in job.items.all() if item.not_before]
    assert len(waits) == 2
    assert all(50 < wait.total_seconds() <= 60 for wait in waits)


def test_users_are_added_to_the_group_of_a_name(olgas: Client, tenant: SubAccount, clean: Sandbox) -> None:
    group = tenant.groups.first()
    assert group is not None
    outside = [user for user in active(tenant) if group.zoom_id not in user.group_ids][:2]
    url = choose(olgas, "group", outside)["Location"]
    assert group.name in olgas.get(url).content.decode()
    confirm(olgas, f"{url}&value={group.name}")
    pump(Job.objects.get().pk)
    assert [item.endpoint for item in Item.objects.all()] == ["groups.add_members"] * 2
    for user in outside:
        user.refresh_from_db()
        assert group.zoom_id in user.group_ids


def test_users_are_taken_out_of_the_group_of_a_name(olgas: Client, tenant: SubAccount, clean: Sandbox) -> None:
    group = tenant.groups.first()
    assert group is not None
    inside = [user for user in active(tenant) if group.zoom_id in user.group_ids][:2]
    outside = [user for user in active(tenant) if group.zoom_id not in user.group_ids][:1]
    url = choose(olgas, "leave", [*inside, *outside])["Location"]
    assert group.name in olgas.get(url).content.decode()
    text = olgas.get(f"{url}&value={group.name}").content.decode()
    assert f"Take users out of the group “{group.name}”" in text
    assert "those who are no members, are left as they are." in text
    confirm(olgas, f"{url}&value={group.name}", times=2)
    job = Job.objects.get()
    pump(job.pk)
    done = job.items.filter(state=ItemState.DONE)
    assert {item.path["memberId"] for item in done} == {user.zoom_id for user in inside}
    assert len(inside) == len(job.items.filter(endpoint="groups.delete_member"))
    path = f"/accounts/{tenant.zoom_id}/groups/{group.zoom_id}/members?page_size=300"
    left = {row["id"] for row in clean.call("GET", path).json()["members"]}
    assert left & {user.zoom_id for user in inside} == set()


def test_a_setting_is_set_for_users_who_do_not_have_it_so(olgas: Client, tenant: SubAccount, clean: Sandbox) -> None:
    users = list(active(tenant)[:3])

    def chime() -> list[str]:
        paths = [f"/accounts/{tenant.zoom_id}/users/{user.zoom_id}/settings" for user in users]
        return [clean.call("GET", path).json()["in_meeting"].get("entry_exit_chime") for path in paths]

    path = f"/accounts/{tenant.zoom_id}/users/{users[0].zoom_id}/settings"
    assert clean.call("PATCH", path, json={"in_meeting": {"entry_exit_chime": "host"}}).status_code == 204
    before = chime()
    wanted = next(one for one in ("all", "none") if one not in before)
    url = choose(olgas, "setting", users)["Location"]
    assert "In meetings" in olgas.get(url).content.decode()
    url = f"{url}&setting=in_meeting.entry_exit_chime"
    assert 'name="setting" value="in_meeting.entry_exit_chime"' in olgas.get(url).content.decode()
    url = f"{url}&in_meeting.entry_exit_chime={wanted}"
    assert "6 calls will be made to Zoom" in olgas.get(url).content.decode()
    answer = confirm(olgas, url, times=2)
    job = Job.objects.get()
    assert (answer["Location"], job.state) == (f"/jobs/{job.pk}/", JobState.PREPARING)
    prepare(job.pk)
    pump(job.pk)
    job.refresh_from_db()
    assert (job.state, chime()) == (JobState.DONE, [wanted] * 3)
    known = {item.label: item.before["in_meeting"]["entry_exit_chime"] for item in job.items.all() if item.before}
    assert known[users[0].email] == "host"
    assert {part.why for part in parts(job)} == {""}


@pytest.mark.parametrize(
    "query", ["&setting=", "&setting=in_meeting.bell", "&setting=in_meeting.chat&in_meeting.chat="]
)
def test_a_setting_that_is_not_said_is_asked_for_again(olgas: Client, acme: SubAccount, rows: ROWS, query: str) -> None:
    rows(acme, 1)
    answer = olgas.get(f"{choose(olgas, 'setting', acme.users.all())['Location']}{query}")
    assert (answer.status_code, bool(answer.context["form"].errors)) == (422, True)


def test_users_of_a_foreign_sub_account_get_no_setting(
    client_of: Callable[[Staff], Client], ravi: Staff, acme: SubAccount, globex: SubAccount, rows: ROWS
) -> None:
    foreign = rows(acme, 1)
    url = choose(client_of(ravi), "setting", foreign)["Location"]
    answer = client_of(ravi).get(f"{url}&setting=in_meeting.chat&in_meeting.chat=true")
    assert (answer.status_code, answer["Location"], Job.objects.count()) == (302, "/users/", 0)


def test_an_auditor_cannot_choose(client_of: Callable[[Staff], Client], anna: Staff, acme: SubAccount) -> None:
    assert choose(client_of(anna), "deactivate").status_code == 403
