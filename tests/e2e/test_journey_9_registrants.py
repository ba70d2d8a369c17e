"""Journey 9: people are registered for a webinar from a file, and those who wait are approved thirty to a call."""

import csv
import io
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import patience, rows_or, time_for
from tests.support.running import Running

FILE = max(rows_or(81, most=500), 81)  # rows; with five hundred the sandbox's pace alone would take a minute
pytestmark = [pytest.mark.chromium, time_for(FILE)]
NEW = FILE - 3  # people who come by the file; the others are known, stand twice, or have no address
KNOWN = 4  # people who are registered already
CHOSEN = 75
LOADED = 20_000  # milliseconds a page may take on a busy machine


def webinar(product: Running) -> tuple[dict[str, Any], dict[str, Any], int]:
    """(sub-account, host, number) of a webinar that lets people in by hand, with a few who wait."""
    account = product.zoom("GET", "/accounts?page_size=1").json()["accounts"][0]
    below = f"/accounts/{account['id']}"
    for user in product.zoom("GET", f"{below}/users?page_size=300").json()["users"]:
        body = {"topic": "Open day", "type": 5, "start_time": "2030-01-01T10:00:00Z", "settings": {"approval_type": 1}}
        answer = product.zoom("POST", f"{below}/users/{user['id']}/webinars", json=body) if user["type"] == 2 else None
        if answer is not None and answer.status_code == 201:
            number = int(answer.json()["id"])
            for n in range(KNOWN):
                person = {"email": f"known{n}@guest.example", "first_name": "Known", "last_name": f"Guest {n}"}
                assert product.zoom("POST", f"{below}/webinars/{number}/registrants", json=person).status_code == 201
            return account, user, number
    raise AssertionError("nobody may hold webinars")


def people(path: Path) -> Path:
    rows = [[f"guest{n:03}@guest.example", "Guest", f"Number {n}", "Example Ltd"] for n in range(NEW)]
    rows += [["Known0@guest.example", "Known", "Guest 0", ""]]
    rows += [["guest001@guest.example", "Guest", "Again", ""], ["not-an-address", "No", "Address", ""]]
    text = io.StringIO()
    csv.writer(text).writerows([["Email", "First Name", "Last Name", "Organization"], *rows])
    path.write_text(text.getvalue(), encoding="utf-8-sig")
    return path


def statuses(product: Running, account: str, number: int) -> list[int]:
    path = f"/accounts/{account}/webinars/{number}/registrants?page_size=1&status="
    found = ("pending", "approved", "denied")
    return [product.zoom("GET", path + status).json()["total_records"] for status in found]


def picture(page: Page, name: str) -> None:
    """Three pictures, light, dark and as narrow as a phone, where the environment says a folder."""
    if folder := os.environ.get("PICTURES"):
        for scheme, width in (("light", 1440), ("dark", 1440), ("light", 390)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # both are words it knows
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(folder) / f"{name}-{scheme}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1440, "height": 900})


def open_webinar(page: Page, product: Running, email: str) -> None:
    """From the list of hosts to the host's webinar; waits until the mirror has read the host's sub-account."""
    main = page.locator("main")
    page.goto(f"{product.url}/webinars/")
    host = main.get_by_role("link", name=email)
    for _ in range(60):
        main.locator("[name=q]").fill(email)
        main.get_by_role("button", name="Filter").click()
        page.wait_for_timeout(1_000)
        if host.count():
            break
    picture(page, "hosts")
    host.click()
    picture(page, "of-host")
    main.get_by_role("link", name="Open day").click()


def register(page: Page, product: Running, number: int, file: Path) -> None:
    """Import the file: what stands twice, is known already or is no address is told before anything is sent."""
    main, before = page.locator("main"), len(product.ledger())
    page.get_by_role("link", name="Import registrants").click()
    expect(main).to_contain_text(str(number), timeout=LOADED)
    picture(page, "upload")
    page.set_input_files("input[type=file]", str(file))
    page.get_by_role("button", name="Send the file").click()
    expect(page.locator("h1")).to_have_text("What the columns mean", timeout=LOADED)
    picture(page, "columns")
    page.get_by_role("button", name="Check all rows").click()
    page.wait_for_selector("h1:has-text('What would happen')", timeout=60_000)
    picture(page, "check")
    check = page.url.split("?")[0]
    for action, words in (("unchanged", "Registered already."), ("error", "in line 3 already"), ("error", "Email")):
        page.goto(f"{check}?action={action}")
        expect(main).to_contain_text(words, timeout=LOADED)
    assert len(product.ledger()) == before
    page.goto(check)
    page.locator("[name=leave_out]").check()
    page.get_by_role("button", name="Run").click()
    page.wait_for_selector("#state", timeout=30_000)
    begun, refused = time.monotonic(), product.stats()["refused"]
    # with errors, since two rows were left out
    expect(page.locator("#state")).to_have_text("Done with errors", timeout=patience(NEW))
    took, refused = time.monotonic() - begun, product.stats()["refused"] - refused
    registered = Counter(w["key"] for w in product.ledger()[before:])
    assert set(registered.values()) == {1}
    assert len(registered) == NEW
    print(f"\n{FILE} rows of registrants: {took:.0f} s, {refused} answers 429, 0 doubles")


def approve(page: Page) -> None:
    """Tick seventy-five of those who wait, and say yes to what is told about it."""
    page.get_by_role("link", name="Waiting for approval").click()
    page.get_by_role("link", name="100", exact=True).click()
    boxes = page.locator("[data-pick]")
    expect(boxes).to_have_count(min(NEW + KNOWN, 100), timeout=LOADED)
    tick(boxes)
    expect(page.locator("[data-pick-count]")).to_have_text(f"{CHOSEN} selected")
    picture(page, "registrants")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("main")).to_contain_text("3 calls will be made to Zoom", timeout=LOADED)
    page.fill("[name=reason]", "The hall is large enough")
    page.fill("[name=typed]", str(CHOSEN))
    picture(page, "confirm")
    page.get_by_role("button", name=f"Approve {CHOSEN} registrants").click()
    expect(page.locator("#state")).to_contain_text("Done", timeout=60_000)
    picture(page, "job")


def tick(boxes: Locator) -> None:
    """The first box, then the last one with the shift key held: all in between are ticked with them."""
    boxes.nth(0).click()
    boxes.nth(CHOSEN - 1).click(modifiers=["Shift"])


def test_olga_registers_people_from_a_file_and_approves_seventy_five(
    product: Running, signed_in: Callable[..., Page], tmp_path: Path
) -> None:
    page = signed_in("olga")
    account, host, number = webinar(product)
    open_webinar(page, product, host["email"])
    expect(page.locator("main")).to_contain_text("By hand", timeout=LOADED)
    picture(page, "webinar")
    page.get_by_role("link", name="Registrants", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(KNOWN, timeout=LOADED)
    register(page, product, number, people(tmp_path / "guests.csv"))
    assert statuses(product, account["id"], number) == [NEW + KNOWN, 0, 0]

    open_webinar(page, product, host["email"])
    approve(page)
    assert statuses(product, account["id"], number) == [NEW + KNOWN - CHOSEN, CHOSEN, 0]
    operations = [write["operation"] for write in product.ledger()]
    assert operations.count("webinars.update_registrants_status") == 3
    with page.expect_download() as download:
        page.get_by_role("link", name="Result file").click()
    result = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert [(row["status"], row["action"]) for row in result] == [("done", "approve")] * CHOSEN
    assert len({row["name"] for row in result}) == CHOSEN
