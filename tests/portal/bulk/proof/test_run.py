import random
from pathlib import Path

import pytest
from pytest_django import Settings

from portal.bulk.proof.run import Run


@pytest.mark.django_db
def test_a_database_that_an_earlier_run_has_used_is_refused_before_anything_starts(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DATA_DIR = tmp_path
    run = Run(5, 1, random.Random(1), 1)
    try:
        assert run.perform() == 1
    finally:
        run.troupe.stop()
    assert capsys.readouterr().out.startswith("The database is not empty")
    assert (tmp_path / "chaos.log").read_bytes() == b""
