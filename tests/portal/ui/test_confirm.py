import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from portal.ui.confirm import Confirmation, ConfirmMixin, first_time, sent_before


class Ending(ConfirmMixin):
    """Ends Northwind, and remembers how often."""

    done: list[tuple[str, uuid.UUID]]
    users = 12
    gone = False

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        assert not Ending.gone
        return Confirmation(
            "End Northwind?",
            "End it",
            [f"{Ending.users} users lose access."],
            "/back",
            done_url="/list",
            typed="Nörthwind Ltd",
            irreversible=True,
        )

    def confirmed(
        self, request: HttpRequest, reason: str, operation_key: uuid.UUID, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        Ending.done.append((reason, operation_key))
        return HttpResponse("done")


@pytest.fixture(autouse=True)
def fresh(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "confirm"}}
    cache.clear()
    Ending.done, Ending.users, Ending.gone = [], 12, False


def hidden(page: HttpResponse) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(operation_key|seen)" value="([^"]*)"', page.content.decode()))


@pytest.fixture
def given(ask: Callable[..., HttpRequest]) -> dict[str, str]:
    """A form filled in as it should be."""
    page = Ending.as_view()(ask("/end"))
    return {**hidden(page), "typed": "Nörthwind Ltd", "reason": "Contract ended"}


def send(ask: Callable[..., HttpRequest], data: dict[str, str]) -> HttpResponse:
    return Ending.as_view()(ask("/end", data=data))


def test_the_page_names_the_consequences_and_carries_a_new_key(ask: Callable[..., HttpRequest]) -> None:
    first, second = Ending.as_view()(ask("/end")), Ending.as_view()(ask("/end"))
    assert "12 users lose access." in first.content.decode()
    assert hidden(first)["operation_key"] != hidden(second)["operation_key"]
    assert Ending.done == []


def test_a_complete_form_is_carried_out_with_its_reason(ask: Callable[..., HttpRequest], given: dict[str, str]) -> None:
    assert send(ask, given).content == b"done"
    assert Ending.done == [("Contract ended", uuid.UUID(given["operation_key"]))]


def test_a_double_click_is_carried_out_once(ask: Callable[..., HttpRequest], given: dict[str, str]) -> None:
    send(ask, given)
    again = send(ask, given)
    assert (again.status_code, again["Location"]) == (302, "/list")
    assert len(Ending.done) == 1


def test_a_second_click_is_told_even_when_the_object_is_gone(
    ask: Callable[..., HttpRequest], given: dict[str, str]
) -> None:
    send(ask, given)
    Ending.gone = True
    assert send(ask, given)["Location"] == "/list"


@pytest.mark.parametrize(
    "broken",
    [
        {"typed": ""},
        {"typed": "nörthwind ltd"},
        {"typed": "Nörthwind"},
        {"reason": ""},
        {"reason": "   "},
        {"reason": "x" * 501},
        {"operation_key": ""},
        {"operation_key": "1"},
        {"seen": ""},
    ],
)
def test_nothing_happens_while_something_is_missing(
    ask: Callable[..., HttpRequest], given: dict[str, str], broken: dict[str, str]
) -> None:
    assert send(ask, {**given, **broken}).status_code == 422
    assert Ending.done == []


@pytest.mark.parametrize("typed", ["No\u0308rthwind Ltd", "  Nörthwind  Ltd "])
def test_the_typed_name_is_compared_as_the_eye_sees_it(
    ask: Callable[..., HttpRequest], given: dict[str, str], typed: str
) -> None:
    assert send(ask, {**given, "typed": typed}).content == b"done"


def test_fault_U14_changed_consequences_are_shown_before_anything_happens(
    ask: Callable[..., HttpRequest], given: dict[str, str]
) -> None:
    Ending.users = 13
    page = send(ask, given)
    assert page.status_code == 409
    assert "13 users lose access." in page.content.decode()
    assert Ending.done == []
    assert send(ask, {**given, **hidden(page)}).content == b"done"


def test_an_irreversible_act_must_ask_for_a_text() -> None:
    with pytest.raises(ValueError, match="text to type"):
        Confirmation("x", "x", [], "/", irreversible=True)


@pytest.mark.parametrize(("count", "text"), [(1, ""), (10, ""), (11, "11")])
def test_an_act_on_many_asks_for_their_number(count: int, text: str) -> None:
    assert Confirmation("x", "x", [], "/", count=count).asked_text == text


def test_a_key_counts_for_the_person_who_used_it() -> None:
    key = uuid.uuid4()
    assert (first_time(key, 1, "/a"), first_time(key, 1, "/b"), first_time(key, 2, "/c")) == (True, False, True)
    assert (sent_before(str(key), 1), sent_before(str(key), 3), sent_before("no key", 1)) == ("/a", "", "")
