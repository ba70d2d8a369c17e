"""Journey 3: an import is undone, after a dry run that says which rows go back and why others do not."""

import csv
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_journey_2_import import accounts_with_room, check, upload, wait_for_mirror, write
from tests.support.running import Running

pytestmark = pytest.mark.chromium


def run(page: Page) -> None:
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#state")).to_contain_text("Done", timeout=90_000)


def user(product: Running, account: str, email: str) -> dict[str, object]:
    answer = product.zoom("GET", f"/accounts/{account}/users/{email}")
    found: dict[str, object] = answer.json() if answer.ok else {}
    return found


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_olga_takes_an_import_back(product: Running, signed_in: Callable[..., Page], tmp_path: Path) -> None:
    page = signed_in("olga")
    wait_for_mirror(page, product)
    account = accounts_with_room(product, 1)[0]
    name, number = account["account_name"], account["id"]
    known = product.zoom("GET", f"/accounts/{number}/users?page_size=1").json()["users"][0]
    rows = [[name, f"undo{n}@import.example", f"First{n}", "Last", "Field", "Basic"] for n in range(6)]
    rows.append([name, known["email"], known["first_name"], known["last_name"], "Moved", ""])
    upload(page, product, write(tmp_path / "people.csv", rows))
    picture(page, "columns")
    page.select_option("select[name=action]", "custCreate")
    check(page)
    picture(page, "check")
    run(page)
    job_url = page.url
    assert user(product, number, known["email"])["dept"] == "Moved"

    # Somebody changes one of the new users by hand in the portal: that row will be left alone.
    page.goto(f"{product.url}/users/?q=undo0%40import.example")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="Edit").first.click()
    page.fill("[name=first_name]", "Renamed")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Renamed")

    page.goto(job_url)
    picture(page, "job")
    page.get_by_role("link", name="Undo").click()
    expect(page.locator("main")).to_contain_text("Can be taken back")
    picture(page, "undo")
    page.fill("[name=reason]", "Wrong file")
    page.get_by_role("button", name="Check every row").click()
    page.wait_for_selector("h1:has-text('What would happen')", timeout=60_000)
    main = page.locator("main")
    expect(main).to_contain_text("the job had left “First0”")
    expect(main).to_contain_text("Moved")
    picture(page, "undo-check")
    writes = len(product.ledger())

    page.fill("[name=typed]", "remove 5 users")
    page.get_by_role("button", name="Run").click()
    page.wait_for_selector("#state", timeout=30_000)
    assert len(product.ledger()) == writes  # a minute is left to cancel it
    expect(page.locator("#state")).to_contain_text("Done", timeout=150_000)
    assert user(product, number, known["email"]).get("dept") == known.get("dept", "")
    assert [bool(user(product, number, f"undo{n}@import.example")) for n in range(6)] == [True] + [False] * 5
    expect(main).to_contain_text("Undoes Import users: people.csv")
    picture(page, "undone")
    page.goto(job_url)
    expect(main).to_contain_text("Undone by")
    page.get_by_role("link", name="Audit").first.click()
    expect(page.locator("main")).to_contain_text("Job undone")

    for path, shot in (
        ("/jobs/import/kinds/", "kinds"),
        ("/jobs/import/?what=meetings.create", "meetings"),
        ("/jobs/budget/", "budget"),
    ):
        page.goto(product.url + path)
        picture(page, shot)


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
