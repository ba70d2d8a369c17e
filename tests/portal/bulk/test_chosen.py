"""The choice of a list in an address: what it holds, how long it gets, and what it means when it is read again."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from portal.bulk.approval import TooManyDeletes
from portal.bulk.chosen import Choice, chosen_address, removal_told, with_filters, word_of
from portal.bulk.selection import SelectionRefused

ACTIONS = ("remove", "keep")
FILTERS = f"name={'x' * 200}&account_name={'y' * 200}&sort=-members"


def address(number: int, filters: str = FILTERS) -> str:
    words = [word_of(n) for n in range(number)]
    request = RequestFactory().post("/", {"action": "remove", "selected": words, "filters": filters})
    return str(chosen_address(request, ACTIONS, leads_to="/list/remove/", back_url="/list/")["Location"])


def test_an_address_names_the_ticked_rows_and_the_list_they_stood_in() -> None:
    found = parse_qs(urlsplit(address(2)).query)
    assert found == {"do": ["remove"], "filters": [FILTERS], "ids": [f"{word_of(0)}.{word_of(1)}"]}


def test_three_hundred_rows_fit_into_an_address_whatever_the_filters_are() -> None:
    url = address(300)
    assert (len(url) < 4000, parse_qs(urlsplit(url).query)["ids"][0].count(".")) == (True, 299)


def test_a_choice_is_read_again_without_doubles_and_in_its_order() -> None:
    choice = Choice.of(QueryDict("do=keep&ids=3.1.3..2&filters=a%3Db"), ACTIONS)
    assert (choice.action, choice.words, choice.keys(), choice.filters["a"]) == (
        "keep",
        ("3", "1", "2"),
        (3, 1, 2),
        "b",
    )
    assert Choice.of(QueryDict("do=keep&all=1&ids=3"), ACTIONS).words is None


@pytest.mark.parametrize("query", ["", "do=keep", "do=keep&ids=", "do=keep&ids=...", "do=burn&all=1", "do=keep&all=0"])
def test_a_choice_of_nothing_is_refused(query: str) -> None:
    with pytest.raises(SelectionRefused, match="Nothing was chosen"):
        Choice.of(QueryDict(query), ACTIONS)


@pytest.mark.parametrize("ids", ["x", "1.x", "-1", "1.²", "9" * 19])
def test_words_that_are_no_keys_are_refused(ids: str) -> None:
    with pytest.raises(SelectionRefused):
        Choice.of(QueryDict(f"do=keep&ids={ids}"), ACTIONS).keys()


def test_removals_say_when_a_second_person_is_needed_and_stop_at_the_limit(settings: Any) -> None:
    settings.BULK_APPROVAL_DELETES, settings.BULK_MOST_DELETES = 2, 3
    assert [len(removal_told(number)) for number in (2, 3)] == [1, 2]
    with pytest.raises(TooManyDeletes):
        removal_told(4)


def test_a_list_is_led_back_to_as_it_was_looked_at() -> None:
    assert (with_filters("/list/", ""), with_filters("/list/", "a=b&c=%20d")) == ("/list/", "/list/?a=b&c=+d")
