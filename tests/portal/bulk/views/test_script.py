"""What static/js/portal.js does on the pages of jobs, as a browser runs it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Page, Route, sync_playwright

from portal.access.models import Staff
from portal.bulk.models import Job, JobState
from portal.directory.models import SubAccount
from tests.e2e.conftest import FLAGS
from tests.portal.bulk.views.test_pages import ClientOf, address, job_of

pytestmark = [pytest.mark.django_db, pytest.mark.chromium]

HERE = "http://testserver"
TOAST = "#toasts .toast"


@contextmanager
def shown(html: str, chromium: str, parts: dict[str, str]) -> Iterator[Page]:
    """The page in a browser. ``parts``: what its live parts answer, by their paths; who has none cannot be reached."""

    def answer(route: Route) -> None:
        path = re.sub(r"\?.*", "", route.request.url.removeprefix(HERE))
        if path == "/":
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        elif path.startswith("/static/"):
            route.fulfill(path=Path(str(finders.find(path.removeprefix("/static/")))))
        elif path in parts:
            route.fulfill(body=parts[path], content_type="text/html; charset=utf-8")
        else:
            route.abort()

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        page = running.new_page()
        page.route("**/*", answer)
        page.goto(HERE)
        yield page
        running.close()


def hastened(page: str) -> str:
    return re.sub(r'hx-trigger="every \w+"', 'hx-trigger="every 100ms"', page)


def test_a_portal_that_is_away_is_told_once_until_it_is_back(
    acme: SubAccount, olga: Staff, client_of: ClientOf, chromium: str
) -> None:
    job = job_of(olga, acme, 9)
    Job.objects.update(state=JobState.RUNNING)
    whole, part = (hastened(client_of(olga).get(address(name, job)).content.decode()) for name in ("job", "progress"))
    parts: dict[str, str] = {}
    with shown(whole, chromium, parts) as page:
        page.wait_for_selector(TOAST)
        page.wait_for_timeout(700)
        assert page.locator(TOAST).count() == 1  # of two parts that ask ten times a second
        page.locator(f"{TOAST} [data-dismiss]").click()
        page.wait_for_timeout(300)
        assert page.locator(TOAST).count() == 0
        parts[address("progress", job)] = part
        page.wait_for_timeout(300)
        parts.clear()
        page.wait_for_selector(TOAST)  # away once more
        parts[address("progress", job)] = part
        page.wait_for_selector(TOAST, state="detached")


def test_a_time_that_is_filled_in_is_chosen(acme: SubAccount, olga: Staff, client_of: ClientOf, chromium: str) -> None:
    html = client_of(olga).get(address("schedule", job_of(olga, acme))).content.decode()
    with shown(html, chromium, {}) as page:
        chosen = []
        for name, value in (("at", "2099-06-01T22:00"), ("window_from", "22:00")):
            page.fill(f"[name={name}]", value)
            chosen.append(page.locator("[name=when]:checked").get_attribute("value"))
        page.check("[name=when][value=now]")
        chosen.append(page.locator("[name=when]:checked").get_attribute("value"))
        assert chosen == ["later", "daily", "now"]
