"""From a file to a job's items: every row has its verdict, every error is told, nothing is lost."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from portal.access.models import Staff
from portal.bulk import heart
from portal.bulk.files import jobs, preview, user_columns
from portal.bulk.files.characters import is_formula
from portal.bulk.files.refusal import FileRefused
from portal.bulk.files.users import Constants
from portal.bulk.files.validate import validate
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.timing import standard
from portal.directory.models import SubAccount
from portal.ui.export import csv_lines
from tests.portal.bulk.files.conftest import Checked, group_in, stored, user_in

pytestmark = pytest.mark.django_db


def verdicts(job: Job) -> list[tuple[Any, ...]]:
    """(row, line, action, label, number of calls, problem columns) of every row."""
    calls = Counter(job.items.exclude(endpoint="").values_list("row", flat=True))
    return [
        (item.row, item.line, item.action, item.label, calls[item.row], sorted(item.errors))
        for item in job.items.filter(step=0)
    ]


def calls(job: Job) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    return [(item.endpoint, item.path, item.body) for item in job.items.all() if item.endpoint]


def only(job: Job) -> Item:
    return job.items.get()


def test_the_file_with_everything_wrong_has_each_row_classified(checked: Checked) -> None:
    job = checked("nasty.csv")
    assert verdicts(job) == [
        (1, 2, "create", "ines@acme.example", 2, []),
        (2, 3, "error", "ines@acme.example", 0, [""]),
        (3, 4, "error", "", 0, ["email"]),
        (4, 5, "error", "", 0, ["email"]),
        (5, 6, "error", "", 0, ["email"]),
        (6, 7, "error", "long@acme.example", 0, ["first_name"]),
        (7, 8, "error", "cn@acme.example", 0, ["first_name"]),
        (8, 9, "error", "short@acme.example", 0, [""]),
        (9, 10, "error", "extra@acme.example", 0, [""]),
        (11, 12, "create", "quote@acme.example", 2, []),
    ]
    assert (job.state, job.options["summary"]["blank"], job.options["summary"]["blank_lines"]) == ("ready", 1, [11])
    assert [row.body for row in job.items.filter(row=11)] == [
        {
            "action": "create",
            "user_info": {
                "email": "quote@acme.example",
                "first_name": 'Ann "Q" Lee',
                "last_name": "Multi\nline",
                "type": 2,
            },
        },
        {"dept": "D"},
    ]


def test_the_words_of_the_errors_say_what_is_wrong(checked: Checked) -> None:
    texts = {item.row: item.errors for item in checked("nasty.csv").items.filter(action="error")}
    assert texts[2] == {"": ["The same address stands in line 2 already."]}
    assert texts[3] == {"email": ["Missing."]}
    assert texts[5] == {"email": ["This is a formula, not an address."]}
    assert texts[6] == {"first_name": ["Longer than 64 characters: it has 65."]}
    assert texts[8] == {"": ["2 cells, but there are 5 columns. Missing: LAST NAME, Department, User type."]}
    assert texts[9] == {"": ["7 cells, but there are 5 columns. Too many: EXTRA, EXTRA."]}


def test_the_older_import_file_is_taken_with_its_group_and_its_quoted_line_break(
    checked: Checked, acme: SubAccount
) -> None:
    group_in(acme, "Field")
    job = checked("zoom_import_2020.csv")
    assert [row[2] for row in verdicts(job)] == ["create", "create"]
    assert calls(job)[2] == (
        "groups.add_members",
        {"groupId": "group-Field"},
        {"members": [{"email": "ines@acme.example"}]},
    )
    first = job.items.get(row=1, step=0)
    assert next((item.path, item.after) for item in job.items.filter(endpoint="users.update")) == (
        {"userId": "{after.remote_id}"},
        first,
    )


def test_the_current_import_file_is_taken_and_its_unknown_columns_are_left_out(
    checked: Checked, acme: SubAccount
) -> None:
    group_in(acme, "Field")
    job = checked("zoom_import_current.csv")
    assert [row[2] for row in verdicts(job)] == ["create"]
    assert sorted(job.options["mapping"]) == [
        "dept",
        "group",
        "user_info.email",
        "user_info.first_name",
        "user_info.last_name",
    ]


def test_a_group_that_is_not_there_is_an_error_of_its_row(checked: Checked) -> None:
    job = checked("zoom_import_current.csv")
    assert only(job).errors == {"User Group": ["Acme has no group “Field”. Create it first, or leave the column out."]}
    assert job.state == JobState.INVALID


def test_an_export_comes_back_as_differences_and_unchanged_rows(checked: Checked, acme: SubAccount) -> None:
    group_in(acme, "Field")
    user_in(
        acme, "ines@acme.example", first_name="Ines", last_name="Soto", type=1, dept="Sales", pmi="1234567890",
        group_ids=["group-Field"],
    )  # fmt: skip
    user_in(acme, "wei@acme.example", first_name="Wei", last_name="Zhang", dept="R&D", pmi="2345678901")
    job = checked("zoom_export.csv")
    assert [row[2] for row in verdicts(job)] == ["update", "unchanged"]
    change, same = job.items.all()
    assert (change.path, change.body, change.before) == (
        {"userId": "id-ines@acme.example"},
        {"type": 2, "dept": "Sales - North"},
        {"type": 1, "dept": "Sales"},
    )
    assert same.state == ItemState.SKIPPED


def test_a_european_spreadsheet_is_taken_with_its_accents(checked: Checked) -> None:
    job = checked("semicolon_cp1252.csv")
    names = [item.body["user_info"]["last_name"] for item in job.items.filter(endpoint="users.create")]
    assert names == ["Araújo", "Köhler"]
    assert [item.body for item in job.items.filter(endpoint="users.update")] == [{"dept": "Função"}, {"dept": "A;B"}]


def test_sub_accounts_are_found_by_name_id_or_owner_and_a_stranger_is_unknown(
    checked: Checked, rita: Staff, acme: SubAccount, globex: SubAccount
) -> None:
    content = (
        "email,account\na@x.example,ACME\nb@x.example,acme-1\nc@x.example,owner@acme.example\nd@x.example,Globex\n"
    )
    job = checked(content, actor=rita, account="")
    unknown = "No such sub-account. Write its name, its account id or its owner's e-mail address."
    assert [row[2] for row in verdicts(job)] == ["create", "create", "create", "error"]
    assert job.items.get(row=4).errors == {"account": [unknown]}


def test_a_name_that_two_sub_accounts_share_is_an_error(checked: Checked, acme: SubAccount) -> None:
    SubAccount.objects.create(connection=acme.connection, zoom_id="acme-2", name="acme")
    job = checked("email,account\na@x.example,Acme\n")
    assert only(job).errors["account"][0].startswith("2 sub-accounts are called this.")


def test_an_address_of_another_sub_account_is_a_conflict_and_of_a_foreign_one_not_told(
    checked: Checked, rita: Staff, acme: SubAccount, globex: SubAccount
) -> None:
    user_in(globex, "gus@x.example")
    job = checked("email\ngus@x.example\n")
    assert (only(job).action, only(job).state) == ("conflict", ItemState.INVALID)
    assert "user of Globex" in only(job).message
    assert only(checked("email\ngus@x.example\n", actor=rita)).action == "create"


def test_the_profile_of_an_invited_user_is_changed_like_any(checked: Checked, acme: SubAccount) -> None:
    user_in(acme, "pia@x.example", status="pending", first_name="Pia")
    job = checked("email,first name\npia@x.example,Pía\n")
    assert (only(job).action, only(job).endpoint) == ("update", "users.update")


@pytest.mark.parametrize(
    ("mode", "actions"),
    [("both", ["update", "create"]), ("create", ["unchanged", "create"]), ("update", ["update", "conflict"])],
)
def test_the_mode_limits_what_is_done(checked: Checked, acme: SubAccount, mode: str, actions: list[str]) -> None:
    user_in(acme, "old@x.example")
    job = checked("email,first name\nold@x.example,A\nnew@x.example,B\n", mode=mode)
    assert [row[2] for row in verdicts(job)] == actions


def test_a_status_becomes_a_call_of_its_own(checked: Checked, acme: SubAccount) -> None:
    user_in(acme, "on@x.example")
    user_in(acme, "off@x.example", status="inactive")
    job = checked("email,user status\non@x.example,Inactive\noff@x.example,Active\nnew@x.example,inactive\n")
    assert calls(job) == [
        ("users.update_status", {"userId": "id-on@x.example"}, {"action": "deactivate"}),
        ("users.update_status", {"userId": "id-off@x.example"}, {"action": "activate"}),
    ]
    assert job.items.get(row=3).action == "error"


def test_seats_calls_and_time_are_summed_up(checked: Checked, acme: SubAccount) -> None:
    SubAccount.objects.filter(pk=acme.pk).update(seats=10, seats_used=9)
    user_in(acme, "up@x.example", type=1)
    user_in(acme, "down@x.example", type=2)
    content = (
        "email,type\nup@x.example,Pro\ndown@x.example,Basic\nnew@x.example,2\nfree@x.example,\nlic@x.example,licensed\n"
    )
    summary = checked(content).options["summary"]
    assert summary["seats"] == [{"account": "Acme", "taken": 3, "given": 1, "free": 1, "short": 1}]
    assert summary["calls"] == {"users.update": 2, "users.create": 3}
    assert summary["reads"] == {"users.get": 2}
    assert summary["seconds"] == pytest.approx(7 / 10 / 0.97)


def test_secrets_are_sealed_and_kept_out_of_the_row(checked: Checked) -> None:
    job = checked("email,password,host key\na@x.example,Tr0ub4dor,123456\n", action="autoCreate")
    create, change = job.items.all()
    assert "password" not in create.body["user_info"]
    assert (change.body, bool(create.secret), bool(change.secret)) == ({}, True, True)
    assert create.source == {"cells": ["a@x.example", "", ""]}


def test_fault_U06_hidden_characters_are_refused_by_name_and_stored_visibly(checked: Checked) -> None:
    job = checked("email,first name,other\na\u200bb@x.example,A\u202eB,C\u202eD\n\u0441@x.example,A,\n")
    first, second = job.items.all()
    assert first.errors == {
        "email": ["Contains a hidden character: U+200B ZERO WIDTH SPACE. Delete it."],
        "first name": ["Contains a hidden character: U+202E RIGHT-TO-LEFT OVERRIDE. Delete it."],
    }
    assert first.source["cells"] == ["a\\u200bb@x.example", "A\\u202eB", "C\\u202eD"]
    assert "CYRILLIC SMALL LETTER ES" in second.errors["email"][0]


@pytest.mark.parametrize("bad", ["\x00", "\x07", "\x1b[31m", "\u200e", "\ufeff", "\U000e0041"])
def test_fault_U06_a_hidden_character_far_down_is_an_error_of_its_row(checked: Checked, bad: str) -> None:
    good = "".join(f"u{n}@x.example,Ana\n" for n in range(300))
    job = checked(f"email,first name\n{good}b@x.example,B{bad}o\n")
    row = job.items.get(row=301)
    assert (row.action, row.errors["first name"][0][:28]) == ("error", "Contains a hidden character:")
    assert bad not in str(row.source)


def test_fault_U06_text_is_composed_and_a_look_alike_domain_is_pointed_out(checked: Checked, acme: SubAccount) -> None:
    user_in(acme, "ana@apple.example")
    job = checked("email,first name\nana@\u0430pple.example,Jose\u0301\n")
    assert only(job).body["user_info"]["first_name"] == "José"
    assert "Looks like ana@apple.example" in only(job).message
    job = checked("email\nbob@\u0430pple.example\n")
    assert only(job).message == (
        "“\u0430pple” mixes U+0430 CYRILLIC SMALL LETTER A with Latin letters: is another address meant?"
    )


def test_fault_U09_one_address_in_several_spellings_is_one_user(checked: Checked) -> None:
    content = "email\nbü@müller.example\nB@MÜLLER.example\nb@xn--mller-kva.example\n b@Müller.example. \n"
    job = checked(content.replace("bü@", "b@"))
    assert [row[2] for row in verdicts(job)] == ["create", "error", "error", "error"]
    assert only_label(job) == {"b@xn--mller-kva.example"}
    dotted = checked("email\na.b@gmail.com\nab@gmail.com\n")
    assert dotted.items.get(row=2).message == "Goes to the same mailbox as the address in line 2."


def only_label(job: Job) -> set[str]:
    return set(job.items.values_list("label", flat=True))


def test_fault_U09_one_address_in_a_job_is_one_item_whatever_its_rows_say(checked: Checked) -> None:
    job = checked("email,first name\na@x.example,A\na@x.example,A\nA@X.Example,B\n")
    assert [row[2] for row in verdicts(job)] == ["create", "error", "error"]
    assert job.items.filter(state="pending").count() == 1
    assert job.items.get(row=3).errors == {"": ["The same address stands in line 2 already."]}


def test_fault_U10_two_columns_that_could_be_the_same_are_told(olga: Staff, acme: SubAccount) -> None:
    job = jobs.create(olga, acme.connection, stored("Email,E-mail Address,Shoe\na@x.example,b@x.example,9\n"), "x.csv")
    assert job.options["mapping"] == {"user_info.email": 0}
    assert job.options["doubts"] == [
        "“Email” is taken as “E-mail”; “E-mail Address” could be it, too, and is left out."
    ]


def test_a_masked_password_counts_as_none(checked: Checked) -> None:
    content = "email,password\na@x.example,****\n"
    invited = checked(content)
    assert "masked in the file" in only(invited).message
    assert only(checked(content, action="autoCreate")).errors == {
        "": ["A user who is created at once needs a password."]
    }


def test_fault_U10_duplicate_headers_are_refused_and_surplus_cells_are_told(checked: Checked) -> None:
    with pytest.raises(jobs.FileRefused, match="Columns 1 and 3 have the same name"):
        checked("Email,Name,e-mail\na@x.example,A,b@x.example\n")
    job = checked("email,\na@x.example,left over\n")
    assert only(job).errors == {"": ["“left over” stands in a column that has no name. Name it, or delete it."]}


def test_fault_U10_a_full_column_without_a_name_is_left_out_once_it_was_confirmed(checked: Checked) -> None:
    rows = "".join(f"{number},a{number}@x.example\n" for number in range(12))
    job = checked(f",email\n{rows}")
    told = "Column 1 has no name and holds something in 12 of 12 rows, “0” first. It is left out"
    assert [doubt.partition(", unless")[0] for doubt in job.options["doubts"]] == [told]
    assert {row[2] for row in verdicts(job)} == {"create"}


@pytest.mark.parametrize(
    ("numbers", "fits"), [("1", True), ("7,12", True), ("2,1", False), ("1,", False), ("a", False)]
)
def test_fault_U10_a_column_that_counts_the_rows_needs_no_name_however_few_they_are(
    checked: Checked, numbers: str, *, fits: bool
) -> None:
    rows = "".join(f"{number},a{place}@x.example\n" for place, number in enumerate(numbers.split(",")))
    job = checked(f",email\n{rows}")
    assert bool(job.options["ignored"]) is fits
    assert ("error" in {row[2] for row in verdicts(job)}) is not fits


def test_a_column_that_is_left_out_may_be_missing_at_the_end_of_a_row(checked: Checked) -> None:
    rows = "".join(f"a{n}@x.example,x\n" for n in range(11)) + "b@x.example\n"
    assert {row[2] for row in verdicts(checked(f"email,\n{rows}"))} == {"create"}


def test_short_rows_may_count_as_empty_when_asked(checked: Checked) -> None:
    content = "email,first name,last name\na@x.example,A\n"
    assert checked(content).items.get().action == "error"
    assert checked(content, short_ok=True).items.get().action == "create"


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("user type", "9", "Not one of the possible values: Basic"),
        ("first name", "x" * 65, "Longer than 64 characters"),
        ("last name", "诸葛孔明先生", "At most 5 Chinese characters"),
        ("host_key", "12345", "Give exactly 6 digits."),
        ("pmi", "123 456 789", "Give exactly 10 digits."),
        ("pmi", "1.23E+09", "The spreadsheet has shortened this number"),
        ("time zone", "Mars/Olympus", "Not one of the possible values"),
        ("user status", "maybe", "Write Active or Inactive."),
        ("password", "x" * 32, "Longer than 31 characters"),
    ],
)
def test_fault_U11_the_limits_of_the_api_are_checked_before_any_call(
    checked: Checked, column: str, value: str, message: str
) -> None:
    job = checked(f"email,{column}\na@x.example,{value}\n", action="autoCreate")
    assert message in " ".join(only(job).errors[column])


def test_formula_cells_are_marked_and_kept_as_text(checked: Checked) -> None:
    job = checked("email,first name\na@x.example,=1+1\n")
    assert only(job).message == "first name: looks like a formula; it is kept as text."
    assert only(job).body["user_info"]["first_name"] == "=1+1"


@pytest.mark.parametrize(
    ("cell", "is_one"),
    [("+1 555 0100", False), ("+49 (89) 12-34", False), ("-5", False), ("-BZDz0wYE5zlD402M_QoQQ", False),
     ("+BZDz0/YE5zlD402M+QoQQ==", False),
     ("-A1", True), ("-cmd", True), ("+A1+B2", True), ("=1+1", True), ("@SUM(A1)", True), ("\uff1d1", True)],
)  # fmt: skip
def test_telephone_numbers_and_ids_are_not_taken_for_formulas(cell: str, is_one: bool) -> None:
    assert is_formula(cell) is is_one


def test_fault_P13_a_check_that_died_halfway_starts_over(olga: Staff, acme: SubAccount) -> None:
    job = jobs.create(olga, acme.connection, stored("email\na@x.example\nb@x.example\n"), "x.csv")
    jobs.submit(job, job.options["mapping"], Constants(account="acme-1"))
    Item.objects.create(job=job, row=1, label="half done")
    validate(str(job.pk))
    validate(str(job.pk))  # a second bell finds nothing to do
    job.refresh_from_db()
    assert (job.state, [item.label for item in job.items.all()]) == ("ready", ["a@x.example", "b@x.example"])


def test_a_check_whose_message_was_lost_is_begun_by_the_worker_itself(
    olga: Staff, acme: SubAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = jobs.create(olga, acme.connection, stored("email\na@x.example\n"), "x.csv")
    jobs.submit(job, job.options["mapping"], Constants(account="acme-1"))
    monkeypatch.setattr(jobs, "ring", lambda _: False)
    assert jobs.sweep() == []  # it may still come
    monkeypatch.setattr(jobs, "UNHEARD", timedelta(0))
    heart.once(standard())
    job.refresh_from_db()
    assert job.state == JobState.READY


def test_every_problem_of_a_row_is_told_at_once(checked: Checked) -> None:
    job = checked("email,user type,user group,sub-account\na@x.example,9,Ghosts,\nb@x.example,9,,Nowhere\n")
    assert [sorted(item.errors) for item in job.items.order_by("row")] == [
        ["user group", "user type"],
        ["sub-account", "user type"],
    ]


@pytest.mark.parametrize("cell", ["#N/A", "#REF!", "#NAME?", "#WERT!", "#NOM?", "########"])
def test_what_a_spreadsheet_could_not_work_out_is_no_value(checked: Checked, cell: str) -> None:
    job = checked(f"email,department\na@x.example,{cell}\nb@x.example,# 1\n")
    spoilt, whole = job.items.filter(step=0).order_by("row")
    assert spoilt.errors == {
        "department": ["The spreadsheet could not work this cell out or show it. Mend it there and save again."]
    }
    assert whole.action == "create"


@pytest.mark.parametrize("cell", ["1.23457E+09", '"4,91234E+12"', "1E+15", "1.5e+20"])
def test_a_number_that_a_spreadsheet_shortened_is_an_error_in_any_column(checked: Checked, cell: str) -> None:
    job = checked(f"email,department\nmore+1e+09@x.example,{cell}\n")
    assert only(job).errors == {
        "department": ["The spreadsheet has shortened this number. Format the column as text and type it again."]
    }


def test_separators_at_the_end_of_the_column_names_alone_do_no_harm(checked: Checked) -> None:
    job = checked("email;first name;;\na@x.example;A\nb@x.example;B;;\nc@x.example\n")
    assert [row[2] for row in verdicts(job)] == ["create", "create", "error"]
    assert job.items.get(row=3).errors == {"": ["1 cell, but there are 4 columns. Missing: first name."]}


def test_fault_U09_a_domain_that_two_rules_read_differently_is_not_guessed(checked: Checked) -> None:
    job = checked("email\na@straße.example\na@xn--strae-oqa.example\n")
    assert [row[2] for row in verdicts(job)] == ["error", "create"]
    assert "U+00DF LATIN SMALL LETTER SHARP S in a domain" in job.items.get(row=1).message


def test_a_problem_stands_next_to_the_column_as_the_file_calls_it(checked: Checked) -> None:
    content = "E-Mail;Account Owner;Usergroup\na@x.example;Nowhere;\nb@x.example;;Ghosts\n"
    job = checked(content)
    assert [list(item.errors) for item in job.items.order_by("row")] == [["Account Owner"], ["Usergroup"]]
    assert [problem.value for row in preview.rows(job, job.items.order_by("row")) for problem in row.problems] == [
        "Nowhere",
        "Ghosts",
    ]


def test_a_formula_that_only_keeps_a_text_whole_is_taken_for_that_text(checked: Checked) -> None:
    job = checked('email,department\n"=""a@x.example""","=""0042"""\nb@x.example,"=""a""&""b"""\n')
    assert [item.body.get("dept") for item in job.items.filter(endpoint="users.update")] == ["0042", '="a"&"b"']
    assert job.items.get(row=1, step=0).message == (
        "email: written as a formula for a text; the text is taken. "
        "department: written as a formula for a text; the text is taken."
    )


