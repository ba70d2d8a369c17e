"""The page of what a checked job would do."""

import html

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from portal.access.models import Staff
from portal.bulk.models import Job, JobState
from portal.directory.models import SubAccount
from tests.portal.bulk.files.conftest import Checked
from tests.portal.bulk.undo.test_dryrun import undo
from tests.portal.bulk.undo.test_taken import creation
from tests.portal.bulk.views.test_pages import ClientOf
from tests.support.running import PASSWORD

pytestmark = pytest.mark.django_db
TOLD = (
    "This removes 2 users. A job of so many removals otherwise waits for another person's approval; an undo does not,"
    " since it removes only what “Change” made, and only what is still as that job left it."
)


@pytest.mark.parametrize(("limit", "told"), [(1, True), (2, False)])
def test_an_undo_of_many_removals_says_that_it_needs_no_second_person(
    acme: SubAccount, olga: Staff, client_of: ClientOf, settings: Settings, limit: int, told: bool
) -> None:
    settings.BULK_APPROVAL_DELETES = limit
    made = undo(creation(olga, acme), olga)
    page = html.unescape(client_of(olga).get(reverse("bulk:import_check", args=[made.pk])).content.decode())
    notes = [TOLD in page, "This needs no second person" in page, "This needs a second person" in page]
    assert (notes, "Run 2 calls" in page) == ([told, told, False], True)


def test_a_start_that_met_no_session_leads_to_the_dry_run_after_signing_in(
    checked: Checked, olga: Staff, client: Client
) -> None:
    job = checked(b"email\nann@x.example\n")
    start = reverse("bulk:import_start", args=[job.pk])
    answer = client.post(start, {"when": "now"})
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={start}")
    olga.set_password(PASSWORD)
    olga.save()
    signed_in = {"login": olga.email, "password": PASSWORD, "next": start}
    page = client.post("/sign-in/", signed_in, follow=True)
    assert [url for url, _ in page.redirect_chain][-1] == reverse("bulk:import_check", args=[job.pk])
    assert (page.status_code, "What would happen" in page.content.decode()) == (200, True)
    assert Job.objects.get().state == JobState.READY
