"""Addresses that say in advance what holds for all rows of the file sent there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from portal.access.models import Staff
from portal.bulk.models import Job
from portal.directory.models import SubAccount

pytestmark = pytest.mark.django_db
PEOPLE = b"Email,First Name,Last Name\na@x.example,Ana,Ruiz\n"


@pytest.fixture
def ritas(rita: Staff, settings: Settings, tmp_path: Path, client_of: Callable[[Staff], Client]) -> Client:
    settings.UPLOAD_DIR = tmp_path
    return client_of(rita)


def sent(client: Client, query: str) -> Job:
    answer = client.post(f"/jobs/import/?{query}", {"file": SimpleUploadedFile("people.csv", PEOPLE)})
    assert answer.status_code == 302, answer.content.decode()
    return Job.objects.get(pk=answer["Location"].split("/")[-2])


def test_a_webinar_and_its_sub_account_are_chosen_by_the_address(ritas: Client, acme: SubAccount) -> None:
    query = f"what=webinar_registrants&account={acme.pk}&webinarId=123456789"
    page = ritas.get(f"/jobs/import/?{query}").content.decode()
    assert "Acme" in page
    assert "123456789" in page
    job = sent(ritas, query)
    assert job.options["constants"] == {"account": "acme-1", "fixed": {"webinarId": "123456789"}}
    columns = ritas.get(f"/jobs/import/{job.pk}/").content.decode()
    assert "<details open>" in columns
    assert 'value="123456789"' in columns
    assert '<option value="acme-1" selected>' in columns


def test_what_is_out_of_scope_or_no_column_is_passed_over(ritas: Client, globex: SubAccount) -> None:
    for query in (
        f"what=webinar_registrants&account={globex.pk}&nothing=1",
        "what=users&account=9999999999999999999999",
    ):
        assert "Globex" not in ritas.get(f"/jobs/import/?{query}").content.decode()
        assert "constants" not in sent(ritas, query).options
