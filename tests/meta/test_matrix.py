"""Every address of the portal by every role and anonymous by own, foreign and missing objects.

The addresses come from the resolver: one that is not in the access matrix, or that has a part without a sample in
``samples.py``, fails here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.access.matrix import MATRIX, Open, need
from portal.access.rights import RIGHTS, Role
from portal.audit.models import Entry
from portal.gateway import clients
from portal.gateway.models import Connection
from tests.meta.samples import World, world
from tests.support.sandbox import Sandbox
from zoomapi.client.permits import Unlimited

SCOPED = (
    "account_id",
    "user_id",
    "group_id",
    "event_id",
    "helper_id",
    "member_id",
    "job_id",
    "item_id",
    "number",
)  # parts that name what belongs to somebody
ANONYMOUS = "anonymous"
WRITES = ("POST", "PUT", "PATCH", "DELETE")
# What reading may leave behind: the mirror grows fresher, the connection's health is noted, permits are taken.
LEFT_BY_READING = ("directory.", "gateway.connection", "gateway.usage", "audit.", "sessions.")
READ_VERBS = {"refused", "exported"}


@dataclass(frozen=True)
class Address:
    name: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return self.name

    def url(self, values: dict[str, Any]) -> str:
        return reverse(self.name, kwargs={part: values[part] for part in self.parts})


def addresses() -> Iterator[Address]:
    yield from _walk(get_resolver().url_patterns, "", ())


def _walk(patterns: list[Any], namespace: str, parts: tuple[str, ...]) -> Iterator[Address]:
    for found in patterns:
        here = (*parts, *found.pattern.converters)
        if isinstance(found, URLResolver):
            inner = f"{namespace}{found.namespace}:" if found.namespace else namespace
            yield from _walk(found.url_patterns, inner, here)
        elif isinstance(found, URLPattern):
            yield Address(f"{namespace}{found.name}", here)


ALL = list(addresses())
SCOPED_ONES = [address for address in ALL if set(address.parts) & set(SCOPED)]


@pytest.fixture
def made(sandbox: Sandbox, sandbox_connection: Connection, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(clients, "permits", Unlimited)  # hundreds of pages, none of which is about the rate
    return world(sandbox, sandbox_connection)


@pytest.fixture
def ask(made: World) -> Callable[..., HttpResponse]:
    """Send a request as a role and undo in the database whatever it did."""
    browsers = {role: Client(raise_request_exception=False) for role in (*Role.values, ANONYMOUS)}
    for role in Role:
        browsers[role].force_login(made.staff[role])

    def send(role: str, method: str, url: str) -> HttpResponse:
        browsers[role].cookies.pop("messages", None)
        with transaction.atomic():
            answer = browsers[role].generic(method, url)
            if answer.streaming:
                b"".join(answer)  # type: ignore[call-overload]  # a streaming answer is iterable
            transaction.set_rollback(True)
        return answer  # type: ignore[return-value]  # the test client's own class

    return send


def own(made: World) -> dict[str, Any]:
    return {part: sample.own for part, sample in made.samples.items()}


def test_fault_a03_every_address_is_in_the_matrix() -> None:
    assert sorted({address.name for address in ALL} - set(MATRIX)) == []


def test_the_matrix_names_no_address_that_is_gone() -> None:
    assert sorted(set(MATRIX) - {address.name for address in ALL}) == []


def test_every_address_has_a_name_of_its_own() -> None:
    names = [address.name for address in ALL]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.django_db
def test_every_part_of_an_address_has_a_sample(made: World) -> None:
    assert sorted({part for address in ALL for part in address.parts} - set(made.samples)) == []


def test_an_address_outside_the_matrix_does_not_exist(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    monkeypatch.delitem(MATRIX, "account_login")
    assert client.get("/sign-in/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("address", ALL, ids=str)
def test_fault_a04_each_role_enters_what_the_matrix_says(
    address: Address, made: World, ask: Callable[..., HttpResponse]
) -> None:
    url = address.url(own(made))
    wrong = [
        f"{role} {method} {url}: {answer.status_code}"
        for role in (*Role.values, ANONYMOUS)
        for method in ("GET", "HEAD", "POST")
        if not as_expected(address.name, role, method, answer := ask(role, method, url))
    ]
    assert wrong == []


def as_expected(name: str, role: str, method: str, answer: HttpResponse) -> bool:
    needed = need(name, method)
    if answer.status_code >= 500:
        return False
    if needed is Open.PUBLIC:
        return answer.status_code not in (401, 403)
    if role == ANONYMOUS:
        return answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next=")
    if needed is Open.SIGNED_IN or needed in RIGHTS[role]:
        return name in NARROWER or answer.status_code not in (401, 403)
    return answer.status_code == 403


# The chain is one for all accounts, so only people who see all of them may verify it.
NARROWER = {"audit:verify"}


@pytest.mark.django_db
@pytest.mark.parametrize("address", SCOPED_ONES, ids=str)
def test_fault_a01_a_foreign_object_answers_like_a_missing_one(
    address: Address, made: World, ask: Callable[..., HttpResponse]
) -> None:
    wrong: list[str] = []
    for part in set(address.parts) & set(SCOPED):
        foreign = address.url(own(made) | {part: made.samples[part].foreign})
        missing = address.url(own(made) | {part: made.samples[part].missing})
        for method in ("GET", "HEAD", *WRITES):
            one, other = ask(Role.RESELLER, method, foreign), ask(Role.RESELLER, method, missing)
            alike = plain(one, made.samples[part].foreign) == plain(other, made.samples[part].missing)
            if not alike or one.status_code not in (302, 403, 404, 405):
                told = f"{messages_of(one)} {messages_of(other)}"
                wrong.append(f"{method} {foreign}: {one.status_code}, {missing}: {other.status_code} {told}")
    assert wrong == []


def plain(answer: HttpResponse, asked: Any) -> tuple[Any, ...]:
    """Status, bytes, headers and messages, without what was asked for and the token that differs in every answer."""
    content = re.sub(rb'(csrfmiddlewaretoken" value="|X-CSRFToken": ")\w+', b"", answer.content)
    told = [str(message).replace(str(asked), "") for message in messages_of(answer)]
    # Long texts only: a number like 2 is everywhere on a page.
    name = str(asked).encode() if len(str(asked)) > 8 else b"\0"
    here = f"/{asked}/"
    headers = sorted((key, value.replace(here, "/")) for key, value in answer.headers.items())
    return answer.status_code, content.replace(name, b""), headers, told


def messages_of(answer: HttpResponse) -> list[Any]:
    """What the next page would say."""
    cookie = answer.cookies.get("messages")
    if cookie is None or not cookie.value:
        return []
    request = RequestFactory().get("/")
    request.COOKIES["messages"] = cookie.value
    return [message.message for message in CookieStorage(request)]


def test_fault_a01_the_answer_for_a_missing_object_does_not_repeat_the_address(client: Client) -> None:
    assert b"canary" not in client.get("/no-such-page/canary/").content


def picture() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, but for those that reading may touch."""
    # Other tests bring models of their own into this process; their tables are not the portal's.
    kept = (model for model in apps.get_models() if not model.__module__.startswith(("zoomapi.", "tests.")))
    models = (model for model in kept if not model._meta.label_lower.startswith(LEFT_BY_READING))
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in models}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ALL, ids=str)
def test_fault_a06_looking_changes_nothing(address: Address, made: World, sandbox: Sandbox) -> None:
    client = Client(raise_request_exception=False)
    url = address.url(own(made))
    for role in Role:
        client.force_login(made.staff[role])
        before, written, verbs = picture(), len(sandbox.ledger()), Entry.objects.count()
        for method in ("GET", "HEAD"):
            answer = client.generic(method, url)
            if answer.streaming:
                b"".join(answer)  # type: ignore[call-overload]  # a streaming answer is iterable
        after = set(Entry.objects.filter(number__gt=verbs).values_list("verb", flat=True))
        assert picture() == before
        assert len(sandbox.ledger()) == written
        assert after <= READ_VERBS


