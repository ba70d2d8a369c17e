"""The door: anonymous to the sign-in page, strangers to 404, people without the right to 403."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.gateway.models import Connection

pytestmark = pytest.mark.django_db

ClientOf = Callable[..., Client]


def test_anonymous_people_are_sent_to_sign_in_and_back(client: Client) -> None:
    answer = client.get("/audit/?verb=refused")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/audit/%3Fverb%3Drefused")


def test_fault_U17_a_part_of_a_page_moves_the_whole_page_to_sign_in(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/users/?q=a"}
    answer = client.get("/audit/", headers=headers)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["HX-Redirect"] == "/sign-in/?next=%2Fusers%2F%3Fq%3Da"


@pytest.mark.parametrize("address", ["https://evil.example/x", "//evil.example", "javascript:alert(1)", ""])
def test_fault_A12_a_foreign_page_is_not_where_sign_in_leads(client: Client, address: str) -> None:
    answer = client.get("/audit/", headers={"HX-Request": "true", "HX-Current-URL": address})
    assert answer["HX-Redirect"] == "/sign-in/"


def test_a_refusal_is_answered_403_and_written_down(olga: Staff, client_of: ClientOf) -> None:
    answer = client_of(olga).get(reverse("access:staff"))
    entry = Entry.objects.get()
    assert answer.status_code == 403
    assert (entry.verb, entry.actor, entry.target) == ("refused", "olga@portal.example", "/staff/")


def test_pages_are_kept_by_no_browser(anna: Staff, client_of: ClientOf) -> None:
    assert client_of(anna).get("/audit/")["Cache-Control"] == "no-store"


def test_fault_A17_a_disabled_person_is_out_at_once(anna: Staff, client_of: ClientOf) -> None:
    client = client_of(anna)
    Staff.objects.update(is_active=False)
    assert client.get("/audit/").status_code == 302


def test_fault_A17_another_role_ends_every_session(anna: Staff, client_of: ClientOf) -> None:
    client = client_of(anna)
    Staff.objects.update(role="operator")
    assert client.get("/audit/").status_code == 302


def test_a_demo_person_is_out_once_a_real_connection_is_in_use(
    anna: Staff, sandbox_connection: Connection, client_of: ClientOf
) -> None:
    Staff.objects.update(is_demo=True)
    client = client_of(anna)
    assert client.get("/audit/").status_code == 200
    Connection.objects.create(name="Real", base_url="https://api.zoom.us/v2", api_key="k", api_secret="s")
    assert client.get("/audit/").status_code == 302


def test_the_time_zone_is_the_persons_own_and_ends_with_the_request(anna: Staff, client_of: ClientOf) -> None:
    Staff.objects.update(timezone="Asia/Tokyo")
    assert b"Asia/Tokyo" in client_of(anna).get("/audit/").content
    assert timezone.get_current_timezone_name() == "UTC"
