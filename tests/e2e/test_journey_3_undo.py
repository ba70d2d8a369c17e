"""Journey 3: an import is undone, after a dry run that says which rows go back and why others do not."""

import csv
import io
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import patience, rows_or, time_for
from tests.e2e.test_journey_2_import import accounts_with_room, check, upload, wait_for_mirror, write
from tests.support.running import Running

ROWS = rows_or(6)
pytestmark = [pytest.mark.chromium, time_for(ROWS)]


def run(page: Page, calls: int = 0) -> None:
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#state")).to_have_text("Done", timeout=patience(calls))


def user(product: Running, account: str, email: str) -> dict[str, object]:
    answer = product.zoom("GET", f"/accounts/{account}/users/{email}")
    found: dict[str, object] = answer.json() if answer.ok else {}
    return found


def people_left(product: Running, account: str) -> list[str]:
    """Which of the imported users are there."""
    path, emails, page = f"/accounts/{account}/users?page_size=300&page_number=", [], 0
    while not page or len(emails) % 300 == 0:
        page += 1
        emails += [user["email"] for user in product.zoom("GET", f"{path}{page}").json()["users"]]
    return sorted(email for email in emails if email.startswith("undo"))


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def rename_one_by_hand(page: Page, product: Running) -> None:
    """Somebody changes one of the new users in the portal: that row will be left alone."""
    page.goto(f"{product.url}/users/?q=undo0%40import.example")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="Edit").first.click()
    page.fill("[name=first_name]", "Renamed")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Renamed")


def look_at_the_undo(page: Page) -> None:
    """First in principle, then row by row: what goes back, and why one row does not."""
    main = page.locator("main")
    page.get_by_role("link", name="Undo").click()
    expect(main).to_contain_text("Can be taken back")
    picture(page, "undo")
    page.fill("[name=reason]", "Wrong file")
    page.get_by_role("button", name="Check every row").click()
    page.wait_for_selector("h1:has-text('What would happen')", timeout=patience(ROWS))
    picture(page, "undo-check")
    tabs = main.get_by_role("navigation", name="Rows by action")
    expect(tabs.get_by_role("link", name="Remove")).to_have_text(f"Remove {ROWS - 1:,}")
    tabs.get_by_role("link", name="Update").click()
    expect(main).to_contain_text("Moved")
    tabs.get_by_role("link", name="Conflict").click()
    expect(main.locator("#results")).to_contain_text("the job had left “First0”")


def test_olga_takes_an_import_back(product: Running, signed_in: Callable[..., Page], tmp_path: Path) -> None:
    page = signed_in("olga")
    main = page.locator("main")
    wait_for_mirror(page, product)
    account = accounts_with_room(product, 1)[0]
    name, number = account["account_name"], account["id"]
    known = product.zoom("GET", f"/accounts/{number}/users?page_size=1").json()["users"][0]
    rows = [[name, f"undo{n}@import.example", f"First{n}", "Last", "", "Basic"] for n in range(ROWS)]
    rows.append([name, known["email"], known["first_name"], known["last_name"], "Moved", ""])
    upload(page, product, write(tmp_path / "people.csv", rows))
    picture(page, "columns")
    page.select_option("select[name=action]", "custCreate")
    check(page)
    picture(page, "check")
    run(page, ROWS)
    job_url = page.url
    assert user(product, number, known["email"])["dept"] == "Moved"
    rename_one_by_hand(page, product)
    page.goto(job_url)
    picture(page, "job")
    checked = time.monotonic()
    look_at_the_undo(page)
    checked = time.monotonic() - checked
    writes, refused = len(product.ledger()), product.stats()["refused"]

    page.fill("[name=typed]", f"remove {ROWS - 1} users")
    page.get_by_role("button", name="Run").click()
    page.wait_for_selector("#state", timeout=30_000)
    begun = time.monotonic()
    assert len(product.ledger()) == writes  # a minute is left to cancel it
    expect(page.locator("#state")).to_have_text(
        "Done with errors", timeout=60_000 + patience(ROWS)
    )  # the one left alone
    took, refused = time.monotonic() - begun, product.stats()["refused"] - refused
    print(f"\n{ROWS + 1:,} rows: dry run {checked:.0f} s, undone in {took:.0f} s, {refused} answers 429")
    assert user(product, number, known["email"]).get("dept") == known.get("dept", "")
    assert people_left(product, number) == ["undo0@import.example"]
    removals = [write for write in product.ledger()[writes:] if write["operation"] == "users.delete"]
    assert len(removals) == ROWS - 1
    expect(main).to_contain_text("Undoes Import users: people.csv")
    picture(page, "undone")
    undo_url = page.url
    follow_the_audit(page, job_url, undo_url)


def follow_the_audit(page: Page, job_url: str, undo_url: str) -> None:
    """Each of the two jobs names the other, on its page and in the audit log."""
    main = page.locator("main")
    page.get_by_role("link", name="Audit").first.click()
    expect(main).to_contain_text("Job created")
    page.goto(job_url)
    expect(main).to_contain_text("Undone by")
    expect(main.get_by_role("link", name="Undo: Import users: people.csv")).to_have_attribute(
        "href", undo_url.removeprefix(undo_url[: undo_url.index("/jobs/")])
    )
    page.get_by_role("link", name="Audit").first.click()
    expect(main).to_contain_text("Job undone")


def test_a_result_of_any_kind_can_be_read_as_a_table(
    product: Running, signed_in: Callable[..., Page], tmp_path: Path
) -> None:
    page = signed_in("olga")
    account = accounts_with_room(product, 1)[0]
    users = product.zoom("GET", f"/accounts/{account['id']}/users?page_size=5").json()["users"]
    text = io.StringIO()
    csv.writer(text).writerows(
        [["userId", "topic", "type"], *([user["id"], f"Weekly {n}", "2"] for n, user in enumerate(users))]
    )
    file = tmp_path / "meetings.csv"
    file.write_text(text.getvalue())
    page.goto(product.url + "/jobs/import/kinds/?q=create+meeting")
    page.get_by_role("link", name="Schedule a meeting").or_(
        page.get_by_role("link", name="Create a meeting")
    ).first.click()
    page.set_input_files("input[type=file]", str(file))
    page.get_by_role("button", name="Send the file").click()
    page.select_option("select[name=account]", account["id"])
    picture(page, "meeting-columns")
    check(page)
    picture(page, "meeting-check")
    run(page)
    created = [write["key"] for write in product.ledger() if write["operation"] == "meetings.create"]
    assert len(created) == len(users)
    picture(page, "meeting-job")