def refusals(method: str) -> tuple[int, ...]:
    """A view that checks the token itself, because it limits the upload first, may say 405 before."""
    return (403,) if method == "POST" else (403, 405)


FORGERIES: dict[str, dict[str, Any]] = {
    "no token": {},
    "a wrong token": {"data": f"csrfmiddlewaretoken={'x' * 64}", "content_type": "application/x-www-form-urlencoded"},
    "text that looks like JSON": {"data": '{"a": 1}', "content_type": "text/plain"},
    "JSON": {"data": "{}", "content_type": "application/json"},
    "another origin": {"headers": {"Origin": "https://evil.example"}},
    "a method in a header": {"headers": {"X-HTTP-Method-Override": "GET"}},
}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ALL, ids=str)
def test_fault_a06_nothing_is_changed_without_a_token(address: Address, made: World) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(made.staff[Role.ADMINISTRATOR])
    url = address.url(own(made))
    before = picture()
    wrong = [
        f"{method} with {what}: {answer.status_code}"
        for method in WRITES
        for what, options in FORGERIES.items()
        if (answer := client.generic(method, url, **options)).status_code not in refusals(method)
    ]
    assert wrong == []
    assert picture() == before


@pytest.mark.django_db
def test_fault_a06_another_sessions_token_is_refused(made: World) -> None:
    mine, theirs = Client(enforce_csrf_checks=True), Client()
    mine.force_login(made.staff[Role.ADMINISTRATOR])
    theirs.force_login(made.staff[Role.OPERATOR])
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', theirs.get("/you/").content.decode())
    assert token is not None
    mine.get("/you/")
    answer = mine.post("/you/", {"name": "x", "timezone": "UTC", "csrfmiddlewaretoken": token[1]})
    assert answer.status_code == 403
