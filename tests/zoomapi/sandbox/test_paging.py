import pytest

from zoomapi.sandbox.errors import Refusal
from zoomapi.sandbox.paging import TOKEN_SECONDS, Listed, Tokens, numbered

ROWS = Listed(list(range(7)))


def same(rows: list[int]) -> list[int]:
    return rows


def test_numbered_pages_tell_where_they_stand() -> None:
    assert numbered(ROWS, "rows", {"page_size": 3, "page_number": 3}, same) == {
        "page_count": 3,
        "page_number": 3,
        "page_size": 3,
        "total_records": 7,
        "rows": [6],
    }


def test_an_empty_list_is_one_empty_page() -> None:
    answer = numbered(Listed([]), "rows", {"page_size": 3, "page_number": 1}, same)
    assert (answer["page_count"], answer["total_records"], answer["rows"]) == (1, 0, [])


def test_tokens_lead_through_the_whole_list() -> None:
    tokens, seen, query = Tokens("secret"), [], {"page_size": 3}
    for _ in range(3):
        answer = tokens.page(ROWS, "rows", query, "list", 0, same)
        seen += answer["rows"]
        query["next_page_token"] = answer["next_page_token"]
    assert (seen, query["next_page_token"]) == (ROWS.items, "")


def test_a_token_is_good_for_fifteen_minutes_one_page_size_and_one_list() -> None:
    tokens = Tokens("secret")
    token = tokens.page(ROWS, "rows", {"page_size": 3}, "list", 0, same)["next_page_token"]
    good = {"page_size": 3, "next_page_token": token}
    assert tokens.page(ROWS, "rows", good, "list", TOKEN_SECONDS, same)["rows"] == [3, 4, 5]
    for query, scope, now in (
        (good, "list", TOKEN_SECONDS + 1),
        (good | {"page_size": 4}, "list", 0),
        (good, "other", 0),
    ):
        with pytest.raises(Refusal):
            tokens.page(ROWS, "rows", query, scope, now, same)


@pytest.mark.parametrize("token", ["x", "é", "AAAA", "AAAA" * 30, "=" * 9])
def test_an_invented_token_is_refused(token: str) -> None:
    with pytest.raises(Refusal) as refused:
        Tokens("secret").page(ROWS, "rows", {"page_size": 3, "next_page_token": token}, "list", 0, same)
    assert (refused.value.status, refused.value.code) == (400, 300)
