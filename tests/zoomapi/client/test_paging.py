"""Whole lists, while the service misbehaves and others change them (R22–R24)."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.zoomapi.client import rogue as r
from tests.zoomapi.client.rogue import Rogue
from zoomapi import spec
from zoomapi.client import ZoomClient, errors
from zoomapi.client.paging import Walk, read_page
from zoomapi.spec.base import Endpoint, Paging

NUMBERED = Endpoint("GET", "/users", paging=Paging.NUMBERED, item_key="users")
TOKEN = Endpoint("GET", "/things", paging=Paging.TOKEN, item_key="things")
EVENTS = Endpoint("GET", "/report/meetings/{meetingId}/participants", paging=Paging.TOKEN, item_key="participants")


class Shelf:
    """A list that answers by pages; ``change`` runs before each request with its number."""

    def __init__(self, endpoint: Endpoint, count: int, size: int = 10) -> None:
        self.key, self.size, self.ids = endpoint.item_key, size, list(range(count))
        self.asked: list[Mapping[str, Any]] = []
        self.expired: set[int] = set()

    def change(self, request: int) -> None:
        """Nothing changes by default."""

    def numbered(self, query: Mapping[str, Any]) -> Any:
        self._asked(query)
        page = query.get("page_number", 1)
        pages = -(-len(self.ids) // self.size)
        return {"page_number": page, "page_count": pages, "total_records": len(self.ids), **self._rows(page - 1)}

    def token(self, query: Mapping[str, Any]) -> Any:
        request = self._asked(query)
        if request in self.expired:
            raise errors.ValidationFailed("The token expired.", code=300)
        page = int(query.get("next_page_token", "t0")[1:])
        more = (page + 1) * self.size < len(self.ids)
        return {
            "next_page_token": f"t{page + 1}" if more else "",
            "total_records": len(self.ids),
            **self._rows(page),
        }

    def _asked(self, query: Mapping[str, Any]) -> int:
        self.asked.append(query)
        self.change(len(self.asked))
        return len(self.asked)

    def _rows(self, page: int) -> dict[str, Any]:
        return {self.key: [{"id": i} for i in self.ids[page * self.size : (page + 1) * self.size]]}


def ids(walk: Walk) -> list[int]:
    return [item["id"] for item in walk]


@pytest.mark.parametrize("count", [0, 1, 10, 11, 95])
@pytest.mark.parametrize("endpoint", [NUMBERED, TOKEN])
def test_a_quiet_list_is_read_once_and_whole(endpoint: Endpoint, count: int) -> None:
    shelf = Shelf(endpoint, count)
    walk = Walk(endpoint, shelf.numbered if endpoint is NUMBERED else shelf.token, {"page_size": 10})
    assert ids(walk) == list(range(count))
    assert (walk.complete, walk.changed, walk.passes, walk.seen, walk.total) == (True, False, 1, count, count)
    assert len(shelf.asked) == max(-(-count // 10), 1)


def test_every_page_is_asked_for_with_the_same_page_size() -> None:
    shelf = Shelf(TOKEN, 35)
    assert len(ids(Walk(TOKEN, shelf.token, {"page_size": 10, "status": "all"}))) == 35
    assert {(q["page_size"], q["status"]) for q in shelf.asked} == {(10, "all")}


def test_a_numbered_list_that_answers_with_a_token_is_followed_by_token() -> None:
    shelf = Shelf(NUMBERED, 25)
    assert ids(Walk(NUMBERED, shelf.token, {})) == list(range(25))


def test_fault_R22_an_expired_token_restarts_the_walk_without_doubles_or_loss() -> None:
    shelf = Shelf(TOKEN, 45)
    shelf.expired = {3, 6}
    walk = Walk(TOKEN, shelf.token, {})
    assert ids(walk) == list(range(45))
    assert (walk.restarts, walk.complete) == (2, True)


def test_fault_R22_a_token_that_always_expires_ends_in_the_error() -> None:
    shelf = Shelf(TOKEN, 45)
    shelf.expired = set(range(2, 100, 2))
    with pytest.raises(errors.ValidationFailed):
        ids(Walk(TOKEN, shelf.token, {}))


def test_fault_R23_objects_that_move_between_pages_are_met_once_and_none_is_lost() -> None:
    shelf = Shelf(NUMBERED, 30)

    def delete_one_already_read(request: int) -> None:
        if request == 2:
            shelf.ids.remove(0)  # what was first on page 2 is now last on page 1

    shelf.change = delete_one_already_read  # type: ignore[method-assign]  # the test's own hook
    walk = Walk(NUMBERED, shelf.numbered, {})
    assert sorted(ids(walk)) == list(range(30))
    assert (walk.passes, walk.complete, walk.total) == (2, True, 29)
    assert walk.gone == {("0", "")}


def test_fault_R23_an_object_added_while_reading_is_found_in_the_second_pass() -> None:
    shelf = Shelf(NUMBERED, 30)

    def add_in_front(request: int) -> None:
        if request == 2:
            shelf.ids.insert(0, 99)

    shelf.change = add_in_front  # type: ignore[method-assign]  # the test's own hook
    walk = Walk(NUMBERED, shelf.numbered, {})
    assert sorted(ids(walk)) == [*range(30), 99]
    assert (walk.passes, walk.complete, walk.gone) == (2, True, set())


def test_fault_R23_a_list_that_never_stops_changing_is_marked_after_three_passes() -> None:
    shelf = Shelf(NUMBERED, 30)
    shelf.change = lambda request: shelf.ids.insert(0, 1000 + request)  # type: ignore[method-assign]  # as above
    walk = Walk(NUMBERED, shelf.numbered, {})
    found = ids(walk)
    assert len(found) == len(set(found))
    assert (walk.passes, walk.complete, walk.changed) == (3, False, True)
    assert walk.reason == "The list changed while it was being read."


def test_fault_R24_the_same_token_for_ever_ends() -> None:
    def fetch(query: Mapping[str, Any]) -> Any:
        return {"things": [{"id": 1}], "next_page_token": "again"}

    walk = Walk(TOKEN, fetch, {})
    assert ids(walk) == [1]
    assert (walk.complete, walk.reason) == (False, "The service repeated a page without end.")


def test_fault_R24_new_tokens_to_the_same_page_end() -> None:
    asked: list[Mapping[str, Any]] = []

    def fetch(query: Mapping[str, Any]) -> Any:
        asked.append(query)
        return {"things": [{"id": 1}], "next_page_token": f"t{len(asked)}"}

    assert ids(Walk(TOKEN, fetch, {})) == [1]
    assert len(asked) <= 12


@pytest.mark.parametrize(
    ("page_count", "total"), [(10**9, None), (1, 25), (None, 25), ("3", "25"), (0, 0), (10**9, 25)]
)
def test_fault_R24_wrong_counts_neither_cut_the_list_nor_make_it_endless(page_count: Any, total: Any) -> None:
    asked: list[int] = []

    def fetch(query: Mapping[str, Any]) -> Any:
        page = query.get("page_number", 1)
        asked.append(page)
        rows = [{"id": i} for i in range(25)][(page - 1) * 10 : page * 10]
        return {"users": rows, "page_count": page_count, "total_records": total}

    found = ids(Walk(NUMBERED, fetch, {}))
    assert found == (list(range(10)) if total == 0 else list(range(25)))
    assert len(asked) <= 12


def test_fault_R24_a_full_page_is_followed_by_another_unless_the_count_says_that_it_is_the_last() -> None:
    shelf = Shelf(NUMBERED, 25)
    walk = Walk(
        NUMBERED, lambda query: {**shelf.numbered(query), "page_count": 1, "total_records": 0}, {"page_size": 10}
    )
    assert ids(walk) == list(range(25))
    assert [query.get("page_number", 1) for query in shelf.asked[:3]] == [1, 2, 3]


def test_fault_R24_a_service_that_ignores_the_page_number_ends() -> None:
    walk = Walk(NUMBERED, lambda query: {"users": [{"id": 1}], "page_count": 99, "total_records": 99}, {})
    assert ids(walk) == [1]
    assert not walk.complete


def test_rows_that_are_events_are_kept_though_their_ids_repeat() -> None:
    rows = [{"id": "p", "join_time": 1}, {"id": "p", "join_time": 2}]
    walk = Walk(EVENTS, lambda query: {"participants": rows, "total_records": 2}, {})
    assert list(walk) == rows


def test_rows_without_an_id_are_told_apart_by_their_e_mail() -> None:
    rows = [{"email": "A@x.com", "n": 1}, {"email": "a@x.com", "n": 2}, {"email": "b@x.com"}]
    assert len(list(Walk(NUMBERED, lambda query: {"users": rows, "total_records": 2}, {}))) == 2


@pytest.mark.parametrize(
    ("data", "count"),
    [
        ({"users": [{"id": 1}, None, "x"]}, 1),
        ({"users": None}, 0),
        ({"pac_accounts": [{"id": 1}]}, 1),
        ({"total_records": 0}, 0),
        ({"users": [], "page_number": "x", "total_records": -1, "next_page_token": None}, 0),
    ],
)
def test_fault_R25_a_page_is_read_tolerantly(data: Any, count: int) -> None:
    assert len(read_page(NUMBERED, data).items) == count


@pytest.mark.parametrize("data", [{}, [], {"users": {}}, {"users": 7}, {"total_records": 5}, None])
def test_fault_R25_an_answer_without_a_list_is_a_bad_answer_and_not_an_empty_list(data: Any) -> None:
    with pytest.raises(errors.BadAnswer):
        read_page(NUMBERED, data)


# ---------------------------------------------------------------------------------------------------- through a client


def test_each_asks_for_the_largest_page_and_yields_everything(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(
        r.ok({"page_count": 2, "total_records": 2, "users": [{"id": "a"}]}),
        r.ok({"page_count": 2, "total_records": 2, "users": [{"id": "b"}]}),
    )
    assert [user["id"] for user in zoom.users.list.each(status="pending")] == ["a", "b"]
    assert [seen.url for seen in rogue.seen] == [
        "/v2/users?status=pending&page_size=300",
        "/v2/users?status=pending&page_size=300&page_number=2",
    ]


def test_each_works_below_a_sub_account(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.ok({"total_records": 1, "users": [{"id": "a"}]}))
    assert len(list(zoom.account("acc").users.list.each())) == 1
    assert rogue.seen[0].url.startswith("/v2/accounts/acc/users?")


def test_page_returns_one_page(rogue: Rogue, zoom: ZoomClient) -> None:
    rogue.script(r.ok({"page_number": 3, "page_count": 9, "total_records": 85, "users": [{"id": "a"}]}))
    page = zoom.users.list.page(page_number=3)
    assert (page.items, page.number, page.pages, page.total) == ([{"id": "a"}], 3, 9, 85)


def test_only_paged_operations_have_each() -> None:
    zoom = ZoomClient("http://127.0.0.1:1/v2", None)  # type: ignore[arg-type]  # nothing is sent
    for endpoint in spec.all_endpoints():
        operation = getattr(getattr(zoom, endpoint.family), endpoint.name)
        assert hasattr(operation, "each") == (endpoint.paging is not None)
