"""Journey 2: users for many sub-accounts from a file; the worker is killed in the middle and nobody is doubled."""

import csv
import io
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import patience, rows_or, time_for
from tests.support.running import Running

ROWS = rows_or(300)
pytestmark = [pytest.mark.chromium, time_for(ROWS)]
WITH_DEPARTMENT = 5  # every so manieth row needs two calls
STRANGERS = 3  # people somebody else invites between the check and the run: their rows fail
HEADER = ["Sub-account", "Email", "First Name", "Last Name", "Department", "User Type"]
BAD = {  # line number: (sub-account, e-mail, first name, type) as they are wrong
    3: ("", "not-an-address", "X", "Basic"),
    4: ("Nobody & Sons", "user0002@import.example", "X", "Basic"),
    5: ("", "user0003@import.example", "=1+1", "Gold"),
}


def accounts_with_room(product: Running, count: int) -> list[dict[str, str]]:
    """Sub-accounts the master account pays for; Basic users need no seats there."""
    found: list[dict[str, str]] = product.zoom("GET", "/accounts?page_size=300").json()["accounts"]
    return found[:count]


def write(path: Path, rows: list[list[str]], encoding: str = "utf-8-sig") -> Path:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    path.write_text(text.getvalue(), encoding=encoding)
    return path


