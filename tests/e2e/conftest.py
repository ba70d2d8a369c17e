"""A browser and a running product for the journeys.

``JOURNEY_ROWS=3000`` walks them at that size (docs/proof.md, "Journeys at full size"); without it they are short.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.running import PASSWORD, Running, started

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"


def rows_or(usual: int, most: int | None = None) -> int:
    """How many rows a journey has: what the environment asks for, at most ``most``; without it ``usual``."""
    asked = int(os.environ.get("JOURNEY_ROWS", usual))
    return asked if most is None else min(asked, most)


def patience(calls: int) -> int:
    """Milliseconds that so many calls may take at ten a second on a machine that has other work.

    A call that was cut off is looked up two minutes after it was sent, so the last row of a killed job may take that.
    """
    return 180_000 + calls * 250


def time_for(rows: int) -> pytest.MarkDecorator:
    """The time limit of a test that sends so many rows, twice at most."""
    return pytest.mark.timeout(300 + rows)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with started(tmp_path_factory.mktemp("product") / "data") as running:
        yield running


@pytest.fixture(scope="module")  # one that lives on keeps a loop running, which Django takes for an asynchronous caller
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def signed_in(browser: Browser, product: Running) -> Iterator[Callable[..., Page]]:
    """``signed_in("olga")``: a page on which she has signed in. What the browser complains about fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def sign_in(name: str, **options: object) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
        page.goto(product.url)
        page.fill("input[name=login]", f"{name}@demo.example")
        page.fill("input[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_selector("h1:has-text('Home')")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert complaints == []
