"""The audit pages: filters, differences, scope, export, verification."""

import csv
import io
from collections.abc import Callable
from datetime import UTC
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal.access.models import Staff
from portal.audit import log, triggers
from portal.audit.differences import Difference, differences
from portal.audit.models import Entry
from portal.directory.models import SubAccount

pytestmark = pytest.mark.django_db

ClientOf = Callable[..., Client]


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def filled(acme: SubAccount, globex: SubAccount, olga: Staff) -> None:
    log.record("users.create", actor=olga, account=acme, target="new@acme.example", phase="intent", operation="op1")
    log.record(
        "users.create",
        actor=olga,
        account=acme,
        phase="outcome",
        operation="op1",
        result="refused",
        status=409,
        code=1005,
    )
    log.record("users.update", actor=olga, account=globex, target="globex-canary", reason="=1+1")
    log.record("staff_added", actor=None, target="vera@portal.example")


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/audit/export/{query}")
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[call-overload]  # a streaming answer is iterable
    return list(csv.DictReader(io.StringIO(text)))


def test_an_auditor_sees_everything(filled: None, anna: Staff, client_of: ClientOf) -> None:
    page = client_of(anna).get("/audit/").content.decode()
    assert "globex-canary" in page
    assert "Staff added" in page


def test_the_entries_of_a_job_include_those_of_its_calls(acme: SubAccount, olga: Staff, client_of: ClientOf) -> None:
    job, other = str(UUID(int=1)), str(UUID(int=2))
    for operation in (job, f"{job}:7", f"{job}:12", other, f"{other}:8"):
        log.record("users.update", actor=olga, account=acme, operation=operation)
    client = client_of(olga)

    def found(operation: str) -> list[str]:
        return sorted(line["operation"] for line in exported(client, f"?operation={operation}"))

    assert found(job) == [job, f"{job}:12", f"{job}:7"]
    assert found(f"{job}:7") == [f"{job}:7"]
    page = client.get(f"/audit/?operation={job}").content.decode()
    assert f"<b>Operation</b> {job}" in page


def test_fault_U23_moments_are_kept_in_utc_and_a_day_is_the_day_of_who_asks(
    acme: SubAccount, olga: Staff, anna: Staff, client_of: ClientOf
) -> None:
    Staff.objects.filter(pk=anna.pk).update(timezone="Asia/Tokyo")
    with time_machine.travel("2026-05-01T23:30:00Z", tick=False), timezone.override("America/New_York"):
        log.record("users.update", actor=olga, account=acme, target="late")
        kept = Entry.objects.get().at
        assert (kept.isoformat(), kept.tzinfo) == ("2026-05-01T23:30:00+00:00", UTC)
        found = {}
        for name, staff in (("UTC", olga), ("Tokyo", Staff.objects.get(pk=anna.pk))):
            client = client_of(staff)
            for day in ("2026-05-01", "2026-05-02"):
                page = client.get(f"/audit/?at_after={day}&at_before={day}").content.decode()
                found[name, day] = ">late<" in page
            last = client.get("/audit/").content.decode()
            found[name, "zone"] = "1 May 2026, 23:30 UTC" in last or "2 May 2026, 08:30 JST" in last
    assert found == {
        ("UTC", "2026-05-01"): True,
        ("UTC", "2026-05-02"): False,
        ("UTC", "zone"): True,
        ("Tokyo", "2026-05-01"): False,
        ("Tokyo", "2026-05-02"): True,
        ("Tokyo", "zone"): True,
    }


def test_what_happened_is_said_in_words() -> None:
    verbs = ("accounts.create", "staff_added", "unheard.of")
    assert [Entry(verb=verb).words for verb in verbs] == ["Create a sub-account", "Staff added", "unheard.of"]


def test_a_reseller_sees_the_own_accounts_only(filled: None, rita: Staff, client_of: ClientOf) -> None:
    client = client_of(rita)
    page = client.get("/audit/").content.decode()
    assert "new@acme.example" in page
    assert "globex-canary" not in page
    assert "vera@portal.example" not in page
    assert {row["account"] for row in exported(client)} == {"Acme"}


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("?verb=users.create", ["1", "2"]),
        ("?phase=outcome", ["2"]),
        ("?result=refused", ["2"]),
        ("?account=globex", ["3"]),
        ("?actor=olga", ["1", "2", "3"]),
        ("?q=vera", ["4"]),
        ("?at_before=2001-01-01", []),
        ("?at_after=2001-01-01", ["1", "2", "3", "4"]),
        ("?operation=op1", ["1", "2"]),
        ("?verb=users.create&phase=intent", ["1"]),
    ],
)
def test_filters_narrow_the_list_and_the_export_alike(
    filled: None, anna: Staff, client_of: ClientOf, query: str, numbers: list[str]
) -> None:
    rows = [row["number"] for row in exported(client_of(anna), query)]
    assert [number for number in rows if int(number) <= 4] == numbers


def test_fault_a23_an_export_holds_no_formula_and_is_itself_written_down(
    filled: None, anna: Staff, client_of: ClientOf
) -> None:
    rows = exported(client_of(anna), "?account=globex")
    last = Entry.objects.order_by("number").last()
    assert last is not None
    assert rows[0]["reason"] == "'=1+1"
    assert (last.verb, last.actor, last.after) == ("exported", anna.email, {"account": "globex"})


def test_an_entry_shows_before_and_after(filled: None, anna: Staff, client_of: ClientOf) -> None:
    log.record("users.update", actor=None, before={"dept": "Sales", "type": 1}, after={"dept": "<b>Support</b>"})
    page = client_of(anna).get("/audit/5/").content.decode()
    assert "&lt;b&gt;Support&lt;/b&gt;" in page
    assert "Sales" in page


def test_differences_put_what_changed_first() -> None:
    assert differences({"a": {"b": 1}, "c": True}, {"a": {"b": 1}, "c": False}) == [
        Difference("c", "yes", "no", True),
        Difference("a.b", "1", "1", False),
    ]


def test_verify_says_that_the_chain_is_intact(filled: None, anna: Staff, client_of: ClientOf) -> None:
    page = client_of(anna).post("/audit/verify/", follow=True).content.decode()
    assert "Chain intact, 4 entries." in page
    assert Entry.objects.get(number=5).verb == "audit_verified"


def test_verify_names_the_first_broken_entry(filled: None, anna: Staff, client_of: ClientOf) -> None:
    with triggers.lifted(connection):
        Entry.objects.filter(number=3).update(target="x")
    page = client_of(anna).post("/audit/verify/", follow=True).content.decode()
    assert "Entry 3 was changed after it was written." in page


def test_a_reseller_does_not_verify(filled: None, rita: Staff, client_of: ClientOf) -> None:
    assert client_of(rita).post("/audit/verify/").status_code == 403
