"""The console's pages against a running sandbox."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.bulk.models import Item
from portal.directory.models import SubAccount
from tests.support.sandbox import Sandbox
from zoomapi.spec import all_endpoints

pytestmark = pytest.mark.django_db(transaction=True)
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\r\xefF\xb8\x00\x00\x00\x00IEND\xaeB`\x82"
)
KEY = "6f2e3c1a-0000-4000-8000-00000000000{}"


def at(operation: str, account: SubAccount | None = None) -> str:
    return f"/console/{operation}/" + (f"in/{account.pk}/" if account else "")


def send(client: Client, url: str, **data: Any) -> Any:
    return client.post(url, {"do": "send", "operation_key": KEY.format(1), "reason": "Ticket 7", **data})


def text(answer: Any) -> str:
    return str(answer.content.decode())


# --- finding ----------------------------------------------------------------------------------------------------------


def test_every_operation_is_listed_and_a_search_narrows_the_list(anna: Staff, client_of: Any) -> None:
    client = client_of(anna)
    links = set(re.findall(r'href="/console/([\w.]+)/"', text(client.get("/console/"))))
    assert {found.key for found in all_endpoints()} <= links
    found = text(client.get("/console/?q=webinars panelist"))
    assert ("webinars.add_panelists" in found, "users.create" in found) == (True, False)
    assert "No operation matches" in text(client.get("/console/?q=nothing-like-it"))


def test_every_operation_has_a_page(olga: Staff, accounts: list[SubAccount], client_of: Any) -> None:
    client = client_of(olga)
    for found in all_endpoints():
        assert (found.key, client.get(at(found.key)).status_code) == (found.key, 200)
        inside = client.get(at(found.key, accounts[0])).status_code
        assert (found.key, inside) == (found.key, 200 if found.mirror or "accountId" in found.params else 404)


def test_an_operation_that_is_not_documented_is_missing(olga: Staff, client_of: Any) -> None:
    for key in ("users.nothing", "nothing.list", "users", "users.label", "__class__.x"):
        assert client_of(olga).get(at(key)).status_code == 404


def test_coverage_starts_nothing_and_counts_all(anna: Staff, client_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.run", None)
    page = text(client_of(anna).get("/console/coverage/"))
    assert "of 130" in page
    assert "83 of 83" in page


def test_a_call_of_a_sub_account_leads_into_it(
    olga: Staff, rita: Staff, accounts: list[SubAccount], client_of: Any
) -> None:
    wanted = f"path-accountId={accounts[1].zoom_id}&path-userId=me"
    listed = text(client_of(olga).get("/console/", {"q": f"GET /v2/accounts/{accounts[1].zoom_id}/users/me"}))
    assert escape(f"/console/users.get/?{wanted}") in listed
    answer = client_of(olga).get(f"/console/users.get/?{wanted}")
    assert answer.headers["Location"] == f"/console/users.get/in/{accounts[1].pk}/?{wanted}"
    assert 'value="me"' in text(client_of(olga).get(answer.headers["Location"]))
    stranger = client_of(rita).get(f"/console/users.get/?{wanted}")
    assert (stranger.status_code, f"/in/{accounts[1].pk}/" in text(stranger)) == (200, False)
    assert escape(f"/console/users.get/in/{accounts[0].pk}/?{wanted}") in text(stranger)


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_read_shows_the_answer_the_request_and_a_line_for_the_shell(
    anna: Staff, accounts: list[SubAccount], user_id: str, client_of: Any
) -> None:
    answer = send(client_of(anna), at("users.get", accounts[0]), **{"path-userId": user_id})
    page = text(answer)
    assert (answer.status_code, "HTTP 200" in page) == (200, True)
    assert f"&quot;id&quot;: &quot;{user_id}&quot;" in page
    assert f"GET /v2/accounts/{accounts[0].zoom_id}/users/{user_id} HTTP/1.1" in page
    assert "curl --request GET" in page
    assert "Bearer $TOKEN" in page


def test_a_read_leaves_one_line_in_the_audit(
    rita: Staff, accounts: list[SubAccount], user_id: str, client_of: Any
) -> None:
    send(client_of(rita), at("users.get", accounts[0]), **{"path-userId": user_id})
    (entry,) = Entry.objects.filter(verb="users.get")
    assert (entry.actor, entry.account_id, entry.phase, entry.result, entry.status) == (
        rita.email,
        accounts[0].pk,
        "event",
        "done",
        200,
    )
    assert entry.after == {"path": {"userId": user_id}, "query": {}}
    assert f"users/{user_id}" in text(client_of(rita).get("/console/"))  # the person's own last calls


def test_looking_at_the_request_sends_nothing(
    anna: Staff, accounts: list[SubAccount], clean: Sandbox, client_of: Any
) -> None:
    before = clean.stats()
    page = text(client_of(anna).post(at("users.list", accounts[0]), {"do": "show", "query-page_size": "5"}))
    assert "is required" not in text(client_of(anna).get(at("users.list", accounts[0])))
    assert "/users?page_size=5" in page
    assert clean.stats() == before
    assert not Entry.objects.filter(verb="users.list").exists()


def test_pages_lead_on_by_number(olga: Staff, clean: Sandbox, accounts: list[SubAccount], client_of: Any) -> None:
    client = client_of(olga)
    page = text(send(client, at("accounts.list"), **{"query-page_size": "3"}))
    carried = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.split('id="request"')[0]))
    assert (carried["query-page_number"], carried["query-page_size"]) == ("2", "3")
    answer = client.post(at("accounts.list"), carried)
    assert "&quot;page_number&quot;: 2" in text(answer)


def test_a_uuid_with_slashes_is_given_as_it_is(
    olga: Staff, clean: Sandbox, accounts: list[SubAccount], client_of: Any
) -> None:
    today = timezone.now().date()
    window = f"from={today - timedelta(days=28)}&to={today}"
    found = clean.call("GET", f"/metrics/meetings?type=past&{window}&page_size=300").json()
    uuid = next(meeting["uuid"] for meeting in found["meetings"] if meeting["uuid"].startswith("/"))
    page = text(send(client_of(olga), at("dashboards.meeting"), **{"path-meetingId": uuid, "query-type": "past"}))
    assert "HTTP 200" in page
    assert "%252F" in page


def test_an_answer_about_other_days_says_so(olga: Staff, accounts: list[SubAccount], client_of: Any) -> None:
    days = {"query-from": "2026-01-01", "query-to": "2026-03-05", "query-type": "active"}
    page = text(send(client_of(olga), at("reports.users", accounts[0]), **days))
    assert "The answer is about other days than were asked for: “from” is 2026-02-0" in page
    days["query-from"] = "2026-03-01"
    assert "other days" not in text(send(client_of(olga), at("reports.users", accounts[0]), **days))


def test_a_refused_read_says_why(anna: Staff, accounts: list[SubAccount], client_of: Any) -> None:
    answer = send(client_of(anna), at("users.get", accounts[0]), **{"path-userId": "NobodyAtAll0000000000w"})
    assert "Refused (code 1001)" in text(answer)
    assert Entry.objects.get(verb="users.get").result == "failed"


def test_a_secret_of_an_answer_is_hidden(
    olga: Staff, clean: Sandbox, accounts: list[SubAccount], user_id: str, client_of: Any
) -> None:
    path = f"/accounts/{accounts[0].zoom_id}/users/{user_id}/token?type=zak"
    token = clean.call("GET", path).json()["token"]
    page = text(send(client_of(olga), at("users.token", accounts[0]), **{"path-userId": user_id, "query-type": "zak"}))
    assert "&quot;token&quot;: &quot;(hidden)&quot;" in page
    assert token not in page


def test_wrong_arguments_are_told_beside_their_fields(olga: Staff, accounts: list[SubAccount], client_of: Any) -> None:
    answer = send(client_of(olga), at("users.list", accounts[0]), **{"query-page_size": "301"})
    assert answer.status_code == 422
    assert 'id="id_query-page_size_error"' in text(answer)
    answer = send(client_of(olga), at("users.get", accounts[0]), **{"path-userId": "a/../b"})
    assert (answer.status_code, 'id="id_path-userId_error"' in text(answer)) == (422, True)


# --- scope and rights -------------------------------------------------------------------------------------------------


def test_a_strangers_account_is_missing(rita: Staff, accounts: list[SubAccount], client_of: Any) -> None:
    client = client_of(rita)
    assert client.get(at("users.list", accounts[1])).status_code == 404
    assert send(client, at("users.list", accounts[1])).status_code == 404
    assert not Entry.objects.filter(verb="users.list").exists()
    page = text(client.get(at("users.list")))
    assert (escape(accounts[0]) in page, escape(accounts[1]) in page) == (True, False)


def test_a_reseller_reads_nothing_of_the_master_account(rita: Staff, client_of: Any) -> None:
    assert send(client_of(rita), at("users.list")).status_code == 404
    assert send(client_of(rita), at("accounts.list")).status_code == 404


def test_an_auditors_write_is_forbidden(
    anna: Staff, clean: Sandbox, accounts: list[SubAccount], client_of: Any
) -> None:
    client = client_of(anna)
    for do in ("send", "show", "add:members"):
        answer = client.post(at("groups.create", accounts[0]), {"do": do, "body-name": "Team", "reason": "x"})
        assert answer.status_code == 403
    assert clean.ledger() == []
    assert Entry.objects.filter(verb="refused").count() == 3
    assert "Your role may look" in text(client.get(at("groups.create", accounts[0])))


def test_the_master_account_is_no_sub_account(olga: Staff, accounts: list[SubAccount], client_of: Any) -> None:
    master = SubAccount.objects.filter(is_master=True).first()
    assert master is None or client_of(olga).get(at("users.list", master)).status_code == 404


# --- writing ----------------------------------------------------------------------------------------------------------


def test_a_write_needs_a_reason(olga: Staff, clean: Sandbox, accounts: list[SubAccount], client_of: Any) -> None:
    answer = send(client_of(olga), at("groups.create", accounts[0]), **{"body-name": "Team", "reason": " "})
    assert (answer.status_code, 'id="id_reason_error"' in text(answer)) == (422, True)
    assert clean.ledger() == []


def test_a_write_is_performed_once_though_clicked_twice(
    rita: Staff, clean: Sandbox, accounts: list[SubAccount], client_of: Any
) -> None:
    client = client_of(rita)
    answers = [send(client, at("groups.create", accounts[0]), **{"body-name": "Team 7"}) for _ in range(2)]
    item = Item.objects.get(endpoint="groups.create")
    assert [answer.status_code for answer in answers] == [200, 200]
    assert all(f'href="/jobs/{item.job_id}/"' in text(answer) for answer in answers)
    assert [write["operation"] for write in clean.ledger()] == ["groups.create"]
    outcome = Entry.objects.get(verb="groups.create", phase="outcome")
    assert (outcome.actor, outcome.reason, outcome.result) == (rita.email, "Ticket 7", "done")


def test_a_form_gone_back_to_and_changed_is_not_passed_off_as_sent(
    olga: Staff, clean: Sandbox, accounts: list[SubAccount], client_of: Any
) -> None:
    client, url = client_of(olga), at("groups.create", accounts[0])
    send(client, url, **{"body-name": "First"})
    page = text(send(client, url, **{"body-name": "Second"}))
    assert ("Nothing was sent now" in page, "Done" in page.split('id="answer"')[1].split("</section>")[0]) == (
        True,
        False,
    )
    assert [write["operation"] for write in clean.ledger()] == ["groups.create"]


def test_what_zoom_says_about_a_field_stands_beside_it(
    olga: Staff, clean: Sandbox, accounts: list[SubAccount], client_of: Any
) -> None:
    refused = {"code": 300, "message": "Validation Failed.", "errors": [{"field": "name", "message": "Not this one."}]}
    clean.faults({"match": {"method": "POST"}, "do": "status", "value": {"status": 400, "body": refused}})
    answer = send(client_of(olga), at("groups.create", accounts[0]), **{"body-name": "Team"})
    assert answer.status_code == 422
    assert re.search(r'id="id_body-name_error"><li>Not this one', text(answer))


def test_lists_are_filled_in_as_rows_and_one_more_can_be_asked_for(
    olga: Staff, clean: Sandbox, accounts: list[SubAccount], user_id: str, client_of: Any
) -> None:
    client, url = client_of(olga), at("groups.add_members", accounts[0])
    group = clean.call("POST", f"/accounts/{accounts[0].zoom_id}/groups", json={"name": "Rows"}).json()["id"]
    data = {"path-groupId": group, "count-members": "2", "row-members-1-id": user_id}
    more = text(client.post(url, {"do": "add:members", **data}))
    assert "is required" not in more
    assert ("row-members-2-id" in more, f'value="{user_id}"' in more) == (True, True)
    assert "Done" in text(send(client, url, **data))
    members = clean.call("GET", f"/accounts/{accounts[0].zoom_id}/groups/{group}/members").json()["members"]
    assert [member["id"] for member in members] == [user_id]


def test_a_secret_that_was_typed_is_on_no_page_and_in_no_log(
    olga: Staff, accounts: list[SubAccount], user_id: str, client_of: Any
) -> None:
    client, url = client_of(olga), at("users.update_password", accounts[0])
    data = {"path-userId": user_id, "body-password": "Canary-4711", "typed": "users.update_password"}
    shown = text(client.post(url, {"do": "show", **data}))
    assert ("Canary" in shown, "(hidden)" in shown, "is required" in shown) == (False, True, False)
    assert "Canary" not in text(send(client, url, **data))
    json = {"body_as": "json", "raw": '{"password": "Canary-4711"}', "operation_key": KEY.format(2)}
    assert "Canary" not in text(send(client, url, **data, **json))
    assert "Canary" not in str(list(Entry.objects.values())) + str(list(Item.objects.values()))
    assert "Canary" not in text(client.get(url)) + text(client.get("/console/"))


def test_a_grave_write_wants_its_name_typed(
    olga: Staff, clean: Sandbox, accounts: list[SubAccount], user_id: str, client_of: Any
) -> None:
    client, url = client_of(olga), at("users.delete", accounts[0])
    assert send(client, url, **{"path-userId": user_id}).status_code == 422
    assert clean.ledger() == []
    assert send(client, url, **{"path-userId": user_id, "typed": "users.delete"}).status_code == 200
    assert [write["operation"] for write in clean.ledger()] == ["users.delete"]


def test_a_body_of_json_is_checked_against_the_specification(
    olga: Staff, clean: Sandbox, accounts: list[SubAccount], client_of: Any
) -> None:
    client, url = client_of(olga), at("groups.create", accounts[0])
    answer = send(client, url, body_as="json", raw='{"nmae": "Team"}')
    assert (answer.status_code, "did you mean name?" in text(answer)) == (422, True)
    assert clean.ledger() == []
    assert "Done" in text(send(client, url, body_as="json", raw='{"name": "Team 8"}'))


def test_a_file_is_uploaded(
    olga: Staff, clean: Sandbox, accounts: list[SubAccount], user_id: str, client_of: Any
) -> None:
    file = SimpleUploadedFile("me.png", PNG, "image/png")
    answer = send(
        client_of(olga), at("users.upload_picture", accounts[0]), **{"path-userId": user_id, "file-pic_file": file}
    )
    assert "Kept as a job" in text(answer)
    assert [write["operation"] for write in clean.ledger()] in (["users.upload_picture"], [])


def test_a_sub_account_is_created_in_the_master_account(
    rita: Staff, clean: Sandbox, accounts: list[SubAccount], client_of: Any
) -> None:
    data = {"first_name": "Ada", "last_name": "Byron", "email": "ada@new.example", "password": "Str0ng-enough"}
    answer = send(client_of(rita), at("accounts.create"), **{f"body-{name}": value for name, value in data.items()})
    assert "Done" in text(answer)
    assert [write["operation"] for write in clean.ledger()] == ["accounts.create"]
    assert client_of(rita).get(at("users.list", SubAccount.objects.latest("pk"))).status_code == 200


def test_a_write_in_the_master_account_itself(
    olga: Staff, clean: Sandbox, accounts: list[SubAccount], client_of: Any
) -> None:
    assert "Done" in text(send(client_of(olga), at("groups.create"), **{"body-name": "Staff of ours"}))
    assert [write["path"] for write in clean.ledger()] == ["/v2/groups"]


# --- cost -------------------------------------------------------------------------------------------------------------


def test_the_pages_cost_few_queries(olga: Staff, accounts: list[SubAccount], client_of: Any) -> None:
    client = client_of(olga)
    costs = {}
    for url in ("/console/", "/console/coverage/", at("users.update_settings"), at("users.list", accounts[0])):
        client.get(url)
        with CaptureQueriesContext(
            database,
        ) as found:
            client.get(url)
        costs[url.partition("/in/")[0]] = len(found)
    assert {url: count for url, count in costs.items() if count > 6} == {}
