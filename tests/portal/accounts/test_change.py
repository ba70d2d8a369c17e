"""One sub-account: live page, options, settings, and letting it go."""

from typing import Any

import pytest

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from tests.support.pages import URLENCODED, send, shown
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unpaced")]


def test_the_page_shows_what_zoom_says_now(clean: Sandbox, tenant: SubAccount, olga: Staff, client_of: Any) -> None:
    path = f"/accounts/{tenant.zoom_id}/plans/base"
    assert clean.call("PUT", path, json={"type": "business_monthly", "hosts": 49}).status_code == 204
    page = client_of(olga).get(f"/accounts/{tenant.pk}/").content.decode()
    tenant.refresh_from_db()
    assert ("49" in page, tenant.plan_hosts) == (True, 49)


def test_the_page_of_an_unreachable_zoom_shows_the_mirror_and_says_so(
    tenant: SubAccount, olga: Staff, client_of: Any
) -> None:
    Connection.objects.update(base_url="http://127.0.0.1:9/v2")
    answer = client_of(olga).get(f"/accounts/{tenant.pk}/")
    assert answer.status_code == 200
    assert ("this is what the mirror knows" in answer.content.decode(), answer.context["problem"] != "") == (True, True)


def test_only_the_changed_option_is_sent(clean: Sandbox, tenant: SubAccount, olga: Staff, client_of: Any) -> None:
    answer = send(client_of(olga), f"/accounts/{tenant.pk}/options/", share_rc="true", reason="Ticket 9")
    assert answer.status_code == 302, answer.content
    intent = Entry.objects.get(verb="accounts.update_options", phase="intent")
    assert (intent.after, intent.reason, intent.actor) == ({"body": {"share_rc": True}}, "Ticket 9", olga.email)
    assert clean.call("GET", f"/accounts/{tenant.zoom_id}").json()["options"]["share_rc"] is True


def test_of_the_settings_tree_only_the_changed_keys_are_sent(
    clean: Sandbox, tenant: SubAccount, olga: Staff, client_of: Any
) -> None:
    url = f"/accounts/{tenant.pk}/settings/"
    answer = send(client_of(olga), url, in_meeting__chat="true", recording__auto_delete_cmr_days="30")
    assert answer.status_code == 302, answer.content
    intent = Entry.objects.get(verb="accounts.update_settings", phase="intent")
    assert intent.after == {"body": {"in_meeting": {"chat": True}, "recording": {"auto_delete_cmr_days": 30}}}
    live = clean.call("GET", f"/accounts/{tenant.zoom_id}/settings").json()
    assert (live["in_meeting"]["chat"], live["recording"]["auto_delete_cmr_days"]) == (True, 30)


def test_settings_out_of_bounds_are_told_beside_their_fields_and_not_sent(
    clean: Sandbox, tenant: SubAccount, olga: Staff, client_of: Any
) -> None:
    url = f"/accounts/{tenant.pk}/settings/"
    answer = send(client_of(olga), url, in_meeting__dscp_audio="64", recording__auto_delete_cmr_days="61")
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"in_meeting.dscp_audio", "recording.auto_delete_cmr_days"}
    assert clean.ledger() == []


def test_saving_without_a_change_sends_nothing(clean: Sandbox, tenant: SubAccount, olga: Staff, client_of: Any) -> None:
    client = client_of(olga)
    url = f"/accounts/{tenant.pk}/settings/"
    assert client.post(url, shown(client, url).urlencode(), content_type=URLENCODED).status_code == 302
    assert clean.ledger() == []


def test_fault_U14_a_setting_somebody_changed_meanwhile_is_not_overwritten_unseen(
    clean: Sandbox, tenant: SubAccount, olga: Staff, client_of: Any
) -> None:
    client = client_of(olga)
    url = f"/accounts/{tenant.pk}/settings/"
    data = shown(client, url)
    changed = {"feature": {"meeting_capacity": 300}}
    assert clean.call("PATCH", f"/accounts/{tenant.zoom_id}/settings", json=changed).status_code == 204
    data["feature.meeting_capacity"] = "500"
    answer = client.post(url, data.urlencode(), content_type=URLENCODED)
    assert answer.status_code == 409
    row = answer.context["meanwhile"][0]
    assert (row.name, row.now, row.yours) == ("feature.meeting_capacity", "300", "500")
    assert clean.call("GET", f"/accounts/{tenant.zoom_id}/settings").json()["feature"]["meeting_capacity"] == 300


def test_fault_U14_options_that_two_operators_change_are_told_to_the_second(
    clean: Sandbox, tenant: SubAccount, olga: Staff, adam: Staff, client_of: Any
) -> None:
    url = f"/accounts/{tenant.pk}/options/"
    first, second = client_of(olga), client_of(adam)
    late = shown(second, url)
    assert send(first, url, room_connectors="10.0.0.1").status_code == 302
    late["room_connectors"] = "10.0.0.2"
    answer = second.post(url, late.urlencode(), content_type=URLENCODED)
    assert (answer.status_code, len(clean.ledger())) == (409, 1)
    assert [(row.now, row.yours) for row in answer.context["meanwhile"]] == [("10.0.0.1", "10.0.0.2")]


def test_disassociating_needs_the_name_and_a_reason(
    clean: Sandbox, tenant: SubAccount, olga: Staff, client_of: Any
) -> None:
    client = client_of(olga)
    url = f"/accounts/{tenant.pk}/disassociate/"
    answer = send(client, url, typed="something else", reason="")
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"typed", "reason"}
    assert clean.ledger() == []


def test_a_disassociated_account_leaves_zoom_and_the_lists_and_its_page_says_so(
    clean: Sandbox, tenant: SubAccount, olga: Staff, client_of: Any
) -> None:
    client = client_of(olga)
    url = f"/accounts/{tenant.pk}/disassociate/"
    data = shown(client, url)
    data["typed"], data["reason"] = str(tenant), "Contract ended"
    for _ in range(2):  # a double click
        assert client.post(url, data.urlencode(), content_type=URLENCODED).status_code == 302
    assert [write["operation"] for write in clean.ledger()] == ["accounts.delete"]
    assert clean.call("GET", f"/accounts/{tenant.zoom_id}").status_code == 404
    assert str(tenant) not in [str(row) for row in client.get("/accounts/?size=300").context["table"].rows]
    assert "This sub-account has left" in client.get(f"/accounts/{tenant.pk}/").content.decode()


def test_anna_reads_everything_and_changes_nothing(
    clean: Sandbox, tenant: SubAccount, anna: Staff, client_of: Any
) -> None:
    client = client_of(anna)
    assert client.get(f"/accounts/{tenant.pk}/").status_code == 200
    assert client.post(f"/accounts/{tenant.pk}/options/", {"share_rc": "true"}).status_code == 403
    assert client.get(f"/accounts/{tenant.pk}/disassociate/").status_code == 403
    assert clean.ledger() == []
