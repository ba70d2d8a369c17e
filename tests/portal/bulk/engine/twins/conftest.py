"""A sandbox that refuses no second group of a name."""

from collections.abc import Iterator

import pytest

from tests.support.sandbox import Sandbox, start_sandbox


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("doubles")
    with start_sandbox(folder, "--world", "demo", "--no-limits", "--allow-doubles") as running:
        yield running
