from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest
from django.template import Context, Template
from django.utils import timezone

from portal.ui.paging import KeysetPage
from portal.ui.tables import BulkAction, Column, Empty, Freshness, Table, page_or_part, sorting
from tests.portal.ui.models import Thing

COLUMNS = [
    Column("Name", "name", sort="name", head=True, link=lambda row: f"/things/{row.pk}"),
    Column("Seats", "seats", sort="seats", sort_fields=("seats", "-name"), numeric=True),
    Column("Owner", "owner.email", priority=2),
]
ROWS = [
    SimpleNamespace(pk=1, name="<Ann>", seats=1200, owner={"email": "a@x.example"}),
    SimpleNamespace(pk=2, name="Bob", seats=None, owner=None),
]


def drawn(table: Table) -> str:
    return Template("{% load ui %}{% table table %}").render(Context({"table": table, "request": table.request}))


def test_cells_are_escaped_linked_and_numbers_grouped(ask: Callable[..., HttpRequest]) -> None:
    page = drawn(Table(COLUMNS, ROWS, ask()))
    assert '<th scope="row"><a href="/things/1">&lt;Ann&gt;</a></th>' in page
    assert '<td class="num">1,200</td>' in page
    assert '<td class="less">a@x.example</td>' in page
    assert "checkbox" not in page


def test_an_empty_table_says_what_to_do(ask: Callable[..., HttpRequest]) -> None:
    state = Empty("No users yet", "Import a file.", (("Import", "/import"),))
    page = drawn(Table(COLUMNS, [], ask(), empty=state))
    assert "No users yet" in page
    assert '<a class="button primary" href="/import">Import</a>' in page
    assert "<table" not in page


def test_a_sort_link_turns_round_and_keeps_the_filters(ask: Callable[..., HttpRequest]) -> None:
    request = ask("/?q=a&after=x&sort=name")
    heads = Table(COLUMNS, ROWS, request, sort="name").heads()
    assert [head.direction for head in heads] == ["ascending", "", ""]
    assert [head.url for head in heads] == ["?q=a&sort=-name", "?q=a&sort=seats", ""]


@pytest.mark.parametrize(
    ("asked", "word", "fields"),
    [
        ("", "-name", ("-name",)),
        ("seats", "seats", ("seats", "-name")),
        ("-seats", "-seats", ("-seats", "name")),
        ("password", "-name", ("-name",)),
        ("--name", "-name", ("-name",)),
    ],
)
def test_only_known_words_sort(ask: Callable[..., HttpRequest], asked: str, word: str, fields: tuple[str, ...]) -> None:
    assert sorting(COLUMNS, ask(f"/?sort={asked}"), "-name") == (word, fields)


def test_actions_bring_boxes_a_bar_and_the_filters(ask: Callable[..., HttpRequest]) -> None:
    table = Table(COLUMNS, ROWS, ask("/?q=a&after=x"), actions=[BulkAction("Stop", "stop")], action_url="/bulk")
    page = drawn(table)
    assert '<form method="post" action="/bulk" class="picks" data-picks>' in page
    assert 'name="selected" value="1"' in page
    assert '<input type="hidden" name="filters" value="q=a">' in page
    assert 'name="everything"' not in page


def test_all_matching_rows_can_be_meant_when_there_are_more_pages(things: Any, ask: Callable[..., HttpRequest]) -> None:
    Thing.objects.bulk_create([Thing(name=str(place)) for place in range(6)])
    page = KeysetPage(Thing.objects.all(), params={}, sizes=(4,))
    text = drawn(Table(COLUMNS[:2], page, ask(), actions=[BulkAction("Stop", "stop")], action_url="/bulk"))
    assert "All 6 matching rows, also on other pages" in text
    assert "4 of 6" in text
    assert 'rel="next"' in text


def test_freshness_is_said_and_incompleteness_marked() -> None:
    with timezone.override("Europe/Berlin"):
        fresh = Freshness(timezone.now(), 41, 42)
        assert fresh.text == f"41 of 42 sub-accounts, as of {timezone.localtime():%H:%M %Z}"
        assert fresh.is_partial is True
        assert Freshness(datetime(2026, 1, 2, 8, 12, tzinfo=UTC), 42, 42).text.endswith("as of 2 Jan 2026, 09:12 CET")
    assert Freshness(None).text == "Never read from Zoom yet"


@pytest.fixture
def template(tmp_path: Any, settings: Any) -> str:
    (tmp_path / "sample.html").write_text(
        "{% load partials %}<html>{% partialdef results inline %}<p>{{ word }}</p>{% endpartialdef %}</html>"
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    return "sample.html"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, "<html><p>hello</p></html>"),
        ({"HX-Request": "true"}, "<p>hello</p>"),
        ({"HX-Request": "true", "HX-Boosted": "true"}, "<html><p>hello</p></html>"),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, "<html><p>hello</p></html>"),
    ],
)
def test_one_view_answers_with_the_page_or_with_its_results(
    ask: Callable[..., HttpRequest], template: str, headers: dict[str, str], body: str
) -> None:
    request = ask(headers=headers)
    response = page_or_part(request, template, {"word": "hello"})
    assert response.content.decode() == body
    assert response["Vary"] == "HX-Request, HX-Boosted, HX-History-Restore-Request"
