"""What a file was compared with is told as it was: Zoom's own state, or the mirror."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.bulk.files import preview
from portal.bulk.files.flows import live
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
    assert compared("users_status", f"Email,Status\n{hosts[0].email},off\n") == "compared with what the portal knows"
    monkeypatch.setattr(live, "MOST", 1)
    mixed = "1 of 2 rows compared with what Zoom says, the others at most with what the portal knows"
    assert compared("user_settings", two) == mixed


def test_that_zoom_does_not_know_an_object_is_said_once(
    hosts: list[MirrorUser], checked: Callable[..., Job], zoom: Callable[..., Any]
) -> None:
    job = checked(
        "meetings_update", "Meeting id,Topic,Sub-account\n99999999999,New,\n", account=hosts[0].account.zoom_id
    )
    ((action, message),) = told(job)
    assert (action, message.lower().count("zoom does not know")) == ("error", 1)
