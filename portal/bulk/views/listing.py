"""The list of jobs."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.bulk.discarding import begun, unstarted
from portal.bulk.models import Job, JobState
from portal.ui.filters import FilterBar
from portal.ui.paging import KeysetPage
from portal.ui.requests import scope_of
from portal.ui.tables import Column, Empty, Table, page_or_part, sorting

LANES = (("bulk", "Jobs of many calls"), ("interactive", "Single changes"))

JOB = Column("Job", "title", head=True, link=lambda job: reverse("bulk:job", args=[job.pk]))
STATE = Column("State", template="bulk/_state.html")
OWNER = Column("Owner", "owner", priority=2)
CREATED = Column("Created", "created_at", sort="created_at", priority=2)
ENDED = Column("Ended", "ended_at", priority=2)
CONNECTION = Column("Connection", "connection", priority=3)
COLUMNS = (JOB, STATE, OWNER, CREATED, ENDED, CONNECTION)
NONE = Empty("No jobs", "Everything that changes something at Zoom is listed here, single changes too.")


class JobFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    q = django_filters.CharFilter(
        field_name="title", lookup_expr="icontains", label="Title", widget=forms.TextInput(attrs={"type": "search"})
    )
    state = django_filters.ChoiceFilter(choices=JobState.choices, label="State")
    lane = django_filters.ChoiceFilter(choices=LANES, label="Kind")
    whose = django_filters.ChoiceFilter(choices=(("mine", "Mine"),), label="Whose", method="of_person")

    class Meta:
        model = Job
        fields: tuple[str, ...] = ()

    def of_person(self, rows: QuerySet[Job], _name: str, _value: str) -> QuerySet[Job]:
        return rows.filter(owner_id=self.request.user.pk)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Own jobs; all jobs for people who see every account. Those nobody started are shown when they are asked for."""
    rows = Job.objects.for_scope(scope_of(request)).select_related("owner", "connection")
    found = JobFilter(request.GET, rows, request=request)
    is_asked_for = bool(request.GET.get("state") or request.GET.get("q"))
    return jobs_page(request, found, found.qs if is_asked_for else begun(found.qs), COLUMNS, NONE)


def jobs_page(
    request: HttpRequest, found: JobFilter, rows: QuerySet[Job], columns: Sequence[Column], empty: Empty, **more: Any
) -> HttpResponse:
    """One of the two lists; ``more`` are further fields of its Table."""
    word, order = sorting(columns, request, "-created_at")
    page = KeysetPage(rows, sort=order, params=request.GET)
    context: dict[str, Any] = {
        "bar": FilterBar(found, request),
        "table": Table(columns, page, request, caption="Jobs", sort=word, empty=empty, **more),
        "tabs": [
            ("Jobs", reverse("bulk:list")),
            ("Not started", reverse("bulk:unstarted"), unstarted(scope_of(request)).count()),
        ],
    }
    return page_or_part(request, "bulk/list.html", context)
