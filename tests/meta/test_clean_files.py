"""Nothing of the machine it was made on, and nothing about where packages come from, is in the repository."""

import re
from pathlib import Path

from tests.meta.repository import text_of, tracked

# Written in pieces, so that this file does not contain what it looks for.
PACKAGE_HOSTS = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "cdn.js" + "delivr"]
PACKAGE_OPTIONS = ["--index" + "-url", "--extra-index" + "-url", "--find" + "-links", "--trusted" + "-host"]
MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(?:wo" + r"rk|ro" + r"ot|ho" + r"me|op" + r"t|Us" + r"ers)/[A-Za-z.]")


def lines_with(found: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for path in paths
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if found.search(line)
    ]


def test_no_file_names_a_package_host() -> None:
    hosts = re.compile("|".join(re.escape(host) for host in PACKAGE_HOSTS), re.IGNORECASE)
    assert lines_with(hosts, list(tracked())) == []


def test_no_file_holds_a_path_of_the_machine_it_was_made_on() -> None:
    assert lines_with(MACHINE_PATH, list(tracked())) == []


def test_the_lock_files_name_no_place_to_install_from() -> None:
    options = re.compile("|".join(map(re.escape, PACKAGE_OPTIONS)) + r"|https?:|file:/")
    assert lines_with(options, [Path("requirements.txt"), Path("requirements-dev.txt")]) == []


def test_no_work_is_left_lying_about() -> None:
    marks = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME|XX" + "X)\\b")
    code = [path for path in tracked() if path.suffix in (".py", ".html", ".css", ".js", ".md", ".toml")]
    assert lines_with(marks, code) == []