def test_a_formula_in_our_own_export_stays_the_text_it_was(checked: Checked) -> None:
    cells = ["a@x.example", '="0042"']
    exported = "".join(csv_lines(["email", "department"], [cells]))
    assert checked(exported).items.get(step=1).body == {"dept": '="0042"'}


def test_what_formatting_far_to_the_right_leaves_behind_is_not_kept(checked: Checked) -> None:
    far = "," * 16_000
    job = checked(f"email,first name{far}\na@x.example,A{far}\nb@x.example,B{far}x\n")
    good, bad = job.items.order_by("row")
    assert (job.options["keep"], good.source["cells"], good.action) == (2, ["a@x.example", "A"], "create")
    assert bad.errors == {"": ["16002 cells, but there are 2 columns. Too many: x."]}


def test_more_columns_than_can_be_shown_are_refused_with_the_numbers(olga: Staff, acme: SubAccount) -> None:
    header = ",".join(["Email", *(f"c{n}" for n in range(500))])
    with pytest.raises(FileRefused, match="The file has 501 columns, and 500 are the most"):
        jobs.create(olga, acme.connection, stored(f"{header}\na@x.example\n"), "wide.csv")


@pytest.mark.parametrize(
    ("word", "status"),
    [("DEPROVISIONED", "inactive"), ("Suspended", "inactive"), ("STAGED", "pending"), ("Invite Pending", "pending")],
)
def test_the_states_of_other_services_are_understood_where_they_are_clear(word: str, status: str) -> None:
    assert user_columns.checks()["status"](word) == status
