from pathlib import Path

import pytest

pytest_plugins = [f"tests.support.{name}" for name in ("cast", "pace", "sandbox", "profiles", "services")]

HEAVY = {"e2e", "supervisor", "proof"}  # folders whose tests start the whole product: one product at a time is enough


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where tests run in several processes, those of a file stay together, and the heavy ones follow each other."""
    for item in items:
        heavy = HEAVY & set(Path(item.location[0]).parts)
        item.add_marker(pytest.mark.xdist_group("heavy" if heavy else item.location[0]))
