"""The pages of an import, as a browser meets them."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone
from openpyxl import Workbook
from pytest_django import Settings

from portal.access.models import Staff
from portal.bulk.files import jobs
from portal.bulk.files.flows import flow_of
from portal.bulk.files.times import NO_SUCH
from portal.bulk.files.validate import validate
from portal.bulk.models import Job, JobState, Mapping
from portal.directory.models import SubAccount
from tests.portal.bulk.files.conftest import CORPUS, Checked
from tests.portal.ui.submitted import submitted

pytestmark = pytest.mark.django_db
ClientOf = Callable[..., Client]


@pytest.fixture
def uploads(settings: Settings, tmp_path: Path) -> Path:
    settings.UPLOAD_DIR = tmp_path
    return tmp_path


@pytest.fixture
def browser(olga: Staff, acme: SubAccount, uploads: Path, client_of: ClientOf) -> Client:
    return client_of(olga)


def send(browser: Client, content: bytes, **headers: str) -> Any:
    file = SimpleUploadedFile("../../people.csv", content)
    return browser.post("/jobs/import/", {"file": file}, headers=headers)  # type: ignore[arg-type]  # plain names


def mapped(browser: Client, job: Job, **changes: str) -> Any:
    form = {
        "encoding": "utf-8",
        "delimiter": ",",
        "header": "on",
        "mode": "both",
        "account": "acme-1",
        "action": "create",
        "type": "1",
    }
    form |= {f"column_{place}": name for name, place in job.options["mapping"].items()}
    form |= changes
    return browser.post(f"/jobs/import/{job.pk}/", {name: value for name, value in form.items() if value})


def test_a_file_goes_from_upload_to_a_running_job(browser: Client, uploads: Path) -> None:
    answer = send(browser, (CORPUS / "nasty.csv").read_bytes())
    job = Job.objects.get()
    assert answer.url == f"/jobs/import/{job.pk}/"
    assert (uploads / job.file_path).stat().st_mode & 0o777 == 0o600
    assert (job.file_name, len(job.file_path)) == ("people.csv", 36)
    page = browser.get(answer.url).content.decode()
    assert "What the columns mean" in page
    assert "LAST NAME" in page

    assert mapped(browser, job).url == f"/jobs/import/{job.pk}/check/"
    waiting = browser.get(f"/jobs/import/{job.pk}/check/").content.decode()
    assert "Checking every row" in waiting
    validate(str(job.pk))
    page = browser.get(f"/jobs/import/{job.pk}/check/").content.decode()
    assert "Longer than 64 characters" in page
    assert "less than a minute, ends" in page

    refused = browser.post(f"/jobs/import/{job.pk}/start/", {})
    assert refused.status_code == 422
    assert "left out" in refused.content.decode()
    assert browser.post(f"/jobs/import/{job.pk}/start/", {"leave_out": "on"}).url == f"/jobs/{job.pk}/"
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    assert browser.get(f"/jobs/import/{job.pk}/").url == f"/jobs/{job.pk}/"


def test_the_error_file_holds_the_bad_rows_with_line_and_problem_and_no_live_formula(
    browser: Client, checked: Checked
) -> None:
    job = checked("nasty.csv")
    answer = browser.get(f"/jobs/import/{job.pk}/errors.csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]  # not async
    assert lines[0] == "email,first_name,LAST NAME,Department,User type,,,line,problems"
    assert len(lines) == 9
    assert lines[4].startswith("\"'=HYPERLINK(")


def test_the_error_file_of_a_file_without_column_names_has_names_that_the_import_knows(
    browser: Client, checked: Checked
) -> None:
    job = checked("b@x.example,Bo\nnobody,Ana\n", mapping={"user_info.email": 0, "user_info.first_name": 1})
    text = b"".join(browser.get(f"/jobs/import/{job.pk}/errors.csv").streaming_content)  # type: ignore[arg-type]  # not async
    assert text.decode("utf-8-sig").splitlines()[0] == "user_info.email,user_info.first_name,line,problems"
    again = checked(text.replace(b"nobody", b"a@x.example"))
    assert (again.options["doubts"], [item.action for item in again.items.all()]) == ([], ["create"])


def test_another_encoding_is_shown_before_anything_is_checked(browser: Client) -> None:
    send(browser, (CORPUS / "semicolon_cp1252.csv").read_bytes())
    job = Job.objects.get()
    page = browser.get(f"/jobs/import/{job.pk}/").content.decode()
    assert "not Unicode" in page
    assert "Araújo" in page
    unconfirmed = mapped(browser, job, encoding="cp1252", delimiter=";")
    assert unconfirmed.status_code == 422
    again = mapped(browser, job, encoding="cp1250", delimiter=";", confirmed="on")
    job.refresh_from_db()
    assert (again.url, job.state, job.options["layout"]["encoding"]) == (
        f"/jobs/import/{job.pk}/",
        "uploaded",
        "cp1250",
    )
    assert mapped(browser, job, encoding="cp1250", delimiter=";").url == f"/jobs/import/{job.pk}/check/"


def test_what_was_chosen_stays_chosen_when_the_file_is_read_again(browser: Client) -> None:
    send(browser, (CORPUS / "semicolon_cp1252.csv").read_bytes())
    job = Job.objects.get()
    columns = {"column_0": "user_info.email", "column_1": "user_info.last_name", "column_2": "", "column_3": ""}
    mapped(browser, job, **columns, delimiter=";", encoding="cp1250", mode="update", type="2")
    job.refresh_from_db()
    assert job.options["mapping"] == {"user_info.email": 0, "user_info.last_name": 1}
    assert job.options["constants"] == {"account": "acme-1", "action": "create", "mode": "update", "type": 2}
    page = browser.get(f"/jobs/import/{job.pk}/").content.decode()
    assert '<option value="update" selected>' in page
    mapped(browser, job, **columns, delimiter=",", encoding="cp1250")
    job.refresh_from_db()
    assert (len(job.options["header"]), job.options["mapping"]) == (1, {})


def current(page: str) -> list[str]:
    """The links of the navigation that are marked as where one is."""
    return re.findall(r'<a href="([^"]+)"[^>]* aria-current="(?:page|true)"', page[: page.index("<main")])


def test_each_page_of_an_import_is_below_its_link_in_the_navigation(browser: Client, checked: Checked) -> None:
    job = checked("email\na@x.example\n")
    for part in ("", "check/"):
        assert current(browser.get(f"/jobs/import/{job.pk}/{part}").content.decode()) == ["/jobs/import/"]
    assert current(browser.get("/jobs/import/").content.decode()) == ["/jobs/import/"]
    assert current(browser.get("/jobs/import/?what=groups.create").content.decode()) == ["/jobs/import/kinds/"]
    assert current(browser.get("/jobs/").content.decode()) == ["/jobs/"]


def test_one_row_is_left_out_in_the_singular(browser: Client, checked: Checked) -> None:
    job = checked("email,dept\na@x.example,A\nnobody,B\n")
    page = browser.get(f"/jobs/import/{job.pk}/check/").content.decode()
    assert "Leave out the row that cannot be used and run the others" in page


def test_a_column_used_twice_or_no_address_at_all_is_told(browser: Client) -> None:
    send(browser, b"Email,First Name\na@x.example,A\n")
    job = Job.objects.get()
    assert "used for this already" in mapped(browser, job, column_1="user_info.email").content.decode()
    assert "No column holds the e-mail" in mapped(browser, job, column_0="").content.decode()


def test_fault_U07_too_large_a_file_is_refused_and_leaves_nothing(
    browser: Client, uploads: Path, settings: Settings
) -> None:
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    answer = send(browser, b"Email\n" + b"a@x.example\n" * 100_000)
    assert answer.status_code == 422
    assert "larger than 1 MB" in answer.content.decode()
    assert (list(uploads.iterdir()), Job.objects.count()) == ([], 0)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04zip", b"Email\n", b"\x00\x01\x02binary" * 99])
def test_fault_U08_a_refused_file_leaves_nothing(browser: Client, uploads: Path, content: bytes) -> None:
    assert send(browser, content).status_code == 422
    assert (list(uploads.iterdir()), Job.objects.count()) == ([], 0)


def test_fault_U08_a_compressed_request_is_refused(browser: Client) -> None:
    assert send(browser, b"Email\na@x.example\n", **{"Content-Encoding": "gzip"}).status_code == 415


def test_fault_U22_an_upload_that_breaks_off_makes_no_job_of_the_half_that_came(browser: Client, uploads: Path) -> None:
    whole = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("people.csv", b"email\n" + b"a@x.example\n" * 9000)})
    half = whole[: len(whole) // 2]
    length = {"CONTENT_LENGTH": str(len(whole)), "wsgi.input": io.BytesIO(half)}
    answer = browser.generic("POST", "/jobs/import/", b"", content_type=MULTIPART_CONTENT, **length)  # type: ignore[arg-type]
    assert (answer.status_code, Job.objects.count(), list(uploads.iterdir())) == (422, 0, [])
    assert "The connection broke before the whole file had arrived" in answer.content.decode()


def test_fault_U22_an_import_needs_no_script_from_its_file_to_its_start(browser: Client) -> None:
    """Each page's own form, sent as it was drawn, leads to the next page."""
    send(browser, b"Email,First Name\na@acme.example,A\n")
    job = Job.objects.get()
    columns = browser.get(f"/jobs/import/{job.pk}/").content.decode()
    start = columns.rindex("<form", 0, columns.index('name="column_0"'))
    form = submitted(columns[start : columns.index("</form>", start)])
    answer = browser.post(f"/jobs/import/{job.pk}/", form.urlencode(), content_type="application/x-www-form-urlencoded")
    assert answer["Location"] == f"/jobs/import/{job.pk}/check/"
    waiting = browser.get(answer["Location"]).content.decode()
    assert '<noscript><p><a href="">Show the present state</a></p></noscript>' in waiting
    validate(str(job.pk))
    check = browser.get(answer["Location"]).content.decode()
    begin = check.index(f'action="/jobs/import/{job.pk}/start/"')
    form = submitted(check[begin : check.index("</form>", begin)])
    started = browser.post(
        f"/jobs/import/{job.pk}/start/", form.urlencode(), content_type="application/x-www-form-urlencoded"
    )
    assert started["Location"] == f"/jobs/{job.pk}/"


