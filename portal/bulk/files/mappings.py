"""Mappings kept under a name, and offered again to files with the same headers."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from portal.access.models import Staff
from portal.access.scope import Scope
from portal.bulk.files import halves
from portal.bulk.files.columns import plain
from portal.bulk.files.flows import flow_of
from portal.bulk.models import Job, Mapping

OFFERED = 8


@dataclass(frozen=True)
class Fit:
    """A kept mapping beside a file. ``missing``: what it takes from columns that the file does not have."""

    kept: Mapping
    missing: tuple[str, ...]


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


def fitting(job: Job, scope: Scope) -> list[Fit]:
    """Mappings for this kind of file that find at least half of their headers in it, those that find all first."""
    headers = {plain(text) for text in own_header(job)} - {""}
    labels = _labels(job)
    found = []
    for kept in Mapping.objects.for_scope(scope).filter(flow=flow_of(job).key):
        lost = {name: text for name, text in kept.columns.items() if text not in headers}
        if kept.columns and len(lost) * 2 <= len(kept.columns):
            found.append(Fit(kept, tuple(f"{labels.get(name, name)} (“{text}”)" for name, text in lost.items())))
    found.sort(key=lambda fit: (len(fit.missing), -len(fit.kept.columns), fit.kept.name))
    return found[:OFFERED]


def apply(job: Job, kept: Mapping) -> None:
    """Make it the job's own, to be looked at and confirmed on the page of columns.

    What it takes from columns that are missing stays as it was.
    """
    places = {plain(text): place for place, text in reversed(list(enumerate(own_header(job))))}
    known = _labels(job)
    mapping = {name: places[text] for name, text in kept.columns.items() if text in places and name in known}
    left = {name: place for name, place in job.options["mapping"].items() if name in kept.columns.keys() - mapping}
    mapping |= {name: place for name, place in left.items() if place not in mapping.values()}
    job.options = job.options | {"mapping": mapping, "constants": dict(kept.constants)}
    job.save(update_fields=["options"])


def _labels(job: Job) -> dict[str, str]:
    """What a mapping may hold, in words."""
    columns = flow_of(job).columns()
    return {**{column.name: column.label for column in columns}, **dict(halves.choices(columns))}


def own_header(job: Job) -> Sequence[str]:
    header: list[str] = job.options["header"]
    return header[: job.options["keep"]]
