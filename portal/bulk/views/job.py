"""One job: what it does, how far it is, its rows."""

import uuid
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.access.rights import Right
from portal.access.scope import Scope
from portal.audit import log
from portal.audit.verbs import Verb
from portal.bulk import jobs, preparing
from portal.bulk.again import retryable
from portal.bulk.approval import removals
from portal.bulk.calls import title_of
from portal.bulk.clicks import details
from portal.bulk.files import jobs as imports
from portal.bulk.files import results
from portal.bulk.files.preview import problems_of
from portal.bulk.models import Item, ItemState, Job, JobState, UndoState
from portal.bulk.progress import Progress, duration, forecast, of_state, progress_of, sharers, take_leaders_states
from portal.bulk.schedule import window_of
from portal.bulk.undo.planning import can_undo, has_done
from portal.bulk.views.reviews import ReviewPage, questions, waiting
from portal.bulk.views.twins import notice
from portal.bulk.views.words import last_word, may_decide, state_of
from portal.directory.models import SubAccount
from portal.ui.filters import FilterBar
from portal.ui.formats import TONE_OF
from portal.ui.paging import KeysetPage
from portal.ui.requests import person, scope_of
from portal.ui.steps import Step, StepState
from portal.ui.tables import Column, Empty, Table, page_or_part, wants_part
from zoomapi import spec

MOST_STEPS = 8  # a job with more calls, or of a file, shows its rows in a table

_STEP_STATE = {
    ItemState.PENDING: StepState.QUEUED,
    ItemState.SENDING: StepState.RUNNING,
    ItemState.UNKNOWN: StepState.UNKNOWN,
    ItemState.REVIEW: StepState.UNKNOWN,
    ItemState.DONE: StepState.DONE,
    ItemState.FAILED: StepState.FAILED,
    ItemState.INVALID: StepState.FAILED,
    ItemState.CANCELLED: StepState.SKIPPED,
    ItemState.SKIPPED: StepState.SKIPPED,
    ItemState.JOINED: StepState.DONE,
}

COLUMNS = (
    Column("Row", template="bulk/_row.html", numeric=True, css="tight"),
    Column("Object", "label", head=True),
    Column("State", template="bulk/_state.html"),
    Column("Message", template="bulk/_message.html", css="below"),
    Column("Tries", "sends", numeric=True, priority=3),
    Column("Zoom", "http_status", numeric=True, priority=3),
)
OPERATION = Column("Operation", render=title_of, priority=2)
LINE = Column("Line", "line", numeric=True, css="tight", priority=2)
AUDIT = Column("Audit", render=lambda item: "Entries", link=lambda item: audit_url(item.operation), priority=3)

SELDOM = "10s"  # how often the page of a job asks that waits for its time, or for a second person

STATES = [
    (state, label) for state, label in ItemState.choices if state != ItemState.JOINED
]  # it is where its leader is


NONE_IN_STATE = Empty("No rows in this state", "Take the filter away to see all rows.")
NO_ROWS = Empty("No rows", "No call to Zoom belongs to this job.")


class ItemFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    state = django_filters.ChoiceFilter(choices=STATES, label="State", method="in_state")

    class Meta:
        model = Item
        fields: tuple[str, ...] = ()

    def in_state(self, rows: QuerySet[Item], _name: str, value: str) -> QuerySet[Item]:
        return of_state(rows, value)


def audit_url(operation: str) -> str:
    return f"{reverse('audit:list')}?{urlencode({'operation': operation})}"


def job_of(request: HttpRequest, job_id: uuid.UUID) -> Job:
    """The job, if this person may see it; else 404."""
    rows = Job.objects.for_scope(scope_of(request)).select_related("owner", "connection", "parent")
    return get_object_or_404(rows, pk=job_id)