def test_fault_U10_titles_above_the_table_are_told_and_the_line_can_be_changed(browser: Client) -> None:
    send(browser, b"Users of ACME\nEmail,First Name\na@acme.example,A\n")
    job = Job.objects.get()
    assert job.options["layout"]["begin"] == 2
    page = browser.get(f"/jobs/import/{job.pk}/").content.decode()
    assert "The column names seem to stand in line 2. What is above is left out: Users of ACME." in page
    assert mapped(browser, job).status_code == 422
    mapped(browser, job, begin="3", header="", confirmed="on")
    job.refresh_from_db()
    assert (job.options["header"], job.options["rows"]) == (["Column 1", "Column 2"], 1)


def test_fault_U12_the_same_file_again_needs_a_typed_yes(browser: Client, checked: Checked) -> None:
    first = checked("email\na@x.example\n")
    assert browser.post(f"/jobs/import/{first.pk}/start/", {}).status_code == 302
    second = checked("email\na@x.example\n")
    page = browser.get(f"/jobs/import/{second.pk}/check/").content.decode()
    assert "very same file" in page
    assert "1 of these rows is in another job" in page
    assert browser.post(f"/jobs/import/{second.pk}/start/", {"yes": "no"}).status_code == 422
    assert browser.post(f"/jobs/import/{second.pk}/start/", {"yes": " Yes "}).status_code == 302


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.PAUSED, JobState.SCHEDULED])
def test_fault_U12_rows_that_another_job_is_to_do_need_a_typed_yes(
    browser: Client, checked: Checked, state: JobState
) -> None:
    first = checked("email\na@x.example\nb@x.example\n")
    Job.objects.filter(pk=first.pk).update(state=state)
    second = checked("email\nA@X.example\nc@x.example\n")
    page = browser.get(f"/jobs/import/{second.pk}/check/").content.decode()
    assert ("very same file" in page, "1 of these rows is in another job" in page) == (False, True)
    assert browser.post(f"/jobs/import/{second.pk}/start/", {}).status_code == 422
    assert browser.post(f"/jobs/import/{second.pk}/start/", {"yes": "yes"}).status_code == 302


