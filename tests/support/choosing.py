"""Ticking rows of a list, confirming what is to be done with them, and running the job, with a test client."""

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

from portal.bulk.models import Item, Job
from portal.bulk.pump import pump
from tests.portal.ui.submitted import submitted

SENT = "application/x-www-form-urlencoded"


def boxes(client: Client, url: str) -> list[str]:
    """What the boxes of a list send, in its order."""
    return re.findall(r'name="selected" value="(\w+)"', client.get(url).content.decode())


def choose(client: Client, url: str, action: str, **data: Any) -> str:
    """Tick and press a button; returns where that leads."""
    answer = client.post(url, {"action": action, **data})
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def confirm(client: Client, url: str, typed: str = "", times: int = 1) -> HttpResponse:
    """Send the confirm page as it is, with a reason and the text; returns the first answer."""
    page = client.get(url).content.decode()
    start = page.rindex("<form", 0, page.index('name="operation_key"'))
    data = submitted(page[start : page.index("</form>", start)])
    data["reason"] = "tidying up"
    if typed:
        data["typed"] = typed
    answers = [client.post(url, data.urlencode(), content_type=SENT) for _ in range(times)]
    return answers[0]


def ran(job: Job | None = None) -> Job:
    """Run the one job there is (without its minute of grace) to its end."""
    job = job or Job.objects.get()
    Item.objects.filter(job=job).update(not_before=None)
    pump(job.pk)
    job.refresh_from_db()
    return job
