"""The chaos driver's people: what they read off pages, and which of the web's failures count."""

from pathlib import Path

from portal.bulk.proof.browser import Forms, Page
from portal.bulk.proof.invariants import leaks
from portal.bulk.proof.people import TRACE, Bystander, p95

PAGE = """
<form action="/search"><input name="q"></form>
<form method="post"><input type="hidden" name="token" value="1"><input type="checkbox" name="yes">
<select name="kind"><option value="a">A<option value="b" selected>B</select><textarea name="why"></textarea></form>
"""


def test_a_form_holds_what_a_browser_would_send() -> None:
    assert Forms(PAGE).found == [("/search", {"q": ""}), ("", {"token": "1", "kind": "b", "why": ""})]


def test_only_a_web_that_was_alive_can_fail() -> None:
    bystander = Bystander("somebody@demo.example", (), "")
    bystander.seen = [
        (0.0, 1.0, 200, "/fine"), (20.0, 21.0, 500, "/dying"), (40.0, 41.0, 500, "/bad"), (50.0, 51.0, 502, "/zoom"),
    ]  # fmt: skip
    assert bystander.failures([(22.0, 25.0)]) == ["The web answered 500 to /bad"]
    assert p95(bystander.seen) == 1.0
    assert bystander.told().startswith("all 4 (95 of 100 within 1.00 s), read 4")


def test_a_page_that_shows_a_traceback_counts_even_when_the_web_may_fail() -> None:
    bystander = Bystander("somebody@demo.example", (), "")
    bystander._note(0.0, Page("/", 503, f"<pre>{TRACE}</pre>"), "/")
    assert bystander.failures([(0.0, 1e9)]) == ["The web showed a traceback for /"]


def test_a_secret_in_a_log_or_in_the_database_is_found(tmp_path: Path) -> None:
    (tmp_path / "chaos.log").write_text("nothing here")
    (tmp_path / "portal.sqlite3-wal").write_bytes(b"\x00a-secret\x00")
    (tmp_path / "sandbox.sqlite3").write_bytes(b"a-secret")  # Zoom's own data
    assert list(leaks(tmp_path, ["a-secret", "other"])) == ["portal.sqlite3-wal holds a secret that begins with a-se"]
