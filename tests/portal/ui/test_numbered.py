"""Pages by number of a list that somebody else keeps."""

import pytest
from django.http import QueryDict

from portal.ui.numbered import NumberedPage, place


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", (1, 50)),
        ("page=3&size=100", (3, 100)),
        ("page=0", (1, 50)),
        ("page=-1&size=7", (1, 50)),
        ("page=x&size=x", (1, 50)),
        ("page=²", (1, 50)),
        ("page=99999999999999999999", (1, 50)),
    ],
)
def test_an_address_names_a_page_or_means_the_first(text: str, found: tuple[int, int]) -> None:
    assert place(QueryDict(text)) == found


def test_a_page_in_the_middle_leads_to_all_others_and_keeps_the_rest_of_the_address() -> None:
    page = NumberedPage(range(50), total=170, params=QueryDict("page=2&status=denied"))
    assert page.total_text == "50 of 170"
    assert [page.first_url, page.previous_url, page.next_url, page.last_url] == [
        "?status=denied",
        "?status=denied&page=1",
        "?status=denied&page=3",
        "?status=denied&page=4",
    ]
    assert page.size_links == [(50, ""), (100, "?status=denied&size=100"), (300, "?status=denied&size=300")]


def test_a_list_that_fits_on_a_page_leads_nowhere() -> None:
    page = NumberedPage(["a"], total=1, params=QueryDict())
    assert page.total_text == "1 row"
    assert [page.first_url, page.previous_url, page.next_url, page.last_url] == [""] * 4


def test_without_a_total_a_full_page_is_followed_by_another() -> None:
    full, short = (NumberedPage(range(n), total=None, params=QueryDict()) for n in (50, 49))
    assert [full.has_next, short.has_next, full.last_url] == [True, False, ""]
    assert [full.total_text, short.total_text] == ["50 rows, more follow", "49 rows"]
