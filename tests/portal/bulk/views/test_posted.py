"""Addresses that only take a form: who comes to one without it is led to the page that has the form."""

import pytest
from django.urls import reverse

from portal.access.models import Staff
from portal.bulk.models import JobState
from portal.directory.models import SubAccount
from tests.portal.bulk.views.test_pages import ClientOf, job_of

pytestmark = pytest.mark.django_db

LEADS = {
    "start": "job", "pause": "job", "resume": "job", "decide_many": "job", "import_start": "import_check",
    "import_mapping": "import_columns",
}  # fmt: skip


@pytest.mark.parametrize(("name", "page"), LEADS.items())
def test_an_address_of_a_form_leads_to_the_page_that_has_it(
    acme: SubAccount, olga: Staff, client_of: ClientOf, name: str, page: str
) -> None:
    job = job_of(olga, acme)
    answer = client_of(olga).get(f"{reverse(f'bulk:{name}', args=[job.pk])}?action=problems")
    wanted = f"{reverse(f'bulk:{page}', args=[job.pk])}?action=problems"
    assert (answer.status_code, answer["Location"]) == (302, wanted)
    job.refresh_from_db()
    assert job.state == JobState.READY


def test_the_address_of_a_decision_leads_to_its_job(acme: SubAccount, olga: Staff, client_of: ClientOf) -> None:
    job = job_of(olga, acme)
    answer = client_of(olga).get(reverse("bulk:decide", args=[job.pk, 1]))
    assert (answer.status_code, answer["Location"]) == (302, reverse("bulk:job", args=[job.pk]))
