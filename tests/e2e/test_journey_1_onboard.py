"""Journey 1: onboard a customer, from the form to the audit log. And what happens when the owner's address is taken."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.running import Running

pytestmark = pytest.mark.chromium


def fill_in(page: Page, email: str, *, plan: str = "edu20", hosts: str = "25") -> None:
    page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + "/accounts/")
    page.get_by_role("link", name="New sub-account").click()
    for name, value in {
        "first_name": "Ida",
        "last_name": "Owner",
        "email": email,
        "password": "Correct-Horse-7",
        "contact-first_name": "Bill",
        "contact-last_name": "Payer",
        "contact-email": "billing@uni.example",
        "contact-phone_number": "+1 555 0100",
        "contact-address": "1 Main St",
        "contact-city": "San Jose",
        "contact-zip": "95113",
        "plan-hosts": hosts,
        "reason": "Contract 4711",
    }.items():
        page.fill(f"[name='{name}']", value)
    page.select_option("[name='options.pay_mode']", "master")
    page.select_option("[name='plan-type']", plan)
    page.select_option("[name='contact-country']", "US")
    page.wait_for_selector("select[name='contact-state']")
    page.select_option("[name='contact-state']", "CA")


def test_olga_onboards_a_university(product: Running, signed_in: Callable[..., Page]) -> None:
    page = signed_in("olga")
    fill_in(page, "ida@uni.example", hosts="5")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("main")).to_contain_text("Education allows 20–149")
    assert product.ledger() == []

    page.fill("[name='password']", "Correct-Horse-7")
    page.fill("[name='plan-hosts']", "25")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("main")).to_contain_text("POST /v2/accounts")
    expect(page.locator("main")).to_contain_text("/plans")
    assert "Correct-Horse-7" not in page.content()

    page.get_by_role("button", name="Submit").dblclick()
    expect(page.locator("#state")).to_contain_text("Done", timeout=40_000)
    applied = [(write["method"], write["operation"]) for write in product.ledger()]
    assert applied == [("POST", "accounts.create"), ("POST", "billing.subscribe")]

    page.goto(product.url + "/accounts/?q=ida@uni.example")
    page.locator("tbody th a").first.click()
    expect(page.locator("main")).to_contain_text("Education")
    expect(page.locator("main")).to_contain_text("25")
    page.get_by_role("link", name="Plans and billing").first.click()
    expect(page.locator("main")).to_contain_text("billing@uni.example")

    page.goto(product.url + "/audit/?q=Contract+4711")
    expect(page.locator("main")).to_contain_text("olga@demo.example")
    assert "Correct-Horse-7" not in page.content()
    assert "Correct-Horse-7" not in product.output()


def test_a_taken_address_fails_step_one_and_nothing_else_is_executed(
    product: Running, signed_in: Callable[..., Page]
) -> None:
    page = signed_in("olga")
    before = len(product.ledger())
    taken = product.zoom("GET", "/accounts?page_size=1").json()["accounts"][0]["owner_email"]
    fill_in(page, taken)
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("main")).to_contain_text("Failed", timeout=40_000)
    expect(page.locator("main")).to_contain_text("Not done")
    assert len(product.ledger()) == before

    page.get_by_role("link", name="Correct and start again").click()
    assert page.input_value("[name='email']") == taken
    assert page.input_value("[name='password']") == ""
    assert page.input_value("[name='contact-city']") == "San Jose"
