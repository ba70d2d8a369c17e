"""A short run of the fuzzer; ``python -m benchmarks.fuzz`` is the long one."""

from pathlib import Path

from tests.support.fuzz import Fuzz
from tests.support.sandbox import start_sandbox


def test_no_case_made_from_the_sandboxs_own_document_breaks_it(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, "--no-limits") as sandbox:
        found = Fuzz(sandbox, 1).run(300, 1)
    assert found.broken == []
    assert found.cases == sum(found.statuses.values()) == 300
    assert len(found.reached) > 60  # else the cases do not get as far as a handler
