"""Takes the pictures of README.md from a freshly started product: ``python -m tests.e2e.screenshots``."""

import csv
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.conftest import FLAGS
from tests.support.running import PASSWORD, ROOT, Running, started

FOLDER = ROOT / "docs" / "screenshots"
SIZE = {"width": 1360, "height": 850}


def sign_in(browser: Browser, product: Running, scheme: str, **options: object) -> Page:
    page = browser.new_context(color_scheme=scheme, **{"viewport": SIZE, **options}).new_page()  # type: ignore[arg-type]
    page.goto(product.url)
    page.fill("input[name=login]", "olga@demo.example")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("h1:has-text('Home')")
    return page


def import_users(page: Page, product: Running, folder: Path) -> tuple[str, str]:
    """Run a small import; returns the addresses of its check page and of its job."""
    accounts = product.zoom("GET", "/accounts?page_size=5").json()["accounts"]
    file = folder / "new-starters.csv"
    with file.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target)
        writer.writerow(["Sub-account", "Email", "First Name", "Last Name", "Department", "User Type"])
        for n in range(60):
            account = accounts[n % 5]["account_name"]
            writer.writerow([account, f"starter{n:02}@new.example", f"Starter {n}", "Example", "Field", "Basic"])
        writer.writerow([accounts[0]["account_name"], "not-an-address", "No", "Address", "", "Basic"])
    page.goto(product.url + "/jobs/import/")
    page.set_input_files("input[type=file]", str(file))
    page.get_by_role("button", name="Send the file").click()
    page.get_by_role("button", name="Check all rows").click()
    page.wait_for_selector("h1:has-text('What would happen')", timeout=60_000)
    check = page.url
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=FOLDER / f"import-{scheme}.png")
    page.get_by_label("Leave out").or_(page.locator("[name=leave_out]")).first.check()
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#state")).to_contain_text("Done", timeout=90_000)
    return check, page.url


def shoot(browser: Browser, product: Running, pages: dict[str, str]) -> None:
    for scheme in ("light", "dark"):
        page = sign_in(browser, product, scheme)
        for name, path in pages.items():
            page.goto(path if path.startswith("http") else product.url + path)
            page.wait_for_timeout(300)
            page.screenshot(path=FOLDER / f"{name}-{scheme}.png")
        page.context.close()
    phone = sign_in(browser, product, "light", viewport={"width": 390, "height": 800})
    phone.goto(product.url + "/accounts/")
    phone.screenshot(path=FOLDER / "phone-light.png")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp())
    with started(folder / "data") as product, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = sign_in(browser, product, "light")
        page.goto(product.url + "/directory/")
        expect(page.locator("#mirror")).to_contain_text("40 of 40", timeout=120_000)
        expect(page.locator("#mirror")).to_contain_text("Done", timeout=180_000)
        _, job = import_users(page, product, folder)
        page.goto(product.url + "/accounts/?q=Vidya")
        account = page.locator("tbody th a").first.get_attribute("href") or ""
        page.goto(f"{product.url}/users/?account={account.strip('/').rpartition('/')[2]}")
        user = page.locator("tbody th a").first.get_attribute("href") or ""
        shoot(
            browser,
            product,
            {
                "home": "/",
                "sub-accounts": "/accounts/",
                "sub-account": account,
                "plans": f"{account}plans/",
                "users": "/users/",
                "user": user,
                "job": job,
                "audit": "/audit/",
            },
        )


if __name__ == "__main__":
    main()
