"""What is made ready before the parts start."""

from pathlib import Path

import pytest
from pytest_django import Settings

from portal.gateway.models import Connection
from portal.supervisor import prepare

HERE = "http://127.0.0.1:8001/v2"
THERE = "http://127.0.0.1:9001/v2"


@pytest.fixture(autouse=True)
def at_home(settings: Settings) -> None:
    settings.SANDBOX = True
    settings.SANDBOX_URL = HERE


def connection(address: str) -> Connection:
    return Connection.objects.create(name=address, base_url=address, api_key="key", api_secret="secret of the row")


def test_the_demo_is_for_a_portal_without_connections(db: None, tmp_path: Path) -> None:
    assert prepare.demo_needed(tmp_path / "note")
    connection("https://api.zoom.us/v2")
    assert not prepare.demo_needed(tmp_path / "note")


def test_a_demo_that_was_cut_off_is_loaded_again(db: None, tmp_path: Path) -> None:
    connection(HERE)
    (tmp_path / "note").touch()
    assert prepare.demo_needed(tmp_path / "note")


def test_there_is_no_demo_without_a_sandbox(db: None, tmp_path: Path, settings: Settings) -> None:
    settings.SANDBOX_URL = ""
    assert not prepare.demo_needed(tmp_path / "note")


def test_the_sandbox_accepts_what_its_connection_holds(db: None) -> None:
    connection(HERE)
    assert prepare.sandbox_credentials() == ("key", "secret of the row")


def test_at_a_first_start_the_sandbox_accepts_what_the_demo_will_hold(db: None, settings: Settings) -> None:
    assert prepare.sandbox_credentials() == (settings.SANDBOX_API_KEY, settings.SANDBOX_API_SECRET)


def test_no_sandbox_runs_when_every_connection_leads_elsewhere(db: None) -> None:
    connection("https://api.zoom.us/v2")
    assert prepare.sandbox_credentials() is None


def test_no_sandbox_runs_when_it_is_switched_off(db: None, settings: Settings) -> None:
    connection(HERE)
    settings.SANDBOX = False
    assert prepare.sandbox_credentials() is None


def test_the_connection_follows_a_sandbox_that_moved(db: None, tmp_path: Path, settings: Settings) -> None:
    ours, other = connection(HERE), connection("https://api.zoom.us/v2")
    assert prepare.follow_sandbox(tmp_path / "note") is None
    settings.SANDBOX_URL = THERE
    told = prepare.follow_sandbox(tmp_path / "note")
    assert told == f"The sandbox moved from {HERE} to {THERE}; its connection follows."
    ours.refresh_from_db()
    other.refresh_from_db()
    assert [ours.base_url, other.base_url] == [THERE, "https://api.zoom.us/v2"]