@require_GET
def job(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """The page of a job; for htmx only its table of rows. An import that was not started has pages of its own."""
    found = job_of(request, job_id)
    if imports.is_open(found) and found.owner_id == person(request).pk:
        return redirect("bulk:import_check", found.pk)
    scope = scope_of(request)
    undecided = review_context(found, request)
    live = live_context(found, in_table=asks_for_table(request))
    may_retry = found.state not in jobs.LIVE and retryable(found).exists()
    undoable, children = can_undo(found), list(found.children.for_scope(scope))
    context = {
        **live,
        **({} if live["steps"] else rows_context(request, found, {item.pk for item in undecided.get("waiting", ())})),
        **undecided,
        **({} if wants_part(request) else notice(found, scope)),
        "may_write": scope.may(Right.WRITE),
        "is_owner": found.owner_id == person(request).pk,
        "may_cancel": jobs.may_cancel(found),
        "may_undo": undoable and scope.may(Right(found.right)),
        "no_undo": not undoable and scope.may(Right.WRITE) and has_done(found),
        "window": window_of(found),
        "approval": last_word(found),
        "may_decide": may_decide(request, found),
        "may_retry": may_retry,
        "retry_asks": bool(may_retry and removals(retryable(found))),
        "about": account_of(found, scope),
        "children": children,
        "was_undone": any(child.kind == jobs.UNDO and child.started_at for child in children),
        "audit_url": audit_url(str(found.pk)) if scope.may(Right.AUDIT) else "",
        "may_export": scope.may(Right.EXPORT),
        "operation_key": uuid.uuid4(),
    }
    return page_or_part(request, "bulk/job.html", context)


def asks_for_table(request: HttpRequest) -> bool:
    """Whether the rows of a small job are wanted as a table: by its link, or by a filter, which a list has not."""
    return bool(request.GET.get("state") or request.GET.get("rows") or wants_part(request))


def rows_context(request: HttpRequest, found: Job, told: set[int]) -> dict[str, Any]:
    """The table of rows; ``told`` are rows whose message stands above it already."""
    rows = ItemFilter(request.GET, found.items.select_related("account"))
    rows.filters["state"].extra["choices"] = [(state, state_of(found, ItemState(state)).label) for state, _ in STATES]
    page = KeysetPage(rows.qs, sort=("row", "step"), params=request.GET, count=False)
    take_leaders_states(page)
    for item in page:
        item.message = "" if item.pk in told else item.message
        item.errors = errors_of(found, item)
    titles = {title for item in page if (title := title_of(item))}
    columns = columns_of(found, scope_of(request), operation=len(titles) > 1)
    empty = NONE_IN_STATE if request.GET.get("state") else NO_ROWS
    return {
        "bar": FilterBar(rows, request, keep=("rows",)),
        "table": Table(columns, page, request, caption="Rows of this job", empty=empty),
        "operation": titles.pop() if len(titles) == 1 else "",
    }


def errors_of(found: Job, item: Item) -> dict[str, list[str]]:
    """What is wrong with a row, by its columns, with the values that are wrong."""
    by_column: dict[str, list[str]] = {}
    for problem in problems_of(item, found.options.get("header", [])):
        name = f"{problem.column} “{problem.value}”" if problem.value else problem.column
        by_column.setdefault(name, []).append(problem.text)
    return by_column


def columns_of(found: Job, scope: Scope, *, operation: bool) -> list[Column]:
    """Rows of a file say their line, rows of several operations which; who reads the audit finds a row's entries."""
    row, label, *others = COLUMNS
    lines = [LINE] if is_of_lines(found) else []
    audit = [AUDIT] if scope.may(Right.AUDIT) else []
    return [row, *lines, label, *([OPERATION] if operation else []), *others, *audit]


def is_of_lines(found: Job) -> bool:
    """Whether its rows are those of a file."""
    return found.items.order_by("row", "step").values_list("line", flat=True).first() is not None


def review_context(found: Job, request: HttpRequest) -> dict[str, Any]:
    if found.state not in (*jobs.LIVE, JobState.NEEDS_REVIEW) or wants_part(request):
        return {}
    page = ReviewPage(waiting(found), request.GET)
    several = page.has_next or page.has_previous or len(page) > 1
    return {"waiting": page, "questions": questions(found) if several else []}


@require_GET
def progress(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """The live part alone. When the state is another one by now, the page is asked to load anew: its buttons change."""
    found = job_of(request, job_id)
    context = live_context(found, in_table=bool(request.GET.get("rows")))
    response = render(request, "bulk/_progress.html", context)
    if not context["running"] or request.GET.get("was", found.shown_state) != found.shown_state:
        response["HX-Refresh"] = "true"
    return response


@require_GET
def result(request: HttpRequest, job_id: uuid.UUID) -> HttpResponseBase:
    """The result file."""
    found = job_of(request, job_id)
    log.record(
        Verb.EXPORTED, actor=person(request), connection=found.connection, target=found.title, operation=str(found.pk)
    )
    return results.response(found)


def live_context(found: Job, *, in_table: bool) -> dict[str, Any]:
    state = progress_of(found)
    prepared = preparing.progress_of(found)
    undecided = found.state == JobState.NEEDS_REVIEW
    asked = {"was": str(found.shown_state)} | ({"rows": "table"} if in_table else {})
    is_live = found.state in jobs.LIVE or bool(prepared)
    waits = found.state == JobState.SCHEDULED or found.awaits_approval
    as_steps = not in_table and state.total <= MOST_STEPS and not is_of_lines(found)
    return {
        "job": found,
        "progress": state,
        "states": [(one.value, state_of(found, one), number) for one, number in state.shown],
        "steps": steps_of(found) if as_steps else [],
        "pace": pace(found, state),
        "undecided": state.counts[ItemState.REVIEW] if undecided else 0,
        "tone": TONE_OF.get(found.state, "") if found.ended_at or undecided else "",
        "took": duration((found.ended_at - found.started_at).total_seconds())
        if found.ended_at and found.started_at
        else "",
        "live_id": "progress",
        "live_url": f"{reverse('bulk:progress', args=[found.pk])}?{urlencode(asked)}",
        "live_every": "" if is_live else SELDOM,
        "running": is_live or waits,
        "preparing": prepared,
    }


def account_of(found: Job, scope: Scope) -> SubAccount | None:
    """The sub-account a job is about, when it is about one: the one its rows name, or the one it has made."""
    rows = found.items.order_by()
    named = set(rows.exclude(account=None).values_list("account", flat=True).distinct()[:2])
    made = rows.filter(endpoint="accounts.create", state=ItemState.DONE).values_list("remote_id", flat=True)
    mine = SubAccount.objects.for_scope(scope).filter(connection=found.connection_id, is_master=False)
    accounts = mine.filter(Q(pk__in=named) | Q(zoom_id__in=list(made[:2])))[:2]
    return accounts[0] if len(accounts) == 1 else None


def pace(found: Job, state: Progress) -> str:
    if found.state == JobState.READY:
        shared = ", shared with other people's jobs" if sharers(found) > 1 else ""
        return f"Will take about {duration(forecast(found))} at the permitted rate{shared}."
    return state.pace


def steps_of(found: Job) -> list[Step]:
    items = found.items.select_related("account").order_by("row", "step")
    return [step_of(item) for item in items]


def step_of(item: Item) -> Step:
    state, said = _STEP_STATE[ItemState(item.state)], str(item.shown_state.label)
    state = StepState.SKIPPED if item.shown_state is UndoState.IMPOSSIBLE else state
    if not item.endpoint:
        return Step(item.label or f"Row {item.row}", state, item.told, said=said)
    endpoint = spec.endpoint(item.endpoint)
    title = f"{endpoint.title}: {item.label}" if item.label else endpoint.title
    said_below = item.state == ItemState.REVIEW  # with the states to compare, and the buttons
    detail = "" if said_below else " ".join([item.told, *details(item)]).strip()
    return Step(title, state, detail, f"{endpoint.method} {endpoint.path}", said)
