import base64
import json
import random
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Func, QuerySet
from django.http import QueryDict

from portal.ui.order import RowBeyond, sort_keys
from portal.ui.paging import BadCursor, KeysetPage, decode, encode
from tests.portal.ui.models import Thing

SMALL = (4, 9)
START = datetime(2026, 3, 1, 9, 12, 30, 123456, tzinfo=UTC)


@pytest.fixture
def rows(things: type[Thing]) -> list[Thing]:
    """Forty rows with many ties, blanks, and moments that differ in microseconds only."""
    chance = random.Random(11)
    made = [
        Thing(
            name=chance.choice(["Ann", "bob", "Čeněk", "Zoë", "Ann"]),
            seats=chance.choice([None, None, 5, 5, 9, -3]),
            seen_at=chance.choice([None, START, START + timedelta(microseconds=1), START + timedelta(days=1)]),
            kind=chance.choice("ab"),
        )
        for _ in range(40)
    ]
    return things.objects.bulk_create(made)


def walk(queryset: QuerySet[Thing], sort: tuple[str, ...], word: str = "next") -> list[list[int]]:
    """Follow the links from the first page (or the last) to the other end."""
    params = QueryDict("" if word == "next" else "before=end")
    pages: list[list[int]] = []
    while True:
        page = KeysetPage(queryset, sort=sort, params=params, sizes=SMALL)
        pages.append([row.pk for row in page])
        url = page.next_url if word == "next" else page.previous_url
        if not url:
            return pages
        params = QueryDict(url.removeprefix("?"))


def expected(sort: tuple[str, ...]) -> list[int]:
    keys = sort_keys(Thing.objects.all(), sort)
    return list(Thing.objects.order_by(*(key.order(backwards=False) for key in keys)).values_list("pk", flat=True))


SORTS = [
    (),
    ("name",),
    ("-name",),
    ("seats",),
    ("-seats",),
    ("seen_at",),
    ("-seen_at", "name"),
    ("kind", "-seats", "seen_at"),
    ("-kind", "-name"),
    ("pk",),
    ("-pk",),
]


@pytest.mark.parametrize("sort", SORTS)
def test_following_next_shows_every_row_once_and_in_order(rows: list[Thing], sort: tuple[str, ...]) -> None:
    assert list(chain(*walk(Thing.objects.all(), sort))) == expected(sort)


@pytest.mark.parametrize("sort", SORTS)
def test_following_previous_from_the_end_shows_every_row_once(rows: list[Thing], sort: tuple[str, ...]) -> None:
    backwards = walk(Thing.objects.all(), sort, "previous")
    shown = [pk for page in reversed(backwards[:-1]) for pk in page]
    first = backwards[-1]
    # The first page is always full, so it may overlap the second one.
    assert first == expected(sort)[:4]
    assert shown == expected(sort)[-len(shown) :]
    assert len(shown) >= len(rows) - 4


@pytest.mark.parametrize("sort", [("seats",), ("-seats",)])
def test_blank_values_come_last_in_both_directions(rows: list[Thing], sort: tuple[str, ...]) -> None:
    seats = [Thing.objects.get(pk=pk).seats for pk in chain(*walk(Thing.objects.all(), sort))]
    blanks = seats.count(None)
    assert seats[-blanks:] == [None] * blanks
    assert None not in seats[:-blanks]


def test_next_then_previous_returns_to_the_same_page(rows: list[Thing]) -> None:
    first = KeysetPage(Thing.objects.all(), sort=("-seats",), params={}, sizes=SMALL)
    second = KeysetPage(Thing.objects.all(), sort=("-seats",), params=QueryDict(first.next_url[1:]), sizes=SMALL)
    third = KeysetPage(Thing.objects.all(), sort=("-seats",), params=QueryDict(second.next_url[1:]), sizes=SMALL)
    back = KeysetPage(Thing.objects.all(), sort=("-seats",), params=QueryDict(third.previous_url[1:]), sizes=SMALL)
    assert list(back) == list(second)
    assert (back.has_previous, back.has_next) == (True, True)


def test_a_row_that_is_deleted_between_two_pages_hides_no_other(rows: list[Thing]) -> None:
    first = KeysetPage(Thing.objects.all(), sort=("name",), params={}, sizes=SMALL)
    rest = [pk for pk in expected(("name",)) if pk not in {row.pk for row in first}]
    url = first.next_url
    first.rows[-1].delete()
    second = KeysetPage(Thing.objects.all(), sort=("name",), params=QueryDict(url[1:]), sizes=SMALL)
    assert [row.pk for row in second] == rest[:4]


def test_a_row_that_is_added_before_the_place_repeats_no_other(rows: list[Thing]) -> None:
    first = KeysetPage(Thing.objects.all(), sort=("name",), params={}, sizes=SMALL)
    rest = [pk for pk in expected(("name",)) if pk not in {row.pk for row in first}]
    Thing.objects.create(name="Aaa")
    second = KeysetPage(Thing.objects.all(), sort=("name",), params=QueryDict(first.next_url[1:]), sizes=SMALL)
    assert [row.pk for row in second] == rest[:4]


