"""What a file was compared with is told as it was: Zoom's own state, or the mirror; what is kept of what was read."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.bulk.files import comparing, preview
from portal.bulk.files.flows.live import Shelf
from portal.bulk.models import Job
from portal.directory.models import MirrorUser
from tests.portal.bulk.engine.conftest import clean, quick, tenant
from tests.portal.bulk.files.flows.test_events import checked, hosts, told, zoom

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["checked", "clean", "hosts", "quick", "tenant", "zoom"]  # fixtures
SETTINGS = "Email,recording.auto_recording\n"


def test_the_check_says_what_the_rows_were_compared_with(
    hosts: list[MirrorUser], checked: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    def compared(what: str, content: str) -> Any:
        return preview.figures(checked(what, content))["compared"]

    spoilt = f"{SETTINGS}{hosts[0].email},none\n{hosts[1].email},nowhere\n"
    assert compared("user_settings", spoilt) == "compared with what Zoom says"
    two = SETTINGS + "".join(f"{host.email},none\n" for host in hosts[:2])
    assert compared("user_settings", two) == "compared with what Zoom says"
    again = "compared with what the portal knows; compared with Zoom again right before each write"
    assert compared("users_status", f"Email,Status\n{hosts[0].email},off\n") == again
    group = f"Sub-account,name\n{hosts[0].account.zoom_id},New one\n"
    assert compared("groups.create", group) == "compared with what the portal knows"
    monkeypatch.setattr(comparing, "ROUND", 0.0)  # no worker has time for it
    assert compared("user_settings", two) == "not compared with what Zoom says yet"


def test_that_zoom_does_not_know_an_object_is_said_once(
    hosts: list[MirrorUser], checked: Callable[..., Job], zoom: Callable[..., Any]
) -> None:
    job = checked(
        "meetings_update", "Meeting id,Topic,Sub-account\n99999999999,New,\n", account=hosts[0].account.zoom_id
    )
    ((action, message),) = told(job)
    assert (action, message.lower().count("zoom does not know")) == ("error", 1)


def test_what_was_not_needed_for_longest_goes_first_and_the_newest_stays_whatever_its_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Shelf, "MOST", 4)
    shelf: Shelf[list[int]] = Shelf()
    shelf.put("a", [1, 2])
    shelf.put("b", [3, 4])
    assert shelf.get("a") == [1, 2]
    shelf.put("c", [5])
    assert [shelf.get(key) for key in "abc"] == [[1, 2], None, [5]]
    shelf.put("d", [6] * 9)
    assert [shelf.get(key) for key in "acd"] == [None, None, [6] * 9]
