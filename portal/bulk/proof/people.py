"""People beside the chaos: one who uploads a file while the web is killed, and one who reads and edits all the time."""

import http.client
import io
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings

from portal.bulk.models import Job
from portal.bulk.proof.browser import Browser, Page

UNREADABLE = 502  # the page that says that Zoom could not be read, which the faults bring about
AROUND = 2.0  # seconds around a death of the web during which it may fail
CHECKED = 120  # seconds a check of the file may take
PAUSE = 0.5
GONE = (OSError, http.client.HTTPException)
Span = tuple[float, float]


def patiently(act: Callable[[], Page]) -> Page:
    """Do it again while the web is dead, as a person does who sees that the page does not load."""
    for _ in range(60):
        try:
            page = act()
        except GONE:
            time.sleep(0.5)
        else:
            if page.status < 500:
                return page
    raise TimeoutError("The web did not come back.")


def upload(email: str, rows: Iterable[Sequence[str]], kill_web: Callable[[], None]) -> Job:
    """Send a file through the pages as an operator does, and start its job; the web is killed while it is checked."""
    browser = Browser()
    browser.sign_in(email, settings.DEMO_PASSWORD)
    file = io.BytesIO("\n".join(",".join(row) for row in rows).encode())
    file.name = "people.csv"
    page = browser.submit(browser.get("/jobs/import/"), "file", {}, file)
    kept = UUID(page.url.rstrip("/").rpartition("/")[2])
    browser.submit(page, "encoding", {})
    kill_web()
    address, end = f"/jobs/import/{kept}/check/", time.monotonic() + CHECKED
    page = patiently(lambda: browser.get(address))
    while 'name="when"' not in page.text and time.monotonic() < end:
        time.sleep(0.5)
        page = patiently(lambda: browser.get(address))
    browser.submit(page, "when", {"yes": "yes", "leave_out": "on"})
    return Job.objects.get(pk=kept)


@dataclass
class Bystander(threading.Thread):
    """Reads pages and edits a user. ``seen``: when each answer was asked for and came, its status and its page."""

    email: str
    reads: tuple[str, ...]
    edit: str
    seen: list[tuple[float, float, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        browser, signed_in, turn = Browser(), False, 0
        while not self.over.wait(PAUSE):
            turn += 1
            try:
                if not signed_in:
                    signed_in = browser.sign_in(self.email, settings.DEMO_PASSWORD).status == 200
                elif turn % 5:
                    self.look(self.reads[turn % len(self.reads)], browser)
                else:
                    self.change(browser, f"Department {turn}")
            except GONE:
                continue  # dead, and maybe in the middle of an answer

    def look(self, path: str, browser: Browser) -> Page:
        began = time.monotonic()
        page = browser.get(path)
        self.seen.append((began, time.monotonic(), page.status, path))
        return page

    def change(self, browser: Browser, text: str) -> None:
        page = self.look(self.edit, browser)
        if page.status != 200:
            return
        began = time.monotonic()
        answer = browser.submit(page, "dept", {"dept": text})
        self.seen.append((began, time.monotonic(), answer.status, f"POST {self.edit}"))

    def stop(self) -> None:
        self.over.set()
        self.join(timeout=90)

    def failures(self, dead: Iterable[Span]) -> list[str]:
        """Answers of a web that was alive and failed."""
        spans = [(begin - AROUND, end + AROUND) for begin, end in dead]
        return [
            f"The web answered {status} to {path}"
            for began, ended, status, path in self.seen
            if status >= 500 and status != UNREADABLE and not any(ended > a and began < b for a, b in spans)
        ]

    def slowest_of_95(self) -> float:
        """Seconds within which 95 of 100 answers came."""
        times = sorted(ended - began for began, ended, _, _ in self.seen)
        return times[int(len(times) * 0.95)] if times else 0.0