def test_a_stranger_gets_404_and_an_auditor_403(
    browser: Client, checked: Checked, rita: Staff, anna: Staff, client_of: ClientOf
) -> None:
    job = checked("email\na@x.example\n")
    for part in ("", "check/", "errors.csv"):
        assert client_of(rita).get(f"/jobs/import/{job.pk}/{part}").status_code == 404
        assert client_of(anna).get(f"/jobs/import/{job.pk}/{part}").status_code == 403
    assert client_of(rita).post(f"/jobs/import/{job.pk}/start/", {}).status_code == 404
    assert client_of(anna).get("/jobs/import/").status_code == 403


def test_an_import_is_started_from_its_check_only_and_by_its_owner_only(
    browser: Client, checked: Checked, adam: Staff, client_of: ClientOf
) -> None:
    job = checked("email\na@x.example\nnobody\n")
    assert browser.get(f"/jobs/{job.pk}/").url == f"/jobs/import/{job.pk}/check/"
    assert browser.post(f"/jobs/{job.pk}/start/").url == f"/jobs/import/{job.pk}/check/"
    assert client_of(adam).get(f"/jobs/import/{job.pk}/check/").status_code == 404
    assert client_of(adam).get(f"/jobs/{job.pk}/").status_code == 200
    job.refresh_from_db()
    assert job.state == JobState.READY


