"""A browser without a screen, for the chaos driver: cookies, redirects, and the forms of a page."""

import http.cookiejar
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

PATIENCE = 60


class Forms(HTMLParser):
    """The forms of a page: where each is sent, and what it holds before anybody types."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._select = ""
        self._option_taken = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("action", ""), {}))
        if not self.found:
            return
        values, name = self.found[-1][1], given.get("name", "")
        if tag == "select":
            self._select, self._option_taken = name, False
        elif tag == "option" and self._select and ("selected" in given or not self._option_taken):
            values[self._select], self._option_taken = given.get("value", ""), True
        elif tag == "textarea" and name:
            values[name] = ""
        elif tag == "input" and name and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            values[name] = given.get("value", "on" if given.get("type") == "checkbox" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


@dataclass(frozen=True)
class Page:
    url: str
    status: int
    text: str


class Browser:
    """Raises OSError (or HTTPException) when the web does not answer; a status is part of the page."""

    def __init__(self) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)

    def sign_in(self, email: str, password: str) -> Page:
        return self.submit(self.get("/"), "login", {"login": email, "password": password})

    def get(self, path: str) -> Page:
        return self._open(urllib.request.Request(self._url(path)))  # noqa: S310  # this machine

    def submit(self, page: Page, field: str, values: Mapping[str, str], file: Any = None) -> Page:
        """Send the form of ``page`` that has a field of this name, with these values changed; ``file`` has a name."""
        action, held = next((form for form in Forms(page.text).found if field in form[1]), ("", None))
        if held is None:
            raise LookupError(f"{page.url} ({page.status}) has no form with “{field}”.")
        data, kind = {**held, **values}, "application/x-www-form-urlencoded"
        body = urlencode(data).encode()
        if file is not None:
            body, kind = encode_multipart(BOUNDARY, {**data, field: file}), MULTIPART_CONTENT
        headers = {"Content-Type": kind, "Referer": page.url}
        return self._open(urllib.request.Request(urljoin(page.url, action), body, headers))  # noqa: S310  # this machine

    def _url(self, path: str) -> str:
        return urljoin(f"http://127.0.0.1:{settings.PORT}/", path)

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            answer = self._opener.open(request, timeout=PATIENCE)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            return Page(answer.url, answer.status, answer.read().decode(errors="replace"))
