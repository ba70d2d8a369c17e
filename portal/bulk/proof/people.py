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
CHECKED = 120  # seconds a check of the file may take, and one more for every ten rows
PAUSE = 0.5
TRACE = "Traceback (most recent call last)"
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


def upload(email: str, rows: Iterable[Sequence[str]], number: int, kill_web: Callable[[], None]) -> Job:
    """Send a file through the pages as an operator does, and start its job; the web is killed while it is checked."""
    browser = Browser()
    browser.sign_in(email, settings.DEMO_PASSWORD)
    file = io.BytesIO("\n".join(",".join(row) for row in rows).encode())
    file.name = "people.csv"
    page = browser.submit(browser.get("/jobs/import/"), "file", {}, file)
    kept = UUID(page.url.rstrip("/").rpartition("/")[2])
    browser.submit(page, "encoding", {})
    kill_web()
    address, end = f"/jobs/import/{kept}/check/", time.monotonic() + CHECKED + number / 10
    page = patiently(lambda: browser.get(address))
    while 'name="when"' not in page.text and time.monotonic() < end:
        time.sleep(0.5)
        page = patiently(lambda: browser.get(address))
    browser.submit(page, "when", {"yes": "yes", "leave_out": "on"})
    return Job.objects.get(pk=kept)


@dataclass
class Bystander(threading.Thread):
    """Reads pages and edits a user. ``seen``: when each answer was asked for and came, its status and its page.

    ``naked``: pages that showed what only a log may, whenever that was.
    """

    email: str
    reads: tuple[str, ...]
    edit: str
    seen: list[tuple[float, float, int, str]] = field(default_factory=list)
    naked: list[str] = field(default_factory=list)

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
        self._note(began, page, path)
        return page

    def change(self, browser: Browser, text: str) -> None:
        page = self.look(self.edit, browser)
        if page.status != 200:
            return
        began = time.monotonic()
        answer = browser.submit(page, "dept", {"dept": text})
        self._note(began, answer, f"POST {self.edit}")

    def _note(self, began: float, page: Page, what: str) -> None:
        self.seen.append((began, time.monotonic(), page.status, what))
        if TRACE in page.text:
            self.naked.append(f"The web showed a traceback for {what}")

    def stop(self) -> None:
        self.over.set()
        self.join(timeout=90)

    def failures(self, dead: Iterable[Span]) -> list[str]:
        """Answers of a web that was alive and failed."""
        spans = [(begin - AROUND, end + AROUND) for begin, end in dead]
        return self.naked + [
            f"The web answered {status} to {path}"
            for began, ended, status, path in self.seen
            if status >= 500 and status != UNREADABLE and not any(ended > a and began < b for a, b in spans)
        ]

    def told(self) -> str:
        """How many pages of each kind were asked for, and the seconds within which 95 of 100 came."""
        edits = [one for one in self.seen if one[3].startswith("POST ")]
        reads = [one for one in self.seen if not one[3].startswith("POST ")]
        kinds = {"all": self.seen, "read": reads, "changes": edits}
        return ", ".join(f"{kind} {len(seen)} (95 of 100 within {p95(seen):.2f} s)" for kind, seen in kinds.items())


def p95(seen: Sequence[tuple[float, float, int, str]]) -> float:
    """Seconds within which 95 of 100 answers came."""
    times = sorted(ended - began for began, ended, _, _ in seen)
    return times[int(len(times) * 0.95)] if times else 0.0
