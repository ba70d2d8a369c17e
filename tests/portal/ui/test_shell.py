import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest
from django.template.loader import get_template, render_to_string
from django.test import Client

from portal.access.models import Staff
from portal.ui import errors, nav
from portal.ui.context import shell
from portal.ui.formats import icon
from portal.ui.nav import NavItem

TEMPLATES = sorted(settings.BASE_DIR.glob("templates/**/*.html"))
INLINE = re.compile(
    r"""<script(?![^>]*\bsrc=)|<style|\sstyle\s*=|\son[a-z]+\s*=|\shx-on|href\s*=\s*["']javascript:|js:"""
)


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    items = [
        NavItem("Home", "home", "home"),
        NavItem("Things", "things:list", "users", "view", "Zoom", ("stuff",)),
        NavItem("People", "things:people", "users", "staff", "Zoom"),
        NavItem("Later", "not:yet", "users", "view", "Zoom"),
    ]
    monkeypatch.setattr(nav, "ITEMS", items)
    monkeypatch.setattr(nav, "address", {"home": "/", "things:list": "/things/", "things:people": "/people/"}.get)


def links(found: list[nav.Section]) -> list[tuple[str, str]]:
    return [(link.label, link.is_current) for section in found for link in section.items]


def test_the_navigation_shows_what_exists_and_what_one_may(places: None) -> None:
    assert links(nav.sections({"view"}.__contains__, "/x", "")) == [("Home", ""), ("Things", "")]
    assert links(nav.sections({"staff"}.__contains__, "/x", "")) == [("Home", ""), ("People", "")]


def test_the_present_place_is_marked_by_page_or_by_room(places: None) -> None:
    def may(right: str) -> bool:
        return True

    assert links(nav.sections(may, "/things/", "things:list"))[1] == ("Things", "page")
    assert links(nav.sections(may, "/things/7/", "things:detail"))[1] == ("Things", "true")
    assert links(nav.sections(may, "/stuff/7/", "stuff:detail"))[1] == ("Things", "true")
    assert links(nav.sections(may, "/other/", "other:list"))[1] == ("Things", "")


def test_every_icon_of_the_navigation_exists() -> None:
    assert [item.icon for item in nav.ITEMS + nav.PERSON if "<svg" not in icon(item.icon)] == []


def test_somebody_not_signed_in_gets_no_navigation(rf: object) -> None:
    assert set(shell(HttpRequest())) == {"sign_in_url"}


def test_the_frame_shows_the_places_a_person_may_enter(ask: Callable[..., HttpRequest], places: None) -> None:
    request = ask("/things/", rights={"view"})
    page = render_to_string("base.html", {}, request)
    assert 'href="/things/" aria-current="page"' in page
    assert 'href="/people/"' not in page
    assert "allowEval&quot;: false" in page or '"allowEval": false' in page
    assert '<meta name="viewport"' in page


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(settings.BASE_DIR / "templates")))
def test_no_template_has_inline_script_or_style(file: Path) -> None:
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", file.read_text(), flags=re.DOTALL)
    assert INLINE.findall(text) == []
    get_template(str(file.relative_to(settings.BASE_DIR / "templates")))


def test_fault_U22_script_only_hastens_what_works_without_it() -> None:
    """Nothing is changed by script alone; what is read by it stands in a plain form or beside a plain link."""
    texts = {str(file.relative_to(settings.BASE_DIR / "templates")): file.read_text() for file in TEMPLATES}
    assert [name for name, text in texts.items() if re.search(r"hx-(post|put|patch|delete)", text)] == []
    alone = {name for name, text in texts.items() if "hx-get" in text} - {
        name for name, text in texts.items() if 'method="get"' in text or "<noscript>" in text
    }
    # Rows beside a live part that has the link; a list of states for which the server takes free text, too.
    assert alone == {"bulk/job.html", "accounts/create.html", "billing/subscribe.html"}


@pytest.mark.parametrize("status", [400, 403, 404, 405, 429, 500, 503])
def test_each_error_page_stands_without_request_or_database(status: int) -> None:
    page = render_to_string(f"errors/{status}.html")
    assert f"Error {status}" in page
    assert '<a class="button primary" href="/">' in page


@pytest.mark.django_db
def test_fault_P19_a_database_that_cannot_be_written_is_told_without_a_traceback(
    olga: Staff, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OperationalError("database or disk is full")

    client = client_of(olga)
    client.raise_request_exception = False
    monkeypatch.setattr("portal.bulk.views.listing.page_or_part", full)
    answer = client.get("/jobs/")
    page = answer.content.decode()
    assert (answer.status_code, "cannot be written" in page, "disk is full" in page) == (503, True, False)
    told = client.get("/jobs/", headers={"accept": "application/json"})
    assert (told.status_code, "before you repeat a change" in told.json()["message"]) == (503, True)


def test_a_missing_page_looks_the_same_to_everybody_and_repeats_nothing(ask: Callable[..., HttpRequest]) -> None:
    missing = errors.not_found(ask("/accounts/1"), Exception("No SubAccount matches"))
    foreign = errors.not_found(ask("/accounts/2?secret=1", rights={"view"}), Exception("not in scope"))
    assert missing.content == foreign.content
    assert missing.status_code == foreign.status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/accounts/99/", "/accounts/"),
        ("/users/99/x/", "/users/"),
        (f"/jobs/{UUID(int=1)}/", "/jobs/"),
        ("/nothing/", "/"),
    ],
)
def test_fault_U15_what_is_gone_leads_to_the_list_it_was_on(
    path: str, place: str, olga: Staff, client_of: Callable[..., Client]
) -> None:
    answer = client_of(olga).get(path)
    assert (answer.status_code, f'class="button primary" href="{place}"' in answer.content.decode()) == (404, True)


def test_a_program_gets_its_error_as_json(ask: Callable[..., HttpRequest]) -> None:
    request = ask("/x")
    request.META["HTTP_ACCEPT"] = "application/json"
    response = errors.forbidden(request)
    assert response.content == b'{"status": 403, "message": "You may not do that. Nothing was changed."}'


def test_too_many_requests_says_how_long_to_wait(ask: Callable[..., HttpRequest]) -> None:
    response = errors.too_many(ask("/x"), retry_after=17)
    assert (response.status_code, response["Retry-After"]) == (429, "17")
    assert "17 seconds" in response.content.decode()
