"""Fault A27: whatever is done to the log by SQL is found, except what only a checkpoint can find."""

from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from portal.access.models import Staff
from portal.audit import chain, checkpoints, log, triggers
from portal.audit.models import Entry, Head

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def ten(db: None) -> None:
    for number in range(10):
        log.record("users.update", actor=None, target=f"user-{number}", before={"n": number}, after={"n": number + 1.0})


def execute(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_an_untouched_chain_is_intact(ten: None) -> None:
    assert str(chain.verify()) == "Chain intact, 10 entries."


def test_an_empty_log_is_intact() -> None:
    assert chain.verify().intact


def test_numbers_have_no_gaps_after_a_rollback(ten: None) -> None:
    with transaction.atomic():
        log.record("users.update", actor=None)
        transaction.set_rollback(True)
    assert log.record("users.update", actor=None).number == 11
    assert chain.verify().intact


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entry SET target = 'x' WHERE number = 4",
        "DELETE FROM audit_entry WHERE number = 4",
        "DELETE FROM audit_head",
        "DELETE FROM audit_entry",
    ],
)
def test_the_database_refuses_to_change_or_remove_entries(ten: None, sql: str) -> None:
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        execute(sql)
    assert Entry.objects.count() == 10


def test_the_database_refuses_to_replace_an_entry(ten: None) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL has no INSERT OR REPLACE")
    columns = ", ".join(field.column for field in Entry._meta.fields)
    with pytest.raises(DatabaseError, match="only appended"), transaction.atomic():
        execute(f"INSERT OR REPLACE INTO audit_entry SELECT {columns} FROM audit_entry WHERE number = 4")  # noqa: S608


@pytest.mark.parametrize("column", ["target", "actor", "verb", "reason", "message", "result", "previous", "digest"])
@pytest.mark.parametrize("number", [1, 5, 10])
def test_a_changed_text_is_found(ten: None, column: str, number: int) -> None:
    with triggers.lifted(connection):
        execute(f"UPDATE audit_entry SET {column} = %s WHERE number = %s", "other", number)  # noqa: S608
    finding = chain.verify()
    assert finding.number == number


@pytest.mark.parametrize("number", [1, 5, 10])
def test_a_changed_value_is_found(ten: None, number: int) -> None:
    with triggers.lifted(connection):
        Entry.objects.filter(number=number).update(after={"n": 99})
    assert chain.verify().number == number


def test_a_moved_moment_is_found(ten: None) -> None:
    with triggers.lifted(connection):
        Entry.objects.filter(number=5).update(at=Entry.objects.get(number=6).at)
    assert chain.verify().number == 5


@pytest.mark.parametrize("number", [1, 5, 10])
def test_a_removed_entry_is_found(ten: None, number: int) -> None:
    with triggers.lifted(connection):
        execute("DELETE FROM audit_entry WHERE number = %s", number)
    assert chain.verify().number == number


def test_two_swapped_entries_are_found(ten: None) -> None:
    with triggers.lifted(connection):
        execute("UPDATE audit_entry SET number = 100 WHERE number = 4")
        execute("UPDATE audit_entry SET number = 4 WHERE number = 7")
        execute("UPDATE audit_entry SET number = 7 WHERE number = 100")
    assert chain.verify().number == 4


def test_an_inserted_entry_is_found(ten: None) -> None:
    forged = Entry.objects.get(number=5)
    forged.pk, forged.number, forged.target = None, 11, "forged"
    forged.digest = chain.digest_of(forged)
    forged.save(force_insert=True)
    assert chain.verify().number == 11


def test_an_entry_appended_by_hand_in_good_form_is_found_by_the_head(ten: None) -> None:
    last = Entry.objects.get(number=10)
    forged = Entry(number=11, at=last.at, actor="x", verb="y", previous=last.digest)
    forged.digest = chain.digest_of(forged)
    forged.save(force_insert=True)
    assert str(chain.verify()) == "Entry 11 lies behind the recorded end of the log."


def test_a_tail_cut_without_the_head_is_found(ten: None) -> None:
    with triggers.lifted(connection):
        execute("DELETE FROM audit_entry WHERE number > 7")
    assert chain.verify().number == 8


def cut_tail() -> None:
    with triggers.lifted(connection):
        execute("DELETE FROM audit_entry WHERE number > 7")
        Head.objects.update(number=7, digest=Entry.objects.get(number=7).digest)


def test_a_tail_cut_together_with_the_head_is_not_found_by_the_chain_alone(ten: None) -> None:
    cut_tail()
    assert chain.verify().intact


def test_a_tail_cut_together_with_the_head_is_found_by_a_checkpoint(ten: None) -> None:
    checkpoints.write(9, Entry.objects.get(number=9).digest)
    cut_tail()
    assert str(chain.verify()) == "Entry 8 is missing: a signed checkpoint names entry 9."


def test_a_log_computed_anew_is_found_by_a_checkpoint(ten: None) -> None:
    checkpoints.write(9, Entry.objects.get(number=9).digest)
    with triggers.lifted(connection):
        previous = chain.START
        for entry in Entry.objects.order_by("number"):
            entry.target, entry.previous = "rewritten", previous
            entry.digest = previous = chain.digest_of(entry)
            entry.save()
        Head.objects.update(digest=previous)
    assert chain.verify().number == 9


def test_a_checkpoint_that_was_not_signed_by_us_is_skipped(ten: None) -> None:
    checkpoints.write(9, "0" * 64)
    text = checkpoints.place().read_text()
    checkpoints.place().write_text(text.replace('"number": 9', '"number": 8') + "not json\n")
    assert checkpoints.read() == {}
    assert chain.verify().intact


def test_a_checkpoint_is_written_every_hundred_entries(db: None, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(100):
            log.record("users.update", actor=None)
    assert checkpoints.read() == {100: Entry.objects.get(number=100).digest}


def test_audit_verify_says_that_all_is_well_and_signs_the_end(ten: None, capsys: Any) -> None:
    call_command("audit_verify")
    assert capsys.readouterr().out == "Chain intact, 10 entries.\n"
    assert checkpoints.read() == {10: Entry.objects.get(number=10).digest}


def test_audit_verify_names_the_first_broken_entry_and_fails(ten: None, capsys: Any) -> None:
    with triggers.lifted(connection):
        Entry.objects.filter(number__gte=6).update(target="x")
    with pytest.raises(SystemExit) as ended:
        call_command("audit_verify")
    assert ended.value.code == 1
    assert capsys.readouterr().err == "Entry 6 was changed after it was written.\n"


def test_the_checkpoint_file_is_private(ten: None) -> None:
    checkpoints.write(1, "0" * 64)
    assert checkpoints.place().stat().st_mode & 0o777 == 0o600
    assert checkpoints.place().parent == settings.DATA_DIR


def test_an_entry_tells_who(adam: Staff) -> None:
    entry = log.record("staff_added", actor=adam)
    assert (entry.actor, entry.actor_id) == ("adam@portal.example", adam.pk)
