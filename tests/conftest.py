from pathlib import PurePath

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = [f"tests.support.{name}" for name in ("cast", "pace", "sandbox", "profiles", "services")]

HEAVY = {"e2e", "supervisor", "proof"}  # folders whose tests start the whole product: one product at a time is enough


class ByFile(LoadScopeScheduling):
    """Where tests run in several processes, those of a file stay together, and the heavy ones follow each other."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return "heavy" if HEAVY & set(PurePath(file).parts) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    return ByFile(config, log)
