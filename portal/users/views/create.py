"""Creating one user: where, by which way, and whether a seat is free."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from portal.bulk.models import Item, ItemState
from portal.bulk.operations import perform
from portal.bulk.pages import operation_key, reason, settle
from portal.directory import search
from portal.directory.asking import account_or_404
from portal.directory.models import SubAccount
from portal.ui.forms import SpecForm, body_from
from portal.ui.requests import person, scope_of
from portal.users.forms import EMAIL_FIELD, WAYS, WhereForm, new_user_form, seats_held
from portal.users.seats import Seats, seats_of

HITS = 20
CONFLICT = 409
TAKEN = "This address is in use at Zoom. Choose another, or find its user with the search."


@require_GET
def where(request: HttpRequest) -> HttpResponse:
    """Choose the sub-account of a new user."""
    form = WhereForm(request.GET)
    query = form.cleaned_data["q"] if form.is_valid() else ""
    rows = SubAccount.objects.for_scope(scope_of(request)).filter(gone_since=None)
    found = list(search.accounts(rows, query).order_by("name", "pk")[: HITS + 1])
    context = {"form": form, "query": query, "found": found[:HITS], "more": len(found) > HITS}
    return render(request, "users/where.html", context)


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, account_id: int) -> HttpResponse:
    account = account_or_404(request, account_id)
    seats = seats_of(account)
    form_class = new_user_form(seats, account.connection.zoom)
    if request.method == "GET":
        return page(request, account, seats, form_class())
    form = form_class(request.POST)
    if account.gone_since:
        form.add_error(None, "This sub-account has left the master account, so it can get no users here.")
    if not form.is_valid():
        return page(request, account, seats, form, status=422)
    item = send(request, account, form)
    if item.state == ItemState.FAILED and item.http_status == CONFLICT:
        form.add_error(EMAIL_FIELD, TAKEN)
        return page(request, account, seats, form, status=422)
    answer = settle(request, item, form, done_url=done_url(account, item), done_text=done_text(item))
    return answer or page(request, account, seats, form, status=422)


def send(request: HttpRequest, account: SubAccount, form: SpecForm) -> Item:
    body = body_from(form)
    email = str(body["user_info"]["email"])
    return perform(
        scope=scope_of(request),
        actor=person(request),
        account=account,
        endpoint="users.create",
        body=body,
        key=operation_key(request),
        reason=reason(request),
        title=f"Create the user {email}",
        label=email,
    )


def done_url(account: SubAccount, item: Item) -> str:
    if item.state == ItemState.DONE and item.remote_id:
        return reverse("users:detail", args=[account.pk, item.remote_id])
    return f"{reverse('users:list')}?account={account.pk}"


def done_text(item: Item) -> str:
    if item.body.get("action") == "create":
        return f"{item.label} was invited. The user is pending until the link in Zoom's mail is followed."
    return f"{item.label} was created."


def page(request: HttpRequest, account: SubAccount, seats: Seats, form: SpecForm, status: int = 200) -> HttpResponse:
    context = {
        "account": account,
        "seats": seats,
        "form": form,
        "ways": WAYS,
        "types": [(name, seats_held(code)) for code, name in account.connection.zoom.user_types.items()],
        "back_url": f"{reverse('users:list')}?account={account.pk}",
        "operation_key": uuid.uuid4(),
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "users/create.html", context, status=status)
