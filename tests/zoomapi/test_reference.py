"""The reference pages are what the specification says now."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.meta.repository import ROOT
from zoomapi.reference import operation, pages
from zoomapi.spec import Family, all_endpoints, endpoint
from zoomapi.spec.base import leaves

FOLDER = ROOT / "docs" / "reference"


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_says_what_the_specification_says(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name], "run manage.py zoom_reference"


def test_no_page_is_left_of_a_family_that_is_gone() -> None:
    assert (
        {path.name for path in FOLDER.iterdir()} == set(pages()) == {f"{n}.md" for n in Family.registry} | {"README.md"}
    )


def test_every_operation_and_each_of_its_arguments_is_told() -> None:
    made = pages()
    for found in all_endpoints():
        section = made[f"{found.family}.md"].partition(f"\n## {found.key}\n")[2].partition("\n## ")[0]
        assert f"`{found.method} {found.path}`" in section
        for shape in (found.query, found.body):
            for name, _ in leaves(shape()) if shape else ():
                assert f"| `{name}` |" in section


def test_an_operation_tells_limits_defaults_secrets_and_corrections() -> None:
    text = "\n".join(operation(endpoint("accounts.create")))
    assert "| `password` | text, secret | yes | at most 31 characters |" in text
    assert "**Corrections**" in text
    listed = "\n".join(operation(endpoint("users.list")))
    assert "| `page_size` | whole number |  | 1 to 300 | `30` |" in listed
    assert "Mirrored: `GET /accounts/{accountId}/users`." in listed


def test_the_command_writes_what_is_stale_and_removes_what_is_gone(tmp_path: Path) -> None:
    (tmp_path / "gone.md").write_text("x")
    with pytest.raises(CommandError, match=r"gone\.md"):
        call_command("zoom_reference", "--out", str(tmp_path), "--check")
    call_command("zoom_reference", "--out", str(tmp_path), stdout=StringIO())
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == pages()
    out = StringIO()
    call_command("zoom_reference", "--out", str(tmp_path), "--check", stdout=out)
    assert out.getvalue() == "The reference is up to date.\n"
