"""A worker process for tests: ``python -m tests.portal.bulk.engine.worker JOB TIMING [CRASH_AT]``.

Works on one job with the given times (JSON), and kills itself at the given crash point, if any.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[4]


def launch(job_id: Any, timing: dict[str, Any], crash_at: str = "", *, database: str = "") -> "subprocess.Popen[bytes]":
    """Start a worker on the database of the running test, or on the one whose address is given."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    environment = {
        **os.environ,
        "PORTAL_DATA": str(settings.DATA_DIR),
        "DATABASE_URL": database or address(connection.settings_dict),
        "DJANGO_SETTINGS_MODULE": "portal.settings_test",
    }
    command = [sys.executable, "-m", "tests.portal.bulk.engine.worker", str(job_id), json.dumps(timing), crash_at]
    return subprocess.Popen(command, cwd=ROOT, env=environment)


def address(database: dict[str, Any]) -> str:
    """The DATABASE_URL of a running test's database."""
    name = database["NAME"]
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{name}"
    where = f"{database['HOST']}:{database['PORT'] or 5432}"
    return f"postgresql://{quote(database['USER'])}:{quote(database['PASSWORD'])}@{where}/{name}"


def main() -> None:
    import django  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415

    django.setup()
    job_id, timing, crash_at = sys.argv[1:4]
    settings.BULK_TIMING = json.loads(timing)
    settings.CRASH_AT = crash_at

    from portal.bulk import stopping  # noqa: PLC0415
    from portal.bulk.pump import pump  # noqa: PLC0415

    signal.signal(signal.SIGTERM, lambda *_: stopping.ask())
    pump(job_id, stop=stopping.asked)


if __name__ == "__main__":
    main()
