"""The rows to decide about on a phone, as a browser draws them."""

import re

import pytest
from playwright.sync_api import sync_playwright

from portal.access.models import Staff
from portal.directory.models import SubAccount
from tests.e2e.conftest import FLAGS
from tests.meta.repository import ROOT
from tests.portal.bulk.views.test_deciding import ClientOf, in_review, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.chromium]

PHONE = {"width": 390, "height": 800}
RUNS_OVER = "heads => heads.filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)"
WIDE = "() => document.documentElement.scrollWidth"


def test_the_heads_of_the_states_do_not_run_together_on_a_phone(
    acme: SubAccount, olga: Staff, client_of: ClientOf, chromium: str
) -> None:
    job = in_review(olga, acme, 2)
    plan = {"plan_base": {"type": "business_monthly", "hosts": 25}}
    job.items.update(
        endpoint="billing.update_base",
        body={"type": "business_monthly", "hosts": 30},
        answer={"before": plan, "now": plan},
    )
    html = re.sub(r"<script.*?</script>|<link[^>]*>", "", page_of(client_of(olga), job), flags=re.DOTALL)
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        page = running.new_page(viewport=PHONE)
        page.set_content(html)
        for name in ("tokens", "base", "shell", "kit"):
            page.add_style_tag(path=ROOT / "static" / "css" / f"{name}.css")
        found = page.eval_on_selector_all(".table.even thead th", RUNS_OVER)
        number = page.locator(".table.even thead th").count()
        assert (number, found, page.evaluate(WIDE)) == (8, [], 390)
        running.close()
