"""The same pages on the Zoom of the document and on today's: looked at, filled in, and sent."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.bulk.files.validate import validate
from portal.bulk.models import Item, ItemState, Job
from portal.directory import sync
from portal.directory.models import MirrorUser, SubAccount
from portal.gateway.models import Connection
from tests.support.pages import send

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unpaced")]

NAMES = {"classic": ("Pro", "Corp"), "current": ("Licensed", "None (single sign-on only)")}
GONE = "does not have this operation any more"


@pytest.fixture
def account(either: Connection) -> SubAccount:
    """A sub-account that pays and has a few users, mirrored alone."""
    sync.sync_accounts(either)
    for found in SubAccount.objects.filter(is_master=False).order_by("pk")[:8]:
        sync.sync_detail(found)
        found.refresh_from_db()
        if (found.plan_hosts or 0) > (found.seats_used or 0):
            sync.sync_users(found)
            found.refresh_from_db()
            return found
    raise AssertionError("no sub-account of the demo has a free seat")


@pytest.fixture
def olgas(olga: Staff, client_of: Any) -> Client:
    client: Client = client_of(olga)
    return client


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def test_every_room_can_be_walked_through(either: Connection, account: SubAccount, olgas: Client) -> None:
    user = MirrorUser.objects.filter(account=account, status="active").order_by("pk")[0]
    inside, one = f"{account.pk}/", f"/users/{account.pk}/{user.zoom_id}/"
    addresses = [
        "/",
        "/accounts/",
        f"/accounts/{inside}",
        f"/accounts/{inside}options/",
        f"/accounts/{inside}settings/",
    ]
    addresses += [f"/accounts/{inside}plans/", "/users/", f"/users/?account={account.pk}", f"/users/{inside}new/"]
    addresses += [one, f"{one}edit/", f"{one}settings/", f"{one}groups/", f"{one}remove/", f"/groups/{inside}"]
    addresses += [
        f"/{kind}/{rest}" for kind in ("meetings", "webinars") for rest in ("", f"{inside}hosts/{user.zoom_id}/")
    ]
    addresses += ["/jobs/", "/jobs/budget/", "/jobs/import/", "/jobs/import/kinds/", "/console/", "/console/coverage/"]
    addresses += [f"/console/users.list/in/{inside}", "/console/webhooks.list/", "/audit/", "/directory/"]
    pages = {address: olgas.get(address) for address in addresses}
    assert {address: page.status_code for address, page in pages.items() if page.status_code != 200} == {}
    own, other = NAMES[either.profile], NAMES["classic" if either.is_current else "current"]
    form = text(pages[f"/users/{inside}new/"])
    assert ([name in form for name in own], [f">{name}<" in form for name in other]) == ([True, True], [False, False])
    assert (GONE in text(pages["/console/webhooks.list/"])) is either.is_current


def test_a_user_is_created_changed_and_found_again(either: Connection, account: SubAccount, olgas: Client) -> None:
    new = {"action": "create", "user_info__email": "ada@both.example", "user_info__type": "2", "reason": "Ticket 7"}
    assert send(olgas, f"/users/{account.pk}/new/", **new).status_code == 302
    user = MirrorUser.objects.get(account=account, email="ada@both.example")
    page = f"/users/{account.pk}/{user.zoom_id}/"
    assert send(olgas, f"{page}edit/", dept="Ops", reason="Ticket 8").status_code == 302
    shown = text(olgas.get(page))
    assert ("Ops" in shown, NAMES[either.profile][0] in shown) == (True, True)
    verbs = Entry.objects.filter(phase="outcome", result="done").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["users.create", "users.update"]


def test_a_file_is_read_checked_and_explained(either: Connection, account: SubAccount, olgas: Client) -> None:
    kinds = NAMES[either.profile][0], "Corp", "None"
    rows = [f"u{number}@both.example,{kind}" for number, kind in enumerate(kinds)]
    file = SimpleUploadedFile("u.csv", "\n".join(["Email,User Type", *rows]).encode(), "text/csv")
    sent = olgas.post("/jobs/import/", {"file": file, "account": account.pk})
    job = Job.objects.get()
    assert (sent.status_code, sent.headers["Location"]) == (302, f"/jobs/import/{job.pk}/")
    asked = {"encoding": "utf-8", "delimiter": ",", "header": "on", "column_0": "user_info.email"}
    asked |= {"column_1": "user_info.type", "mode": "both", "action": "create", "type": "1", "account": account.zoom_id}
    assert olgas.post(f"/jobs/import/{job.pk}/", asked).headers["Location"] == f"/jobs/import/{job.pk}/check/"
    validate(str(job.pk))
    page = text(olgas.get(f"/jobs/import/{job.pk}/check/?action="))
    found = list(Item.objects.filter(job=job).order_by("row").values_list("state", flat=True))
    good, bad = ItemState.PENDING, ItemState.INVALID
    assert found == {"classic": [good, good, bad], "current": [good, bad, good]}[either.profile]
    assert ("30 a second" if either.is_current else "10 a second") in page


def test_the_console_reads_and_writes(either: Connection, account: SubAccount, olgas: Client) -> None:
    days = {"query-from": "2026-01-01", "query-to": "2026-01-02"}
    moved = text(olgas.post("/console/im_chat.sessions/", {"do": "send", **days}))
    assert ("Answered" in moved, "/report/chat/sessions?" in moved) == (True, either.is_current)
    at = f"/console/groups.create/in/{account.pk}/"
    assert "HTTP 201" in text(send(olgas, at, do="send", reason="Ticket 9", **{"body-name": "Both"}))