def test_an_upload_without_a_token_is_refused(
    olga: Staff, acme: SubAccount, uploads: Path, client_of: ClientOf
) -> None:
    assert send(client_of(olga, enforce_csrf_checks=True), b"Email\na@x.example\n").status_code == 403
    assert Job.objects.count() == 0


def test_going_back_and_choosing_otherwise_checks_anew(browser: Client, checked: Checked) -> None:
    job = checked("email,first name\na@x.example,A\n")
    assert job.items.get().body["user_info"]["first_name"] == "A"
    mapped(browser, job, column_1="user_info.last_name")
    validate(str(job.pk))
    assert job.items.get().body["user_info"] == {"email": "a@x.example", "last_name": "A", "type": 1}


def test_orphan_files_are_swept_after_an_hour_and_wanted_ones_kept(uploads: Path, checked: Checked) -> None:
    import os  # noqa: PLC0415  # used once

    wanted = uploads / checked("email\na@x.example\n").file_path
    orphan, young = uploads / "0.csv", uploads / "1.csv"
    for path in (orphan, young):
        path.write_text("x")
    old = (timezone.now() - timedelta(hours=2)).timestamp()
    for path in (wanted, orphan):
        os.utime(path, (old, old))
    with time_machine.travel(timezone.now() + timedelta(hours=2)):  # P25: this worker's clock is ahead
        jobs.sweep()
    assert sorted(uploads.iterdir()) == sorted([wanted, young])


def test_the_sample_file_is_one_the_import_takes(browser: Client, checked: Checked) -> None:
    text = b"".join(browser.get("/jobs/import/sample.csv").streaming_content)  # type: ignore[arg-type]  # not async
    assert [item.action for item in checked(text).items.filter(step=0)] == ["create"]


