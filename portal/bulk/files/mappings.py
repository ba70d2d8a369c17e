"""Mappings kept under a name, and offered again to files with the same headers."""

from collections.abc import Sequence

from django.utils import timezone

from portal.access.models import Staff
from portal.access.scope import Scope
from portal.bulk.files.columns import plain
from portal.bulk.files.flows import flow_of
from portal.bulk.models import Job, Mapping

OFFERED = 8


def keep(job: Job, owner: Staff, name: str, *, shared: bool) -> Mapping:
    """Keep the job's mapping and constants; one of the same name is replaced."""
    header = job.options["header"]
    columns = {column: plain(header[place]) for column, place in job.options["mapping"].items()}
    kept, _ = Mapping.objects.update_or_create(
        owner=owner,
        flow=flow_of(job).key,
        name=name,
        defaults={
            "shared": shared,
            "columns": columns,
            "constants": job.options.get("constants", {}),
            "saved_at": timezone.now(),
        },
    )
    return kept


def fitting(job: Job, scope: Scope) -> list[Mapping]:
    """Mappings for this kind of file whose headers the file has, those that explain most of it first."""
    headers = {plain(text) for text in own_header(job)} - {""}
    kept = Mapping.objects.for_scope(scope).filter(flow=flow_of(job).key)
    found = [one for one in kept if one.columns and set(one.columns.values()) <= headers]
    return sorted(found, key=lambda one: (-len(one.columns), one.name))[:OFFERED]


def apply(job: Job, kept: Mapping) -> None:
    """Make it the job's own, to be looked at and confirmed on the page of columns."""
    places = {plain(text): place for place, text in reversed(list(enumerate(own_header(job))))}
    known = {column.name for column in flow_of(job).columns()}
    mapping = {name: places[text] for name, text in kept.columns.items() if text in places and name in known}
    job.options = job.options | {"mapping": mapping, "constants": dict(kept.constants)}
    job.save(update_fields=["options"])


def own_header(job: Job) -> Sequence[str]:
    header: list[str] = job.options["header"]
    return header[: job.options["keep"]]
