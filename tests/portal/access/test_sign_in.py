"""Signing in and out: who may, how often, and what is written down."""

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.gateway.models import Connection
from tests.support.cast import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client: Client, email: str, password: str = PASSWORD, follow: str = "") -> Any:
    return client.post("/sign-in/" + (f"?next={follow}" if follow else ""), {"login": email, "password": password})


def outline(answer: Any) -> str:
    """The page without what differs in every answer."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return re.sub(r'value="[^"]*@[^"]*"', "", text)


def test_a_person_signs_in_and_is_written_down(client: Client, olga: Staff) -> None:
    answer = sign_in(client, olga.email)
    entry = Entry.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert (entry.verb, entry.actor, entry.message) == ("signed_in", olga.email, "From 127.0.0.1.")


def test_fault_a17_the_session_gets_a_new_key(client: Client, olga: Staff) -> None:
    session = client.session
    session["known"] = "before"
    session.save()
    before = session.session_key
    sign_in(client, olga.email)
    assert client.session.session_key not in (None, before)


def test_signing_out_ends_the_session_and_clears_the_browser(client: Client, olga: Staff) -> None:
    sign_in(client, olga.email)
    cookie = client.cookies["sessionid"].value
    answer = client.post("/sign-out/")
    client.cookies["sessionid"] = cookie
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/you/").status_code == 302
    assert list(Entry.objects.order_by("number").values_list("verb", flat=True)) == ["signed_in", "signed_out"]


def test_nobody_signs_out_by_a_link(client: Client, olga: Staff) -> None:
    sign_in(client, olga.email)
    assert client.get("/sign-out/").status_code == 200
    assert client.get("/you/").status_code == 200


@pytest.mark.parametrize("case", ["wrong password", "unknown person", "disabled", "demo beside a real connection"])
def test_fault_a18_every_failure_looks_the_same(client: Client, olga: Staff, case: str) -> None:
    wrong = outline(sign_in(Client(), "olga@portal.example", "wrong password"))
    email, password = olga.email, PASSWORD
    if case == "wrong password":
        password = "another wrong one"
    elif case == "unknown person":
        email = "nobody@portal.example"
    elif case == "disabled":
        Staff.objects.update(is_active=False)
    else:
        Staff.objects.update(is_demo=True)
        Connection.objects.create(name="Real", base_url="https://api.zoom.us/v2", api_key="k", api_secret="s")
    answer = sign_in(client, email, password)
    assert (answer.status_code, outline(answer)) == (200, wrong)
    assert "sessionid" not in client.cookies or client.get("/you/").status_code == 302


def test_a_failure_is_written_down_with_the_email_and_never_the_password(client: Client, olga: Staff) -> None:
    sign_in(client, "Olga@portal.example", "Canary-secret-1")
    entry = Entry.objects.get()
    row = Entry.objects.values().get()
    assert (entry.verb, entry.target.lower(), entry.actor) == ("sign_in_failed", olga.email, "(portal)")
    assert "Canary-secret-1" not in str(row)


def test_after_five_failures_even_the_right_password_must_wait(client: Client, olga: Staff) -> None:
    for _ in range(5):
        sign_in(client, olga.email, "wrong password")
    answer = sign_in(client, olga.email)
    assert answer.status_code == 200
    assert "Too many failed login attempts" in answer.content.decode()
    assert Entry.objects.filter(verb="sign_in_failed").count() == 5


def test_one_persons_failures_do_not_lock_another_out(client: Client, olga: Staff, anna: Staff) -> None:
    for _ in range(5):
        sign_in(client, olga.email, "wrong password")
    assert sign_in(client, anna.email).status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example/",
        "http:evil.example",
        "///evil.example",
        r"\\evil.example",
        r"/\evil.example",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "%2F%2Fevil.example",
        "https:/evil.example",
        "https:evil.example",
        "//testserver@evil.example",
        "https://testserver.evil.example",
        "//evil.example/%2f..",
        "\t//evil.example",
        " //evil.example",
        "/%09/evil.example/../..//evil",
        "ftp://testserver/",
        "//evil%E3%80%82example",
    ],
)
def test_fault_a12_sign_in_leads_nowhere_else(client: Client, olga: Staff, target: str) -> None:
    answer = client.post("/sign-in/", {"login": olga.email, "password": PASSWORD, "next": target})
    assert answer.status_code == 302
    # As a browser reads it: a backslash is a slash to it.
    assert urlsplit(urljoin("http://testserver/sign-in/", answer["Location"].replace("\\", "/"))).netloc == "testserver"


def test_sign_in_leads_to_the_page_that_was_wanted(client: Client, olga: Staff) -> None:
    answer = client.post("/sign-in/", {"login": olga.email, "password": PASSWORD, "next": "/audit/?verb=refused"})
    assert answer["Location"] == "/audit/?verb=refused"


def test_nobody_signs_up(client: Client) -> None:
    assert client.get("/signup/").status_code == 404


def test_sign_in_needs_a_token(olga: Staff) -> None:
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, olga.email).status_code == 403