def test_on_a_phone_three_lines_of_the_sample_stand_under_each_column(browser: Client) -> None:
    page = browser.get(
        send(browser, b"Email\n" + b"".join(b"u%d@x.example\n" % n for n in range(4))).url
    ).content.decode()
    cells = re.findall(r'<td class="([^"]+)" data-label="([^"]+)">([^<]*)</td>', page)
    assert cells == [
        *(("below", f"Line {n + 2}", f"u{n}@x.example") for n in range(3)),
        ("below less", "Line 5", "u3@x.example"),
    ]


def meetings(browser: Client, *starts: str) -> Job:
    """A file of meetings, sent in."""
    rows = "".join(f"olga@x.example,Talk {number},{start},30\n" for number, start in enumerate(starts))
    file = SimpleUploadedFile("talks.csv", f"Host,Topic,Start,Duration\n{rows}".encode())
    job_id = browser.post("/jobs/import/?what=meetings.create", {"file": file}).url.split("/")[-2]
    return Job.objects.get(pk=job_id)


def shown_on(browser: Client, job: Job) -> dict[str, str]:
    """What a browser would send of the fields about dates, as the page has them."""
    page = submitted(browser.get(f"/jobs/import/{job.pk}/").content.decode())
    return {name: page[name] for name in ("dates", "shown")}


def page_of(browser: Client, job: Job) -> str:
    return browser.get(f"/jobs/import/{job.pk}/").content.decode()


def test_dates_with_slashes_are_asked_about_and_the_answer_is_kept_with_the_mapping(browser: Client) -> None:
    job = meetings(browser, "03/04/2027 10:30 AM")
    told = "“03/04/2027 10:30 AM” in line 2 may begin with the day or with the month: say which below."
    assert told in browser.get(f"/jobs/import/{job.pk}/").content.decode()
    page = shown_on(browser, job)
    assert (page["dates"], len(page["shown"])) == ("", 16)

    refused = mapped(browser, job, confirmed="on", **page)
    assert (refused.status_code, "Choose which comes first" in refused.content.decode()) == (422, True)

    mapped(browser, job, confirmed="on", save_as="Talks", **{**page, "dates": "day"})
    validate(str(job.pk))
    found = job.items.get()
    assert (found.errors, found.body["start_time"]) == ({}, "2027-04-03T10:30:00")
    assert "Start: “03/04/2027 10:30 AM” is read as 3 Apr 2027, 10:30." in found.message

    later = meetings(browser, "05/06/2027 10:30 AM")
    browser.post(f"/jobs/import/{later.pk}/mapping/", {"mapping": Mapping.objects.get().pk, "do": "take"})
    assert shown_on(browser, later)["dates"] == "day"
    assert "“05/06/2027 10:30 AM” in line 2 may begin" in browser.get(f"/jobs/import/{later.pk}/").content.decode()


def test_dates_that_prove_their_order_are_shown_with_it_and_confirmed(browser: Client) -> None:
    job = meetings(browser, "03/04/2027 10:30", "12/24/2027 10:30", "24/12/2027 10:30")
    assert shown_on(browser, job)["dates"] == ""  # they contradict each other

    job = meetings(browser, "03/04/2027 10:30", "12/24/2027 10:30")
    page = shown_on(browser, job)
    assert page["dates"] == "month"
    told = "“12/24/2027 10:30” in line 3 has the month first, so all dates with slashes are read so."
    assert told in browser.get(f"/jobs/import/{job.pk}/").content.decode()
    assert "Look at the sample below" in mapped(browser, job, **page).content.decode()
    mapped(browser, job, confirmed="on", **page)
    validate(str(job.pk))
    assert [item.body["start_time"] for item in job.items.order_by("row")] == [
        "2027-03-04T10:30:00",
        "2027-12-24T10:30:00",
    ]


