"""The jobs that were not started: their list, and discarding several at once."""

import uuid
from typing import Any

import django_filters
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal.access.rights import Right
from portal.bulk.chosen import Choice, chosen_address, plural, with_filters, word_of
from portal.bulk.discarding import LEFT, discard, unstarted
from portal.bulk.models import Job
from portal.bulk.selection import SelectionRefused
from portal.bulk.views.listing import CONNECTION, CREATED, JOB, OWNER, STATE, JobFilter, jobs_page
from portal.ui.confirm import Confirmation, ConfirmMixin
from portal.ui.requests import person, scope_of
from portal.ui.tables import BulkAction, Empty

DISCARD = "discard"
OFFERED = (BulkAction("Discard…", DISCARD, "trash", danger=True),)
COLUMNS = (JOB, STATE, OWNER, CREATED, CONNECTION)
NONE = Empty(
    "Nothing waits to be started", "Files that were sent and not run, and other prepared jobs, are listed here."
)
SHOWN = 10  # titles on the confirm page


class UnstartedFilter(JobFilter):
    """Of the states only those that these jobs can have."""

    state = django_filters.ChoiceFilter(choices=[(one.value, one.label) for one in LEFT], label="State")


def word(job: Job) -> str:
    return word_of(job.pk)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    scope = scope_of(request)
    found = UnstartedFilter(request.GET, unstarted(scope).select_related("owner", "connection"), request=request)
    actions = OFFERED if scope.may(Right.WRITE) else ()
    return jobs_page(
        request, found, found.qs, COLUMNS, NONE, actions=actions, action_url=reverse("bulk:choose"), row_key=word,
        everything=False,
    )  # fmt: skip


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """The ticked rows as an address."""
    return chosen_address(request, (DISCARD,), leads_to=reverse("bulk:discard"), back_url=reverse("bulk:unstarted"))


class Discard(ConfirmMixin):
    """Discard the chosen jobs; one that was started meanwhile is left alone."""

    chosen: list[Job]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]  # never a stream here
        except SelectionRefused as refusal:
            messages.error(request, str(refusal))
            return redirect(self.back_url(request))

    def back_url(self, request: HttpRequest) -> str:
        return with_filters(reverse("bulk:unstarted"), request.GET.get("filters", ""))

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        words = set(Choice.of(request.GET, (DISCARD,)).words or ())
        rows = unstarted(scope_of(request)).order_by("-created_at", "pk")
        keys = [key for key in rows.values_list("pk", flat=True) if word_of(key) in words]
        self.chosen = list(rows.filter(pk__in=keys).select_related("owner"))
        if not self.chosen:
            raise SelectionRefused("None of the chosen jobs waits to be started any more. Nothing was done.")
        number = f"{len(self.chosen):,} job{plural(len(self.chosen))}"
        return Confirmation(
            title=f"Discard {number}",
            action=f"Discard {number}",
            consequences=list(self.consequences(request)),
            back_url=self.back_url(request),
            count=len(self.chosen),
            reason_required=False,
        )

    def consequences(self, request: HttpRequest) -> list[str]:
        titles = [f"“{job.title}” of {job.owner}" for job in self.chosen[:SHOWN]]
        more = len(self.chosen) - len(titles)
        others = sum(job.owner_id != person(request).pk for job in self.chosen)
        told = [f"Discarded: {', '.join(titles)}{f' and {more:,} more' if more else ''}."]
        if others:
            told.append(f"{others:,} of them {'is' if others == 1 else 'are'} not your own.")
        return [
            *told,
            "Nothing of them is sent to Zoom. They are kept as cancelled: filter the list by that state to see them.",
            "A file can be sent again later; the copy of it here is deleted.",
        ]

    def confirmed(
        self, request: HttpRequest, reason: str, operation_key: uuid.UUID, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        done = sum(discard(job.pk, person(request), reason) for job in self.chosen)
        left = len(self.chosen) - done
        rest = f" {left:,} had been started meanwhile, and {'was' if left == 1 else 'were'} left alone." if left else ""
        messages.success(request, f"Discarded: {done:,} job{plural(done)}.{rest}")
        return redirect(self.back_url(request))
