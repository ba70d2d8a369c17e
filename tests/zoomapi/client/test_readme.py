"""The client as README.md shows it: in a plain Python process, without the portal."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping

from tests.meta.repository import ROOT
from tests.support.sandbox import Sandbox

EXAMPLES = re.compile(r"```python\n(.*?)```", re.DOTALL)


def run(program: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


def example(number: int, words: Mapping[str, str]) -> str:
    """One of the examples, with other words in its quotation marks."""
    program = EXAMPLES.findall((ROOT / "README.md").read_text())[number]
    for before, after in words.items():
        assert f'"{before}"' in program
        program = program.replace(f'"{before}"', f'"{after}"')
    return str(program)


def test_the_example_of_the_readme_works_as_it_stands(sandbox: Sandbox) -> None:
    sandbox.reset()
    account = sandbox.call("GET", "/accounts").json()["accounts"][0]["id"]
    words = {"https://api.zoom.us/v2": sandbox.base_url, "key": sandbox.key, "secret": sandbox.secret}
    ran = run(example(0, {**words, "abc123": account}))
    assert (ran.returncode, ran.stderr) == (0, "")
    told = ran.stdout.splitlines()
    # Ada is invited to the master account, so she is neither active there nor a user of the sub-account.
    assert told[-1].startswith("refused Zoom refused the request: User does not belong to this account")
    assert len(told) - 1 == sandbox.call("GET", "/users?page_size=300").json()["total_records"]


def test_the_example_of_oauth_needs_nothing_from_the_first() -> None:
    ran = run(example(1, {}) + "print(zoom.users.list, zoom.auth.identity != '')")
    assert (ran.returncode, ran.stderr, ran.stdout.endswith("True\n")) == (0, "", True)