def read(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


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


def take(page: Page, link: str, path: Path) -> Path:
    """Download what a link gives."""
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    download.value.save_as(path)
    return path


def people(names: list[str]) -> list[list[str]]:
    """The rows as they should be: new users over all the sub-accounts; one needs a seat, some a second call."""
    return [
        [
            names[n % len(names)],
            f"user{n:04}@import.example",
            "Zoë" if n % 50 == 0 else f"First{n}",
            f"Last{n}",
            "" if n % WITH_DEPARTMENT else "Field",
            "Basic" if n else "Licensed",
        ]
        for n in range(ROWS)
    ]


def spoiled(rows: list[list[str]]) -> list[list[str]]:
    found = [list(row) for row in rows]
    for line, (account, email, first, kind) in BAD.items():
        row = found[line - 2]
        row[:3], row[5] = [account or row[0], email, first], kind
    return found


def send_the_bad_file(page: Page, product: Running, rows: list[list[str]], folder: Path) -> list[list[str]]:
    """In an encoding that has to be confirmed, with wrong rows; returns all rows, mended by way of the error file."""
    main = page.locator("main")
    upload(page, product, write(folder / "bad.csv", spoiled(rows), "cp1252"))
    expect(main).to_contain_text("Windows-1252")
    expect(main).to_contain_text("Please check how the file was read")
    page.get_by_role("button", name="Check all rows").click()
    expect(page.locator("h1")).to_have_text("What the columns mean")  # not before somebody has said yes
    page.locator("[name=confirmed]").check()
    check(page)
    page.goto(page.url.split("?")[0] + "?action=error")
    for line in BAD:
        expect(main.get_by_role("cell", name=str(line), exact=True).first).to_be_visible()
    errors = read(take(page, "Error file", folder / "errors.csv"))
    assert [row[-2] for row in errors[1:]] == [str(line) for line in BAD]
    assert [row[2] for row in errors[1:]] == ["X", "X", "'=1+1"]  # a spreadsheet does not run it
    assert product.ledger() == []
    mended = {int(row[-2]): rows[int(row[-2]) - 2] for row in errors[1:]}
    return [mended.get(line, row) for line, row in enumerate(rows, 2)]


def look_at_the_check(page: Page, names: list[str]) -> None:
    """The dry run: how many of each action, the seats of each sub-account, how long it will take."""
    main = page.locator("main")
    expect(main.get_by_role("link", name="Create")).to_have_text(f"Create {ROWS:,}")
    seats = main.get_by_role("region", name="Licensed seats").get_by_role("row", name=names[0])
    assert seats.get_by_role("cell").all_inner_texts() == ["1", "0", "1", "Yes"]  # needed, given back, free, enough
    expect(main.get_by_role("region", name="Calls to Zoom")).to_contain_text(
        re.compile(r"(less than a minute|about .*), ends")
    )
    page.get_by_role("link", name="Update").click()
    expect(main).to_contain_text("Moved by import")


def invite_strangers(product: Running, account: str) -> list[str]:
    """Somebody else is quicker than the job; its rows of these people can only fail."""
    emails = [f"user{n:04}@import.example" for n in range(ROWS - STRANGERS, ROWS)]
    for email in emails:
        body = {"action": "custCreate", "user_info": {"email": email, "type": 1}}
        assert product.zoom("POST", f"/accounts/{account}/users", json=body).status_code == 201
    return emails


def watch(page: Page, until: int) -> None:
    """The page tells how far the job is, and is never loaded anew for it."""
    page.evaluate("window.loadedOnce = true")
    page.wait_for_function(f"() => document.querySelector('progress')?.value >= {until}", timeout=patience(until))
    assert page.evaluate("window.loadedOnce") is True


def assert_it_asks_no_more(page: Page) -> None:
    asked: list[str] = []
    page.wait_for_load_state("load")  # it was loaded anew when the job ended
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(5_000)
    assert asked == []


def refused(product: Running) -> int:
    return int(product.stats()["refused"])


def test_olga_imports_users_over_many_sub_accounts(
    product: Running, signed_in: Callable[..., Page], tmp_path: Path
) -> None:
    page = signed_in("olga")
    main = page.locator("main")
    wait_for_mirror(page, product)
    accounts = accounts_with_room(product, 6)
    names = [account["account_name"] for account in accounts]
    known = product.zoom("GET", f"/accounts/{accounts[0]['id']}/users?page_size=1").json()["users"][0]

    rows = send_the_bad_file(page, product, people(names), tmp_path)
    rows.append([names[0], known["email"], known["first_name"], known["last_name"], "Moved by import", ""])
    upload(page, product, write(tmp_path / "good.csv", rows))
    check(page)
    look_at_the_check(page, names)
    strangers = invite_strangers(product, accounts[0]["id"])
    page.get_by_role("button", name="Run").click()
    page.wait_for_selector("#state", timeout=30_000)
    job_url, begun, waits = page.url, time.monotonic(), -refused(product)

    # The worker dies in the middle. The supervisor ends the rest and says why; a new start goes on where it was.
    watch(page, ROWS // 2)
    waits += refused(product)
    assert product.kill(r"celery.* worker") != []
    down = time.monotonic()
    product.restart()
    down = time.monotonic() - down
    page.goto(job_url)
    expect(page.locator("#state")).to_contain_text("Done with errors", timeout=patience(ROWS))
    took, waits = time.monotonic() - begun, waits + refused(product)
    assert_it_asks_no_more(page)

    created = Counter(w["key"] for w in product.ledger() if w["operation"] == "users.create")
    assert created == Counter({row[1]: 1 for row in rows[:-1]})
    print(f"\n{ROWS + 1:,} rows, {took:.0f} s of which {down:.0f} s down, {waits} answers 429, 0 doubles")

    retry_the_strangers(page, product, accounts[0]["id"], strangers)

    # The result has every row and can be sent again: then there is nothing left to do.
    page.goto(job_url)
    result = take(page, "Result file", tmp_path / "result.csv")
    assert Counter(row[-6] for row in read(result)[1:]) == Counter({"done": ROWS + 1 - STRANGERS, "failed": STRANGERS})
    upload(page, product, result)
    check(page)
    expect(main).to_contain_text("There is nothing to run")
    expect(main.get_by_role("link", name="Unchanged")).to_have_text(f"Unchanged {ROWS + 1:,}")


def retry_the_strangers(page: Page, product: Running, account: str, emails: list[str]) -> None:
    """Once what was in the way is gone, a linked job does just the rows that failed."""
    for email in emails:
        assert product.zoom("DELETE", f"/accounts/{account}/users/{email}?action=delete").status_code == 204
    page.get_by_role("button", name="Retry failed").click()
    expect(page.locator("h1")).to_contain_text("Again:")
    expect(page.locator("#state")).to_have_text("Done", timeout=60_000)
    expect(page.locator("main")).to_contain_text("Retries rows of")
    shown = page.locator("#results tbody th").all_inner_texts()
    assert sorted(set(shown)) == emails
    created = Counter(w["key"] for w in product.ledger() if w["operation"] == "users.create")
    assert [created[email] for email in emails] == [2] * STRANGERS  # the stranger's, and ours