def test_what_the_dates_prove_beats_a_kept_mapping_and_a_wrong_choice(browser: Client) -> None:
    first = meetings(browser, "12/24/2027 10:30")
    mapped(browser, first, confirmed="on", save_as="US", **shown_on(browser, first))
    job = meetings(browser, "24/12/2027 10:30", "03/04/2027 10:30")
    browser.post(f"/jobs/import/{job.pk}/mapping/", {"mapping": Mapping.objects.get().pk, "do": "take"})
    assert shown_on(browser, job)["dates"] == "day"
    wrong = mapped(browser, job, confirmed="on", **{**shown_on(browser, job), "dates": "month"})
    assert wrong.status_code == 422
    assert "Choose “the day first: 24/12/2026”, or mend that line." in wrong.content.decode()


def test_dates_of_a_column_that_was_mapped_by_hand_are_shown_before_they_are_taken(browser: Client) -> None:
    file = SimpleUploadedFile("t.csv", b"Host,Topic,Start,Termin\na@x.example,T,12/24/2027 9:00,3/4/2027 9:00\n")
    job = Job.objects.get(pk=browser.post("/jobs/import/?what=meetings.create", {"file": file}).url.split("/")[-2])
    start = job.options["mapping"]["start_time"]
    other = {f"column_{start}": "", "column_3": "start_time"}
    page = mapped(browser, job, confirmed="on", **shown_on(browser, job), **other)
    assert page.status_code == 422
    assert "“3/4/2027 9:00” in line 2 may begin with the day or with the month: say" in page.content.decode()
    again = submitted(page.content.decode())
    assert (again["dates"], "confirmed" in again, again["column_3"]) == ("", False, "start_time")
    assert mapped(browser, job, confirmed="on", dates="day", shown=again["shown"], **other).status_code == 302


def test_a_date_with_points_and_the_month_first_is_confirmed_before_the_others_are_read_with_the_day_first(
    browser: Client,
) -> None:
    job = meetings(browser, "03.04.2027 10:30", "12.24.2027 10:30")
    page = shown_on(browser, job)
    assert "“12.24.2027 10:30” in line 3 has points and the month first." in page_of(browser, job)
    assert "Look at the sample below" in mapped(browser, job, **page).content.decode()
    assert mapped(browser, job, confirmed="on", **page).status_code == 302
    validate(str(job.pk))
    april, none = job.items.order_by("row")
    assert (april.body["start_time"], april.errors) == ("2027-04-03T10:30:00", {})
    assert none.errors == {"Start": [NO_SUCH]}


def test_a_duration_with_a_colon_is_told_with_its_minutes(browser: Client) -> None:
    text = b"Host,Topic,Start,Duration\na@x.example,T,2027-04-03T09:00:00,1:30\n"
    sent = browser.post("/jobs/import/?what=meetings.create", {"file": SimpleUploadedFile("t.csv", text)})
    job = Job.objects.get(pk=sent.url.split("/")[-2])
    mapped(browser, job, **shown_on(browser, job))
    validate(str(job.pk))
    assert "Duration: “1:30” is read as 90 minutes." in job.items.get().message


def test_a_date_for_all_rows_is_asked_about_too(browser: Client) -> None:
    file = SimpleUploadedFile("t.csv", b"Host,Topic\na@x.example,T\n")
    job = Job.objects.get(pk=browser.post("/jobs/import/?what=meetings.create", {"file": file}).url.split("/")[-2])
    place = [column.name for column in flow_of(job).columns() if not column.secret and column.name != "account"]
    fixed = {f"fixed_{place.index('start_time')}": "3/4/2027 9:00"}
    page = mapped(browser, job, dates="month", **fixed)
    assert page.status_code == 422
    assert "“3/4/2027 9:00” for all rows may begin with the day or with the month" in page.content.decode()
    shown = submitted(page.content.decode())["shown"]
    assert mapped(browser, job, dates="day", confirmed="on", shown=shown, **fixed).status_code == 302
    validate(str(job.pk))
    assert job.items.get().body["start_time"] == "2027-04-03T09:00:00"


