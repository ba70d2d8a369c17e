"""What the pages of a job tell about a second person's word."""

from django.http import HttpRequest

from portal.bulk import approval
from portal.bulk.models import Approval, Job
from portal.ui.requests import person


def last_word(job: Job) -> Approval | None:
    return job.approvals.select_related("decided_by").first()


def may_decide(request: HttpRequest, job: Job) -> bool:
    return job.awaits_approval and approval.may_decide(person(request), job)
