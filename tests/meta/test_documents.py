"""What README.md says about the configuration is what settings.py reads, and links lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.meta.repository import ROOT, text_of, tracked

READS = re.compile(r"""env\.\w+\(\s*"([A-Z_]+)\"""")
ROW = re.compile(r"^\| ((?:`[A-Z_]+`(?:, )?)+) \|", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def test_the_table_in_the_readme_names_exactly_the_variables_that_are_read() -> None:
    read = set(READS.findall(text_of(Path("portal/settings.py"))))
    told = {name for row in ROW.findall(text_of(Path("README.md"))) for name in re.findall(r"`([A-Z_]+)`", row)}
    assert told == read


@pytest.mark.parametrize("path", [path for path in tracked() if path.suffix == ".md"], ids=str)
def test_links_between_documents_lead_to_files(path: Path) -> None:
    broken = [link for link in LINK.findall(text_of(path)) if not (ROOT / path.parent / link).exists()]
    assert broken == []


def test_every_variable_is_read_before_the_problems_are_told() -> None:
    assert READS.findall(text_of(Path("portal/settings.py")).partition("env.check()")[2]) == []