def test_a_place_whose_following_rows_are_gone_shows_the_last_page(rows: list[Thing]) -> None:
    page = KeysetPage(Thing.objects.all(), params={}, sizes=SMALL)
    Thing.objects.filter(pk__gt=page.rows[-1].pk).delete()
    gone = KeysetPage(Thing.objects.all(), params=QueryDict(page.next_url[1:]), sizes=SMALL)
    assert list(gone) == list(page)


def test_an_empty_list_has_no_links(things: type[Thing]) -> None:
    page = KeysetPage(Thing.objects.all(), params={"before": "end"}, sizes=SMALL)
    assert (list(page), page.next_url, page.previous_url, page.first_url, page.last_url) == ([], "", "", "", "")
    assert page.total_text == "0 rows"


def cursor(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "%00",
        "ÿ",
        "a" * 5000,
        cursor({}),
        cursor(7),
        cursor([["name", "pk"], ["Ann"]]),
        cursor([["name", "pk"], ["Ann", None]]),
        cursor([["name", "pk"], [None, 1]]),
        cursor([["name", "pk"], [["Ann"], 1]]),
        cursor([["name", "pk"], ["An\x00n", 1]]),
        cursor([["name", "pk"], ["Ann", "one"]]),
        cursor([["name", "pk"], ["Ann", 10**30]]),
        cursor([["name", "pk"], ["Ann", 1e400]]),
        cursor([["-name", "pk"], ["Ann", 1]]),
        cursor([["seats", "pk"], [1, 1]]),
    ],
)
def test_a_damaged_cursor_shows_the_first_page_and_says_so(rows: list[Thing], text: str) -> None:
    page = KeysetPage(Thing.objects.all(), sort=("name",), params={"after": text}, sizes=SMALL)
    assert page.lost is True
    assert [row.pk for row in page] == expected(("name",))[:4]


def test_a_cursor_reads_back_what_was_written(rows: list[Thing]) -> None:
    keys = sort_keys(Thing.objects.all(), ("seen_at", "-name"))
    for row in rows:
        assert decode(keys, encode(keys, row)) == [row.seen_at, row.name, row.pk]


def test_a_cursor_of_another_order_is_refused(rows: list[Thing]) -> None:
    text = encode(sort_keys(Thing.objects.all(), ("name",)), rows[0])
    with pytest.raises(BadCursor):
        decode(sort_keys(Thing.objects.all(), ("-name",)), text)


def test_one_page_costs_one_query_and_one_capped_count(rows: list[Thing], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        page = KeysetPage(Thing.objects.all(), sort=("name",), params={}, sizes=SMALL)
        assert page.total_text == "4 of 40"
        assert page.total_text == "4 of 40"


def test_a_large_count_stops_at_the_limit(rows: list[Thing]) -> None:
    assert KeysetPage(Thing.objects.all(), params={}, sizes=SMALL, count_limit=10).total_text == "4 of more than 10"


def test_nothing_is_counted_when_nobody_wants_it(rows: list[Thing], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        page = KeysetPage(Thing.objects.all(), params={}, sizes=SMALL, count=False)
        assert page.total_text == "4 rows, more follow"


@pytest.mark.parametrize(("asked", "size"), [("9", 9), ("4", 4), ("5", 4), ("", 4), ("-1", 4), ("9999", 4), ("٩", 4)])
def test_only_the_offered_sizes_are_given(rows: list[Thing], asked: str, size: int) -> None:
    assert KeysetPage(Thing.objects.all(), params={"size": asked}, sizes=SMALL).size == size


def test_links_keep_filters_and_order_and_drop_the_place(rows: list[Thing]) -> None:
    page = KeysetPage(Thing.objects.all(), params=QueryDict("kind=a&kind=b&sort=-name&after=x"), sizes=SMALL)
    assert page.link(size="9") == "?kind=a&kind=b&sort=-name&size=9"
    assert page.size_links[1] == (9, "?kind=a&kind=b&sort=-name&size=9")


def test_rows_can_be_sorted_by_an_annotation(rows: list[Thing]) -> None:
    named = Thing.objects.annotate(low=Func(F("name"), function="LOWER"))
    pages = walk(named, ("low",))
    assert list(chain(*pages)) == list(named.order_by("low", "pk").values_list("pk", flat=True))


def test_a_sort_by_something_that_is_no_column_is_our_mistake(things: type[Thing]) -> None:
    with pytest.raises(FieldDoesNotExist):
        KeysetPage(Thing.objects.all(), sort=("colour",), params={})


def test_a_deep_page_is_found_by_one_comparison_of_the_columns(rows: list[Thing]) -> None:
    first = KeysetPage(Thing.objects.all(), sort=("kind",), params={}, sizes=SMALL)
    keys = sort_keys(Thing.objects.all(), ("kind",))
    values = decode(keys, encode(keys, first.rows[-1]))
    sql = str(Thing.objects.filter(RowBeyond(keys, values, ">")).query)
    assert '("ui_thing"."kind", "ui_thing"."id") > (' in sql
