"""The demo and who may use it."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.access.models import Grant, Staff
from portal.audit.models import Entry
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(sandbox: Sandbox, settings: Any) -> None:
    settings.SANDBOX_URL = sandbox.base_url
    settings.SANDBOX_API_KEY, settings.SANDBOX_API_SECRET = sandbox.key, sandbox.secret
    call_command("demo", verbosity=0)


def test_the_demo_has_five_people_one_connection_and_disjoint_resellers(demo: None) -> None:
    grants = {
        email: set(Grant.objects.filter(staff__email=email).values_list("account", flat=True))
        for email in ("rita@demo.example", "ravi@demo.example")
    }
    assert sorted(Staff.objects.values_list("role", "is_demo")) == sorted(
        (role, True) for role in ("administrator", "operator", "reseller", "reseller", "auditor")
    )
    assert [connection.is_sandbox for connection in Connection.objects.all()] == [True]
    assert [len(accounts) for accounts in grants.values()] == [12, 12]
    assert set.intersection(*grants.values()) == set()
    assert not SubAccount.objects.filter(grants__staff__is_demo=True, is_master=True).exists()


def test_a_second_run_changes_nothing(demo: None) -> None:
    before = [Staff.objects.count(), Grant.objects.count(), Connection.objects.count(), Entry.objects.count()]
    call_command("demo", verbosity=0)
    assert [Staff.objects.count(), Grant.objects.count(), Connection.objects.count(), Entry.objects.count()] == before


def test_without_a_sandbox_that_answers_the_people_are_there_already(settings: Any, capsys: Any) -> None:
    settings.SANDBOX_URL, settings.SANDBOX_API_SECRET = "http://127.0.0.1:9/v2", "s" * 40
    call_command("demo")
    told = capsys.readouterr()
    assert "adam@demo.example" in told.out
    assert told.err.startswith("The sandbox could not be read yet, so the resellers have no sub-accounts:")
    assert Staff.objects.count() == 5


def test_beside_a_real_connection_there_is_no_demo() -> None:
    Connection.objects.create(name="Real", base_url="https://api.zoom.us/v2", api_key="k", api_secret="s" * 40)
    with pytest.raises(CommandError, match="Nothing was added"):
        call_command("demo")
    assert Staff.objects.count() == 0


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        ("--no-limits", ("classic", "pro", "")),
        ("--profile current --control", ("current", "pro", "sandbox-account")),
        ("--profile=current --tier business --account-id mine", ("current", "business", "mine")),
    ],
)
def test_the_connection_suits_the_zoom_that_the_sandbox_is_started_as(
    settings: Any, flags: str, kind: tuple[str, ...]
) -> None:
    settings.SANDBOX_URL, settings.SANDBOX_API_SECRET = "http://127.0.0.1:9/v2", "s" * 40
    settings.SANDBOX_FLAGS = flags
    call_command("demo", verbosity=0, stderr=io.StringIO())
    assert Connection.objects.values_list("profile", "tier", "account_id").get() == kind
