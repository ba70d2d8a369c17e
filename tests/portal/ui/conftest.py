from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import connection
from django.http import HttpRequest
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from tests.portal.ui.models import Thing


@pytest.fixture(scope="session")
def things_table(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Thing)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Thing)


@pytest.fixture
def things(things_table: None, db: None) -> type[Thing]:
    return Thing


class Person(AnonymousUser):
    """Somebody signed in, without a row."""

    is_authenticated = True  # type: ignore[assignment]  # a property there
    pk = 7

    def __str__(self) -> str:
        return "Olga"


@pytest.fixture
def ask(rf: RequestFactory) -> Callable[..., HttpRequest]:
    """Make a request as the middleware would leave it: ``ask("/x?y=1", rights={"view"})``."""

    def make(
        path: str = "/",
        *,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        rights: set[str] | None = None,
    ) -> HttpRequest:
        request = rf.get(path, headers=headers) if data is None else rf.post(path, data, headers=headers)
        request.user = Person()
        request.htmx = HtmxDetails(request)
        request._messages = CookieStorage(request)
        request.scope = _Scope(rights or set())
        return request

    return make


class _Scope:
    role = "operator"

    def __init__(self, rights: set[str]) -> None:
        self.rights = rights

    def may(self, right: str) -> bool:
        return right in self.rights
