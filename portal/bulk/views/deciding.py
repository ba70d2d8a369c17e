"""What a person says about rows in review: about one of them, or after a question about many at once."""

import uuid
from collections.abc import Collection, Sequence

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from portal.bulk.chosen import plural
from portal.bulk.decisions import WORDS, Account, Decision, JobCancelled, decide_all
from portal.bulk.models import Item, ItemState, Job
from portal.bulk.views.job import job_of
from portal.bulk.views.posted import takes_form_of
from portal.bulk.views.reviews import Review, questions, waiting
from portal.ui.confirm import REASON_LENGTH, Confirmation, ConfirmForm, first_time
from portal.ui.requests import person

TICKED = "ticked"
MOST_NAMED = 20  # rows that a message names
CONSEQUENCES = {
    Decision.DONE: "What is decided about becomes Done, and nothing is sent to Zoom.",
    Decision.AGAIN: "What is decided about is sent to Zoom once more. What is there by then is read first.",
    Decision.FAILED: "What is decided about becomes Failed, and nothing is sent to Zoom. Steps that wait for it are"
    " not done.",
}
NOT_AGAIN = (
    "This job was cancelled, so nothing of it is sent again. Nothing was changed. If the call was not carried out,"
    " say so: the row then ends as not done, and can be run in a job of its own."
)
GIVEN_UP_IN_CANCELLED = "What is decided about ends as not done, like what was never sent."
UNTICKED = "No row was ticked, or the rows have changed since. Nothing was decided."


def decision_of(request: HttpRequest) -> Decision:
    try:
        return Decision(request.POST.get("decision", ""))
    except ValueError:
        raise Http404 from None


@takes_form_of("bulk:job")
def decide(request: HttpRequest, job_id: uuid.UUID, item_id: int) -> HttpResponse:
    """Take a person's decision about a row in review; one that what Zoom showed speaks against is asked about first."""
    job, decision = job_of(request, job_id), decision_of(request)
    item = get_object_or_404(Item.objects.select_related("job__connection", "account"), pk=item_id, job=job)
    reason = request.POST.get("reason", "").strip()
    doubtful = decision is Decision.DONE and item.state == ItemState.REVIEW and Review.of(item).against
    if doubtful or len(reason) > REASON_LENGTH:
        confirmation = _confirmation(job, [item], decision)
        first = {**ConfirmForm(confirmation=confirmation).initial, "reason": reason}
        form = ConfirmForm(first, confirmation=confirmation)  # with its data, so that it says what is wrong with them
        return _ask(request, form, [item], decision, 200 if form.is_valid() else 422)
    _decide(request, [item], decision, reason)
    return redirect("bulk:job", job.pk)


@takes_form_of("bulk:job")
def decide_many(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """Ask about the rows that were chosen, then take the decision about them."""
    job, decision = job_of(request, job_id), decision_of(request)
    asked = "rows" in request.POST
    items = _seen(job, request.POST["rows"]) if asked else _chosen(job, request)
    if not items:
        messages.error(request, UNTICKED)
        return redirect("bulk:job", job.pk)
    confirmation = _confirmation(job, items, decision)
    if not asked:
        return _ask(request, ConfirmForm(confirmation=confirmation), items, decision, 200)
    form = ConfirmForm(request.POST, confirmation=confirmation)
    if not form.is_valid():
        return _ask(request, form, items, decision, 409 if form.outdated else 422)
    if first_time(form.cleaned_data["operation_key"], request.user.pk):
        _decide(request, items, decision, form.cleaned_data["reason"])
    else:
        messages.info(request, "That was already sent; it was not sent a second time.")
    return redirect("bulk:job", job.pk)


def _decide(request: HttpRequest, items: Sequence[Item], decision: Decision, reason: str) -> None:
    try:
        tell(request, decide_all(items, decision, person(request), reason))
    except JobCancelled:
        messages.error(request, NOT_AGAIN)


def _chosen(job: Job, request: HttpRequest) -> list[Item]:
    """The rows that were ticked, or all that wait for the same question."""
    which = request.POST.get("which", TICKED)
    if which == TICKED:
        keys = {int(key) for key in request.POST.getlist("selected") if key.isascii() and key.isdigit()}
    else:
        keys = {key for question in questions(job) if question.name == which for key in question.keys}
    return list(_rows(waiting(job), keys))


def _seen(job: Job, text: str) -> list[Item]:
    """The rows a person was asked about, as they were then; those that changed since are told from it later."""
    pairs = (part.partition(".") for part in text.split(","))
    fences = {int(key): int(fence) for key, _, fence in pairs if (key + fence).isdecimal() and key and fence}
    items = list(_rows(job.items.all(), fences))
    for item in items:
        item.fence = fences[item.pk]
    return items


def _rows(items: QuerySet[Item], keys: Collection[int]) -> QuerySet[Item]:
    return items.filter(pk__in=keys).select_related("job__connection", "account").order_by("row", "step")


def _confirmation(job: Job, items: Sequence[Item], decision: Decision) -> Confirmation:
    rows = f"{len(items):,} row{plural(len(items))}"
    not_done = job.cancel_requested and decision is Decision.FAILED
    return Confirmation(
        title=f"{rows} of “{job.title}”: {WORDS[decision]}",
        action=f"Decide about {rows}",
        consequences=[
            f"It is kept of {rows}: {WORDS[decision]}.",
            GIVEN_UP_IN_CANCELLED if not_done else CONSEQUENCES[decision],
            "A row about which somebody else decides before you is left alone, and you are told which.",
        ],
        back_url=reverse("bulk:job", args=[job.pk]),
        count=len(items),
        reason_required=False,
        danger=False,
    )


def _ask(
    request: HttpRequest, form: ConfirmForm, items: Sequence[Item], decision: Decision, status: int
) -> HttpResponse:
    against = [review for review in map(Review.of, items) if review.against] if decision is Decision.DONE else []
    context = {
        "form": form,
        "confirmation": form.confirmation,
        "items": items[:MOST_NAMED],
        "more": max(len(items) - MOST_NAMED, 0),
        "rows": ",".join(f"{item.pk}.{item.fence}" for item in items),
        "decision": decision,
        "against": against[:MOST_NAMED],
        "more_against": max(len(against) - MOST_NAMED, 0),
    }
    return render(request, "bulk/decide.html", context, status=status)


def tell(request: HttpRequest, told: Account) -> None:
    """Say what became of each row."""
    if told.decided:
        number = len(told.decided)
        what = "Your decision is" if number == 1 else f"Your decisions about {number:,} rows are"
        messages.success(request, f"{what} kept in the audit log.")
    if told.late:
        left = "Somebody decided about this before you, so it was left alone"
        messages.info(request, f"{left}: {_named(told.late)}.")
    if told.foreign:
        left = "You have no right to decide about this, so it was left alone"
        messages.error(request, f"{left}: {_named(told.foreign)}.")


def _named(items: Sequence[Item]) -> str:
    first = items[:MOST_NAMED]
    names = ", ".join(f"row {item.row} ({item.label})" if item.label else f"row {item.row}" for item in first)
    more = len(items) - MOST_NAMED
    return f"{names} and {more:,} more" if more > 0 else names
