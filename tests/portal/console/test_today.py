"""The console on a connection to today's Zoom: its paths, its limits, and what it has no more."""

from typing import Any

import pytest

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import scope_of
from portal.audit.models import Entry
from portal.console.catalogue import right_of
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from portal.gateway.zooms import zoom_of
from tests.portal.console.test_views import at, send, text
from tests.support.cast import sub_account
from zoomapi.spec import all_endpoints
from zoomapi.spec.profiles import CLASSIC, CURRENT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def initech(db: None) -> SubAccount:
    today = Connection.objects.create(
        name="Today", base_url="http://127.0.0.1:9/v2", profile="current", account_id="a", api_key="k", api_secret="s"
    )
    return sub_account(today, "initech-1", "Initech")


def test_a_moved_operation_is_shown_and_sent_at_its_present_path(
    olga: Staff, initech: SubAccount, client_of: Any
) -> None:
    client = client_of(olga)
    dates = {"query-from": "2026-01-01", "query-to": "2026-01-02"}
    answer = text(client.post(at("dashboards.im", initech), {"do": "show", **dates}))
    assert "/v2/accounts/initech-1/metrics/chat?" in answer
    assert "metrics/im?" not in answer


def test_the_limit_is_that_of_the_connection(olga: Staff, initech: SubAccount, client_of: Any) -> None:
    page = text(client_of(olga).get(at("users.list", initech)))
    assert '20 a second <span class="soft">(Medium)</span>' in page


def test_what_is_counted_by_host_says_so(olga: Staff, initech: SubAccount, acme: SubAccount, client_of: Any) -> None:
    client, words = client_of(olga), "100 a day for each host"
    pages = [text(client.get(at("meetings.update", account))) for account in (initech, acme)]
    assert [words in page for page in pages] == [True, False]
    assert words not in text(client.get(at("meetings.get", initech)))


def test_a_retired_operation_is_explained_and_never_sent(olga: Staff, initech: SubAccount, client_of: Any) -> None:
    client = client_of(olga)
    page = text(client.get(at("webhooks.list")))
    assert "does not have this operation any more" in page
    assert 'name="do"' not in page
    answer = send(client, at("webhooks.list"))
    assert (answer.status_code, Entry.objects.filter(verb="webhooks.list").count()) == (422, 0)


def test_the_list_shows_paths_and_limits_of_today_when_all_connections_are_of_today(
    olga: Staff, initech: SubAccount, client_of: Any
) -> None:
    page = text(client_of(olga).get("/console/?q=metrics"))
    assert "/metrics/chat" in page
    assert ">/metrics/im<" not in page


def test_the_list_is_the_documents_when_connections_differ(
    olga: Staff, initech: SubAccount, acme: SubAccount, client_of: Any
) -> None:
    assert ">/metrics/im<" in text(client_of(olga).get("/console/?q=metrics"))


def test_the_right_an_operation_takes_does_not_depend_on_the_zoom() -> None:
    assert {e.key for e in all_endpoints() if right_of(CURRENT.view(e)) is not right_of(e)} == set()
    assert Right.BILLING in {right_of(CURRENT.view(e)) for e in all_endpoints()}


def test_nobody_in_scope_means_the_zoom_of_the_document(olga: Staff) -> None:
    assert zoom_of(scope_of(olga)) is CLASSIC
