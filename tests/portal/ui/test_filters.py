from collections.abc import Callable
from typing import Any

import django_filters
import pytest
from django.http import HttpRequest
from django.template import Context, Template

from portal.ui.filters import FilterBar
from tests.portal.ui.models import Thing


class Things(django_filters.FilterSet):
    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label="Name")
    kind = django_filters.MultipleChoiceFilter(label="Kind", choices=[("a", "Kind A"), ("b", "Kind B")])
    seats = django_filters.RangeFilter(label="Seats")
    seen_at = django_filters.DateFromToRangeFilter(label="Seen")
    blank = django_filters.BooleanFilter(field_name="seats", lookup_expr="isnull", label="Without seats")

    class Meta:
        model = Thing
        fields: list[str] = []


@pytest.fixture
def bar(ask: Callable[..., HttpRequest]) -> Callable[[str], FilterBar]:
    def make(query: str) -> FilterBar:
        request = ask(f"/things{query}")
        return FilterBar(Things(request.GET, queryset=Thing.objects.all()), request)

    return make


@pytest.mark.parametrize(
    ("query", "pills"),
    [
        ("", []),
        ("?q=", []),
        ("?sort=name&size=100", []),
        ("?q=an<b>", [("Name", "an<b>")]),
        ("?kind=a&kind=b", [("Kind", "Kind A, Kind B")]),
        ("?seats_min=5", [("Seats", "from 5")]),
        ("?seats_min=5&seats_max=9", [("Seats", "5 to 9")]),
        ("?seen_at_before=2026-03-01", [("Seen", "up to 1 Mar 2026")]),
        ("?blank=false", [("Without seats", "No")]),
        ("?blank=true", [("Without seats", "Yes")]),
        ("?seats_min=five", []),
        ("?kind=zebra", []),
    ],
)
def test_every_filter_in_force_has_a_pill_in_words(
    bar: Callable[[str], FilterBar], query: str, pills: list[tuple[str, str]]
) -> None:
    assert [(pill.label, pill.text) for pill in bar(query).pills] == pills


def test_a_pill_removes_its_own_filter_and_the_place_only(bar: Callable[[str], FilterBar]) -> None:
    pills = bar("?q=an&seats_min=5&seats_max=9&sort=-name&after=xyz").pills
    assert [pill.remove_url for pill in pills] == [
        "?seats_min=5&seats_max=9&sort=-name",
        "?q=an&sort=-name",
    ]


def test_clearing_keeps_order_and_size(bar: Callable[[str], FilterBar]) -> None:
    assert bar("?q=an&kind=a&sort=-name&size=100&before=x").clear_url == "?sort=-name&size=100"


def test_the_bar_is_a_plain_form_that_keeps_order_and_size(bar: Callable[[str], FilterBar]) -> None:
    page = Template("{% load ui %}{% filterbar bar %}").render(Context({"bar": bar("?q=a%22b&sort=-name&seats_min=x")}))
    assert '<form class="filters" method="get"' in page
    assert '<input type="hidden" name="sort" value="-name">' in page
    assert 'value="a&quot;b"' in page
    assert "Enter a number." in page


def test_pills_are_escaped(bar: Callable[[str], FilterBar]) -> None:
    page = Template("{% load ui %}{% filterpills bar %}").render(Context({"bar": bar("?q=<script>")}))
    assert "<script>" not in page


def test_an_invalid_filter_filters_nothing_and_breaks_nothing(things: Any, bar: Callable[[str], FilterBar]) -> None:
    Thing.objects.create(name="Ann")
    assert bar("?seats_min=five").filterset.qs.count() == 1
