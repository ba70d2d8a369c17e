"""Journey 2: users for many sub-accounts from a file; the worker is killed in the middle and nobody is doubled."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.running import Running

pytestmark = pytest.mark.chromium
ROWS = 300


def accounts_with_room(product: Running, count: int) -> list[dict[str, str]]:
    """Sub-accounts the master account pays for; Basic users need no seats there."""
    found: list[dict[str, str]] = product.zoom("GET", "/accounts?page_size=300").json()["accounts"]
    return found[:count]


def write(path: Path, rows: list[list[str]]) -> Path:
    text = io.StringIO()
    csv.writer(text).writerows([["Sub-account", "Email", "First Name", "Last Name", "Department", "User Type"], *rows])
    path.write_text(text.getvalue(), encoding="utf-8-sig")
    return path


def upload(page: Page, product: Running, file: Path) -> None:
    page.goto(product.url + "/jobs/import/")
    page.set_input_files("input[type=file]", str(file))
    page.get_by_role("button", name="Send the file").click()
    expect(page.locator("h1")).to_have_text("What the columns mean")


def check(page: Page) -> None:
    page.get_by_role("button", name="Check all rows").click()
    page.wait_for_selector("h1:has-text('What would happen')", timeout=60_000)


def wait_for_mirror(page: Page, product: Running) -> None:
    page.goto(product.url + "/directory/")
    expect(page.locator("#mirror")).to_contain_text("40 of 40", timeout=120_000)


def test_olga_imports_users_over_many_sub_accounts(
    product: Running, signed_in: Callable[..., Page], tmp_path: Path
) -> None:
    page = signed_in("olga")
    wait_for_mirror(page, product)
    accounts = accounts_with_room(product, 6)
    names = [account["account_name"] for account in accounts]
    known = product.zoom("GET", f"/accounts/{accounts[0]['id']}/users?page_size=1").json()["users"][0]

    # A bad file: everything that is wrong is told at once, with its line, and can be taken home.
    bad = write(
        tmp_path / "bad.csv",
        [
            [names[0], "fine@import.example", "Fine", "Row", "Sales", "Basic"],
            [names[0], "not-an-address", "X", "Y", "", "Basic"],
            ["Nobody & Sons", "lost@import.example", "X", "Y", "", "Basic"],
            [names[1], '=HYPERLINK("http://x")@import.example', "=1+1", "Y", "", "Gold"],
        ],
    )
    upload(page, product, bad)
    expect(page.locator("main")).to_contain_text("UTF-8")
    check(page)
    main = page.locator("main")
    page.goto(page.url.split("?")[0] + "?action=error")
    for line in ("3", "4", "5"):
        expect(main.get_by_role("cell", name=line, exact=True).first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Error file").click()
    errors = list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert len(errors) == 4
    assert product.ledger() == []

    # The mended one: new people, and one who exists with another department.
    rows = [
        [names[n % len(names)], f"user{n:04}@import.example", f"First{n}", f"Last{n}", "Field", "Basic"]
        for n in range(ROWS)
    ]
    rows.append([names[0], known["email"], known["first_name"], known["last_name"], "Moved by import", ""])
    good = write(tmp_path / "good.csv", rows)
    upload(page, product, good)
    check(page)
    expect(main).to_contain_text(f"{ROWS}")
    page.goto(page.url.split("?")[0] + "?action=update")
    expect(main).to_contain_text("Moved by import")
    page.get_by_role("button", name="Run").click()
    page.wait_for_selector("#state", timeout=30_000)
    job_url = page.url

    # The worker dies in the middle. The supervisor ends the rest and says why; a new start goes on where it was.
    page.wait_for_function("() => Number(document.querySelector('progress')?.value) >= 40", timeout=60_000)
    assert product.kill(r"celery.* worker") != []
    product.restart()
    page.goto(job_url)
    expect(page.locator("#state")).to_contain_text("Done", timeout=240_000)

    applied = [w["key"] for w in product.ledger() if w["operation"] == "users.create"]
    assert Counter(applied) == Counter({f"user{n:04}@import.example": 1 for n in range(ROWS)})

    # The result has every row and can be sent again: then there is nothing left to do.
    with page.expect_download() as download:
        page.get_by_role("link", name="Result file").click()
    result = tmp_path / "result.csv"
    download.value.save_as(result)
    assert len(list(csv.reader(io.StringIO(result.read_text(encoding="utf-8-sig"))))) == ROWS + 2
    upload(page, product, result)
    check(page)
    expect(main).to_contain_text("There is nothing to run")
