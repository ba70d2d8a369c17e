"""Files as people have them, and the way from a file to a checked job."""

import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from portal.access.models import Staff
from portal.bulk.files import comparing, jobs
from portal.bulk.files.users import Constants
from portal.bulk.files.validate import validate
from portal.bulk.models import Job
from portal.directory.models import MirrorGroup, MirrorUser, SubAccount

CORPUS = Path(__file__).resolve().parents[3] / "data" / "csv"
Checked = Callable[..., Job]


@pytest.fixture(autouse=True)
def nobody_compares(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing reads Zoom in threads of its own, whose notes would wait for the lock of a test's open transaction."""
    mark = request.node.get_closest_marker("django_db")
    if mark is None or not mark.kwargs.get("transaction"):
        monkeypatch.setattr(comparing, "compare_rows", lambda _job: None)


def stored(content: str | bytes) -> Path:
    """Put a file where an upload puts it. A name ending in .csv is one of the corpus."""
    path = Path(settings.UPLOAD_DIR) / f"{uuid.uuid4().hex}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str) and content.endswith(".csv"):
        shutil.copy(CORPUS / content, path)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.fixture
def checked(olga: Staff, acme: SubAccount) -> Checked:
    """Upload and check: ``checked("nasty.csv", account="acme-1")`` or with the content itself; returns the job."""

    def run(
        content: str | bytes,
        *,
        actor: Staff | None = None,
        mapping: dict[str, int] | None = None,
        short_ok: bool = False,
        **constants: object,
    ) -> Job:
        job = jobs.create(actor or olga, acme.connection, stored(content), "people.csv")
        chosen = Constants(**{"account": acme.zoom_id, **constants})  # type: ignore[arg-type]  # a test's own words
        jobs.submit(job, mapping or job.options["mapping"], chosen, short_ok=short_ok)
        validate(str(job.pk))
        job.refresh_from_db()
        return job

    return run


def user_in(account: SubAccount, email: str, **fields: object) -> MirrorUser:
    given = {
        "zoom_id": f"id-{email}",
        "status": "active",
        "type": 1,
        "first_name": "Old",
        "last_name": "Name",
        **fields,
    }
    return MirrorUser.objects.create(account=account, email=email, **given)


def group_in(account: SubAccount, name: str) -> MirrorGroup:
    return MirrorGroup.objects.create(account=account, name=name, zoom_id=f"group-{name}")
