"""A person with a browser but without scripts: signs in, fills in forms, follows redirects. Plain HTTP."""

import csv
import io
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

import requests

from portal.bulk.proof.browser import Forms
from tests.support.running import PASSWORD, Running

HEADER = ("Sub-account", "Email", "First Name", "Last Name", "User Type")


class Visitor:
    """Signed in as one of the demo's people."""

    def __init__(self, product: Running, name: str) -> None:
        self.product = product
        self.session = requests.Session()
        page = self.get("/")
        page = self.submit(page, "login", {"login": f"{name}@demo.example", "password": PASSWORD})
        assert "Home" in page.text, page.text[:500]

    def get(self, path: str) -> requests.Response:
        answer = self.session.get(urljoin(self.product.url, path), timeout=60)
        answer.raise_for_status()
        return answer

    def submit(
        self, page: requests.Response, field: str, values: Mapping[str, str], files: Any = None
    ) -> requests.Response:
        """Send the form of ``page`` that has a field of this name, with these values changed."""
        action, held = next(form for form in Forms(page.text).found if field in form[1] or form[0].endswith(field))
        url = urljoin(page.url, action)
        answer = self.session.post(url, {**held, **values}, files=files, headers={"Referer": page.url}, timeout=120)
        assert answer.ok, f"{answer.status_code} from {url}: {answer.text[:2000]}"
        return answer

    def wait_for_mirror(self, patience: float = 180) -> None:
        """Wait until all sub-accounts of the demo have been read and the run has ended: it takes permits, too."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            page = self.get("/directory/").text
            if re.search(r"40\s+of\s+40", page) and not re.search(r"(?i)\brunning\b", page):
                return
            time.sleep(0.5)
        raise RuntimeError("the mirror was not complete in time")

    def import_users(self, rows: Sequence[Sequence[str]]) -> str:
        """Send a file of users (columns: ``HEADER``), have it checked, run it. Returns the path of the job's page."""
        text = io.StringIO()
        csv.writer(text).writerows([HEADER, *rows])
        upload = self.get("/jobs/import/")
        file = {"file": ("users.csv", text.getvalue().encode("utf-8-sig"), "text/csv")}
        held = {name: value for name, value in Forms(upload.text).found[-1][1].items() if name != "file"}
        columns = self.submit(upload, "file", held, file)
        assert "What the columns mean" in columns.text, columns.text[-3000:]
        page = self.submit(columns, "mode", {})
        while "What would happen" not in page.text:
            time.sleep(0.5)
            page = self.get(page.url)
        job = self.submit(page, "reason", {"reason": "measured"})
        return job.url.removeprefix(self.product.url)

    def state(self, job: str) -> str:
        """The state a job's page shows, in words."""
        found = re.search(r'id="state".*?>\s*(?:<[^>]*>\s*)*([A-Z][a-z ]+)', self.get(job).text, re.DOTALL)
        assert found, "the page names no state"
        return found[1].strip()

    def wait_for(self, job: str, state: str, patience: float) -> None:
        end = time.monotonic() + patience
        while (now := self.state(job)) != state:
            assert time.monotonic() < end, f"the job is {now!r} after {patience:.0f} s"
            time.sleep(0.5)


def some_accounts(product: Running, number: int) -> list[str]:
    """Names of sub-accounts. Asks past the portal's permits, so it may have to ask again."""
    while (answer := product.zoom("GET", f"/accounts?page_size={number}")).status_code == 429:
        time.sleep(0.3)
    return [account["account_name"] for account in answer.json()["accounts"]]


def new_people(accounts: Sequence[str], number: int, prefix: str = "user") -> list[tuple[str, ...]]:
    """Rows for ``import_users``: Basic users, who need no seat, spread over the accounts."""
    return [
        (accounts[n % len(accounts)], f"{prefix}.{n:05}@import.example", f"First{n}", f"Last{n}", "Basic")
        for n in range(number)
    ]
