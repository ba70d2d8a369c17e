"""Connections to either Zoom: the one of the document (the shared ``sandbox``) and today's."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from portal.gateway.models import Connection
from tests.support.sandbox import ACCOUNT_ID, Sandbox, start_sandbox


@pytest.fixture(scope="session")
def todays_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The demo world, as today's Zoom; shared by all tests of a run."""
    flags = ("--world", "demo", "--profile", "current", "--no-limits")
    with start_sandbox(tmp_path_factory.mktemp("today"), *flags) as running:
        yield running


def connect(running: Sandbox, settings: Any, **fields: Any) -> Connection:
    settings.SANDBOX_URL, settings.ZOOM_HOSTS = running.base_url, [urlsplit(running.base_url).netloc]
    common = {"name": "Zoom", "base_url": running.base_url, "api_key": running.key, "api_secret": running.secret}
    return Connection.objects.create(**common, **fields)


@pytest.fixture(params=["classic", "current"])
def either(request: pytest.FixtureRequest, settings: Any) -> Connection:
    """A connection to the same world on either profile."""
    running = request.getfixturevalue("sandbox" if request.param == "classic" else "todays_sandbox")
    running.reset()
    account_id = ACCOUNT_ID if request.param == "current" else ""
    return connect(running, settings, profile=request.param, account_id=account_id)
