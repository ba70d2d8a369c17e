"""Filling in a page as a person would: what its form holds, with some of it changed."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.test import Client

from tests.portal.ui.submitted import submitted

URLENCODED = "application/x-www-form-urlencoded"


def shown(client: Client, url: str) -> QueryDict:
    """What the page's own form would send, unchanged."""
    answer = client.get(url)
    assert answer.status_code == 200, answer.content
    page = answer.content.decode()
    start = page.rindex("<form", 0, page.index('name="operation_key"'))
    return submitted(page[start : page.index("</form>", start)])


def send(client: Client, url: str, **changes: Any) -> HttpResponse:
    """Send the page's form with some values changed; ``__`` in a name stands for a dot."""
    data = shown(client, url)
    for name, value in changes.items():
        data.setlist(name.replace("__", "."), [value])
    return client.post(url, data.urlencode(), content_type=URLENCODED)