def calendar(browser: Client, day: str, time: str) -> Job:
    """The export of a calendar, sent in."""
    text = f"Host,Topic,Start Date,Start Time,End Date,End Time\nolga@x.example,T,{day},{time},{day},23:59\n"
    file = SimpleUploadedFile("calendar.csv", text.encode())
    job_id = browser.post("/jobs/import/?what=meetings.create", {"file": file}).url.split("/")[-2]
    return Job.objects.get(pk=job_id)


def test_a_day_and_a_time_in_two_columns_are_joined_once_that_is_confirmed(browser: Client) -> None:
    job = calendar(browser, "3/4/2027", "2:30 PM")
    page = browser.get(f"/jobs/import/{job.pk}/").content.decode()
    assert "“Start Date” and “Start Time” are read together as “Start”." in page
    assert '<option value="start_time@time" selected>Start: time of day</option>' in page
    assert mapped(browser, job, **{**shown_on(browser, job), "dates": "day"}).status_code == 422
    mapped(browser, job, confirmed="on", save_as="Calendar", **{**shown_on(browser, job), "dates": "day"})
    validate(str(job.pk))
    found = job.items.get()
    assert (found.errors, found.body["start_time"]) == ({}, "2027-04-03T14:30:00")
    assert "Start Date: “3/4/2027 2:30 PM” is read as 3 Apr 2027, 14:30." in found.message

    later = calendar(browser, "2027-04-03", "9:00")
    browser.post(f"/jobs/import/{later.pk}/mapping/", {"mapping": Mapping.objects.get().pk, "do": "take"})
    later.refresh_from_db()
    assert {name: later.options["mapping"][name] for name in ("start_time", "start_time@time")} == {
        "start_time": 2,
        "start_time@time": 3,
    }


def test_a_time_of_day_whose_day_nobody_chose_is_told_beside_its_column(browser: Client) -> None:
    job = calendar(browser, "2027-04-03", "9:00")
    page = mapped(browser, job, confirmed="on", column_2="", **shown_on(browser, job))
    assert page.status_code == 422
    assert "Choose a column for “Start”, too: it holds the day." in page.content.decode()


def test_what_was_typed_for_all_rows_stays_when_the_file_is_read_again_before_the_dates_are_said(
    browser: Client,
) -> None:
    job = meetings(browser, "3/4/2027 9:00")
    mapped(browser, job, encoding="cp1252", short_ok="on", **shown_on(browser, job))
    job.refresh_from_db()
    assert (job.options["layout"]["encoding"], job.options["constants"]["account"]) == ("cp1252", "acme-1")


def test_another_sheet_is_not_read_in_the_order_of_the_first(browser: Client) -> None:
    book, content = Workbook(), io.BytesIO()
    for sheet, start in ((book.active, "12/24/2027 9:00"), (book.create_sheet("EU"), "3/4/2027 9:00")):
        sheet.append(["Host", "Topic", "Start"])
        sheet.append(["a@x.example", "T", start])
    book.save(content)
    file = SimpleUploadedFile("t.xlsx", content.getvalue())
    job = Job.objects.get(pk=browser.post("/jobs/import/?what=meetings.create", {"file": file}).url.split("/")[-2])
    assert shown_on(browser, job)["dates"] == "month"
    mapped(browser, job, sheet="EU", begin="1", **shown_on(browser, job))
    assert shown_on(browser, job)["dates"] == ""


def test_a_file_without_dates_is_not_asked_how_they_are_written(browser: Client) -> None:
    send(browser, b"Email\na@x.example\n")
    assert "Dates with slashes" not in browser.get(f"/jobs/import/{Job.objects.get().pk}/").content.decode()
