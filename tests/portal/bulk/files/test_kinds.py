"""Choosing what a file does, mappings kept under a name, and what is removed only after a typed phrase."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.access.models import Staff
from portal.bulk.files.validate import Check, validate
from portal.bulk.models import Job, JobState, Mapping
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.bulk.files.conftest import user_in

pytestmark = pytest.mark.django_db
ClientOf = Callable[..., Client]


@pytest.fixture
def browser(olga: Staff, acme: SubAccount, settings: Settings, tmp_path: Path, client_of: ClientOf) -> Client:
    settings.UPLOAD_DIR = tmp_path
    return client_of(olga)


def sent(browser: Client, what: str, content: bytes) -> Job:
    answer = browser.post(f"/jobs/import/?what={what}", {"file": SimpleUploadedFile("rows.csv", content)})
    assert answer.status_code == 302, answer.content.decode()
    return Job.objects.get(pk=answer.url.split("/")[-2])


def mapped(browser: Client, job: Job, **more: str) -> Any:
    form = {"encoding": "utf-8", "delimiter": ",", "header": "on", "account": "acme-1", **more}
    form |= {f"column_{place}": name for name, place in job.options["mapping"].items()}
    return browser.post(f"/jobs/import/{job.pk}/", form)


def test_every_kind_is_listed_and_found_by_its_words(browser: Client) -> None:
    page = browser.get("/jobs/import/kinds/").content.decode()
    for title in ("Remove users", "Create sub-accounts", "Create a device", "Add a TSP account to a user"):
        assert title in page
    found = browser.get("/jobs/import/kinds/?q=webinar+registrant").content.decode()
    assert "Create a device" not in found
    assert "what=webinar_registrants_status" in found
    assert "No operation matches" in browser.get("/jobs/import/kinds/?q=zzz").content.decode()


def test_a_kind_that_does_not_exist_or_only_reads_is_not_found(browser: Client) -> None:
    for what in ("nothing", "users.list", "users.upload_picture", "users.nothing"):
        assert browser.get(f"/jobs/import/?what={what}").status_code == 404


@pytest.mark.parametrize("what", ["users", "users_remove", "sub_accounts", "meetings.create", "billing.update_base"])
def test_the_pages_of_a_kind_and_its_sample_file(browser: Client, what: str) -> None:
    assert browser.get(f"/jobs/import/?what={what}").status_code == 200
    sample = b"".join(browser.get(f"/jobs/import/sample.csv?what={what}").streaming_content)  # type: ignore[arg-type]
    assert len(sample.decode("utf-8-sig").splitlines()) in (1, 2)


def test_a_generic_file_goes_from_upload_to_a_running_job(browser: Client) -> None:
    job = sent(browser, "meetings.update", b"meetingId,topic\n111222333,One\n222333444,Two\n")
    page = browser.get(f"/jobs/import/{job.pk}/").content.decode()
    assert "One value for all rows" in page
    assert mapped(browser, job, fixed_1="").status_code in (302, 422)
    validate(str(job.pk))
    page = browser.get(f"/jobs/import/{job.pk}/check/").content.decode()
    assert "Topic: <ins>" in " ".join(page.replace("\n", "").split())
    assert browser.post(f"/jobs/import/{job.pk}/start/", {}).url == f"/jobs/{job.pk}/"
    job.refresh_from_db()
    assert (job.state, job.kind, job.title) == (JobState.RUNNING, "file", "Change a meeting: rows.csv")
    assert browser.get(f"/jobs/{job.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("what", "content", "told"),
    [
        (
            "account_settings",
            b"Sub-account,schedule.host_video,Remark,in_meeting.chat\nacme-1,yes,x,yes\n",
            "Left out: schedule.host_video, Remark. Nothing was read from these columns of the file.",
        ),
        ("users", b"Email,Shoe size\na@x.example,44\n", "Left out: Shoe size. Nothing was read from this column"),
        ("meetings.update", b"meetingId,topic,<b>\n111222333,One,x\n", "Left out: &lt;b&gt;. Nothing was read from"),
    ],
)
def test_the_check_names_the_columns_that_nothing_is_taken_from(
    browser: Client, what: str, content: bytes, told: str
) -> None:
    job = sent(browser, what, content)
    more = {"mode": "both", "action": "create", "type": "1"} if what == "users" else {}
    assert mapped(browser, job, **more).status_code == 302
    job.refresh_from_db()
    Check(job).run()  # without the comparison with Zoom that follows
    page = " ".join(browser.get(f"/jobs/import/{job.pk}/check/").content.decode().split())
    assert told in page
    assert f'<a href="/jobs/import/{job.pk}/">Say what' in page


def test_the_check_of_a_file_all_of_which_is_taken_names_no_column(browser: Client) -> None:
    job = sent(browser, "users_status", b"Email,Status\na@x.example,active\n")
    assert mapped(browser, job).status_code == 302
    validate(str(job.pk))
    assert "Left out" not in browser.get(f"/jobs/import/{job.pk}/check/").content.decode()


def test_a_constant_that_is_not_allowed_is_told_beside_its_field(browser: Client) -> None:
    job = sent(browser, "users_status", b"Email\na@x.example\n")
    refused = mapped(browser, job, fixed_1="Gold")
    assert refused.status_code == 422
    assert "Write active or inactive" in refused.content.decode()
    assert mapped(browser, job, fixed_1="inactive").status_code == 302


def test_a_mapping_is_kept_and_offered_to_the_next_file_with_these_columns(
    browser: Client, rita: Staff, client_of: ClientOf
) -> None:
    job = sent(browser, "users_status", b"Wer,Zustand\na@x.example,active\n")
    assert "Kept mappings" not in browser.get(f"/jobs/import/{job.pk}/").content.decode()
    chosen = {"column_0": "user", "column_1": "status", "confirmed": "on", "save_as": "HR export", "shared": "on"}
    assert mapped(browser, job, **chosen).status_code == 302
    kept = Mapping.objects.get()
    assert (kept.name, kept.shared, kept.columns) == ("HR export", True, {"user": "wer", "status": "zustand"})

    again = sent(browser, "users_status", b"Zustand,Wer,Other\nactive,a@x.example,x\n")
    assert "HR export" in browser.get(f"/jobs/import/{again.pk}/").content.decode()
    browser.post(f"/jobs/import/{again.pk}/mapping/", {"mapping": kept.pk, "do": "take"})
    again.refresh_from_db()
    assert again.options["mapping"] == {"user": 1, "status": 0}
    other = sent(browser, "users_status", b"Email,Status\na@x.example,active\n")
    browser.get(f"/jobs/import/{again.pk}/")
    assert "Kept mappings" not in browser.get(f"/jobs/import/{other.pk}/").content.decode()

    partly = sent(browser, "users_status", b"Wer,Status\na@x.example,active\n")
    page = " ".join(browser.get(f"/jobs/import/{partly.pk}/").content.decode().split())
    assert "for everybody. Not in this file: Status (“zustand”)</span>" in page
    browser.post(f"/jobs/import/{partly.pk}/mapping/", {"mapping": kept.pk, "do": "take"})
    partly.refresh_from_db()
    assert partly.options["mapping"] == {"user": 0, "status": 1}

    hers = sent(client_of(rita), "users_status", b"Wer,Zustand\na@x.example,active\n")
    assert "HR export" not in client_of(rita).get(f"/jobs/import/{hers.pk}/").content.decode()
    take = {"mapping": kept.pk, "do": "take"}
    assert client_of(rita).post(f"/jobs/import/{hers.pk}/mapping/", take).status_code == 404
    browser.post(f"/jobs/import/{again.pk}/mapping/", {"mapping": kept.pk, "do": "forget"})
    assert Mapping.objects.count() == 0


def test_fault_U18_a_mass_removal_needs_its_phrase_and_leaves_a_minute(browser: Client, acme: SubAccount) -> None:
    for name in ("a", "b"):
        user_in(acme, f"{name}@x.example")
    job = sent(browser, "users_remove", b"Email\na@x.example\nb@x.example\n")
    mapped(browser, job)
    validate(str(job.pk))
    page = browser.get(f"/jobs/import/{job.pk}/check/").content.decode()
    assert ("remove 2 users" in page, page.count("about 1 min, ends")) == (True, 2)  # the minute counts
    assert browser.post(f"/jobs/import/{job.pk}/start/", {"typed": "remove users"}).status_code == 422
    assert browser.post(f"/jobs/import/{job.pk}/start/", {"typed": "remove 2 users"}).status_code == 302
    first = job.items.order_by("not_before")[0].not_before
    assert first is not None
    assert first > timezone.now() + timedelta(seconds=50)


def test_fault_U18_a_file_of_many_removals_asks_for_a_second_person_and_can_be_mapped_anew(
    browser: Client, acme: SubAccount, settings: Settings
) -> None:
    settings.BULK_APPROVAL_DELETES = 1
    for name in ("a", "b"):
        user_in(acme, f"{name}@x.example")
    job = sent(browser, "users_remove", b"Email\na@x.example\nb@x.example\n")
    mapped(browser, job)
    validate(str(job.pk))
    assert "This needs a second person" in browser.get(f"/jobs/import/{job.pk}/check/").content.decode()
    for _ in range(2):
        assert browser.post(f"/jobs/import/{job.pk}/start/", {"typed": "remove 2 users"}).status_code == 302
    job.refresh_from_db()
    assert (job.state, job.awaits_approval, job.approvals.count()) == ("ready", True, 1)
    assert browser.get(f"/jobs/import/{job.pk}/check/")["Location"] == f"/jobs/{job.pk}/"
    mapped(browser, job)
    job.refresh_from_db()
    assert (job.state, job.awaits_approval) == ("validating", False)


def test_fault_U18_a_file_of_too_many_removals_is_refused(
    browser: Client, acme: SubAccount, settings: Settings
) -> None:
    settings.BULK_MOST_DELETES = 1
    for name in ("a", "b"):
        user_in(acme, f"{name}@x.example")
    job = sent(browser, "users_remove", b"Email\na@x.example\nb@x.example\n")
    mapped(browser, job)
    validate(str(job.pk))
    answer = browser.post(f"/jobs/import/{job.pk}/start/", {"typed": "remove 2 users"})
    told = "would remove 2, and one job may remove 1 at most"
    assert (answer.status_code, told in answer.content.decode()) == (422, True)


def test_what_was_checked_long_ago_is_looked_at_again_when_it_starts(browser: Client, acme: SubAccount) -> None:
    for name in ("a", "b"):
        user_in(acme, f"{name}@x.example")
    job = sent(browser, "users_status", b"Email,Status\na@x.example,off\nb@x.example,off\n")
    mapped(browser, job)
    validate(str(job.pk))
    job.refresh_from_db()
    job.options["progress"]["beat"] = (timezone.now() - timedelta(hours=1)).isoformat()
    job.save()
    MirrorUser.objects.filter(email="a@x.example").update(status="inactive")
    browser.post(f"/jobs/import/{job.pk}/start/", {})
    job.refresh_from_db()
    assert (job.state, [item.state for item in job.items.all()]) == ("running", ["skipped", "pending"])
